/**
 * Trained estimators of series: of the parameters that stay, and of states that vary in time.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { specOf, specsOf, type ArraySpecs } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import { numberOf } from "../data/layout.js";
import type { DataInput } from "../data/match-data.js";
import { sizeOf } from "../data/shape.js";
import { spread } from "../data/standardization.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { GivenValues, ParameterSpec, StatesOf, StaticsOf } from "../model/index.js";
import { requireDraws } from "../posterior/held-draws.js";
import { PosteriorBatch } from "../posterior/posterior.js";
import type { PosteriorSource } from "../posterior/posterior-source.js";
import { sideBySide } from "../posterior/side-by-side.js";
import { StatesPosterior } from "../posterior/states-posterior.js";
import { EstimatorBase, type OpenOptions } from "./base.js";
import type { Contents } from "./contents.js";
import { sheetOf } from "./documents.js";
import type { EstimatorType, KindOfAnswer } from "./kind-of-answer.js";
import { contextsOfSeries } from "./series-contexts.js";
import { SeriesAnswers } from "./states-answers.js";
import { statesProgramShapes, statesSchema, type StatesAnswer } from "./states-file.js";

/** How a series is answered. */
export interface SeriesOptions<P = ParameterSpec> {
  /** Draws held by the posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  /** The parameters that stay, where they are known: states are then answered given these. */
  readonly parameters?: GivenValues<StaticsOf<P>>;
}

const KNOWN: KnownOptions<SeriesOptions> = { samples: true, seed: true, parameters: true };

/** What is known of one time: parameters, and the states then. */
type AtTime<P> = StaticsOf<P> & StatesOf<P>;

/** A trained estimator of series of any length. */
export class StatesEstimator<P = ParameterSpec> extends EstimatorBase {
  readonly kind = "states";

  /** What is seen of a series, at any number of times. */
  override get dataSpecs(): ArraySpecs {
    return specsOf(this.#answer.data);
  }

  get #answer(): StatesAnswer {
    const { answers } = this.details;
    if (answers.kind !== "states") throw new TypeError("states are what it answers");
    return answers;
  }

  /** Names of the states. */
  get states(): readonly string[] {
    return this.#answer.states.map(({ name }) => name);
  }

  /**
   * The posterior given all of one series: of the parameters, and of the states at all its times (smoothing).
   *
   * @param data of any number of times; a value that is missing is NaN where the model says that values may be.
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   * @example
   * const posterior = await estimator.given({ y });
   * posterior.interval(0.9).states.h;
   */
  async given(data: DataInput, options: SeriesOptions<P> = {}): Promise<StatesPosterior<P>> {
    const sets = this.match(data);
    this.requireOne(sets.size, "givenEach");
    const [posterior] = await this.#smoothed(sets, options);
    if (posterior === undefined) throw new TypeError("one series has one answer");
    return posterior;
  }

  /** The posteriors given all of each of several series, which may differ in length. */
  async givenEach(
    data: DataInput,
    options: SeriesOptions<P> = {},
  ): Promise<readonly StatesPosterior<P>[]> {
    return this.#smoothed(this.match(data), options);
  }

  /**
   * The posteriors of the parameters and of the state at each time of one series, given what was seen until then (filtering): a batch with one for each time.
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   * @example
   * const filtered = await estimator.filter({ y });
   * filtered.mean().h[12];                      // at the thirteenth time, given the first thirteen
   * filtered.at(12).interval(0.9).phi;          // what they say of a parameter
   */
  async filter(
    data: DataInput,
    options: SeriesOptions<P> = {},
  ): Promise<PosteriorBatch<AtTime<P>>> {
    const sets = this.match(data);
    this.requireOne(sets.size, "filter for each");
    const { samples = 1000, seed = 0 } = options;
    const [answers] = await this.#answersTo(sets, options);
    if (answers === undefined) throw new TypeError("one series has one answer");
    return this.#batch<AtTime<P>>(answers.filtered(), samples, seed);
  }

  /**
   * The posteriors of the parameters alone, given all of each of several series. For diagnostics.
   *
   * @param data as the model simulates them; states among them are left alone.
   */
  async givenBatch(
    data: DataInput,
    options: Omit<SeriesOptions<P>, "parameters"> = {},
  ): Promise<PosteriorBatch<P>> {
    const { samples = 1000, seed = 0 } = options;
    const answers = await this.#answersTo(this.match(data), options);
    return this.#batch<P>(sideBySide(answers.map((one) => one.statics())), samples, seed);
  }

  /** What is said of one or more series of one length, as a batch. */
  async trajectories(data: DataInput, options: SeriesOptions<P> = {}): Promise<PosteriorBatch> {
    const { samples = 1000, seed = 0 } = options;
    const answers = await this.#answersTo(this.match(data), options);
    const sources = answers.map((one) => one.smoothed());
    const [first] = sources;
    const odd = sources.find(({ flatNames }) => flatNames.length !== first?.flatNames.length);
    if (odd !== undefined) {
      throw new InvalidArgumentError(
        "series of different lengths have different states: ask for one at a time, or givenEach",
      );
    }
    return this.#batch(sideBySide(sources), samples, seed);
  }

  async #batch<Q>(source: PosteriorSource, samples: number, seed: number) {
    requireDraws(samples, source.size, source.flatNames.length);
    return PosteriorBatch.of<Q>(source, samples, seed);
  }

  async #smoothed(
    sets: DataSets,
    options: SeriesOptions<P>,
  ): Promise<readonly StatesPosterior<P>[]> {
    const { samples = 1000, seed = 0 } = options;
    const posteriors: StatesPosterior<P>[] = [];
    for (const answers of await this.#answersTo(sets, options)) {
      const all = await this.#batch(answers.smoothed(), samples, seed);
      const statics = await this.#batch<StaticsOf<P>>(answers.statics(), samples, seed);
      posteriors.push(new StatesPosterior(all, statics.at(0), this.states, answers.times));
    }
    return posteriors;
  }

  async #answersTo(sets: DataSets, options: SeriesOptions<P>): Promise<readonly SeriesAnswers[]> {
    requireKnown("given", options, KNOWN);
    const { programs } = this;
    const prior = await this.prior();
    const parts = {
      answer: this.#answer,
      prior,
      programs,
      stateOffset: this.#stateOffset(),
      known: options.parameters && this.#packed(options.parameters, prior.offset),
    };
    const contexts = await contextsOfSeries(programs, sets, this.#answer.units);
    return contexts.map((one) => new SeriesAnswers(parts, one));
  }

  /** Offsets of the states at one time. */
  #stateOffset(): readonly number[] {
    const { standardization, model } = this.details;
    return this.#answer.states.flatMap(({ name, shape }) => {
      const { offset = [0], shape: shared } = standardization.data[name] ?? {};
      const spec = model.data[name];
      if (spec === undefined || specOf(spec).shape.length !== shape.length + 1) {
        return Array.from({ length: sizeOf(shape) }, () => 0);
      }
      return [...spread(offset, shape, shared?.slice(1))];
    });
  }

  /** Known parameters as a flat vector, less what the prior sits on. */
  #packed(values: object, offset: readonly number[] | undefined): Float64Array {
    const given = new Map<string, unknown>(Object.entries(values));
    const names = this.slots.map(({ name }) => name);
    const unknown = [...given.keys()].find((name) => !names.includes(name));
    const flat = new Float64Array(this.slots.reduce((sum, { size }) => sum + size, 0));
    for (const slot of this.slots) {
      const value = numberOf(slot, given.get(slot.name));
      const list = typeof value === "number" ? [value] : value;
      const fits =
        unknown === undefined &&
        (Array.isArray(list) || list instanceof Float64Array || list instanceof Float32Array) &&
        list.length === slot.size &&
        Array.from(list).every((one) => Number.isFinite(one));
      if (!fits) {
        throw new InvalidArgumentError(
          `given: parameters that are known must be numbers for all of ${names.join(", ")}, but ${unknown === undefined ? `"${slot.name}" is ${String(value)}` : `"${unknown}" is none of them`}`,
        );
      }
      flat.set(list, slot.offset);
    }
    return flat.map((value, i) => value - (offset?.[i] ?? 0));
  }
}

/** The estimator of each type of parameters. */
export interface SeriesEstimators extends EstimatorType {
  readonly estimator: StatesEstimator<this["parameters"]>;
}

/** Posteriors of states that vary in time. */
export const statesKind: KindOfAnswer<StatesAnswer, SeriesEstimators, "trajectories"> = {
  schema: statesSchema,
  gives: "trajectories",
  advice: "load it with load, whose estimator gives the posteriors of parameters and states",
  options: ["samples", "seed", "derived"],
  programs: statesProgramShapes,
  open: <P>(contents: Contents, options: OpenOptions) => new StatesEstimator<P>(contents, options),
  inWords: ({ states }) =>
    `posteriors of the parameters and of ${states.map(({ name }) => `"${name}"`).join(", ")} at each time`,
  document: async (fitted, data, { samples, seed, derived }) => {
    const posterior = await fitted.trajectories(data, {
      ...(samples !== undefined && { samples }),
      ...(seed !== undefined && { seed }),
    });
    return sheetOf(posterior, derived);
  },
};
