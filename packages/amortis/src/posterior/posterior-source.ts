/**
 * What posteriors are made of, and what they say: types by which names flow through.
 */
import type { Distribution } from "../distributions/index.js";
import type { ValuesOf } from "../model/index.js";
import type { Floats, ParameterSlot } from "../data/layout.js";
import type { Answer, Refusal } from "./refusal.js";

/** Draws with their names and shape. */
export interface Samples {
  /** Names of the flat parameters. */
  readonly names: readonly string[];
  /** [data sets, draws, parameters], or [draws, parameters] for one data set. */
  readonly shape: readonly number[];
  /** In double precision where single would lose digits, on an offset. */
  readonly data: Floats;
}

/** Draws of data sets, and how each was answered. */
export interface Drawn {
  /** [data sets, draws, p]; NaN of those that are refused. */
  readonly draws: Floats;
  /** One for each data set. */
  readonly answers: readonly Answer[];
}

/** What a posterior is asked of: draws and densities of data sets by their place in the batch. One that cannot be answered is refused, and stops no other. */
export interface PosteriorSource {
  readonly slots: readonly ParameterSlot[];
  readonly flatNames: readonly string[];
  readonly size: number;
  /**
   * Draws of the data sets [start, end).
   *
   * @param report hears now and then what share of them there is, of a source that `reports`.
   */
  draw(
    draws: number,
    seed: number,
    start: number,
    end: number,
    report?: (share: number) => void,
  ): Promise<Drawn>;
  /** Whether it says how far its draws are. Any other is asked for those of a few data sets at a time where that is wanted. */
  readonly reports?: boolean;
  /** Why a data set that is answered has no density, where that may be so. */
  withoutDensity?(dataSet: number): Refusal | undefined;
  /**
   * The same posteriors under other priors, by parameter.
   *
   * @throws InvalidArgumentError where there is no such parameter, or another shape is given.
   */
  under?(priors: Readonly<Record<string, Distribution>>): Promise<PosteriorSource>;
  /** Log-densities of parameters [end - start, m, p] under the data sets [start, end): [end - start, m]; NaN of those that have none. */
  logDensity(parameters: Floats, start: number, end: number): Promise<Float64Array>;
}

/** Numbers of a batch by parameter: `posteriors.mean().range[7]` is the mean of the eighth data set's range. */
export type BatchResult<P> = { readonly [K in keyof ValuesOf<P>]: Float64Array };

/** An interval of each parameter. */
export type Interval<V> = V extends number
  ? readonly [number, number]
  : readonly (readonly [number, number])[];

/** Intervals by parameter. */
export type IntervalResult<P> = { readonly [K in keyof ValuesOf<P>]: Interval<ValuesOf<P>[K]> };
