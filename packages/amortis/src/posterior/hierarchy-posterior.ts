/**
 * The posterior of a hierarchy: of the globals, and of each group within its level.
 */
import type { Floats } from "../data/layout.js";
import type { GlobalsOf, LevelsOf, ParameterSpec, ValuesOf } from "../model/index.js";
import type { Posterior, PosteriorBatch } from "./posterior.js";
import type { Interval, Samples } from "./posterior-source.js";

/** A value for each group of a level, by level and parameter: numbers one group after another, [groups, ...shape]. */
export type Grouped<G, V> = {
  readonly [L in keyof G]: G[L] extends { readonly parameters: infer Q extends ParameterSpec }
    ? { readonly [K in keyof Q]: V }
    : never;
};

/** Numbers of a hierarchy: of the globals by name, and under `groups` of each level. */
export type HierarchyValues<P> = ValuesOf<GlobalsOf<P>> & {
  readonly groups: Grouped<LevelsOf<P>, Float64Array>;
};

/** Intervals of a hierarchy. */
export type HierarchyIntervals<P> = {
  readonly [K in keyof GlobalsOf<P>]: Interval<ValuesOf<GlobalsOf<P>>[K]>;
} & {
  readonly groups: Grouped<LevelsOf<P>, readonly (readonly [number, number])[]>;
};

/** A level by its name, with the names of its parameters. */
export interface LevelNames {
  readonly name: string;
  readonly parameters: readonly string[];
  /** How many groups there are. */
  readonly count: number;
}

/**
 * The posterior of a hierarchy given the data of all its groups.
 *
 * @example
 * const posterior = await estimator.given({ y, sigma });
 * posterior.mean().tau;
 * posterior.mean().groups.school.theta[3];              // of the fourth school
 * posterior.interval(0.9).groups.school.theta[3];       // [lower, upper]
 * await posterior.group("school", 3);                   // of the fourth school and all above it, together
 */
export class HierarchyPosterior<P = ParameterSpec> {
  /** The same as a batch of one. */
  readonly batch: PosteriorBatch;
  /** All parameters as one flat vector, "mu", "theta[0]", "theta[1]", ...: draws, densities, correlations and derived quantities. */
  readonly all: Posterior;
  /** The globals alone. */
  readonly globals: Posterior<GlobalsOf<P>>;
  readonly #levels: readonly LevelNames[];
  readonly #group: (level: number, index: number) => Promise<Posterior<P>>;

  /** @param batch of one: of all parameters. */
  constructor(
    batch: PosteriorBatch,
    globals: Posterior<GlobalsOf<P>>,
    levels: readonly LevelNames[],
    group: (level: number, index: number) => Promise<Posterior<P>>,
  ) {
    this.batch = batch;
    this.all = batch.at(0);
    this.globals = globals;
    this.#levels = levels;
    this.#group = group;
  }

  /** How many groups there are of each level. */
  get counts(): { readonly [L in keyof LevelsOf<P>]: number } {
    const counts = this.#levels.map(({ name, count }) => [name, count]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the levels are those of the model
    return Object.fromEntries(counts) as { readonly [L in keyof LevelsOf<P>]: number };
  }

  /** What is to be known of the answer. */
  get note(): string | undefined {
    return this.all.note;
  }

  /** Draws held, [draws, p] of the flat vector. */
  get draws(): Floats {
    return this.all.draws;
  }

  /** Posterior means. */
  mean(): HierarchyValues<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- globals and levels are those of the model, which is what P names
    return this.#nested(this.all.mean()) as HierarchyValues<P>;
  }

  /** Posterior standard deviations; NaN where one draw is held. */
  sd(): HierarchyValues<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- globals and levels are those of the model, which is what P names
    return this.#nested(this.all.sd()) as HierarchyValues<P>;
  }

  /** Posterior quantiles at a level within [0, 1]. */
  quantile(level: number): HierarchyValues<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- globals and levels are those of the model, which is what P names
    return this.#nested(this.all.quantile(level)) as HierarchyValues<P>;
  }

  /** Posterior quantiles at several levels. */
  quantiles(levels: readonly number[]): readonly HierarchyValues<P>[] {
    return levels.map((level) => this.quantile(level));
  }

  /** Central intervals that hold a share `level` of the posterior. */
  interval(level: number): HierarchyIntervals<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- globals and levels are those of the model, which is what P names
    return this.#nested(this.all.interval(level)) as HierarchyIntervals<P>;
  }

  /** Shortest intervals that hold a share `level` of the posterior. */
  hpd(level: number): HierarchyIntervals<P> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- globals and levels are those of the model, which is what P names
    return this.#nested(this.all.hpd(level)) as HierarchyIntervals<P>;
  }

  /** Fresh draws of the flat vector, [draws, p]. */
  async sample(draws: number, seed = 0): Promise<Samples> {
    return this.all.sample(draws, seed);
  }

  /**
   * The joint posterior of one group of a level, of the groups that it is in and of the globals: as that of a model of one group.
   *
   * @param index from 0, in the order of the data.
   * @throws InvalidArgumentError where there is no such level or group.
   */
  async group(level: string & keyof LevelsOf<P>, index: number): Promise<Posterior<P>> {
    return this.#group(
      this.#levels.findIndex(({ name }) => name === level),
      index,
    );
  }

  /** Values by name with those of groups under their level. */
  #nested(values: object): object {
    const of = new Map(
      this.#levels.flatMap(({ name, parameters }) => parameters.map((one) => [one, name] as const)),
    );
    const entries = Object.entries(values);
    const groups = this.#levels.map(({ name }) => [
      name,
      Object.fromEntries(entries.filter(([one]) => of.get(one) === name)),
    ]);
    return {
      ...Object.fromEntries(entries.filter(([one]) => !of.has(one))),
      groups: Object.fromEntries(groups),
    };
  }
}
