/**
 * What a file says of how well its estimator answers simulations that were held out of training.
 */
import { object, optional } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { list, number, orNull, text, whole } from "../schema/values.js";

/** A score that may be no finite number, which JSON has not. */
const score = orNull(number(), Number.NaN);

const parameterSchema = object({
  /** As the flat parameters are called: "range", "beta[0]". */
  name: text(),
  /** Mean of the estimate less the truth, in units of the parameter; the estimate is the posterior mean, where there is a posterior. */
  bias: score,
  /** Root mean square of the same. */
  rmse: score,
  /** 1 - rmse² over the variance of the truths: 1 where they are recovered, 0 where nothing was learned. */
  r2: score,
  /** 1 - the mean posterior variance over the variance of the truths. */
  contraction: optional(score),
  /** The share of truths within central intervals of so much probability. */
  coverage: optional(list(object({ level: number(), covered: number() }))),
  /** Truths by the tenth of the posterior in which they lie (simulation-based calibration): as many in each where it is right. */
  ranks: optional(list(whole({ least: 0 }))),
  /** The share of truths below each estimated quantile, which is to be its level. */
  quantiles: optional(list(object({ level: number(), below: number() }))),
});

/** A calibration in files. */
export const calibrationSchema = object({
  /** Simulations that were answered: held out of training, which they told when to stop. */
  simulations: whole({ least: 1 }),
  /** Draws of each posterior. */
  draws: optional(whole({ least: 1 })),
  parameters: optional(list(parameterSchema)),
  /**
   * Of a ratio: how well it tells parameters that a simulation is of from others'. `error` is the expected calibration error of its probabilities, the mean
   * distance of the share that is right from the share that is said, over tenths.
   */
  classifier: optional(object({ accuracy: number(), error: number() })),
});

/** How well an estimator answered simulations that were held out of its training. */
export type Calibration = ValueOf<typeof calibrationSchema>;
