/**
 * The classifier two-sample test (C2ST): how well a classifier tells samples of a posterior from samples of a reference.
 *
 *   C2ST = mean over K folds of the accuracy on rows held out,
 *
 * 0.5 where they cannot be told apart, 1 where they always can. It is not folded about 0.5: equal distributions score on both sides of it. Both
 * samples are first scaled by the reference's means and standard deviations; folds are those of scikit-learn's `KFold(shuffle=True)`. Which
 * classifier, and how many rows, is part of the number: scores of different classifiers or sample sizes are not to be compared.
 *
 * References: Friedman (2003), "On multivariate goodness-of-fit and two-sample testing"; Lopez-Paz and Oquab (2017), arXiv 1610.06545; Lueckmann et
 * al. (2021), arXiv 2101.04653, whose numbers come of `mlpClassifier` with 10,000 rows a side. `forestClassifier` is the default of the toolbox sbi.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { takeRows } from "../data/data-sets.js";
import { meansAndSds } from "../data/moments.js";
import { RandomState } from "../random/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { StopSignal } from "../stop-signal.js";
import type { Classifier, LabelledRows } from "./classifier.js";

/** How the test is made. */
export interface C2stOptions {
  readonly classifier: Classifier;
  /** Seed of folds and classifiers, 1 by default. */
  readonly seed?: number;
  /** Folds K, 5 by default. */
  readonly folds?: number;
  /** Said after each fold: how many are done. */
  readonly onFold?: (done: number, folds: number) => void;
  readonly signal?: StopSignal | undefined;
}

const KNOWN: KnownOptions<C2stOptions> = {
  classifier: true,
  seed: true,
  folds: true,
  onFold: true,
  signal: true,
};

/** What the test finds. */
export interface C2st {
  /** Mean accuracy. */
  readonly score: number;
  /** Accuracy of each fold. */
  readonly accuracies: readonly number[];
  /** Epochs of each fold's training, where the classifier has any. */
  readonly epochs: readonly number[];
}

/**
 * Tells two samples apart.
 *
 * @param reference [n, d], row-major.
 * @param samples [m, d], row-major.
 * @throws InvalidArgumentError where rows do not have d columns, there are fewer rows than folds, or values are not finite.
 * @throws the signal's reason where it is aborted.
 * @example
 * const classifier = mlpClassifier(nodeRuntime());
 * const { score } = await c2st(reference, samples, 2, { classifier });
 */
export async function c2st(
  reference: Float32Array,
  samples: Float32Array,
  d: number,
  options: C2stOptions,
): Promise<C2st> {
  requireKnown("c2st", options, KNOWN);
  const { classifier, seed = 1, folds = 5, onFold, signal } = options;
  requireRows("reference", reference, d, folds);
  requireRows("samples", samples, d, folds);
  const all = scaledRows(reference, samples, d);
  const [first, rows] = [reference.length / d, all.length / d];
  const order = new RandomState(seed).permutation(rows);
  const accuracies: number[] = [];
  const epochs: number[] = [];
  for (const [start, end] of blocks(rows, folds)) {
    signal?.throwIfAborted();
    const held = order.subarray(start, end);
    const isHeld = new Uint8Array(rows);
    for (const row of held) isHeld[row] = 1;
    const training = Uint32Array.from({ length: rows }, (_, i) => i).filter((i) => !isHeld[i]);
    const test = labelledRows(all, first, d, held);
    const found = await classifier.classify(labelledRows(all, first, d, training), test.x, {
      seed,
      signal,
    });
    const hits = test.labels.reduce(
      (sum, label, i) => sum + (label === found.labels[i] ? 1 : 0),
      0,
    );
    accuracies.push(hits / held.length);
    if (found.epochs !== undefined) epochs.push(found.epochs);
    onFold?.(accuracies.length, folds);
  }
  return { score: accuracies.reduce((a, b) => a + b) / folds, accuracies, epochs };
}

/** @throws InvalidArgumentError where these are no finite rows of d columns, enough for the folds. */
export function requireRows(what: string, values: Float32Array, d: number, least: number): void {
  if (!Number.isInteger(d) || d < 1 || values.length % d !== 0 || values.length < least * d) {
    throw new InvalidArgumentError(
      `${what} must be at least ${least} rows of ${d} columns, but ${values.length} numbers were given`,
    );
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      `${what} must be finite, but row ${Math.floor(bad / d)} holds ${values[bad]} in column ${bad % d}`,
    );
  }
}

/** Rows of both samples, one after the other, less the reference's means and divided by its standard deviations. */
export function scaledRows(
  reference: Float32Array,
  samples: Float32Array,
  d: number,
): Float32Array {
  const { mean, sd } = meansAndSds(reference, d);
  const all = new Float32Array(reference.length + samples.length);
  all.set(reference);
  all.set(samples, reference.length);
  return all.map((value, i) => (value - (mean[i % d] ?? 0)) / (sd[i % d] ?? 1));
}

/** Ends of K blocks of n, the first ones one longer where K does not divide n. */
function blocks(n: number, folds: number): readonly (readonly [number, number])[] {
  const size = Math.floor(n / folds);
  const longer = n % folds;
  return Array.from({ length: folds }, (_, k) => {
    const start = k * size + Math.min(k, longer);
    return [start, start + size + (k < longer ? 1 : 0)] as const;
  });
}

/** Rows by number; those from `first` on have label one. */
export function labelledRows(
  all: Float32Array,
  first: number,
  d: number,
  rows: Uint32Array,
): LabelledRows {
  const x = takeRows(all, d, rows);
  return { x, labels: Uint8Array.from(rows, (row) => (row < first ? 0 : 1)), d };
}
