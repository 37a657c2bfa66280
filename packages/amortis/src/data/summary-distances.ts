/**
 * Distances of summaries from those of simulations.
 */
import { solveLower } from "../math/index.js";

/** Where summaries lie: nothing of estimators without learned ones, d = 0. */
export interface SummarySpace {
  /** [d] */
  readonly mean: readonly number[];
  /** Lower Cholesky factor of the covariance, row-major [d, d]; standard deviations [d] alone where d is large. */
  readonly factor: readonly number[];
  /** Some summaries less the mean, whitened by the factor, [m, d]. */
  readonly reference: readonly number[];
}

/** The distance to the nearest is a mean over so many. */
export const NEAREST = 3;

/** Distances of a summary. */
export interface Distances {
  readonly middle: number;
  readonly nearest: number;
}

/** Distances of a summary that begins at a place of many. */
export function distancesOf(
  values: Float32Array,
  start: number,
  { mean, factor, reference }: SummarySpace,
): Distances {
  const d = mean.length;
  const z = whiten(values, start, mean, factor);
  const best = new Float64Array(NEAREST).fill(Infinity);
  for (let at = 0; at < reference.length; at += d) {
    let square = 0;
    for (let k = 0; k < d; k++) square += ((z[k] ?? 0) - (reference[at + k] ?? 0)) ** 2;
    // Kept in order: the largest of the nearest is replaced.
    for (let place = 0; place < NEAREST; place++) {
      const kept = best[place] ?? Infinity;
      if (square >= kept) continue;
      best.copyWithin(place + 1, place, NEAREST - 1);
      best[place] = square;
      break;
    }
  }
  return {
    middle: Math.sqrt(z.reduce((sum, x) => sum + x * x, 0)),
    nearest: best.reduce((sum, square) => sum + Math.sqrt(square), 0) / NEAREST,
  };
}

/** L⁻¹ (s - mean). */
export function whiten(
  values: Float32Array,
  start: number,
  mean: readonly number[],
  factor: readonly number[],
): Float64Array {
  const d = mean.length;
  const centred = Float64Array.from(mean, (m, k) => (values[start + k] ?? Number.NaN) - m);
  if (factor.length === d) return centred.map((x, k) => x / (factor[k] ?? 1));
  return solveLower(Float64Array.from(factor), centred);
}
