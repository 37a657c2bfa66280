/**
 * Linear functions of rows by least squares, on the host in double precision, and in graphs; matrices row-major.
 */
import { add, constant, matmul, type Tensor } from "@amortis/graph";
import { choleskyFactor, invertLower } from "../math/index.js";

/** Rows that are looked at, of however many. */
export const MOST_ROWS = 20_000;

/** b + Wᵀ x. */
export interface LinearMap {
  /** W, [features, d]. */
  readonly weights: readonly number[];
  /** b, [d]. */
  readonly intercept: readonly number[];
}

/** b + Wᵀ x, [batch, d], of features [batch, k]. */
export function linearAt(features: Tensor, { weights, intercept }: LinearMap): Tensor {
  const d = intercept.length;
  return add(
    matmul(features, constant(weights, [weights.length / d, d])),
    constant(intercept, [d]),
  );
}

/** The same of rows [n, k], or of the first of them, on the host: [n, d]. */
export function linearRows(
  features: ArrayLike<number>,
  { weights, intercept }: LinearMap,
  rows?: number,
): Float64Array {
  const d = intercept.length;
  const k = weights.length / d;
  const n = rows ?? features.length / k;
  return Float64Array.from({ length: n * d }, (_, at) => {
    const [row, j] = [Math.floor(at / d), at % d];
    let value = intercept[j] ?? 0;
    for (let i = 0; i < k; i++) value += (features[row * k + i] ?? 0) * (weights[i * d + j] ?? 0);
    return value;
  });
}

/** b, by which a map with weights [k, d] takes the means of the features to those of the targets. */
export function interceptOf(
  weights: ArrayLike<number>,
  from: Float64Array,
  to: Float64Array,
): readonly number[] {
  const d = to.length;
  return Array.from(to, (value, j) => {
    let left = value;
    for (const [i, mean] of from.entries()) left -= mean * (weights[i * d + j] ?? 0);
    return left;
  });
}

/** Weights [k, d], and the degrees of freedom that they take. */
export interface RidgeFit {
  readonly weights: Float64Array;
  readonly freedom: number;
}

/** Weights (G + λ I)⁻¹ C, and the degrees of freedom that they take. */
export function ridge(
  gram: Float64Array,
  cross: Float64Array,
  k: number,
  d: number,
  penalty: number,
): RidgeFit | undefined {
  const matrix = gram.slice();
  for (let i = 0; i < k; i++) matrix[i * k + i] = (matrix[i * k + i] ?? 0) + penalty;
  const factor = choleskyFactor(matrix, k);
  if (factor === undefined) return undefined;
  const inverse = invertLower(factor, k);
  // tr (L Lᵀ)⁻¹ is the sum of squares of L⁻¹.
  const trace = inverse.reduce((sum, value) => sum + value * value, 0);
  const half = new Float64Array(k * d);
  const weights = new Float64Array(k * d);
  for (let i = 0; i < k; i++) {
    for (let r = 0; r <= i; r++) {
      const value = inverse[i * k + r] ?? 0;
      for (let j = 0; j < d; j++)
        half[i * d + j] = (half[i * d + j] ?? 0) + value * (cross[r * d + j] ?? 0);
    }
  }
  for (let i = 0; i < k; i++) {
    for (let r = 0; r <= i; r++) {
      const value = inverse[i * k + r] ?? 0;
      for (let j = 0; j < d; j++)
        weights[r * d + j] = (weights[r * d + j] ?? 0) + value * (half[i * d + j] ?? 0);
    }
  }
  return { weights, freedom: k - penalty * trace };
}

/** Values [n, columns] less their mean, in which each row counts as its share says. */
export function centred(
  values: ArrayLike<number>,
  n: number,
  columns: number,
  shares?: ArrayLike<number>,
): { readonly values: Float64Array; readonly mean: Float64Array } {
  const mean = new Float64Array(columns);
  for (let i = 0; i < n * columns; i++) {
    const share = (shares?.[Math.floor(i / columns)] ?? 1) / n;
    mean[i % columns] = (mean[i % columns] ?? 0) + (values[i] ?? 0) * share;
  }
  return {
    values: Float64Array.from(
      { length: n * columns },
      (_, i) => (values[i] ?? 0) - (mean[i % columns] ?? 0),
    ),
    mean,
  };
}

/** Aᵀ S B / n of [n, a] and [n, b]. */
export function products(
  left: Float64Array,
  a: number,
  right: Float64Array,
  b: number,
  n: number,
  shares?: ArrayLike<number>,
): Float64Array {
  const sums = new Float64Array(a * b);
  for (let row = 0; row < n; row++) {
    const share = (shares?.[row] ?? 1) / n;
    for (let i = 0; i < a; i++) {
      const value = (left[row * a + i] ?? 0) * share;
      for (let j = 0; j < b; j++)
        sums[i * b + j] = (sums[i * b + j] ?? 0) + value * (right[row * b + j] ?? 0);
    }
  }
  return sums;
}
