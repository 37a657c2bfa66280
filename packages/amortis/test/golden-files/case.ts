/**
 * What a golden file is of, and parts that several share.
 */
import { mean, square, stack, sub } from "@amortis/graph";
import {
  cnn,
  expertSummary,
  LikelihoodEstimator,
  load,
  mlpSummary,
  SummaryEstimator,
  type AnyModel,
  type TrainOptions,
} from "../../src/index.js";
import type { Method } from "../../src/extend.js";
import { line } from "./models.js";

/** A golden file. */
export interface Case {
  readonly name: string;
  /** Where it takes others of these files, they are read from `folder`. */
  readonly method: (folder: string) => Method | Promise<Method>;
  readonly model: AnyModel;
  /** Its training; the rest is as in `TRAINING`. */
  readonly training?: TrainOptions;
  /** Whether a checkpoint after the first epoch lies beside it. */
  readonly checkpoint?: true;
  /** Whether some weights have no gradient but that of rounding errors, which Adam makes large: a bias before a batch normalisation. */
  readonly freeWeights?: true;
  /** Left out where the answer is known to have been wrong in version 1: posteriors by a likelihood or a ratio. */
  readonly withoutPosterior?: true;
}

/** How all are trained, but for what they say themselves. */
export const TRAINING: TrainOptions = {
  simulations: 256,
  epochs: 2,
  batch: 32,
  learningRate: 2e-3,
  seed: 7,
  workers: 0,
  threads: 1,
};

export const small = mlpSummary({ hidden: [8], outputs: 4, activation: "silu" });
export const narrow = { hidden: [8], activation: "silu" } as const;
export const image = cnn({ filters: [2, 3], kernel: 3, dense: [4] });

export const ends = expertSummary(line, "ends", 2, ({ y }) =>
  stack([mean(y, { axes: [1] }), mean(square(y), { axes: [1] })], 1),
);

/** A loss of one's own. */
export const cubic = (estimate: Parameters<typeof sub>[0], parameters: Parameters<typeof sub>[1]) =>
  mean(square(square(sub(estimate, parameters))), { axes: [-1] });

export async function learnedSummary(folder: string) {
  const fitted = await load(`${folder}/summary-jensen-shannon.amortis`);
  if (fitted instanceof SummaryEstimator) return fitted.transform();
  throw new TypeError("it is no summary");
}

export async function learnedLikelihood(folder: string) {
  const fitted = await load(`${folder}/synthetic-likelihood-expert.amortis`);
  if (fitted instanceof LikelihoodEstimator) return fitted.graph({ transform: ends });
  throw new TypeError("it is no likelihood");
}
