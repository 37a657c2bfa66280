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
import { add, constant, div, log, mean, mul, square, sub, type Tensor } from "@amortis/graph";
import {
  centred,
  interceptOf,
  linearAt,
  linearRows,
  MOST_ROWS,
  products,
  ridge,
  type LinearMap,
} from "./least-squares.js";

/** What a trend leaves of the data: c and B of what goes with its location, a linear map [d] to [features], and the sizes that are left. */
export interface TrendRest extends LinearMap {
  /** s, [features]. */
  readonly scale: readonly number[];
  /** Mean and standard deviation of the size, by which networks see it. */
  readonly mean: number;
  readonly sd: number;
}

/** Beside the location's variances, about one at most: locations may be constant, or depend on each other. */
const RIDGE = 1e-6;

/** Smallest scale of what is left, in units of the features': below, single precision is all that there is. */
const LEAST_SCALE = 1e-5;

/** Mean square below which sizes are not told apart. */
const LEAST_SQUARE = 1e-10;

/**
 * Learns what a trend leaves.
 *
 * @param features x, [n, k], of about unit scale
 * @param trend m, [k] to [d]
 * @returns undefined where it is nothing: as few features as locations, or features that the locations determine.
 */
export function learnTrendRest(
  features: ArrayLike<number>,
  k: number,
  trend: LinearMap,
): TrendRest | undefined {
  const d = trend.intercept.length;
  const n = Math.min(MOST_ROWS, features.length / k);
  if (k <= d || n < 2 * k + 2) return undefined;
  const x = centred(features, n, k);
  const location = linearRows(features, trend, n);
  const m = centred(location, n, d);
  const gram = products(m.values, d, m.values, d, n);
  const fit = ridge(gram, products(m.values, d, x.values, k, n), d, k, RIDGE);
  if (fit === undefined) return undefined;
  const weights = Array.from(fit.weights);
  const intercept = interceptOf(weights, m.mean, x.mean);
  const expected = linearRows(location, { weights, intercept }, n);
  const left = expected.map((value, at) => (features[at] ?? 0) - value);
  const scale = rootMeanSquares(left, k);
  if (Math.max(...scale) < LEAST_SCALE) return undefined;
  for (let j = 0; j < k; j++) scale[j] = Math.max(LEAST_SCALE, scale[j] ?? 0);
  const sizes = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += ((left[i * k + j] ?? 0) / (scale[j] ?? 1)) ** 2 / k;
    return Math.log(sum + LEAST_SQUARE) / 2;
  });
  const about = centred(sizes, n, 1);
  const [sd = 0] = rootMeanSquares(about.values, 1);
  if (!(sd > 0 && sd < Infinity)) return undefined;
  return { weights, intercept, scale: Array.from(scale), mean: about.mean[0] ?? 0, sd };
}

/** The size of what is left, standardised: [batch, 1], of features [batch, k] and the trend's location [batch, d]. */
export function trendRestAt(features: Tensor, location: Tensor, rest: TrendRest): Tensor {
  const scale = constant(rest.scale, [rest.scale.length]);
  const left = div(sub(features, linearAt(location, rest)), scale);
  const squares = mean(square(left), { axes: [-1], keepDims: true });
  const size = mul(log(add(squares, LEAST_SQUARE)), 0.5);
  return mul(sub(size, rest.mean), 1 / rest.sd);
}

/** Of each column of values [n, columns]. */
function rootMeanSquares(values: Float64Array, columns: number): Float64Array {
  const n = values.length / columns;
  const sums = new Float64Array(columns);
  for (const [at, value] of values.entries())
    sums[at % columns] = (sums[at % columns] ?? 0) + value ** 2 / n;
  return sums.map(Math.sqrt);
}
