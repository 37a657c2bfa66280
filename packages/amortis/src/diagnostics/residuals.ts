/**
 * What of a right estimate averages to zero over data sets, however these are chosen by their data:
 *
 *     of the posterior mean        θ - E(θ | Z)
 *     of the posterior q-quantile  1{θ ≤ q̂(Z)} - q
 *
 * so that right estimates can be told from wrong ones without any posterior. Shares are tested by the binomial distribution, exactly; mean errors by Student's t. Where a truth equals the
 * estimate of a quantile, as of discrete parameters, the share below it must not be larger than q, nor the share below or at it smaller: only what contradicts one of the two counts.
 *
 * Reference: Gneiting (2011), "Making and evaluating point forecasts", on identification functions of functionals.
 */
import { incompleteBeta, normalCdf, normalQuantile } from "../math/index.js";
import type { Stream } from "../random/index.js";
import type { Departure } from "./ranks.js";

/** An estimate of one parameter of many data sets, and what it is of. */
export interface OneEstimate {
  /** "mean", "median", "quantile 0.05". */
  readonly name: string;
  /** Of a quantile; none of a mean. */
  readonly level?: number;
  /** [n] */
  readonly truth: Float64Array;
  /** [n] */
  readonly estimate: Float64Array;
}

/** Whether residuals of some data sets average to zero: above zero where the estimates are too high. */
export function departureOf(one: OneEstimate, rows: ArrayLike<number>, random: Stream): Departure {
  const z =
    one.level === undefined ? meanScore(one, rows) : shareScore(one, one.level, rows, random);
  return { z, pValue: 2 * normalCdf(-Math.abs(z)) };
}

/** Residuals [n], those of quantiles with half of what equals the estimate. */
export function residualsOf({ truth, estimate, level }: OneEstimate): Float64Array {
  return truth.map((theta, i) => {
    const at = estimate[i] ?? Number.NaN;
    if (level === undefined) return at - theta;
    return (theta < at ? 1 : theta === at ? 0.5 : 0) - level;
  });
}

/** Whether some truth equals its estimate. */
export function hasTies({ truth, estimate }: OneEstimate): boolean {
  return truth.some((theta, i) => theta === estimate[i]);
}

/** Student's t of the errors as a normal score. */
function meanScore({ truth, estimate }: OneEstimate, rows: ArrayLike<number>): number {
  const errors = Float64Array.from(rows, (row) => (estimate[row] ?? 0) - (truth[row] ?? 0));
  const n = errors.length;
  const mean = errors.reduce((a, b) => a + b, 0) / n;
  const variance = errors.reduce((sum, own) => sum + (own - mean) ** 2, 0) / (n - 1);
  if (!(variance > 0)) return mean === 0 ? 0 : Math.sign(mean) * Infinity;
  const t = mean / Math.sqrt(variance / n);
  const { lower: tails } = incompleteBeta((n - 1) / 2, 0.5, (n - 1) / (n - 1 + t * t));
  return Math.sign(t) * -normalQuantile(tails / 2);
}

/** Where the number of truths below the estimates lies in its binomial distribution, spread over its share: a normal score, exactly. */
function shareScore(
  { truth, estimate }: OneEstimate,
  level: number,
  rows: ArrayLike<number>,
  random: Stream,
): number {
  const [n, u] = [rows.length, random.uniform()];
  let [below, at] = [0, 0];
  for (let k = 0; k < n; k++) {
    const row = rows[k] ?? 0;
    const difference = (truth[row] ?? Number.NaN) - (estimate[row] ?? Number.NaN);
    if (difference < 0) below++;
    else if (difference === 0) at++;
  }
  const scoreOf = (count: number): number => {
    const [before, upTo] = [count - 1, count].map((k) => binomialTail(k, n, level));
    const share = (before ?? 0) + u * ((upTo ?? 0) - (before ?? 0));
    return normalQuantile(Math.min(1 - 2 ** -53, Math.max(Number.MIN_VALUE, share)));
  };
  const [least, most] = [scoreOf(below), scoreOf(below + at)];
  if (least > 0) return least;
  return most < 0 ? most : 0;
}

/** P(K ≤ k) of n trials. */
function binomialTail(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(n - k, k + 1, 1 - p, p).lower;
}
