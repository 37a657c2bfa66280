/**
 * The posterior of a series: of the parameters that stay, and of the states at all its times, given all that was seen.
 */
import type { Floats } from "../data/layout.js";
import type { ParameterSpec, StatesOf, StaticsOf, ValuesOf } from "../model/index.js";
import type { Posterior, PosteriorBatch } from "./posterior.js";
import type { Interval, Samples } from "./posterior-source.js";

/** Numbers of a series: of the parameters by name, and under `states` of each state, [times, ...shape]. */
export type SeriesValues<P> = ValuesOf<StaticsOf<P>> & {
  readonly states: { readonly [K in keyof StatesOf<P>]: Float64Array };
};

/** Intervals of a series. */
export type SeriesIntervals<P> = {
  readonly [K in keyof StaticsOf<P>]: Interval<ValuesOf<StaticsOf<P>>[K]>;
} & {
  readonly states: {
    readonly [K in keyof StatesOf<P>]: readonly (readonly [number, number])[];
  };
};

/**
 * The posterior of a series given all that was seen.
 *
 * @example
 * const posterior = await estimator.given({ y });
 * posterior.mean().phi;
 * posterior.mean().states.h[12];              // at the thirteenth time
 * posterior.interval(0.9).states.h[12];       // [lower, upper]
 */
export class StatesPosterior<P = ParameterSpec> {
  /** The same as a batch of one. */
  readonly batch: PosteriorBatch;
  /** Parameters and states as one flat vector, "phi", "h[0]", "h[1]", ...: whole trajectories, their densities, and what follows from them. */
  readonly all: Posterior;
  /** The parameters alone. */
  readonly statics: Posterior<StaticsOf<P>>;
  /** How many times there are. */
  readonly times: number;
  readonly #states: readonly string[];

  /** @param batch of one: of all parameters and states. */
  constructor(
    batch: PosteriorBatch,
    statics: Posterior<StaticsOf<P>>,
    states: readonly string[],
    times: number,
  ) {
    this.batch = batch;
    this.all = batch.at(0);
    this.statics = statics;
    this.times = times;
    this.#states = states;
  }

  /** Draws held, [draws, numbers of the flat vector]: each is a parameter vector with a whole trajectory. */
  get draws(): Floats {
    return this.all.draws;
  }

  /** Posterior means. */
  mean(): SeriesValues<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parameters and states are those of the model, which is what P names
    return this.#nested(this.all.mean()) as SeriesValues<P>;
  }

  /** Posterior standard deviations; NaN where one draw is held. */
  sd(): SeriesValues<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parameters and states are those of the model, which is what P names
    return this.#nested(this.all.sd()) as SeriesValues<P>;
  }

  /** Posterior quantiles at a level within [0, 1]. */
  quantile(level: number): SeriesValues<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parameters and states are those of the model, which is what P names
    return this.#nested(this.all.quantile(level)) as SeriesValues<P>;
  }

  /** Posterior quantiles at several levels. */
  quantiles(levels: readonly number[]): readonly SeriesValues<P>[] {
    return levels.map((level) => this.quantile(level));
  }

  /** Central intervals that hold a share `level` of the posterior: of each state at each time by itself. */
  interval(level: number): SeriesIntervals<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parameters and states are those of the model, which is what P names
    return this.#nested(this.all.interval(level)) as SeriesIntervals<P>;
  }

  /** Fresh draws of the flat vector, [draws, numbers of the flat vector]. */
  async sample(draws: number, seed = 0): Promise<Samples> {
    return this.all.sample(draws, seed);
  }

  /** Values by name with those of states under `states`. */
  #nested(values: object): object {
    const entries = Object.entries(values);
    const isState = ([name]: [string, unknown]): boolean => this.#states.includes(name);
    return {
      ...Object.fromEntries(entries.filter((entry) => !isState(entry))),
      states: Object.fromEntries(entries.filter(isState)),
    };
  }
}
