/**
 * What distances of summaries are measured in.
 *
 *     d(S, S′)² = Σ_j (W (S - S′))_j²
 *
 * By default W divides each number by its median absolute deviation in the table, which a few wild simulations do not move (Csilléry, François & Blum 2012, "abc: an R package for approximate
 * Bayesian computation"); or it whitens by their covariance, which is Mahalanobis' distance, where summaries say the same several times.
 */
import { choleskyFactor, invertLower } from "../math/index.js";

/** How distances are measured. */
export type DistanceKind = "mad" | "mahalanobis";

/** Of how much of a table what it is measured in is learned. */
const LOOKED_AT = 20_000;

/** What makes a median absolute deviation a normal's standard deviation. */
const NORMAL = 1.4826;

/**
 * W of a table's summaries [n, s]: [s] of a diagonal, or [s, s]. A number that never changes has no part in it.
 */
export function learnScale(summaries: Float32Array, s: number, kind: DistanceKind): Float64Array {
  const n = Math.min(LOOKED_AT, summaries.length / s);
  return kind === "mad" ? byDeviation(summaries, n, s) : byCovariance(summaries, n, s);
}

function byDeviation(summaries: Float32Array, n: number, s: number): Float64Array {
  return Float64Array.from({ length: s }, (_, j) => {
    const column = Float64Array.from({ length: n }, (_i, i) => summaries[i * s + j] ?? NaN);
    const middle = medianOf(column);
    const spread = NORMAL * medianOf(column.map((value) => Math.abs(value - middle)));
    if (spread > 0) return 1 / spread;
    // More than half are the same.
    const mean = column.reduce((a, b) => a + b, 0) / n;
    const sd = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
    return sd > 0 ? 1 / sd : 0;
  });
}

/** Share of a variance that is added to it: numbers that follow from others have a covariance without an inverse. */
const RIDGE = 1e-6;

function byCovariance(summaries: Float32Array, n: number, s: number): Float64Array {
  const mean = new Float64Array(s);
  for (let at = 0; at < n * s; at++) mean[at % s] = (mean[at % s] ?? 0) + (summaries[at] ?? 0) / n;
  const covariance = new Float64Array(s * s);
  const off = new Float64Array(s);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < s; j++) off[j] = (summaries[i * s + j] ?? NaN) - (mean[j] ?? 0);
    for (let j = 0; j < s; j++)
      for (let l = 0; l <= j; l++)
        covariance[j * s + l] = (covariance[j * s + l] ?? 0) + ((off[j] ?? 0) * (off[l] ?? 0)) / n;
  }
  for (let j = 0; j < s; j++) {
    const at = j * (s + 1);
    covariance[at] = (covariance[at] ?? 0) * (1 + RIDGE) || 1;
  }
  const factor = choleskyFactor(covariance, s);
  return factor === undefined ? byDeviation(summaries, n, s) : invertLower(factor, s);
}

/** The median of some numbers, of which there is one at least. */
export function medianOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/** W S of each row of [n, s]. */
export function scaled(summaries: Float32Array, scale: Float64Array, s: number): Float64Array {
  const result = new Float64Array(summaries.length);
  const isDiagonal = scale.length === s;
  for (let from = 0; from < result.length; from += s) {
    for (let j = 0; j < s; j++) {
      if (isDiagonal) result[from + j] = (scale[j] ?? NaN) * (summaries[from + j] ?? NaN);
      else {
        let sum = 0;
        for (let l = 0; l <= j; l++)
          sum += (scale[j * s + l] ?? NaN) * (summaries[from + l] ?? NaN);
        result[from + j] = sum;
      }
    }
  }
  return result;
}
