/**
 * Posteriors of many data sets at once.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import type { ParameterSpec } from "../model/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { flatten, type Floats, type GivenValue, type ParameterSlot } from "../data/layout.js";
import type { ConditionalDensityOptions, GridDensity } from "./conditional.js";
import { correlations, type Correlations } from "./correlation.js";
import { derivedSource, type Derive, type Derived, type DerivedSpec } from "./derived.js";
import { checkLevel, meanOf, quantileOf, sdOf, sharesOf, shortestInterval } from "./marginals.js";
import { drawInSteps, requireDraws } from "./held-draws.js";
import type { BatchResult, Drawn, PosteriorSource, Samples } from "./posterior-source.js";
import type { Answer } from "./refusal.js";
import { Posterior } from "./single-posterior.js";
import { neighbours } from "./neighbours.js";

export { Posterior } from "./single-posterior.js";
export type {
  BatchResult,
  Drawn,
  Interval,
  IntervalResult,
  PosteriorSource,
  Samples,
} from "./posterior-source.js";

/** How a posterior under another prior is given. */
export interface UnderOptions {
  /** Draws held, by default as many as the posterior holds. */
  readonly samples?: number;
  readonly seed?: number;
}

const UNDER: KnownOptions<UnderOptions> = { samples: true, seed: true };

/**
 * Posteriors of a batch of data sets.
 *
 * Summaries come from the draws it holds; `logDensity`, `map` and `sample` ask the networks again.
 *
 * @example
 * const posteriors = await estimator.givenBatch({ z });   // z: [1000, 16, 16]
 * posteriors.mean().range;                               // Float64Array of 1,000
 */
export class PosteriorBatch<P = ParameterSpec> {
  /** Draws held, [size, drawsEach, p]; NaN of data sets that are refused. */
  readonly draws: Floats;
  readonly drawsEach: number;
  /** How each data set was answered: one that is refused says why in its note, and has NaN for its numbers. */
  readonly answers: readonly Answer[];
  readonly #source: PosteriorSource;
  readonly #start: number;
  readonly #sorted = new Map<number, Floats>();

  constructor(source: PosteriorSource, { draws, answers }: Drawn, drawsEach: number, start = 0) {
    this.#source = source;
    this.draws = draws;
    this.answers = answers;
    this.drawsEach = drawsEach;
    this.#start = start;
  }

  /**
   * Posteriors of all data sets of a source.
   *
   * @throws Refusal where all of them are refused, with the reason of the first.
   */
  static async of<P>(
    source: PosteriorSource,
    draws: number,
    seed: number,
    onProgress?: (done: number, total: number) => void,
  ): Promise<PosteriorBatch<P>> {
    requireDraws(draws);
    const drawn =
      onProgress === undefined
        ? await source.draw(draws, seed, 0, source.size)
        : await drawInSteps(source, draws, seed, onProgress);
    requireSome(drawn);
    return new PosteriorBatch<P>(source, drawn, draws);
  }

  /** Number of data sets. */
  get size(): number {
    return this.answers.length;
  }

  /** Names of the flat parameters. */
  get parameterNames(): readonly string[] {
    return this.#source.flatNames;
  }

  get #p(): number {
    return this.#source.flatNames.length;
  }

  /**
   * The posterior of one data set. One that is refused has a status and a note, and throws its reason where anything else is asked of it.
   *
   * @throws InvalidArgumentError where there is no such data set.
   */
  at(index: number): Posterior<P> {
    if (!(Number.isInteger(index) && index >= 0 && index < this.size)) {
      throw new InvalidArgumentError(
        `there is no data set ${index}: the batch holds ${this.size}, counted from 0`,
      );
    }
    const span = this.drawsEach * this.#p;
    const draws = this.draws.subarray(index * span, (index + 1) * span);
    const answers = this.answers.slice(index, index + 1);
    const start = this.#start + index;
    return new Posterior(
      new PosteriorBatch<P>(this.#source, { draws, answers }, this.drawsEach, start),
    );
  }

  /**
   * Fresh draws: [size, draws, p]. Those of a data set depend on the seed and its place in the batch alone; those of one that is refused are NaN.
   *
   * @throws InvalidArgumentError unless `draws` is a whole number from 1 on, and all draws together fit the memory; Refusal where all data
   * sets are refused.
   */
  async sample(draws: number, seed = 0): Promise<Samples> {
    requireDraws(draws, this.size, this.#p);
    const drawn = await this.#source.draw(draws, seed, this.#start, this.#start + this.size);
    requireSome(drawn);
    return { names: this.parameterNames, shape: [this.size, draws, this.#p], data: drawn.draws };
  }

  /**
   * Log-density in the parameters' own units; -Infinity outside the support, NaN of data sets that are refused or have draws but no density.
   *
   * @param parameters flat, [size, m, p].
   * @returns [size, m]
   * @throws Refusal where no data set has a density.
   */
  async logDensity(parameters: Floats): Promise<Float64Array> {
    if (parameters.length === 0 || parameters.length % (this.size * this.#p) !== 0) {
      throw new InvalidArgumentError(
        `logDensity needs [${this.size}, m, ${this.#p}] values, but was given ${parameters.length}`,
      );
    }
    const each = parameters.length / (this.size * this.#p);
    const result = new Float64Array(this.size * each).fill(Number.NaN);
    const reasons = this.answers.map(
      ({ refusal }, i) => refusal ?? this.#source.withoutDensity?.(this.#start + i),
    );
    const [first] = reasons;
    if (first !== undefined && reasons.every((reason) => reason !== undefined)) throw first;
    const places = reasons.flatMap((reason, i) => (reason === undefined ? [i] : []));
    for (const [from, to] of neighbours(places)) {
      const asked = parameters.subarray(from * each * this.#p, to * each * this.#p);
      const [start, end] = [this.#start + from, this.#start + to];
      result.set(await this.#source.logDensity(asked, start, end), from * each);
    }
    return result;
  }

  /** Posterior means. */
  mean(): BatchResult<P> {
    return this.#summarize((flat, i) => meanOf(this.marginal(flat, i)));
  }

  /** Posterior standard deviations; NaN where one draw is held. */
  sd(): BatchResult<P> {
    return this.#summarize((flat, i) => sdOf(this.marginal(flat, i)));
  }

  /** Posterior quantiles at a level within [0, 1]. */
  quantile(level: number): BatchResult<P> {
    checkLevel(level);
    return this.#summarize((flat, i) => quantileOf(this.#sortedMarginal(flat, i), level));
  }

  /** Posterior quantiles at several levels, in their order. */
  quantiles(levels: readonly number[]): readonly BatchResult<P>[] {
    return levels.map((level) => this.quantile(level));
  }

  /** Ends of the central intervals that hold a share `level` of the posterior. */
  interval(level: number): { readonly lower: BatchResult<P>; readonly upper: BatchResult<P> } {
    checkLevel(level);
    return { lower: this.quantile((1 - level) / 2), upper: this.quantile((1 + level) / 2) };
  }

  /** Ends of the shortest intervals that hold a share `level` of the posterior. */
  hpd(level: number): { readonly lower: BatchResult<P>; readonly upper: BatchResult<P> } {
    checkLevel(level);
    const end = (which: 0 | 1) =>
      this.#summarize((flat, i) => shortestInterval(this.#sortedMarginal(flat, i), level)[which]);
    return { lower: end(0), upper: end(1) };
  }

  /**
   * The same posteriors under other priors; see `Posterior.under`.
   *
   * @throws InvalidArgumentError where there is no such parameter, or another shape is given; Refusal where all data sets are refused.
   */
  async under(
    priors: Readonly<Record<string, Distribution>>,
    options: UnderOptions = {},
  ): Promise<PosteriorBatch<P>> {
    requireKnown("under", options, UNDER);
    const { samples = this.drawsEach, seed = 0 } = options;
    const source = await this.#source.under?.(priors);
    if (source === undefined) throw noPrior();
    requireDraws(samples, this.size, this.#p);
    const drawn = await source.draw(samples, seed, this.#start, this.#start + this.size);
    requireSome(drawn);
    return new PosteriorBatch<P>(source, drawn, samples, this.#start);
  }

  /** Maxima of the joint posterior densities. */
  map(): Promise<BatchResult<P>>;
  /**
   * Posteriors of quantities that follow from the parameters, with names of their own; see `Posterior.map`.
   *
   * @throws InvalidArgumentError where the function gives no numbers, or other names or sizes than before.
   */
  map<V extends Derived>(derive: Derive<P, V>): PosteriorBatch<DerivedSpec<V>>;
  map<V extends Derived>(
    derive?: Derive<P, V>,
  ): Promise<BatchResult<P>> | PosteriorBatch<DerivedSpec<V>> {
    if (derive === undefined) return this.#modes();
    const drawn = { draws: this.draws, answers: this.answers };
    const { source, held } = derivedSource(this.#source, drawn, this.drawsEach, derive);
    return new PosteriorBatch<DerivedSpec<V>>(source, held, this.drawsEach, this.#start);
  }

  async #modes(): Promise<BatchResult<P>> {
    const { findModes } = await import("./mode.js");
    const modes = await findModes(
      this.draws,
      this.drawsEach,
      this.#p,
      (parameters) => this.logDensity(parameters),
      this.slots.flatMap(({ simplexes = [] }) => simplexes),
    );
    return this.#summarize((flat, i) => modes[i * this.#p + flat] ?? Number.NaN);
  }

  /** For each data set the share of draws of each label, of categorical parameters, by name; NaN where it is refused. */
  probabilities(): readonly Readonly<Record<string, Readonly<Record<string, number>>>>[] {
    return Array.from({ length: this.size }, (_, index) =>
      Object.fromEntries(
        this.slots.flatMap(({ name, offset, labels }) =>
          labels === undefined ? [] : [[name, sharesOf(this.marginal(offset, index), labels)]],
        ),
      ),
    );
  }

  /** Correlations of the flat parameters of each data set, [size, p, p]; NaN of those that are refused. */
  correlation(): Correlations {
    return correlations(this.draws, this.drawsEach, this.parameterNames);
  }

  /**
   * The densities of the one or two flat parameters that are left where the others are given, one for each data set; see `Posterior.conditional`.
   *
   * @param given by flat name: a number, or one for each data set.
   * @returns each over the range of its own data set; NaN where that is refused, or has no mass at what is given.
   * @throws InvalidArgumentError where a name is unknown, or not one or two are left; Refusal where no data set has a density.
   * @example (await posteriors.conditional({ noise: posteriors.mean().noise })).map(({ density }) => density)
   */
  async conditional(
    given: Readonly<Record<string, number | ArrayLike<number>>>,
    options: ConditionalDensityOptions = {},
  ): Promise<readonly GridDensity[]> {
    const short = Object.entries(given).find(
      ([, value]) => typeof value !== "number" && value.length !== this.size,
    );
    if (short !== undefined) {
      throw new InvalidArgumentError(
        `conditional: "${short[0]}" must be a number, or one for each of ${this.size} data sets`,
      );
    }
    const { densityOf, planConditional } = await import("./conditional.js");
    const span = this.drawsEach * this.#p;
    const plans = this.answers.map((_, i) => {
      const own = Object.entries(given).map(([name, value]) => [
        name,
        typeof value === "number" ? value : (value[i] ?? Number.NaN),
      ]);
      return planConditional(
        this.draws.subarray(i * span, (i + 1) * span),
        this.parameterNames,
        Object.fromEntries(own),
        options,
      );
    });
    const each = plans[0]?.parameters.length ?? 0;
    const parameters = new Float64Array(plans.length * each);
    for (const [i, plan] of plans.entries()) parameters.set(plan.parameters, i * each);
    const logs = await this.logDensity(parameters);
    const points = each / this.#p;
    return plans.map((plan, i) => densityOf(plan, logs.slice(i * points, (i + 1) * points)));
  }

  /** Draws of one flat parameter for one data set. */
  marginal(flat: number, index: number): Floats {
    const p = this.#p;
    const offset = index * this.drawsEach * p + flat;
    const kind = this.draws instanceof Float64Array ? Float64Array : Float32Array;
    const values = new kind(this.drawsEach);
    for (let k = 0; k < values.length; k++) values[k] = this.draws[offset + k * p] ?? 0;
    return values;
  }

  #sortedMarginal(flat: number, index: number): Floats {
    const key = index * this.#p + flat;
    const sorted = this.#sorted.get(key) ?? this.marginal(flat, index).toSorted();
    this.#sorted.set(key, sorted);
    return sorted;
  }

  /** A number for each flat parameter and data set, by name; vectors [size × length], data set after data set. */
  #summarize(value: (flat: number, index: number) => number): BatchResult<P> {
    const result: Record<string, Float64Array> = {};
    for (const { name, offset, size } of this.#source.slots) {
      result[name] = Float64Array.from({ length: this.size * size }, (_, at) =>
        value(offset + (at % size), Math.floor(at / size)),
      );
    }
    // The slots are those of the model's parameters, which is what P names.
    return result as BatchResult<P>;
  }

  /** Parameters by name, as this posterior's flat vector. */
  flatten(values: Readonly<Record<string, GivenValue>>): Float64Array {
    return flatten(this.#source.slots, values);
  }

  /** Where parameters lie in the flat vector. */
  get slots(): readonly ParameterSlot[] {
    return this.#source.slots;
  }
}

function noPrior(): UnsupportedError {
  return new UnsupportedError(
    "this posterior is not of a model's parameters under a prior that is known: ask the posterior of the estimator or of the model itself",
  );
}

/** Places of data sets that are not refused. */
function answered(answers: readonly Answer[]): readonly number[] {
  return answers.flatMap(({ status }, i) => (status === "refused" ? [] : [i]));
}

/** @throws Refusal where all data sets are refused: there is nothing to give back. */
function requireSome({ answers }: Drawn): void {
  const [first] = answers;
  if (first?.refusal !== undefined && answered(answers).length === 0) throw first.refusal;
}
