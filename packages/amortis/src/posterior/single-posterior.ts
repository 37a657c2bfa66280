/**
 * The posterior of one data set: a batch of one, whose numbers are numbers.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import type { GivenValues, ParameterSpec, ValuesOf } from "../model/index.js";
import { named, type Floats } from "../data/layout.js";
import type { ConditionalDensityOptions, GridDensity } from "./conditional.js";
import type { Correlations } from "./correlation.js";
import type { Derive, Derived, DerivedSpec } from "./derived.js";
import type { PosteriorBatch, UnderOptions } from "./posterior.js";
import type { BatchResult, IntervalResult, Samples } from "./posterior-source.js";
import type { AnswerCheck, AnswerLabel, AnswerStatus } from "./refusal.js";

/**
 * The posterior of one data set.
 *
 * @example
 * const posterior = await estimator.given({ z });
 * posterior.mean().range;
 * posterior.interval(0.9).range;              // [lower, upper]
 * await posterior.logDensity({ range: 0.2 });
 */
export class Posterior<P = ParameterSpec> {
  readonly #batch: PosteriorBatch<P>;

  constructor(batch: PosteriorBatch<P>) {
    this.#batch = batch;
  }

  /** What answered, or "refused". */
  get status(): AnswerStatus {
    return this.#batch.answers[0]?.status ?? "refused";
  }

  /** What the answer claims, where it was asked to be trusted: "exact", "corrected", "amortized", "refused". */
  get label(): AnswerLabel | undefined {
    return this.#batch.answers[0]?.label;
  }

  /** What the answer was checked by, where it was: shape and worth of importance weights, distance from the posterior, nested R̂. */
  get check(): AnswerCheck | undefined {
    return this.#batch.answers[0]?.check;
  }

  /** What is to be known of the answer, such as why another method would not do; of one that is refused, why. */
  get note(): string | undefined {
    return this.#batch.answers[0]?.note;
  }

  /** How typical the data are of the model, a p-value: small where the model may not describe them; undefined where nothing is known. */
  get typicality(): number | undefined {
    return this.#batch.answers[0]?.typicality;
  }

  /** @throws Refusal where the data set is refused. */
  get #answered(): PosteriorBatch<P> {
    const [answer] = this.#batch.answers;
    if (answer?.refusal !== undefined) throw answer.refusal;
    return this.#batch;
  }

  /** Names of the flat parameters. */
  get parameterNames(): readonly string[] {
    return this.#batch.parameterNames;
  }

  /** Draws held, [draws, p]. */
  get draws(): Floats {
    return this.#answered.draws;
  }

  /** Posterior means. */
  mean(): ValuesOf<P> {
    return this.#single(this.#answered.mean());
  }

  /** Posterior standard deviations; NaN where one draw is held. */
  sd(): ValuesOf<P> {
    return this.#single(this.#answered.sd());
  }

  /** Posterior quantiles at a level within [0, 1]. */
  quantile(level: number): ValuesOf<P> {
    return this.#single(this.#answered.quantile(level));
  }

  /** Posterior quantiles at several levels. */
  quantiles(levels: readonly number[]): readonly ValuesOf<P>[] {
    return levels.map((level) => this.quantile(level));
  }

  /** Central intervals that hold a share `level` of the posterior. */
  interval(level: number): IntervalResult<P> {
    return this.#intervals(this.#answered.interval(level));
  }

  /** Shortest intervals that hold a share `level` of the posterior. */
  hpd(level: number): IntervalResult<P> {
    return this.#intervals(this.#answered.hpd(level));
  }

  /**
   * The same posterior under other priors than those it was made with, by parameter: anew of likelihoods, of ratios and of a model's own likelihood; of posteriors that were learned themselves by
   * weights of their draws, and refused where these are not trusted. What the others have outside the support of the first priors is cut off.
   *
   * @throws InvalidArgumentError where there is no such parameter, or another shape is given; Refusal where it cannot be answered.
   * @example (await posterior.under({ slope: normal(0, 0.1) })).mean().slope
   */
  async under(
    priors: Readonly<Record<string, Distribution>>,
    options: UnderOptions = {},
  ): Promise<Posterior<P>> {
    return new Posterior(await this.#answered.under(priors, options));
  }

  /** Maximum of the joint posterior density. */
  map(): Promise<ValuesOf<P>>;
  /**
   * The posterior of quantities that follow from the parameters, with names of their own. It has draws, summaries and intervals, but no density.
   *
   * @param derive from parameters by name to numbers, or lists of them, by name; the same names and sizes each time.
   * @throws InvalidArgumentError where it gives something else.
   * @example posterior.map(({ slope, noise }) => ({ ratio: slope / noise })).interval(0.9).ratio
   */
  map<V extends Derived>(derive: Derive<P, V>): Posterior<DerivedSpec<V>>;
  map<V extends Derived>(derive?: Derive<P, V>): Promise<ValuesOf<P>> | Posterior<DerivedSpec<V>> {
    if (derive === undefined) return this.#mode();
    return new Posterior(this.#answered.map(derive));
  }

  async #mode(): Promise<ValuesOf<P>> {
    return this.#single(await this.#answered.map());
  }

  /**
   * Correlations of the flat parameters: names, and data [p, p].
   *
   * @example posterior.correlation().data[1]   // of the first parameter and the second
   */
  correlation(): Correlations {
    const { names, data } = this.#answered.correlation();
    return { names, shape: [names.length, names.length], data };
  }

  /**
   * The density of the one or two flat parameters that are left where the others are given, on even points.
   *
   * @param given by flat name: "noise", "beta[1]".
   * @throws InvalidArgumentError where a name is unknown, or not one or two are left; Refusal where the posterior has no density.
   * @example (await posterior.conditional({ noise: 1 })).density   // of slope, given noise
   */
  async conditional(
    given: Readonly<Record<string, number>>,
    options: ConditionalDensityOptions = {},
  ): Promise<GridDensity> {
    const [density] = await this.#answered.conditional(given, options);
    if (density === undefined || Number.isNaN(density.density[0])) {
      throw new InvalidArgumentError(
        `conditional: the posterior has no mass at ${Object.entries(given)
          .map(([name, value]) => `${name} = ${value}`)
          .join(", ")}`,
      );
    }
    return density;
  }

  /**
   * The share of draws of each label, of categorical parameters, by name.
   *
   * @example posterior.probabilities().state?.["ill"]
   */
  probabilities(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return this.#answered.probabilities()[0] ?? {};
  }

  /**
   * Log-density at one value of the parameters, in their own units, a categorical one also by its label; -Infinity outside the support.
   *
   * @throws InvalidArgumentError where a parameter is missing, unknown or no number.
   */
  async logDensity(values: GivenValues<P>): Promise<number> {
    const flat = this.#answered.flatten(values);
    if (flat.some(Number.isNaN)) {
      throw new InvalidArgumentError("logDensity: a parameter is NaN, which no density is of");
    }
    return (await this.#answered.logDensity(flat))[0] ?? Number.NaN;
  }

  /** Log-densities at many values of the flat parameters, [m, p]. */
  async logDensities(parameters: Floats): Promise<Float64Array> {
    return this.#answered.logDensity(parameters);
  }

  /** Fresh draws, [draws, p]. */
  async sample(draws: number, seed = 0): Promise<Samples> {
    const { names, shape, data } = await this.#answered.sample(draws, seed);
    return { names, shape: shape.slice(1), data };
  }

  #single(result: BatchResult<P>): ValuesOf<P> {
    const flat = this.#flat(result);
    const values = named(this.#answered.slots, (i) => flat[i] ?? Number.NaN);
    const entries = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "number" ? value : Float64Array.from(value),
    ]);
    return Object.fromEntries(entries) as ValuesOf<P>;
  }

  #intervals(ends: {
    readonly lower: BatchResult<P>;
    readonly upper: BatchResult<P>;
  }): IntervalResult<P> {
    const [lower, upper] = [this.#flat(ends.lower), this.#flat(ends.upper)];
    const pair = (i: number) => [lower[i] ?? Number.NaN, upper[i] ?? Number.NaN] as const;
    return named(this.#answered.slots, pair) as IntervalResult<P>;
  }

  #flat(result: BatchResult<P>): readonly number[] {
    return Object.values<Float64Array>(result).flatMap((values) => [...values]);
  }
}
