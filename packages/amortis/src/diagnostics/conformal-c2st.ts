/**
 * The conformal classifier two-sample test: an exact p-value from any classifier, however poor.
 *
 * The classifier learns on half of the rows and scores the other half. There, rows of both samples are exchangeable where both are of one law, so that ranks of the samples' scores among
 * the reference's are those of a rank-sum test: its p-value needs no accuracy of 0.5, no asymptotics of the classifier, and no training anew. A classifier that is a little better than
 * chance everywhere rejects with many rows, where its accuracy would not tell.
 *
 * References: Bansal, Chen & Scott (2025), "Conformal C2ST: Turning weak classifiers into strong two-sample tests", arXiv 2507.17026; Hu & Lei (2024); Mann & Whitney (1947).
 */
import { normalCdf } from "../math/index.js";
import { meanRanks } from "../math/ranks.js";
import { RandomState } from "../random/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { labelledRows, requireRows, scaledRows, type C2stOptions } from "./c2st.js";

const KNOWN: KnownOptions<ConformalC2stOptions> = { classifier: true, seed: true, signal: true };

/** How the test is made. */
export type ConformalC2stOptions = Pick<C2stOptions, "classifier" | "seed" | "signal">;

/** Rows of each sample, at least: half of them are ranked. */
const FEWEST = 40;

/** What the test finds. */
export interface ConformalC2st {
  /** Of the hypothesis that both are of one law. */
  readonly pValue: number;
  /** The chance that a row of the samples scores higher than one of the reference: 0.5 where both are of one law, 1 where the classifier always tells. */
  readonly auc: number;
}

/**
 * Tells two samples apart, with a p-value.
 *
 * @param reference [n, d], row-major.
 * @param samples [m, d], row-major.
 * @throws InvalidArgumentError where rows do not have d columns, there are fewer than 40, or values are not finite.
 * @example (await conformalC2st(reference, samples, 2, { classifier: forestClassifier() })).pValue
 */
export async function conformalC2st(
  reference: Float32Array,
  samples: Float32Array,
  d: number,
  options: ConformalC2stOptions,
): Promise<ConformalC2st> {
  requireKnown("conformalC2st", options, KNOWN);
  const { classifier, seed = 1, signal } = options;
  requireRows("reference", reference, d, FEWEST);
  requireRows("samples", samples, d, FEWEST);
  const all = scaledRows(reference, samples, d);
  const [first, rows] = [reference.length / d, all.length / d];
  const random = new RandomState(seed);
  // Half of each, so that neither is short of rows to rank.
  const half = (from: number, to: number): readonly [Uint32Array, Uint32Array] => {
    const order = random.permutation(to - from).map((i) => from + i);
    const cut = Math.floor(order.length / 2);
    return [order.subarray(0, cut), order.subarray(cut)];
  };
  const [learnX, tryX] = half(0, first);
  const [learnY, tryY] = half(first, rows);
  const learned = Uint32Array.of(...learnX, ...learnY).toSorted();
  const tried = labelledRows(all, first, d, Uint32Array.of(...tryX, ...tryY));
  const { scores } = await classifier.classify(labelledRows(all, first, d, learned), tried.x, {
    seed,
    signal,
  });
  return rankSum(scores, tryX.length);
}

/** The one-sided rank-sum test, with the variance that ties have. */
export function rankSum(scores: Float64Array, first: number): ConformalC2st {
  const n = scores.length;
  const second = n - first;
  const ranks = meanRanks(scores);
  const sum = ranks.subarray(first).reduce((a, b) => a + b, 0);
  const auc = (sum - (second * (second + 1)) / 2) / (first * second);
  const mean = (n + 1) / 2;
  const spread = ranks.reduce((total, rank) => total + (rank - mean) ** 2, 0) / (n - 1);
  const error = Math.sqrt((first * second * spread) / n) / (first * second);
  // Of scores that are all the same there is nothing to tell.
  return { auc, pValue: error > 0 ? normalCdf(-(auc - 0.5) / error) : 1 };
}
