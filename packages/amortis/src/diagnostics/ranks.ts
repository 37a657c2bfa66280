/**
 * Simulation-based calibration: ranks of true parameters among posterior draws (Talts et al. 2018, arXiv 1804.06788).
 *
 * If θ ~ p(θ), Z ~ p(Z | θ), and θ₁ .. θ_L are draws of the posterior given Z, the rank of θ among them is uniform on 0 .. L; so is that of f(θ, Z) among
 * f(θ₁, Z) .. f(θ_L, Z), whatever the function. Ties, as discrete parameters have them, are broken at random, and each rank is spread over its share of (0, 1), so that fractional
 * ranks of right posteriors are uniform exactly, and their normal scores normal exactly:
 *
 *     u = (rank + U) / (L + 1),      z = Φ⁻¹(u),      Σ z / √n ~ N(0, 1),      Σ (z - z̄)² ~ χ²(n - 1).
 *
 * `uniformity` tests for any departure at all; the mean of the scores finds shifts, and their variance posteriors that are too narrow or too wide, with more power. The two
 * are independent: a shift is not taken for a wrong width.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { incompleteGamma, normalCdf, normalQuantile } from "../math/index.js";
import type { Stream } from "../random/index.js";

/**
 * Ranks of true values among draws, as fractions of (0, 1): uniform where the posterior is right.
 *
 * @param draws [n, each] of one parameter.
 * @param truth [n].
 * @param random breaks ties, and spreads each rank over its share of (0, 1).
 * @throws InvalidArgumentError where draws and truths do not fit.
 * @example fractionalRanks(posteriors.draws, test.parameters, stream(1));   // of a model of one parameter
 */
export function fractionalRanks(
  draws: ArrayLike<number>,
  truth: ArrayLike<number>,
  random: Stream,
): Float64Array {
  const n = truth.length;
  const each = draws.length / n;
  if (n === 0 || !Number.isInteger(each)) {
    throw new InvalidArgumentError(
      `ranks need as many draws for each truth, but there are ${draws.length} draws for ${n}`,
    );
  }
  return Float64Array.from({ length: n }, (_, i) => {
    const theta = truth[i] ?? Number.NaN;
    let [below, equal] = [0, 0];
    for (let j = i * each; j < (i + 1) * each; j++) {
      const draw = draws[j] ?? Number.NaN;
      if (draw < theta) below++;
      else if (draw === theta) equal++;
    }
    const rank = below + Math.floor(random.uniform() * (equal + 1));
    return (rank + random.uniform()) / (each + 1);
  });
}

/** A test with a direction. */
export interface Departure {
  /** Standard normal where posteriors are right, or nearly. */
  readonly z: number;
  /** Two-sided. */
  readonly pValue: number;
}

/** What normal scores of fractional ranks say. */
export interface RankScores {
  /** Of their mean. Above zero, truths lie above the posteriors: those are too low. */
  readonly shift: Departure;
  /** Of their variance. Above zero, truths lie outside more often than they should: posteriors are too narrow. */
  readonly spread: Departure;
  /** Mean of the scores: where posteriors are normal, about by how many of their sds they lie too low. */
  readonly mean: number;
  /** Standard deviation of the scores: where posteriors are normal, about one over the factor by which they are too wide. */
  readonly scale: number;
}

/**
 * Tests fractional ranks for a shift and for a wrong width: of right posteriors, Σ z / √n is normal and Σ (z - z̄)² chi-square, exactly.
 *
 * @param ranks of (0, 1), [n], as `fractionalRanks` gives them.
 * @throws InvalidArgumentError where there are fewer than two.
 * @example rankScores(fractionalRanks(draws, truth, stream(1))).spread.pValue
 */
export function rankScores(ranks: ArrayLike<number>): RankScores {
  const n = ranks.length;
  if (n < 2) {
    throw new InvalidArgumentError(`rankScores needs two ranks or more, but was given ${n}`);
  }
  // Inside (0, 1) whatever the rounding.
  const z = Float64Array.from(ranks, (u) =>
    normalQuantile(Math.min(1 - 2 ** -53, Math.max(2 ** -60, u))),
  );
  const mean = z.reduce((a, b) => a + b, 0) / n;
  const squares = z.reduce((sum, own) => sum + (own - mean) ** 2, 0);
  const shift = mean * Math.sqrt(n);
  const { lower, upper } = incompleteGamma((n - 1) / 2, squares / 2);
  const twoSided = Math.min(1, 2 * Math.min(lower, upper));
  const sign = upper < lower ? 1 : -1;
  return {
    shift: { z: shift, pValue: 2 * normalCdf(-Math.abs(shift)) },
    spread: {
      z: twoSided > 0 ? -sign * normalQuantile(twoSided / 2) : sign * Infinity,
      pValue: twoSided,
    },
    mean,
    scale: Math.sqrt(squares / (n - 1)),
  };
}
