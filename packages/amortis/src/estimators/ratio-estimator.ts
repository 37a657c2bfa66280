/**
 * Trained estimators of the ratio of likelihood to evidence.
 */
import type { HostTensor } from "@amortis/graph";
import { object, optional } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { flag, oneOf, whole } from "../schema/values.js";
import type { DataInput } from "../data/match-data.js";
import { flattened, isScalar, type JointPrior } from "../distributions/index.js";
import type { ParameterSpec } from "../model/index.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { sequentialPosterior } from "../posterior/sequential-posterior.js";
import type { OpenOptions } from "./base.js";
import type { Contents } from "./contents.js";
import { posteriorSheet } from "./documents.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { TARGET_OPTIONS, TargetEstimator } from "./target-estimator.js";
import { contextProgram, slopeProgram, valueProgram } from "./programs.js";

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

  /** Draws one parameter after another, where there is a ratio of each given those before it. */
  protected override ownSource(
    context: HostTensor,
    size: number,
    prior: JointPrior,
  ): PosteriorSource | undefined {
    const { answers } = this.details;
    if (answers.kind !== "ratio" || answers.conditionals === undefined) return undefined;
    const priors = flattened([prior.centred]).filter(isScalar);
    return sequentialPosterior({
      slots: prior.slots,
      flatNames: this.parameterNames,
      size,
      priors,
      logTerm: (j, theta, i) => this.evaluate(`conditional${j}`, context, theta, i, i + 1),
    });
  }
}

/** Parameters, each with a ratio of its own, at most. */
const MOST_CONDITIONALS = 1000;

const schema = object({
  kind: oneOf("ratio"),
  /** Said of ratios that are right up to a constant of each data set. */
  upToConstant: optional(flag),
  /** How many ratios it is the product of: of each parameter given those before it. */
  conditionals: optional(whole({ least: 1, most: MOST_CONDITIONALS })),
});

/** The estimator of each type of parameters. */
export interface Ratios extends EstimatorType {
  readonly estimator: RatioEstimator<this["parameters"]>;
}

/** Ratios of likelihood to evidence, and posteriors by them. */
export const ratioKind: KindOfAnswer<ValueOf<typeof schema>, Ratios, "posteriors"> = {
  schema,
  gives: "posteriors",
  advice: "load it with loadPosterior, whose posteriors have means and quantiles",
  options: [...TARGET_OPTIONS, "derived"],
  programs: ({ conditionals = 0 }) => ({
    context: contextProgram,
    logRatio: valueProgram("logRatio"),
    slope: slopeProgram("logRatio"),
    ...Object.fromEntries(
      Array.from({ length: conditionals }, (_, j) => {
        const name = `conditional${j}`;
        return [name, valueProgram(name)];
      }),
    ),
  }),
  open: <P>(contents: Contents, options: OpenOptions) => new RatioEstimator<P>(contents, options),
  inWords: ({ upToConstant = false }) =>
    `ratios of likelihood to evidence${upToConstant ? ", up to a constant of each data set," : ","} and posteriors from them`,
  document: posteriorSheet,
};
