/**
 * Scores as the review's tables have them, to compare with its numbers; to judge, take `scoreMarginal`.
 *
 * Over data sets, with l, u the ends of 90 % intervals and X, X' draws of the posterior:
 *
 *     RMSPE    √ median (θ̂ - θ)²       of the posterior median θ̂ (a point estimator's estimate)
 *     MIS90    median of (u - l) + 20 (l - θ)₊ + 20 (θ - u)₊
 *     MCRPS    median of ½ E|θ - X|    which its code computes; the CRPS is E|θ - X| - ½ E|X - X'|
 *     COV90    share of intervals that hold θ
 *
 * Medians flatter an answer that is badly wrong on a few data sets, and ½ E|θ - X| is not proper: it rewards answers that are too
 * narrow.
 *
 * Reference: Zammit-Mangion, Sainsbury-Dale & Huser 2025, "Neural Methods for Amortized Inference", arXiv 2404.12484, and its code.
 */
import { average, type Average } from "./averages.js";
import { intervalScore } from "./scores.js";

/** Level of the review's intervals. */
const LEVEL = 0.9;

/**
 * Median of values: of an even number, the mean of the middle two.
 *
 * @returns NaN where there is none.
 */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).toSorted();
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + high) / 2 : high;
}

/** RMSPE: √ of the median squared error, which is the median absolute error. */
export function reviewRmspe(estimate: ArrayLike<number>, truth: ArrayLike<number>): number {
  return Math.sqrt(
    medianOf(Float64Array.from(truth, (theta, i) => ((estimate[i] ?? Number.NaN) - theta) ** 2)),
  );
}

/** MIS90: median interval score of 90 % intervals. */
export function reviewMis90(
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  truth: ArrayLike<number>,
): number {
  return medianOf(
    Float64Array.from(truth, (theta, i) =>
      intervalScore(lower[i] ?? Number.NaN, upper[i] ?? Number.NaN, theta, LEVEL),
    ),
  );
}

/**
 * MCRPS: median of ½ E|θ - X|.
 *
 * @param draws flat, [data sets, draws].
 */
export function reviewMcrps(draws: ArrayLike<number>, truth: ArrayLike<number>): number {
  const each = draws.length / truth.length;
  return medianOf(
    Float64Array.from(truth, (theta, i) => {
      let total = 0;
      for (let k = 0; k < each; k++) total += Math.abs((draws[i * each + k] ?? Number.NaN) - theta);
      return total / (2 * each);
    }),
  );
}

/** COV90: share of intervals that hold the truth. */
export function reviewCov90(
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  truth: ArrayLike<number>,
): Average {
  return average(
    Float64Array.from(truth, (theta, i) =>
      theta >= (lower[i] ?? Number.NaN) && theta <= (upper[i] ?? Number.NaN) ? 1 : 0,
    ),
  );
}
