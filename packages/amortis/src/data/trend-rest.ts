/**
 * How much data have that their linear trend does not say: the root mean square, on a logarithmic scale, of what is left of them once what goes with the trend's
 * location is taken off.
 *
 *     r = x - c - Bᵀ m(x),      size = log √(Σ_j (r_j / s_j)² / k),      s_j = sd(r_j).
 *
 * Where a parameter is the scale of the noise about a linear mean, this is all that the data say of it (the residual sum of squares is sufficient), but a network
 * that sees the data alone has to find their squares, their sum and its logarithm over decades, and where the noise is little it takes many simulations to do so.
 * An auxiliary regression of log squared residuals is how scales are estimated elsewhere (Harvey 1976, doi 10.2307/1913974).
 */
import {
  add,
  constant,
  div,
  log,
  matmul,
  mean,
  mul,
  square,
  sub,
  type Tensor,
} from "@amortis/graph";
import { choleskyFactor, invertLower, product, transpose } from "../math/index.js";

/** What a trend leaves of the data; matrices row-major. */
export interface TrendRest {
  /** B, [d, features]. */
  readonly loadings: readonly number[];
  /** c, [features]. */
  readonly intercept: readonly number[];
  /** s, [features]. */
  readonly scale: readonly number[];
  /** Mean and standard deviation of the size, by which networks see it. */
  readonly mean: number;
  readonly sd: number;
}

/** Ridge in units of the location's variance: locations may be constant, or depend on each other. */
const RIDGE = 1e-6;

/** Smallest scale of what is left, in units of the features': below, single precision is all that there is. */
const LEAST_SCALE = 1e-5;

/** Mean square below which sizes are not told apart. */
const LEAST_SQUARE = 1e-10;

/**
 * Learns what a trend leaves.
 *
 * @param features x, [n, k], of about unit scale
 * @param location m(x), [n, d]
 * @returns undefined where it is nothing: as few features as locations, or features that the locations determine.
 */
export function learnTrendRest(
  features: ArrayLike<number>,
  k: number,
  location: ArrayLike<number>,
  d: number,
): TrendRest | undefined {
  const n = location.length / d;
  if (k <= d || n < 2 * k + 2) return undefined;
  const fitted = regression(features, k, location, d);
  if (fitted === undefined) return undefined;
  const { loadings, intercept } = fitted;
  const left = (i: number, j: number): number => {
    let value = (features[i * k + j] ?? 0) - (intercept[j] ?? 0);
    for (let a = 0; a < d; a++) value -= (location[i * d + a] ?? 0) * (loadings[a * k + j] ?? 0);
    return value;
  };
  const scale = new Float64Array(k);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < k; j++) scale[j] = (scale[j] ?? 0) + left(i, j) ** 2 / n;
  if (Math.max(...scale) < LEAST_SCALE ** 2) return undefined;
  for (let j = 0; j < k; j++) scale[j] = Math.max(LEAST_SCALE, Math.sqrt(scale[j] ?? 0));
  const sizes = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += (left(i, j) / (scale[j] ?? 1)) ** 2 / k;
    return Math.log(sum + LEAST_SQUARE) / 2;
  });
  const [middle = 0] = columnMeans(sizes, n, 1);
  const sd = Math.sqrt(sizes.reduce((total, size) => total + (size - middle) ** 2 / n, 0));
  if (!Number.isFinite(sd) || sd === 0) return undefined;
  return {
    loadings: Array.from(loadings),
    intercept: Array.from(intercept),
    scale: Array.from(scale),
    mean: middle,
    sd,
  };
}

/** The size of what is left, standardised: [batch, 1], of features [batch, k] and the trend's location [batch, d]. */
export function trendRestAt(features: Tensor, location: Tensor, rest: TrendRest): Tensor {
  const k = rest.scale.length;
  const d = rest.loadings.length / k;
  const expected = add(
    matmul(location, constant(rest.loadings, [d, k])),
    constant(rest.intercept, [k]),
  );
  const left = div(sub(features, expected), constant(rest.scale, [k]));
  const squares = mean(square(left), { axes: [-1], keepDims: true });
  const size = mul(log(add(squares, LEAST_SQUARE)), 0.5);
  return mul(sub(size, rest.mean), 1 / rest.sd);
}

/** Of features on locations, by least squares. */
function regression(
  features: ArrayLike<number>,
  k: number,
  location: ArrayLike<number>,
  d: number,
): { readonly loadings: Float64Array; readonly intercept: Float64Array } | undefined {
  const n = location.length / d;
  const [xMean, mMean] = [columnMeans(features, n, k), columnMeans(location, n, d)];
  const gram = new Float64Array(d * d);
  const cross = new Float64Array(d * k);
  const centre = (values: ArrayLike<number>, means: Float64Array, i: number, j: number): number =>
    (values[i * means.length + j] ?? 0) - (means[j] ?? 0);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < d; a++) {
      const m = centre(location, mMean, i, a) / n;
      for (let b = 0; b < d; b++)
        gram[a * d + b] = (gram[a * d + b] ?? 0) + m * centre(location, mMean, i, b);
      for (let j = 0; j < k; j++)
        cross[a * k + j] = (cross[a * k + j] ?? 0) + m * centre(features, xMean, i, j);
    }
  }
  for (let a = 0; a < d; a++) gram[a * d + a] = (gram[a * d + a] ?? 0) * (1 + RIDGE) + RIDGE;
  const factor = choleskyFactor(gram, d);
  if (factor === undefined) return undefined;
  const inverse = invertLower(factor, d);
  const across = transpose(inverse, d);
  const loadings = new Float64Array(d * k);
  for (let j = 0; j < k; j++) {
    const column = Array.from({ length: d }, (_, a) => cross[a * k + j] ?? 0);
    const solved = product(across, product(inverse, column, d), d);
    for (let a = 0; a < d; a++) loadings[a * k + j] = solved[a] ?? 0;
  }
  const intercept = Float64Array.from(xMean, (value, j) => {
    let left = value;
    for (let a = 0; a < d; a++) left -= (mMean[a] ?? 0) * (loadings[a * k + j] ?? 0);
    return left;
  });
  return { loadings, intercept };
}

function columnMeans(values: ArrayLike<number>, n: number, columns: number): Float64Array {
  const means = new Float64Array(columns);
  for (let i = 0; i < n * columns; i++)
    means[i % columns] = (means[i % columns] ?? 0) + (values[i] ?? 0) / n;
  return means;
}
