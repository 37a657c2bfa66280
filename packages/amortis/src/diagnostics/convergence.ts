/**
 * Whether chains have converged: rank-normalised split R-hat, and effective sample sizes of the bulk and of the tails.
 *
 * Chains are cut in halves (of an odd length the middle draw is left out), and draws replaced by normal scores of their ranks,
 * z = Φ⁻¹((r - 3/8) / (n + 1/4)). R-hat is the larger of that of the scores and that of the scores of |x - median|; the bulk's size is that of
 * the scores, the tails' the smaller of those of the indicators of the 5 % and the 95 % quantile of all draws. Autocorrelations are summed by
 * Geyer's initial monotone sequence.
 *
 * What does not vary says nothing: of two values in equal numbers |x - median| is one number, and R-hat is that of the scores alone.
 *
 * Reference: Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, "Rank-normalization, folding, and localization", arXiv 1903.08008.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { concatenated } from "../math/concatenated.js";
import { normalQuantile } from "../math/index.js";
import { meanRanks } from "../math/ranks.js";
import { quantileOf } from "../posterior/marginals.js";

/** What is said of the draws of one parameter. */
export interface Convergence {
  /** Below 1.01 where chains agree; Infinity where each is stuck at one value, but not all at the same; NaN where all draws are one value. */
  readonly rHat: number;
  /** The number of draws where all are one value. */
  readonly bulkEss: number;
  readonly tailEss: number;
}

/**
 * Convergence of chains of one parameter; NaN throughout where a draw is not finite.
 *
 * @param chains of one length n ≥ 4 each.
 * @throws InvalidArgumentError where there is none, or they are too short or of different lengths.
 * @example convergence([first, second]).rHat
 */
export function convergence(chains: readonly ArrayLike<number>[]): Convergence {
  const halves = halvesOf("convergence", chains);
  const sorted = concatenated(chains).toSorted();
  if (!sorted.every(Number.isFinite)) return { rHat: NaN, bulkEss: NaN, tailEss: NaN };
  const center = quantileOf(concatenated(halves).toSorted(), 0.5);
  const scores = normalScores(halves);
  const folded = normalScores(halves.map((half) => half.map((x) => Math.abs(x - center))));
  const tail = (level: number): number => {
    const bound = quantileOf(sorted, level);
    return effectiveSize(halves.map((half) => half.map((x) => (x <= bound ? 1 : 0))));
  };
  return {
    rHat: worse(scaleReduction(scores), scaleReduction(folded)),
    bulkEss: effectiveSize(scores),
    tailEss: Math.min(tail(0.05), tail(0.95)),
  };
}

/** The larger of two, of which one that is NaN says nothing. */
function worse(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? b : a;
  return Math.max(a, b);
}

/**
 * Both halves of each chain; of an odd length the middle draw belongs to neither.
 *
 * @param what asks for them, for the error.
 * @throws InvalidArgumentError where there is no chain, or they are too short or of different lengths.
 */
export function halvesOf(what: string, chains: readonly ArrayLike<number>[]): Float64Array[] {
  const length = chains[0]?.length ?? 0;
  if (length < 4 || chains.some((chain) => chain.length !== length)) {
    throw new InvalidArgumentError(
      `${what} needs chains of one length of 4 or more, but was given ${chains.map((chain) => chain.length).join(", ") || "none"}`,
    );
  }
  return chains.flatMap((chain) => {
    const half = Math.floor(chain.length / 2);
    const values = Float64Array.from(chain);
    return [values.slice(0, half), values.slice(values.length - half)];
  });
}

/** Normal scores of the ranks among all draws of chains of one length; ties share their mean rank. */
export function normalScores(chains: readonly Float64Array[]): Float64Array[] {
  const length = chains[0]?.length ?? 0;
  const ranks = meanRanks(concatenated(chains));
  const scores = ranks.map((rank) => normalQuantile((rank - 3 / 8) / (ranks.length + 1 / 4)));
  return chains.map((_, i) => scores.slice(i * length, (i + 1) * length));
}

interface Moments {
  /** Mean of the chains' variances. */
  readonly within: number;
  /** Estimate of the variance from within and between together. */
  readonly total: number;
}

/** Mean, exact of equal values: chains that are stuck have a variance of zero, and not of rounding. */
function meanFromFirst(values: ArrayLike<number>): number {
  const first = values[0] ?? NaN;
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += (values[i] ?? NaN) - first;
  return first + sum / values.length;
}

function variances(chains: readonly Float64Array[]): Moments {
  const n = chains[0]?.length ?? 0;
  const means = chains.map(meanFromFirst);
  const grand = meanFromFirst(means);
  const between = means.reduce((sum, m) => sum + (m - grand) ** 2, 0) / (chains.length - 1);
  const within =
    chains.reduce(
      (sum, chain, i) => sum + chain.reduce((s, x) => s + (x - (means[i] ?? 0)) ** 2, 0) / (n - 1),
      0,
    ) / chains.length;
  return { within, total: ((n - 1) / n) * within + between };
}

function scaleReduction(chains: readonly Float64Array[]): number {
  const { within, total } = variances(chains);
  return Math.sqrt(total / within);
}

/** How many independent draws the draws of chains, halves each, are worth for their mean. */
export function effectiveSize(chains: readonly Float64Array[]): number {
  const n = chains[0]?.length ?? 0;
  const draws = n * chains.length;
  const { within, total } = variances(chains);
  // All draws are the same: there is nothing to estimate.
  if (!(total > 0)) return draws;
  const correlation = autocorrelation(chains, within, total);
  // Sums of neighbours are positive and fall for a reversible chain: taken until they are not, and made to fall.
  let [time, before] = [-1, Infinity];
  let lag = 0;
  let pair = 1 + correlation(1);
  for (; pair > 0 && lag + 3 < n - 1; lag += 2) {
    before = Math.min(before, pair);
    time += 2 * before;
    pair = correlation(lag + 2) + correlation(lag + 3);
  }
  // Of the first sum that is left out, the even lag may still be above zero.
  const rest = lag === 0 ? 1 : correlation(lag);
  if (rest > 0) time += rest;
  return draws / Math.max(time, 1 / Math.log10(draws));
}

/** Correlation of draws some lag apart, from all chains together. */
function autocorrelation(
  chains: readonly Float64Array[],
  within: number,
  total: number,
): (lag: number) => number {
  const n = chains[0]?.length ?? 0;
  const centred = chains.map((chain) => {
    const mean = meanFromFirst(chain);
    return chain.map((x) => x - mean);
  });
  return (lag) => {
    let sum = 0;
    for (const chain of centred) {
      for (let i = 0; i + lag < n; i++) sum += (chain[i] ?? 0) * (chain[i + lag] ?? 0);
    }
    return 1 - (within - sum / (n * chains.length)) / total;
  };
}
