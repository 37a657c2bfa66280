/**
 * Expected coverage: how often regions of each level hold the truth, averaged over data sets.
 *
 *     ECP(1 - α) = E[ 1{ θ ∈ Θ(1 - α) } ],   (θ, Z) ~ p(θ) p(Z | θ)
 *
 * It is 1 - α at all levels where posteriors are right. A region of level 1 - α holds the truth where the level at which the truth enters is at most 1 - α; that level is uniform, so
 * the curve has the simultaneous band of a distribution function. Central intervals of one parameter are left by the truth on either side: its level is |2u - 1| of the fractional
 * rank u. The highest-density region of all parameters is left where the density is low: its level is the share of draws that are denser than the truth.
 *
 * References: Hermans et al. (2022), "A trust crisis in simulation-based inference?", arXiv 2110.06581; Deistler, Gonçalves & Macke (2022), arXiv 2210.04815, for regions by draws.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Stream } from "../random/index.js";
import { fractionalRanks } from "./ranks.js";
import { uniformity } from "./uniformity.js";

/** Coverage by level. */
export interface Coverage {
  /** Levels of regions, within (0, 1). */
  readonly levels: Float64Array;
  /** Share of data sets whose region of that level holds the truth. */
  readonly covered: Float64Array;
  /** The band that holds the whole curve in 95 % of cases where posteriors are right. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Of the hypothesis that they are right, over all levels at once. */
  readonly pValue: number;
}

/**
 * The levels at which central intervals begin to hold the truth, of fractional ranks [n].
 *
 * @example coverageOf(centralLevels(fractionalRanks(draws, truth, stream(1))))
 */
export function centralLevels(ranks: ArrayLike<number>): Float64Array {
  return Float64Array.from(ranks, (u) => Math.abs(2 * u - 1));
}

/**
 * The levels at which highest-density regions begin to hold the truth.
 *
 * @param draws log-densities of draws under the posterior that they are of, [n, draws].
 * @param truth log-densities of the truths, [n]; -Infinity where a posterior rules its truth out.
 * @param random breaks ties.
 * @example
 * const levels = hpdLevels(await posteriors.logDensity(posteriors.draws), await posteriors.logDensity(test.parameters), stream(1));
 * coverageOf(levels).pValue
 */
export function hpdLevels(
  draws: ArrayLike<number>,
  truth: ArrayLike<number>,
  random: Stream,
): Float64Array {
  const minus = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, (x) => -x);
  return fractionalRanks(minus(draws), minus(truth), random);
}

/**
 * Coverage at all levels, from the level at which each truth enters.
 *
 * @param entered of each data set, within (0, 1).
 * @throws InvalidArgumentError where there are none, or one is no number of [0, 1].
 * @example coverageOf(centralLevels(ranks)).covered
 */
export function coverageOf(entered: ArrayLike<number>): Coverage {
  const bad = Array.from(entered).findIndex((level) => !(level >= 0 && level <= 1));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      `levels must lie within [0, 1], but that of data set ${bad} is ${entered[bad]}`,
    );
  }
  const { points, difference, lower, upper, pValue } = uniformity(entered);
  const over = (values: Float64Array): Float64Array =>
    values.map((d, k) => Math.min(1, Math.max(0, d + (points[k] ?? 0))));
  return {
    levels: points,
    covered: over(difference),
    lower: over(lower),
    upper: over(upper),
    pValue,
  };
}

/** The share of data sets whose region of a level holds the truth. */
export function coveredAt(entered: ArrayLike<number>, level: number): Float64Array {
  return Float64Array.from(entered, (at) => (at <= level ? 1 : 0));
}
