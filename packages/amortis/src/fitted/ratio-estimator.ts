/**
 * Trained estimators of the ratio of likelihood to evidence.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { matchData, type DataInput } from "../files/index.js";
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
  async logRatio(data: DataInput, theta: ArrayLike<number>): Promise<Float64Array> {
    const { size, arrays } = matchData(this.dataShapes, data);
    const parameters = Float32Array.from(theta);
    const p = this.parameterNames.length;
    if (parameters.length === 0 || parameters.length % (size * p) !== 0) {
      throw new InvalidArgumentError(
        `parameters must be [${size}, m, ${p}] for ${size} data set(s), a multiple of ${size * p} numbers, but ${parameters.length} were given`,
      );
    }
    const values = await this.logTerms(await this.contexts(arrays, size), parameters, 0, size);
    return values.map((value) => (value === -Infinity ? Number.NaN : value));
  }
}
