/**
 * Monte Carlo standard errors: how far the mean, the standard deviation and quantiles of chains' draws are from those of what the chains sample.
 *
 *     mean          sd(θ) / √S                                         S the effective size of the draws, chains cut in halves
 *     sd            √((E d⁴ - (E d²)²) / S') / (2 √E d²)               d = θ - mean, S' the effective size of d² (Kenney & Keeping 1951, by a first order expansion of the root)
 *     quantile q    (θ_(b) - θ_(a)) / 2                                a and b the places, among the sorted draws, of the quantiles of Beta(S″ q + 1, S″ (1 - q) + 1) one standard
 *                                                                      deviation of a normal to either side; S″ the effective size of 1{θ ≤ quantile}
 *
 * What does not vary says nothing of its error, which is NaN: of chains that are stuck at one value, and of a quantile that is the largest draw.
 *
 * Reference: Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, "Rank-normalization, folding, and localization", arXiv 1903.08008, section 4.
 */
import { concatenated } from "../math/concatenated.js";
import { incompleteBetaInverse, normalCdf } from "../math/index.js";
import { checkLevel, quantileOf, sdOf } from "../posterior/marginals.js";
import { effectiveSize, halvesOf } from "./convergence.js";

/** Monte Carlo standard errors of one parameter. */
export interface MonteCarloErrors {
  readonly mean: number;
  readonly sd: number;
  /** In the order of the levels. */
  readonly quantiles: readonly number[];
}

/**
 * Monte Carlo standard errors of the draws of chains; NaN throughout where a draw is not finite, or all are one value.
 *
 * @param chains of one length n ≥ 4 each.
 * @param levels of quantiles.
 * @throws InvalidArgumentError where there is no chain, or they are too short or of different lengths, or a level is not between 0 and 1.
 * @example monteCarloErrors([first, second]).mean   // of the mean of all draws
 */
export function monteCarloErrors(
  chains: readonly ArrayLike<number>[],
  levels: readonly number[] = [0.05, 0.5, 0.95],
): MonteCarloErrors {
  levels.forEach(checkLevel);
  const halves = halvesOf("monteCarloErrors", chains);
  const sorted = concatenated(chains).toSorted();
  if (!sorted.every(Number.isFinite))
    return { mean: NaN, sd: NaN, quantiles: levels.map(() => NaN) };
  return {
    mean: sdOf(sorted) / Math.sqrt(sizeOf(halves)),
    sd: sdError(sorted, halves),
    quantiles: levels.map((level) => quantileError(sorted, halves, level)),
  };
}

/** The effective size of what varies; NaN of what does not, but for rounding. */
function sizeOf(halves: readonly Float64Array[]): number {
  const all = concatenated(halves);
  const most = all.reduce((a, b) => Math.max(a, b), -Infinity);
  const least = all.reduce((a, b) => Math.min(a, b), Infinity);
  const isVaried = most - least > Number.EPSILON * Math.max(Math.abs(most), Math.abs(least));
  return isVaried ? effectiveSize(halves) : NaN;
}

function sdError(draws: Float64Array, halves: readonly Float64Array[]): number {
  const n = draws.length;
  const mean = draws.reduce((sum, x) => sum + x, 0) / n;
  const size = sizeOf(halves.map((half) => half.map((x) => (x - mean) ** 2)));
  const second = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
  const fourth = draws.reduce((sum, x) => sum + (x - mean) ** 4, 0) / n;
  return Math.sqrt((fourth - second ** 2) / size / second / 4);
}

function quantileError(
  sorted: Float64Array,
  halves: readonly Float64Array[],
  level: number,
): number {
  const n = sorted.length;
  const bound = quantileOf(sorted, level);
  const size = sizeOf(halves.map((half) => half.map((x) => (x <= bound ? 1 : 0))));
  if (Number.isNaN(size)) return NaN;
  const place = (z: number): number =>
    n * incompleteBetaInverse(size * level + 1, size * (1 - level) + 1, normalCdf(z));
  const low = sorted[Math.max(Math.floor(place(-1)), 1) - 1] ?? NaN;
  const high = sorted[Math.min(Math.ceil(place(1)), n) - 1] ?? NaN;
  return (high - low) / 2;
}
