/**
 * The covariance of a Gaussian process that is smooth at several scales, about a linear trend:
 *
 *     k(x, x') = (1 + r²/4)⁻² + b (1 + xᵀx'),      r² = Σⱼ wⱼ (xⱼ - x'ⱼ)²,
 *
 * the rational quadratic kernel of Rasmussen & Williams (2006, "Gaussian Processes for Machine Learning", eq. 4.19), whose values take no more than a division.
 */

/** Points [n, size], row after row. */
export interface Points {
  readonly values: Float64Array;
  readonly size: number;
}

/** Of what a covariance is made. */
export interface KernelParameters {
  /** w, one over the squares of the length scales. */
  readonly weights: Float64Array;
  /** b. */
  readonly linear: number;
}

/** How many points there are. */
export function countOf({ values, size }: Points): number {
  return values.length / size;
}

/** Those from the first on. */
export function firstPoints({ values, size }: Points, count: number): Points {
  return { values: values.subarray(0, count * size), size };
}

/** Points and their distances: coordinates times √w. */
function scaled({ values, size }: Points, weights: Float64Array): Float64Array {
  const roots = weights.map(Math.sqrt);
  return values.map((value, i) => value * (roots[i % size] ?? 0));
}

/** k of points with themselves, the lower triangle of [n, n], with `noise` on the diagonal. */
export function covariance(
  points: Points,
  { weights, linear }: KernelParameters,
  noise: number,
): Float64Array {
  const { values, size } = points;
  const n = countOf(points);
  const at = scaled(points, weights);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let [square, product] = [0, 1];
      for (let c = 0; c < size; c++) {
        const difference = (at[i * size + c] ?? 0) - (at[j * size + c] ?? 0);
        square += difference * difference;
        product += (values[i * size + c] ?? 0) * (values[j * size + c] ?? 0);
      }
      const near = 1 / (1 + 0.25 * square);
      matrix[i * n + j] = near * near + linear * product;
    }
    matrix[i * n + i] = (matrix[i * n + i] ?? 0) + noise;
  }
  return matrix;
}

/** Σᵢ αᵢ k(x, xᵢ) at each of these points x. */
export function combination(
  points: Points,
  known: Points,
  alpha: Float64Array,
  { weights, linear }: KernelParameters,
): Float64Array {
  const { size } = known;
  const [x, at] = [scaled(points, weights), scaled(known, weights)];
  const slope = new Float64Array(size);
  let level = 0;
  for (const [i, a] of alpha.entries()) {
    level += linear * a;
    for (let c = 0; c < size; c++)
      slope[c] = (slope[c] ?? 0) + linear * a * (known.values[i * size + c] ?? 0);
  }
  return Float64Array.from({ length: countOf(points) }, (_, row) => {
    let total = level;
    for (let c = 0; c < size; c++) total += (slope[c] ?? 0) * (points.values[row * size + c] ?? 0);
    for (let i = 0; i < alpha.length; i++) {
      let square = 0;
      for (let c = 0; c < size; c++) {
        const difference = (x[row * size + c] ?? 0) - (at[i * size + c] ?? 0);
        square += difference * difference;
      }
      const near = 1 / (1 + 0.25 * square);
      total += (alpha[i] ?? 0) * near * near;
    }
    return total;
  });
}

/**
 * Derivatives of Σᵢⱼ Gᵢⱼ kᵢⱼ with respect to log w, [size], and log b, for a symmetric G [n, n].
 */
export function kernelGradient(
  points: Points,
  { weights, linear }: KernelParameters,
  g: Float64Array,
): { readonly weights: Float64Array; readonly linear: number } {
  const { values, size } = points;
  const n = countOf(points);
  const at = scaled(points, weights);
  const slopes = new Float64Array(size);
  let level = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const share = (i === j ? 1 : 2) * (g[i * n + j] ?? 0);
      let [square, product] = [0, 1];
      for (let c = 0; c < size; c++) {
        const difference = (at[i * size + c] ?? 0) - (at[j * size + c] ?? 0);
        square += difference * difference;
        product += (values[i * size + c] ?? 0) * (values[j * size + c] ?? 0);
      }
      level += share * linear * product;
      const near = 1 / (1 + 0.25 * square);
      const slope = -0.5 * share * near * near * near;
      for (let c = 0; c < size; c++) {
        const difference = (at[i * size + c] ?? 0) - (at[j * size + c] ?? 0);
        slopes[c] = (slopes[c] ?? 0) + slope * difference * difference;
      }
    }
  }
  return { weights: slopes, linear: level };
}
