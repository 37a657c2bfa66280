/**
 * What estimators of likelihoods and of ratios share: with the prior they are posteriors up to a constant.
 */
import { InvalidArgumentError, type HostTensor } from "@amortis/graph";
import type { Floats } from "../data/layout.js";
import { mapAnswers } from "../corrections/map-answers.js";
import type { DataInput } from "../data/match-data.js";
import { members, type Distribution, type JointPrior } from "../distributions/index.js";
import type { ParameterSpec } from "../model/index.js";
import { offsetSource, shifted } from "../posterior/offset-source.js";
import { requireFinite } from "../posterior/finite.js";
import { requireDraws } from "../posterior/held-draws.js";
import { PosteriorBatch, type Posterior } from "../posterior/posterior.js";
import { chainTargets } from "../posterior/chain-target.js";
import { summedSlopes, summedTerms } from "../posterior/replicates.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { posteriorSource, type PosteriorSampler } from "../posterior/source.js";
import type { LogSlopes, LogTerms } from "../posterior/target.js";
import type { PosteriorMethod } from "../posterior/usual-posterior.js";
import type { LogTarget } from "../samplers/index.js";
import { EstimatorBase } from "./base.js";
import type { GivenOptions } from "./posterior-estimator.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How a posterior is made of a likelihood or a ratio. */
export interface TargetOptions extends GivenOptions {
  /**
   * By default a grid for one or two parameters, and Markov chains for more; where they would not do, the next, and a note says so. All
   * values of discrete parameters; importance where some are discrete and some are not. "rejection" gives independent draws where the posterior is not much narrower than the prior.
   */
  readonly method?: PosteriorMethod;
  /**
   * What Markov chains are made by: `randomWalk()`, as by default, `nuts()`, `hmc()`, `sliceSampler()` or `ensemble()`; or `smc()`, for populations that are tempered from the prior. `nuts` and `hmc`
   * follow the slopes of the networks.
   */
  readonly sampler?: PosteriorSampler;
  /** Points of a grid along each axis; by default 1,000 of one parameter, 160 of two. */
  readonly points?: number;
  /**
   * Other priors than those it was trained with, by parameter. They count where it was trained: what they have outside the support of
   * the first prior is cut off.
   */
  readonly prior?: Readonly<Record<string, Distribution>>;
}

/** Names of them. */
export const TARGET_OPTIONS = [
  "samples",
  "seed",
  "replicates",
  "answer",
  "method",
  "sampler",
  "points",
  "prior",
] as const;

const KNOWN: KnownOptions<TargetOptions> = {
  samples: true,
  seed: true,
  replicates: true,
  answer: true,
  method: true,
  sampler: true,
  points: true,
  prior: true,
  onProgress: true,
};

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
    requireKnown("given", options, KNOWN);
    const { samples = 1000, seed = 0, points, sampler, prior: others = {} } = options;
    const matched = this.match(data);
    const groups = await this.groupsIn(matched, options.replicates);
    const size = groups?.size ?? matched.size;
    requireDraws(samples, size, this.parameterNames.length);
    const context = await this.contexts(matched, groups);
    const terms: LogTerms = (theta, start, end) => this.#logTerms(context, theta, start, end);
    const slopes = this.#slopesOf(context);
    const trained = await this.prior();
    const usual = options.method === undefined && sampler === undefined;
    const isPlain = groups === undefined && points === undefined && usual;
    const sourceUnder = async (
      priors: Readonly<Record<string, Distribution>>,
    ): Promise<PosteriorSource> => {
      const prior = (await this.priorWith(priors)).centred;
      const own =
        isPlain && Object.keys(priors).length === 0 && this.ownSource(context, size, trained);
      const plain =
        own ||
        posteriorSource(
          {
            slots: trained.slots,
            flatNames: this.parameterNames,
            size,
            logTerms: groups === undefined ? terms : summedTerms(terms, groups),
            slopes: groups === undefined ? slopes : slopes && summedSlopes(slopes, groups),
            prior,
            trained: trained.centred,
            unconstrained: () => this.details.standardization.unconstrained,
            points,
            sampler,
          },
          options.method,
        );
      const source = groups === undefined ? this.#withTypicality(plain, context) : plain;
      const answering = await this.answering(source, options.answer, { data, groups, prior });
      const under = (more: Readonly<Record<string, Distribution>>) =>
        sourceUnder({ ...priors, ...more });
      return { ...offsetSource(answering, this.offset), under };
    };
    return PosteriorBatch.of<P>(await sourceUnder(others), samples, seed, options.onProgress);
  }

  /** How posteriors are made where neither a method, another prior nor replicates are asked for: undefined for the usual methods. */
  protected ownSource(
    _context: HostTensor,
    _size: number,
    _prior: JointPrior,
  ): PosteriorSource | undefined {
    return undefined;
  }

  /**
   * Unnormalised log posterior densities of data sets, for a sampler of your own; with gradients where the file has them.
   *
   * @example
   * const target = await fitted.target({ z });
   * await target.logDensity(theta, 0, target.size);   // theta [size, each, p] to [size, each]
   */
  async target(data: DataInput): Promise<LogTarget> {
    const matched = this.match(data);
    const { size } = matched;
    const context = await this.contexts(matched);
    const slopes = this.#slopesOf(context);
    const { slots, parameterNames: flatNames, offset } = this;
    const left = (theta: Floats): Float64Array => shifted(theta, offset, -1);
    return chainTargets({
      slots,
      flatNames,
      size,
      prior: await this.priorWith(),
      logTerms: (theta, start, end) => this.#logTerms(context, left(theta), start, end),
      slopes: slopes && ((theta, start, end) => slopes(left(theta), start, end)),
    })(0, size);
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
    const values = await this.#logTerms(
      context,
      shifted(Float64Array.from(theta), this.offset, -1),
      0,
      size,
    );
    requireFinite(values, { what: "a log term", sets: size, log: true });
    const inside = members(await this.prior(), theta);
    return values.map((value, i) => (inside[i] === 1 ? value : Number.NaN));
  }

  /** The same answers, that say how typical their data are. */
  #withTypicality(source: PosteriorSource, context: HostTensor): PosteriorSource {
    const pValues = this.typicalities(context);
    if (pValues === undefined) return source;
    return mapAnswers(source, (answers, _seed, start) =>
      answers.map((answer, i) => ({ ...answer, typicality: pValues[start + i] ?? Number.NaN })),
    );
  }

  #logTerms(
    context: HostTensor,
    parameters: Floats,
    start: number,
    end: number,
  ): Promise<Float64Array> {
    return this.evaluate(this.logTerm, context, parameters, start, end);
  }

  /** Terms with gradients, of files that have them. */
  #slopesOf(context: HostTensor): LogSlopes | undefined {
    if (this.contents.programs["slope"] === undefined) return undefined;
    return (theta, start, end) => this.evaluateSlope(this.logTerm, context, theta, start, end);
  }
}
