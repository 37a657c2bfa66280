/**
 * Trained estimators of the ratio of likelihood to evidence.
 */
import type { DataInput } from "../data/match-data.js";
import type { ParameterSpec } from "../model/index.js";
import { TargetEstimator } from "./target-estimator.js";

/** A trained ratio log p(Z | θ) / p(Z). */
export class RatioEstimator<P = ParameterSpec> extends TargetEstimator<P> {
  readonly kind = "ratio";
  protected readonly logTerm = "logRatio";

  /**
   * log p(Z | θ) / p(Z).
   *
   * @param data one data set or n of them.
   * @param theta flat parameters [n, m, p] in the order of `parameterNames`; m values for each data set.
   * @returns [n, m]; NaN outside the prior's bounds, where nothing was learned.
   */
  logRatio(data: DataInput, theta: ArrayLike<number>): Promise<Float64Array> {
    return this.logTermsOf(data, theta);
  }
}
