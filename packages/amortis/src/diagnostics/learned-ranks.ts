/**
 * Ranks of a learned quantity: the conformal classifier two-sample test of posteriors against the joint model.
 *
 * A classifier learns on half of the data sets to tell (θ, Z) with the true θ from (θ', Z) with a draw θ'. On the other half, the truth's score has a rank among the scores of that
 * data set's draws, which is uniform where posteriors are right, however poor the classifier: its p-value is exact. Where they are wrong, truths score higher. What no single parameter
 * shows is found so: posteriors that use less of the data than there is in them (a summary that is too small, labels that were shuffled), wrong correlations, faults in a part of the space.
 *
 * Reference: Bansal, Chen & Scott (2025), "Conformal C2ST", arXiv 2507.17026; Hu & Lei (2024) for the conformal test. The classifier is a ridge regression (`ridge-scores.ts`).
 */
import { InvalidArgumentError } from "@amortis/graph";
import { stream } from "../random/index.js";
import { fitRidge } from "./ridge-scores.js";
import { dot } from "./ridge-solver.js";
import { fractionalRanks, rankScores } from "./ranks.js";
import { layOut, type ScoredDraws } from "./scored-draws.js";

/** Data sets that a classifier learns from, and as many that it is tried on, at least. */
const FEWEST = 20;

/** Draws of each data set that are scored. */
const SCORED = 99;

/** What is found. */
export interface LearnedRanks {
  /** Of the data sets that the classifier did not learn from, within (0, 1): uniform where posteriors are right, high where not. */
  readonly ranks: Float64Array;
  /** One-sided, of high ranks. */
  readonly pValue: number;
}

/**
 * The conformal classifier two-sample test of many posteriors at once.
 *
 * @param data of each data set, [n, k], in any units; NaN is what lacks.
 * @throws InvalidArgumentError where the arrays do not fit each other, or there are fewer than 40 data sets.
 * @example learnedRanks({ draws: posteriors.draws, truth: test.parameters, names }, test.data.y).pValue
 */
export function learnedRanks(scored: ScoredDraws, data: ArrayLike<number>, seed = 1): LearnedRanks {
  const { size, each } = layOut(scored);
  const k = data.length / size;
  if (!Number.isInteger(k) || k < 1 || size < 2 * FEWEST) {
    throw new InvalidArgumentError(
      `learnedRanks needs numbers of each data set, [n, k], and ${2 * FEWEST} data sets, but was given ${data.length} numbers for ${size}`,
    );
  }
  const p = scored.names.length;
  const random = stream(seed).split("learned");
  const half = Math.floor(size / 2);
  const ridge = fitRidge(
    {
      truth: Float64Array.from({ length: half * p }, (_, at) => scored.truth[at] ?? NaN),
      draw: Float64Array.from(
        { length: half * p },
        (_, at) => scored.draws[Math.floor(at / p) * each * p + (at % p)] ?? NaN,
      ),
      data: Float64Array.from({ length: half * k }, (_, at) => data[at] ?? NaN),
      p,
      k,
    },
    random.split("features"),
  );
  const { features } = ridge;
  const weights = ridge.weights(new Float64Array(half).fill(1));
  const row = new Float64Array(features.size);
  const score = (theta: ArrayLike<number>, at: number, set: number): number => {
    features.write(row, theta, at, data, set * k);
    return dot(weights, row);
  };
  const used = Math.min(each, SCORED);
  const [truths, draws] = [new Float64Array(size - half), new Float64Array((size - half) * used)];
  for (let i = half; i < size; i++) {
    truths[i - half] = score(scored.truth, i * p, i);
    for (let j = 0; j < used; j++) {
      draws[(i - half) * used + j] = score(scored.draws, (i * each + j) * p, i);
    }
  }
  const ranks = fractionalRanks(draws, truths, random.split("ties"));
  const { shift } = rankScores(ranks);
  return { ranks, pValue: shift.z > 0 ? shift.pValue / 2 : 1 - shift.pValue / 2 };
}
