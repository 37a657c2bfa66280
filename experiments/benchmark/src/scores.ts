/**
 * How good samples of a posterior are, beside samples of the exact one.
 */
import {
  c2st,
  forestClassifier,
  mlpClassifier,
  mmdSquared,
  momentErrors,
  slicedWasserstein,
  type Classifier,
} from "amortis/diagnostics";
import { nodeRuntime } from "@amortis/graph/node";
import type { Observation } from "./observations.js";

/** Classifiers that the field scores by; never to be compared with each other. */
export const CLASSIFIERS = ["mlp", "forest"] as const;
/** Name of a classifier. */
export type ClassifierName = (typeof CLASSIFIERS)[number];

/** Scores of one observation. */
export interface Scores {
  readonly k: number;
  /** C2ST by classifier: 0.5 is perfect. */
  readonly c2st: Readonly<Partial<Record<ClassifierName, number>>>;
  /** Unbiased MMD², Gaussian kernel of the median width. */
  readonly mmd: number;
  /** In standard deviations of the reference. */
  readonly slicedWasserstein: number;
  /** Root mean square error of posterior means, in standard deviations of the reference. */
  readonly meanError: number;
  /** Root mean square of log sd / sd of the reference. */
  readonly sdError: number;
}

/** How samples are scored. */
export interface ScoringOptions {
  readonly classifiers: readonly ClassifierName[];
  readonly signal?: AbortSignal | undefined;
  /** What is being done, and how far it is, of 1. */
  readonly onProgress?: (fraction: number) => void;
}

function makeClassifier(name: ClassifierName): Classifier {
  return name === "mlp" ? mlpClassifier(nodeRuntime()) : forestClassifier();
}

/**
 * Scores samples.
 *
 * @param samples [m, p], row-major.
 * @throws InvalidArgumentError where samples are not finite rows of p; the signal's reason where it is aborted.
 */
export async function scoreSamples(
  { k, reference }: Observation,
  samples: Float32Array,
  p: number,
  { classifiers, signal, onProgress }: ScoringOptions,
): Promise<Scores> {
  const found: Partial<Record<ClassifierName, number>> = {};
  for (const [i, name] of classifiers.entries()) {
    const classifier = makeClassifier(name);
    try {
      const { score } = await c2st(reference, samples, p, {
        classifier,
        signal,
        onFold: (done, folds) => {
          onProgress?.((i + done / folds) / classifiers.length);
        },
      });
      found[name] = score;
    } finally {
      await classifier.release();
    }
  }
  const { mean, sd } = momentErrors(reference, samples, p);
  return {
    k,
    c2st: found,
    mmd: mmdSquared(reference, samples, p),
    slicedWasserstein: slicedWasserstein(reference, samples, p),
    meanError: mean,
    sdError: sd,
  };
}
