/**
 * Trained estimators of the ratio of likelihood to evidence.
 */
import { z } from "zod";
import type { DataInput } from "../data/match-data.js";
import type { ParameterSpec } from "../model/index.js";
import type { OpenOptions } from "./base.js";
import type { Contents } from "./contents.js";
import { posteriorSheet } from "./documents.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { TARGET_OPTIONS, TargetEstimator } from "./target-estimator.js";
import { contextProgram, valueProgram } from "./programs.js";

/** A trained ratio log p(Z | θ) / p(Z). */
export class RatioEstimator<P = ParameterSpec> extends TargetEstimator<P> {
  readonly kind = "ratio";
  protected readonly logTerm = "logRatio";

  /**
   * log p(Z | θ) / p(Z).
   *
   * Trained with `contrastiveLoss`, up to a constant of each data set: differences between parameters mean something.
   *
   * Where simulations were invalid: p(Z, valid | θ) / p(Z, valid), as learned beside.
   *
   * @param data one data set or n of them.
   * @param theta flat parameters [n, m, p] in the order of `parameterNames`; m values for each data set.
   * @returns [n, m]; NaN outside the prior's bounds, where nothing was learned.
   */
  logRatio(data: DataInput, theta: ArrayLike<number>): Promise<Float64Array> {
    return this.logTermsOf(data, theta);
  }
}

const schema = z.object({
  kind: z.literal("ratio"),
  /** Said of ratios that are right up to a constant of each data set. */
  upToConstant: z.boolean().exactOptional(),
});

/** The estimator of each type of parameters. */
export interface Ratios extends EstimatorType {
  readonly estimator: RatioEstimator<this["parameters"]>;
}

/** Ratios of likelihood to evidence, and posteriors by them. */
export const ratioKind: KindOfAnswer<z.output<typeof schema>, Ratios, "posteriors"> = {
  schema,
  gives: "posteriors",
  advice: "load it with loadPosterior, whose posteriors have means and quantiles",
  options: TARGET_OPTIONS,
  programs: () => ({
    context: contextProgram,
    logRatio: valueProgram("logRatio"),
  }),
  open: <P>(contents: Contents, options: OpenOptions) => new RatioEstimator<P>(contents, options),
  inWords: ({ upToConstant = false }) =>
    `ratios of likelihood to evidence${upToConstant ? ", up to a constant of each data set," : ","} and posteriors from them`,
  document: posteriorSheet,
};
