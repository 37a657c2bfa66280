/**
 * What estimators of likelihoods and of ratios share: with the prior they are posteriors up to a constant.
 */
import { InvalidArgumentError, type HostTensor } from "@amortis/graph";
import { distributionFromJSON, independent, type Distribution } from "../distributions/index.js";
import type { DataInput } from "../data/match-data.js";
import type { ParameterSpec } from "../model/index.js";
import { requireFinite } from "../posterior/finite.js";
import { PosteriorBatch, requireDraws, type Posterior } from "../posterior/posterior.js";
import type { LogTarget } from "../samplers/index.js";
import { EstimatorBase } from "./base.js";
import { chainPosterior } from "../posterior/chain-posterior.js";
import { gridPosterior } from "../posterior/grid-posterior.js";
import { importancePosterior } from "../posterior/importance-posterior.js";
import {
  usualMethods,
  usualPosterior,
  type PosteriorMethod,
} from "../posterior/usual-posterior.js";
import type { GivenOptions } from "./posterior-estimator.js";

/** How a posterior is made of a likelihood or a ratio. */
export interface TargetOptions extends GivenOptions {
  /** By default a grid for one or two parameters, and Markov chains for more; where they would not do, the next, and a note says so. */
  readonly method?: PosteriorMethod;
  /** Points of a grid along each axis; by default 1,000 of one parameter, 160 of two. */
  readonly points?: number;
  /**
   * Other priors than those it was trained with, by parameter. They count where it was trained: what they have outside the support of
   * the first prior is cut off.
   */
  readonly prior?: Readonly<Record<string, Distribution>>;
}

/** Names of them. */
export const TARGET_OPTIONS = ["samples", "seed", "method", "points", "prior"] as const;

/** An estimator of log p(Z | θ), up to what does not depend on θ. */
export abstract class TargetEstimator<P = ParameterSpec> extends EstimatorBase {
  /** The program and its output: from `context` and `theta`. */
  protected abstract readonly logTerm: "logLikelihood" | "logRatio";

  /**
   * The posterior given one data set.
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   * @throws UnsupportedError where a grid is asked for more than two parameters, a grid or chains for a discrete one, or where no answer can
   * be trusted: the log term is NaN, has no mass under the prior, or is too narrow for the grid; chains do not agree.
   */
  async given(data: DataInput, options: TargetOptions = {}): Promise<Posterior<P>> {
    const batch = await this.givenBatch(data, options);
    this.requireOne(batch.size, "givenBatch");
    return batch.at(0);
  }

  /** The posteriors given many data sets, along the leading axis of each array. */
  async givenBatch(data: DataInput, options: TargetOptions = {}): Promise<PosteriorBatch<P>> {
    const { samples = 1000, seed = 0, points, prior: others = {} } = options;
    const matched = this.match(data);
    const { size } = matched;
    requireDraws(samples, size, this.parameterNames.length);
    const trained = this.prior(others, "trained");
    const order =
      options.method === undefined
        ? usualMethods(() => trained.bijection, this.parameterNames)
        : ([options.method] as const);
    const prior = this.prior(others, "asked");
    const context = await this.contexts(matched);
    const target = {
      slots: this.slots,
      flatNames: this.parameterNames,
      size,
      logTerms: (theta: Float32Array, start: number, end: number) =>
        this.#logTerms(context, theta, start, end),
    };
    const methods = {
      grid: () =>
        gridPosterior({
          ...target,
          // The grid lies where the estimator was trained, whatever the prior.
          prior: {
            support: trained.support,
            ...(trained.parts !== undefined && { parts: trained.parts }),
            get bijection() {
              return trained.bijection;
            },
            logDensity: (theta) => prior.logDensity(theta),
          },
          unconstrained: () => this.details.standardization.unconstrained,
          ...(points !== undefined && { points }),
        }),
      mcmc: () => chainPosterior({ ...target, prior, bijection: () => trained.bijection }),
      importance: () => importancePosterior({ ...target, prior }),
    };
    return PosteriorBatch.of<P>(usualPosterior(methods, order), samples, seed);
  }

  /**
   * Unnormalised log posterior densities of data sets, for a sampler of your own.
   *
   * @example
   * const target = await fitted.target({ z });
   * await target.logDensity(theta, 0, target.size);   // theta [size, each, p] to [size, each]
   */
  async target(data: DataInput): Promise<LogTarget> {
    const matched = this.match(data);
    const { size } = matched;
    const context = await this.contexts(matched);
    const prior = this.prior();
    const p = this.parameterNames.length;
    return {
      size,
      dimension: p,
      logDensity: async (theta, start, end) => {
        const terms = await this.#logTerms(context, Float32Array.from(theta), start, end);
        return terms.map((term, i) =>
          term === -Infinity ? term : term + prior.logDensity(theta.subarray(i * p, (i + 1) * p)),
        );
      },
    };
  }

  /**
   * The log term itself.
   *
   * @param theta flat parameters [n, m, p]; m values for each of n data sets.
   * @returns [n, m]; NaN outside the prior's bounds, where nothing was learned.
   */
  protected async logTermsOf(data: DataInput, theta: ArrayLike<number>): Promise<Float64Array> {
    const matched = this.match(data);
    const { size } = matched;
    const p = this.parameterNames.length;
    if (theta.length === 0 || theta.length % (size * p) !== 0) {
      throw new InvalidArgumentError(
        `parameters must be [${size}, m, ${p}] for ${size} data set(s), a multiple of ${size * p} numbers, but ${theta.length} were given`,
      );
    }
    const context = await this.contexts(matched);
    const values = await this.#logTerms(context, Float32Array.from(theta), 0, size);
    requireFinite(values, { what: "a log term", sets: size, log: true });
    const inside = this.isInside(Float32Array.from(theta));
    return values.map((value, i) => (inside[i] === 1 ? value : Number.NaN));
  }

  #logTerms(
    context: HostTensor,
    parameters: Float32Array,
    start: number,
    end: number,
  ): Promise<Float64Array> {
    return this.evaluate(this.logTerm, context, parameters, start, end);
  }

  /** The prior of all parameters: as it was trained with, or with others in the place of some. */
  protected prior(
    others: Readonly<Record<string, Distribution>> = {},
    which: "trained" | "asked" = "trained",
  ): Distribution {
    const { parameters } = this.details.model;
    const names = parameters.map(({ name }) => name);
    const unknown = Object.keys(others).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new InvalidArgumentError(
        `there is no parameter "${unknown}" to have a prior; there are ${names.join(", ")}`,
      );
    }
    return independent(
      parameters.map(({ name, shape, prior }) => {
        const other = others[name];
        if (other !== undefined && JSON.stringify(other.shape) !== JSON.stringify(shape)) {
          throw new InvalidArgumentError(
            `the prior of "${name}" must have the shape [${shape.join(", ")}], but has [${other.shape.join(", ")}]`,
          );
        }
        if (other !== undefined && (which === "asked" || isCustom(prior))) return other;
        if (!isCustom(prior)) return distributionFromJSON(prior);
        const own = this.model?.parameters[name];
        if (own !== undefined) return own;
        throw new InvalidArgumentError(
          `the prior of "${name}" is a custom distribution, which is code and so not in the file: load the file with its model, load(file, { model }), or give the prior as an option, prior: { ${name}: ... }`,
        );
      }),
    );
  }
}

function isCustom(prior: unknown): boolean {
  return typeof prior === "object" && prior !== null && "name" in prior && prior.name === "custom";
}
