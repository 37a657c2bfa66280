/**
 * The local classifier two-sample test (L-C2ST): whether the posterior of one data set is right, without its true posterior.
 *
 * A classifier learns over the joint model to tell (θ, Z) with the true θ from (θ', Z) with a draw θ'. At the data in hand, z, its scores of draws of their posterior are zero where that
 * posterior is right:
 *
 *     T(z) = mean_j f(θ_j, z)²,   θ_j ~ q(θ | z)
 *
 * The null distribution has classifiers of chance swaps of truth and draw, which are exchangeable where posteriors are right: the p-value is calibrated, and with ridge regressions
 * hundreds of swaps cost hardly more than one classifier.
 *
 * Reference: Linhart, Gramfort & Rodrigues (2023), "L-C2ST: Local Diagnostics for Posterior Approximations in Simulation-Based Inference", arXiv 2306.03580.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { stream } from "../random/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { permutationPValue, signs, type PermutationTest } from "./permutation-test.js";
import { fitRidge } from "./ridge-scores.js";
import { dot } from "./ridge-solver.js";
import { layOut, type ScoredDraws } from "./scored-draws.js";

/** How the classifiers of the null are made. */
export interface LocalC2stOptions {
  /** Chance swaps, 199 by default. */
  readonly swaps?: number;
  readonly seed?: number;
}

const KNOWN: KnownOptions<LocalC2stOptions> = { swaps: true, seed: true };

/** Classifiers that are asked about one data set after another. */
export interface LocalC2st {
  /**
   * Tests the posterior of one data set.
   *
   * @param draws of it, [draws, p].
   * @param data its numbers, [k].
   */
  at(draws: ArrayLike<number>, data: ArrayLike<number>): PermutationTest;
}

/**
 * Learns to tell truths from draws, over data sets of the joint model.
 *
 * @param scored of which the first draw of each data set is learned from.
 * @param data of each data set, [n, k].
 * @throws InvalidArgumentError where the arrays do not fit each other.
 * @example
 * const local = localC2st({ draws: posteriors.draws, truth: test.parameters, names }, test.data.y);
 * local.at((await estimator.given({ y })).draws, y).pValue;
 */
export function localC2st(
  scored: ScoredDraws,
  data: ArrayLike<number>,
  options: LocalC2stOptions = {},
): LocalC2st {
  requireKnown("localC2st", options, KNOWN);
  const { swaps = 199, seed = 1 } = options;
  const { size, each } = layOut(scored);
  const p = scored.names.length;
  const k = data.length / size;
  if (!Number.isInteger(k) || k < 1) {
    throw new InvalidArgumentError(
      `localC2st needs numbers of each of ${size} data sets, [n, k], but was given ${data.length}`,
    );
  }
  const random = stream(seed).split("local-c2st");
  const ridge = fitRidge(
    {
      truth: Float64Array.from(scored.truth),
      draw: Float64Array.from(
        { length: size * p },
        (_, at) => scored.draws[Math.floor(at / p) * each * p + (at % p)] ?? NaN,
      ),
      data: Float64Array.from(data),
      p,
      k,
    },
    random.split("features"),
  );
  const { features } = ridge;
  const asTheyAre = ridge.weights(new Float64Array(size).fill(1));
  const dealt = random.split("swaps");
  const swapped = Array.from({ length: swaps }, () => ridge.weights(signs(size, dealt)));
  return {
    at: (draws, own) => {
      const count = draws.length / p;
      if (own.length !== k || !Number.isInteger(count) || count < 1) {
        throw new InvalidArgumentError(
          `localC2st was learned from data sets of ${k} numbers and ${p} parameters, but was given ${own.length} numbers and ${draws.length} values of draws`,
        );
      }
      const row = new Float64Array(features.size);
      const squares = new Float64Array(swaps + 1);
      for (let j = 0; j < count; j++) {
        features.write(row, draws, j * p, own, 0);
        for (let b = 0; b <= swaps; b++) {
          const score = dot(swapped[b] ?? asTheyAre, row);
          squares[b] = (squares[b] ?? 0) + score ** 2 / count;
        }
      }
      const statistic = squares[swaps] ?? NaN;
      const permuted = squares.slice(0, swaps).toSorted();
      return { statistic, pValue: permutationPValue(statistic, permuted), permuted };
    },
  };
}
