/**
 * Tests of accuracy with random points (TARP): coverage of balls about reference points.
 *
 * Of each data set, f is the share of draws that lie closer to a reference point θ_r than the truth does; the ball about θ_r that reaches a share 1 - α of the draws holds the truth
 * where f ≤ 1 - α. Where posteriors are right f is uniform, for reference points that depend on the data in any way but not on the truth. It needs draws only, of any dimension.
 *
 * f is a rank, so its test is that of ranks, with its exact p-value; and beside it the error of the curve by the bootstrap over data sets, as in the paper. (A comparison of the
 * curve with the diagonal that does not know the number of data sets, as by a two-sample test of their values on a grid of levels, is no test: it passes posteriors that are 2.5 times
 * too narrow.)
 *
 * Reference: Lemos, Coogan, Hezaveh & Perreault-Levasseur (2023), "Sampling-Based Accuracy Testing of Posterior Estimators for General Inference", arXiv 2302.03026.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { meansAndSds } from "../data/moments.js";
import { stream } from "../random/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { coverageOf, type Coverage } from "./coverage.js";
import { fractionalRanks } from "./ranks.js";
import { layOut, type ScoredDraws } from "./scored-draws.js";

/** Reference points, bootstrap, randomness. */
export interface TarpOptions {
  /** Reference points, [n, p]. By default each data set has the truth of another: draws of the prior, which know nothing of the truth. */
  readonly references?: ArrayLike<number>;
  /** Samples of data sets for the error of the curve; 100 by default. */
  readonly bootstraps?: number;
  /** Of reference points and bootstrap, 1 by default. */
  readonly seed?: number;
}

const KNOWN: KnownOptions<TarpOptions> = { references: true, bootstraps: true, seed: true };

/** Coverage of balls about reference points. */
export interface Tarp extends Coverage {
  /** f of each data set, [n], within (0, 1). */
  readonly ranks: Float64Array;
  /** Of the curve at each level, by the bootstrap. */
  readonly standardError: Float64Array;
}

/**
 * TARP.
 *
 * Distances are taken in standard deviations of the truths, so that no parameter's unit decides.
 *
 * @throws InvalidArgumentError where draws, truths and references do not fit each other; one data set has no other's truth for its reference.
 * @example tarp({ draws: posteriors.draws, truth: test.parameters, names: posteriors.parameterNames }).pValue
 */
export function tarp(scored: ScoredDraws, options: TarpOptions = {}): Tarp {
  requireKnown("tarp", options, KNOWN);
  const { size, each } = layOut(scored);
  const p = scored.names.length;
  const { seed = 1, bootstraps = 100 } = options;
  const random = stream(seed).split("tarp");
  const references =
    options.references ?? others(scored.truth, size, p, random.split("references"));
  if (references.length !== size * p) {
    throw new InvalidArgumentError(
      `tarp needs a reference point for each of ${size} data sets, [${size}, ${p}], but was given ${references.length} values`,
    );
  }
  const { sd } = meansAndSds(Float64Array.from(scored.truth), p);
  const distance = (values: ArrayLike<number>, row: number, set: number): number => {
    let sum = 0;
    for (let k = 0; k < p; k++) {
      const difference = (values[row * p + k] ?? NaN) - (references[set * p + k] ?? NaN);
      sum += (difference / (sd[k] ?? 1)) ** 2;
    }
    return sum;
  };
  const draws = Float64Array.from({ length: size * each }, (_, row) =>
    distance(scored.draws, row, Math.floor(row / each)),
  );
  const truth = Float64Array.from({ length: size }, (_, i) => distance(scored.truth, i, i));
  const ranks = fractionalRanks(draws, truth, random.split("ties"));
  const coverage = coverageOf(ranks);
  const standardError = bootstrapError(
    ranks,
    coverage.levels,
    bootstraps,
    (n) => random.uniform() * n,
  );
  return { ...coverage, ranks, standardError };
}

/** Of each data set the truth of another, by one turn of a random order: none is its own. */
function others(
  truth: ArrayLike<number>,
  size: number,
  p: number,
  random: { permutation(n: number): Uint32Array },
): Float64Array {
  if (size < 2) {
    throw new InvalidArgumentError(
      "tarp takes the truths of other data sets for reference points, so it needs two or more, or `references`",
    );
  }
  const order = random.permutation(size);
  const references = new Float64Array(size * p);
  for (const [at, i] of order.entries()) {
    const other = order[(at + 1) % size] ?? 0;
    for (let k = 0; k < p; k++) references[i * p + k] = truth[other * p + k] ?? Number.NaN;
  }
  return references;
}

/** Standard deviation of the curve over samples of the data sets. */
function bootstrapError(
  ranks: Float64Array,
  levels: Float64Array,
  bootstraps: number,
  below: (n: number) => number,
): Float64Array {
  const n = ranks.length;
  const [sum, squares] = [new Float64Array(levels.length), new Float64Array(levels.length)];
  for (let b = 0; b < bootstraps; b++) {
    const counts = new Float64Array(levels.length + 1);
    for (let i = 0; i < n; i++) {
      const rank = ranks[Math.floor(below(n))] ?? 1;
      const at = Math.ceil(rank * (levels.length + 1)) - 1;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    let covered = 0;
    for (let k = 0; k < levels.length; k++) {
      covered += (counts[k] ?? 0) / n;
      sum[k] = (sum[k] ?? 0) + covered;
      squares[k] = (squares[k] ?? 0) + covered ** 2;
    }
  }
  return sum.map((total, k) => {
    const mean = total / bootstraps;
    const variance = Math.max(0, (squares[k] ?? 0) / bootstraps - mean ** 2);
    return Math.sqrt((variance * bootstraps) / Math.max(1, bootstraps - 1));
  });
}
