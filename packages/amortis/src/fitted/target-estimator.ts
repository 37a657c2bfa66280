/**
 * What estimators of likelihoods and of ratios share: with the prior they are posteriors up to a constant.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import { distributionFromJSON, independent, type Distribution } from "../distributions/index.js";
import { matchData, type DataInput } from "../files/index.js";
import type { ParameterSpec } from "../model/index.js";
import { PosteriorBatch, requireDraws, type Posterior } from "../posterior/posterior.js";
import { blocks, FittedBase, floatsOf, moveInside, rows } from "./base.js";
import { gridPosterior } from "./grid-posterior.js";
import type { GivenOptions } from "./posterior-estimator.js";

/** Unnormalised log posterior densities of many data sets. */
export interface PosteriorTarget {
  /** Number of data sets. */
  readonly size: number;
  /** Number of flat parameters p. */
  readonly dimension: number;
  /** theta [end - start, each, p] in the parameters' own units to [end - start, each]; -Infinity outside the support. */
  logDensity(theta: Float64Array, start: number, end: number): Promise<Float64Array>;
}

/** An estimator of log p(Z | θ), up to what does not depend on θ. */
export abstract class TargetEstimator<P = ParameterSpec> extends FittedBase {
  /** The program and its output: from `context` and `theta`. */
  protected abstract readonly logTerm: "logLikelihood" | "logRatio";

  /**
   * The posterior given one data set, on a grid.
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   * @throws UnsupportedError where there are more than two parameters.
   */
  async given(data: DataInput, options: GivenOptions = {}): Promise<Posterior<P>> {
    const batch = await this.givenBatch(data, options);
    this.requireOne(batch.size, "givenBatch");
    return batch.at(0);
  }

  /** The posteriors given many data sets, along the leading axis of each array. */
  async givenBatch(data: DataInput, options: GivenOptions = {}): Promise<PosteriorBatch<P>> {
    const { samples = 1000, seed = 0 } = options;
    requireDraws(samples);
    const { size, arrays } = matchData(this.dataShapes, data);
    const context = await this.contexts(arrays, size);
    const source = gridPosterior({
      slots: this.slots,
      flatNames: this.parameterNames,
      size,
      prior: this.prior,
      unconstrained: this.details.standardization.unconstrained,
      logTerms: (theta, start, end) => this.logTerms(context, theta, start, end),
    });
    return new PosteriorBatch<P>(source, await source.draw(samples, seed, 0, size), samples);
  }

  /**
   * Unnormalised log posterior densities of data sets, for a sampler of your own.
   *
   * @example
   * const target = await fitted.target({ z });
   * await target.logDensity(theta, 0, target.size);   // theta [size, each, p] to [size, each]
   */
  async target(data: DataInput): Promise<PosteriorTarget> {
    const { size, arrays } = matchData(this.dataShapes, data);
    const context = await this.contexts(arrays, size);
    const { prior } = this;
    const p = this.parameterNames.length;
    return {
      size,
      dimension: p,
      logDensity: async (theta, start, end) => {
        const terms = await this.logTerms(context, Float32Array.from(theta), start, end);
        return terms.map((term, i) =>
          term === -Infinity ? term : term + prior.logDensity(theta.subarray(i * p, (i + 1) * p)),
        );
      },
    };
  }

  /**
   * Terms of parameters [end - start, m, p] for the data sets [start, end): [end - start, m]; -Infinity outside the prior's
   * bounds.
   */
  protected async logTerms(
    context: HostTensor,
    parameters: Float32Array,
    start: number,
    end: number,
  ): Promise<Float64Array> {
    const p = this.parameterNames.length;
    const each = parameters.length / ((end - start) * p);
    const result = new Float64Array((end - start) * each);
    for (const [from, to] of blocks(start, end, each)) {
      const part = parameters.slice((from - start) * each * p, (to - start) * each * p);
      const inside = moveInside(part, this.details.model);
      const theta = hostTensor(part, [to - from, each, p]);
      const feeds = { context: rows(context, from, to), theta };
      const values = floatsOf(await this.programs.run(this.logTerm, feeds), this.logTerm);
      for (const [i, value] of values.entries()) {
        result[(from - start) * each + i] = inside[i] === 1 ? value : -Infinity;
      }
    }
    return result;
  }

  /** The prior of all parameters, from the file. */
  protected get prior(): Distribution {
    return independent(
      this.details.model.parameters.map(({ prior }) => distributionFromJSON(prior)),
    );
  }
}
