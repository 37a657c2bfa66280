/**
 * A linear trend by feasible generalised least squares: where the spread about it depends on the features, rows count by the inverse of their variance (Aitken 1935; with the
 * variance learned by a regression of log squared residuals, Harvey 1976, doi 10.2307/1913974).
 *
 * What simulators make with little noise says most of their mean; where all simulations count alike, the mean is only known to within what the noisiest allow, and an emulator
 * would add that error to simulations that have less noise than it.
 */
import { linearRows } from "./least-squares.js";
import { learnLinearTrend, type LinearTrend } from "./linear-trend.js";

/** Beside the mean square of what is left, in units of the average: residuals may be zero. */
const LEAST = 1e-8;

/** Most that a row counts more than the average. */
const MOST = 100;

/** Share of the variance of log residuals that the features must say, for the spread to be taken as theirs. */
const WORTH = 0.05;

/** Times that residuals are looked at. */
const PASSES = 2;

/**
 * Learns a trend of targets [n, d] in features [n, k], about unit scale.
 *
 * The factor is that of the covariance over all rows alike, as of `learnLinearTrend`.
 *
 * @returns undefined where the numbers allow none.
 */
export function learnWeightedTrend(
  features: ArrayLike<number>,
  k: number,
  targets: ArrayLike<number>,
  d: number,
): LinearTrend | undefined {
  const plain = learnLinearTrend(features, k, targets, d);
  let trend = plain;
  for (let pass = 0; pass < PASSES && trend !== undefined; pass++) {
    const shares = sharesBy(trend, features, k, targets, d);
    if (shares === undefined) break;
    trend = learnLinearTrend(features, k, targets, d, shares) ?? trend;
  }
  return plain && trend && { ...trend, factor: plain.factor };
}

/** What rows count, on average 1; undefined where the features say little of how large what is left of them is. */
function sharesBy(
  trend: LinearTrend,
  features: ArrayLike<number>,
  k: number,
  targets: ArrayLike<number>,
  d: number,
): Float64Array | undefined {
  const n = targets.length / d;
  const located = linearRows(features, trend);
  const squares = located.map((m, at) => ((targets[at] ?? 0) - m) ** 2);
  const variance = new Float64Array(d);
  for (const [at, square] of squares.entries())
    variance[at % d] = (variance[at % d] ?? 0) + square / n;
  const sizes = Float64Array.from({ length: n }, (_, row) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (squares[row * d + j] ?? 0) / (variance[j] || 1) / d;
    return Math.log(sum + LEAST);
  });
  const spread = learnLinearTrend(features, k, sizes, 1);
  if (spread === undefined) return undefined;
  const logs = linearRows(features, spread);
  if (!(varianceOf(logs) > WORTH * varianceOf(sizes))) return undefined;
  const raw = logs.map((log) => Math.exp(-log));
  const average = raw.reduce((a, b) => a + b, 0) / n;
  const bounded = raw.map((value) => Math.min(MOST, value / average));
  const total = bounded.reduce((a, b) => a + b, 0) / n;
  return bounded.map((value) => value / total);
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
