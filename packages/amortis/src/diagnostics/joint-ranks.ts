/**
 * Ranks of all parameters together: how deep the truth lies among the draws, by Mahalanobis distance.
 *
 *     d(θ) = √( (θ - m)ᵀ C⁻¹ (θ - m) ),   m, C mean and covariance of the truth and the draws together.
 *
 * Since the truth is among the points that m and C are of, the points are exchangeable where the posterior is right, and the rank of the truth's distance among the draws' is
 * uniform, exactly and for posteriors of any shape. Correlations that are wrong show here, where no parameter shows them by itself. Of densities the same is done by `coverage.ts`.
 */
import { choleskyFactor } from "../math/index.js";
import type { Stream } from "../random/index.js";
import { fractionalRanks } from "./ranks.js";
import { layOut, type ScoredDraws } from "./scored-draws.js";

/** Part of a variance that is added to it, so that a parameter that does not vary has no infinite distance. */
const JITTER = 1e-9;

/**
 * Fractional ranks of the truths' Mahalanobis distances among the draws': uniform where the joint posterior is right, large where it is too narrow or off.
 *
 * @param random breaks ties.
 * @returns [n], within (0, 1).
 * @throws InvalidArgumentError where draws and truths do not fit each other.
 * @example uniformity(jointRanks({ draws, truth, names }, stream(1))).pValue
 */
export function jointRanks(scored: ScoredDraws, random: Stream): Float64Array {
  const { size, each } = layOut(scored);
  const p = scored.names.length;
  const distances = new Float64Array(size * each);
  const truths = new Float64Array(size);
  const points = new Float64Array((each + 1) * p);
  for (let i = 0; i < size; i++) {
    for (let at = 0; at < p; at++) points[at] = scored.truth[i * p + at] ?? Number.NaN;
    for (let at = 0; at < each * p; at++) {
      points[p + at] = scored.draws[i * each * p + at] ?? Number.NaN;
    }
    const found = mahalanobis(points, p);
    truths[i] = found[0] ?? Number.NaN;
    distances.set(found.subarray(1), i * each);
  }
  return fractionalRanks(distances, truths, random);
}

/** Squared distance of each point [n, p] from their mean, by their covariance. Centres the points in place. */
function mahalanobis(points: Float64Array, p: number): Float64Array {
  const n = points.length / p;
  centre(points, p);
  const covariance = covarianceOf(points, p);
  const largest = Array.from({ length: p }, (_, k) => covariance[k * p + k] ?? 0);
  const least = JITTER * Math.max(...largest, Number.MIN_VALUE);
  for (const [k, variance] of largest.entries()) {
    covariance[k * p + k] = variance > 0 ? variance * (1 + JITTER) : least;
  }
  // Of draws that are fewer than their dimensions, or of one line, the variances alone.
  const factor = choleskyFactor(covariance, p) ?? diagonalFactor(covariance, p);
  const solved = new Float64Array(p);
  const distances = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let distance = 0;
    for (let j = 0; j < p; j++) {
      let rest = points[i * p + j] ?? 0;
      for (let k = 0; k < j; k++) rest -= (factor[j * p + k] ?? 0) * (solved[k] ?? 0);
      const own = rest / (factor[j * p + j] ?? 1);
      solved[j] = own;
      distance += own * own;
    }
    distances[i] = distance;
  }
  return distances;
}

/** Takes their mean off points [n, p]. */
function centre(points: Float64Array, p: number): void {
  const n = points.length / p;
  for (let k = 0; k < p; k++) {
    let sum = 0;
    for (let at = k; at < points.length; at += p) sum += points[at] ?? 0;
    for (let at = k; at < points.length; at += p) points[at] = (points[at] ?? 0) - sum / n;
  }
}

/** Of centred points [n, p]: the lower triangle. */
function covarianceOf(points: Float64Array, p: number): Float64Array {
  const n = points.length / p;
  const covariance = new Float64Array(p * p);
  for (let at = 0; at < points.length; at += p) {
    for (let j = 0; j < p; j++) {
      const own = (points[at + j] ?? 0) / n;
      for (let k = 0; k <= j; k++) {
        covariance[j * p + k] = (covariance[j * p + k] ?? 0) + own * (points[at + k] ?? 0);
      }
    }
  }
  return covariance;
}

function diagonalFactor(covariance: Float64Array, p: number): Float64Array {
  return covariance.map((value, at) => (at % (p + 1) === 0 ? Math.sqrt(value) : 0));
}
