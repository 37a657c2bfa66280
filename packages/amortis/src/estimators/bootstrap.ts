/**
 * The bootstrap: how much an estimate would vary, were the data drawn again.
 *
 *     parametric   Z* ~ p(Z | θ̂), from the model at the estimate
 *     elements     the replicates of Z drawn with replacement
 *     blocks       stretches of neighbours drawn with replacement, one after another, where elements depend on those before (Künsch 1989)
 *
 * and θ̂* = the estimate of Z*, many times (Efron 1979). Amortized estimates take microseconds, so that hundreds of them are no cost. The interval is that of the
 * percentiles of θ̂*, or the basic one, (2 θ̂ - q_upper, 2 θ̂ - q_lower). Neither knows what the prior does to an estimate: where it moves estimates by more than they
 * vary, quantiles that were trained (`nbe` with `interval`) are right and these are not.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { ArraySpec, ArraySpecs } from "../data/array-spec.js";
import { countElements } from "../data/counts.js";
import { DataSets, type Columns } from "../data/data-sets.js";
import { presentRow } from "../data/elements.js";
import { flatten, named, type GivenValue, type ParameterSlot } from "../data/layout.js";
import type { ArrayInput } from "../data/array-data.js";
import { matchData, type DataInput } from "../data/match-data.js";
import { sizeOf } from "../data/shape.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { AnyModel, ParameterSpec, ValuesOf } from "../model/index.js";
import type { BatchResult, Interval, IntervalResult } from "../posterior/posterior-source.js";
import { stream, type Stream } from "../random/index.js";
import { writeData } from "../data/simulator-output.js";

/** Whatever estimates parameters of many data sets: a trained `PointEstimator`, or one of your own. */
export interface Estimating<P = ParameterSpec> {
  readonly dataSpecs: ArraySpecs;
  readonly slots: readonly ParameterSlot[];
  estimateBatch(data: DataInput): Promise<BatchResult<P>>;
}

/** How data are drawn again. */
export interface BootstrapOptions {
  /** What is drawn: fresh data of the model at the estimate, the default where a model is given; elements; or blocks of them. */
  readonly kind?: "parametric" | "elements" | "blocks";
  /** The model, for the parametric bootstrap. */
  readonly model?: AnyModel;
  /** Elements of a block: about the cube root of how many there are, by default. */
  readonly block?: number;
  /** Data sets that are drawn, 400 by default. */
  readonly resamples?: number;
  readonly seed?: number;
}

const KNOWN: KnownOptions<BootstrapOptions> = {
  kind: true,
  model: true,
  block: true,
  resamples: true,
  seed: true,
};

/** Estimates of data that were drawn again. */
export class Bootstrap<P = ParameterSpec> {
  readonly #slots: readonly ParameterSlot[];
  readonly #estimate: Float64Array;
  /** Sorted, of each flat parameter. */
  readonly #sorted: readonly Float64Array[];

  constructor(
    slots: readonly ParameterSlot[],
    estimate: Float64Array,
    estimates: readonly Float64Array[],
  ) {
    this.#slots = slots;
    this.#estimate = estimate;
    this.#sorted = Array.from(estimate, (_, i) =>
      Float64Array.from(estimates, (one) => one[i] ?? Number.NaN).toSorted(),
    );
  }

  /** The estimate of the data themselves. */
  estimate(): ValuesOf<P> {
    return this.#named((i) => this.#estimate[i] ?? Number.NaN) as ValuesOf<P>;
  }

  /** Standard deviations of the estimates: standard errors. */
  sd(): ValuesOf<P> {
    return this.#named((i) => standardDeviation(this.#sorted[i] ?? [])) as ValuesOf<P>;
  }

  /**
   * Central intervals.
   *
   * @param level 0.9 for 90 %.
   * @param kind of the percentiles, or basic.
   * @throws InvalidArgumentError where the level is not within (0, 1).
   */
  interval(level = 0.9, kind: "percentile" | "basic" = "percentile"): IntervalResult<P> {
    if (!(level > 0 && level < 1)) {
      throw new InvalidArgumentError(`a level must be within (0, 1), but is ${level}`);
    }
    const ends = (i: number): readonly [number, number] => {
      const sorted = this.#sorted[i] ?? new Float64Array();
      const [low, high] = [(1 - level) / 2, (1 + level) / 2].map((q) => quantile(sorted, q));
      const [lower, upper] = [low ?? Number.NaN, high ?? Number.NaN];
      const twice = 2 * (this.#estimate[i] ?? Number.NaN);
      return kind === "percentile" ? [lower, upper] : [twice - upper, twice - lower];
    };
    return this.#named(ends) as IntervalResult<P>;
  }

  #named(scalar: (flat: number) => Interval<number> | number): unknown {
    return named(this.#slots, scalar);
  }
}

/**
 * Bootstraps an estimate.
 *
 * @param data one data set.
 * @throws InvalidArgumentError where there is more than one data set, no model for the parametric bootstrap, or nothing to draw again.
 * @example
 * const boot = await bootstrap(estimator, { y }, { kind: "elements" });
 * boot.interval(0.9).mu;      // [lower, upper]
 */
export async function bootstrap<P>(
  estimator: Estimating<P>,
  data: DataInput,
  options: BootstrapOptions = {},
): Promise<Bootstrap<P>> {
  requireKnown("bootstrap", options, KNOWN);
  const { model, resamples = 400, seed = 0 } = options;
  const { kind = model === undefined ? "elements" : "parametric" } = options;
  const { data: sets } = matchData(estimator.dataSpecs, data);
  if (sets.size !== 1) {
    throw new InvalidArgumentError(
      `bootstrap: takes one data set, but ${sets.size} were given: call it for each`,
    );
  }
  const { slots } = estimator;
  const [own] = rowsOf(slots, await estimator.estimateBatch(inputOf(sets)), 1);
  const estimate = own ?? new Float64Array();
  const random = stream(seed).split("bootstrap");
  const drawn =
    kind === "parametric"
      ? simulated(modelIn(options), estimate, sets, resamples, random)
      : resampled(sets, kind === "blocks" ? blockIn(options, sets) : 1, resamples, random);
  const estimates = rowsOf(slots, await estimator.estimateBatch(inputOf(drawn)), resamples);
  return new Bootstrap<P>(slots, estimate, estimates);
}

function modelIn({ model }: BootstrapOptions): AnyModel {
  if (model !== undefined) return model;
  throw new InvalidArgumentError(
    'bootstrap: the parametric bootstrap draws data of the model: give it, or ask for kind: "elements"',
  );
}

/** Arrays with all their sizes, so that nothing is left to guess. */
export function inputOf({ specs, size, columns }: DataSets): Record<string, ArrayInput> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => [
      name,
      { shape: [size, ...shape], data: columns[name] ?? new Float64Array() },
    ]),
  );
}

/** Estimates by name as flat vectors, one for each of n data sets. */
export function rowsOf<P>(
  slots: readonly ParameterSlot[],
  estimates: BatchResult<P>,
  n: number,
): readonly Float64Array[] {
  const values = estimates as Readonly<Record<string, Float64Array>>;
  return Array.from({ length: n }, (_, row) => {
    const one = slots.map(({ name, shape, size }): [string, GivenValue] => {
      const all = values[name] ?? new Float64Array();
      const own = all.subarray(row * size, (row + 1) * size);
      return [name, shape.length === 0 ? (own[0] ?? Number.NaN) : own];
    });
    return flatten(slots, Object.fromEntries(one));
  });
}

/** Data of the model at an estimate, of the sizes that the data have. */
function simulated(
  model: AnyModel,
  estimate: Float64Array,
  sets: DataSets,
  resamples: number,
  random: Stream,
): DataSets {
  const sizes = Object.fromEntries(
    Object.entries(sets.specs).flatMap(([name, spec]) =>
      spec.size === undefined ? [] : [[spec.size, countElements(spec, sets.column(name), 0)]],
    ),
  );
  const drawn = DataSets.allocate(model.dataSpecs, resamples);
  const values = model.unpack(estimate);
  const asked = Object.keys(model.sizes).length > 0 ? sizes : undefined;
  for (let row = 0; row < resamples; row++) {
    writeData(drawn, model.simulate(values, random.split(row), asked), row);
  }
  return drawn;
}

/** Data sets of elements, or of blocks of so many, drawn with replacement; what has no elements is as it was. */
function resampled(sets: DataSets, block: number, resamples: number, random: Stream): DataSets {
  const present: Columns = presentRow(sets, 0);
  const elements = countOf(sets);
  const order = Array.from({ length: resamples }, (_, row) =>
    drawnOrder(elements, block, random.split(row)),
  );
  const columns = Object.fromEntries(
    Object.entries(sets.specs).map(([name, spec]) => {
      const values = present[name] ?? new Float64Array();
      const width = sizeOf(spec.shape);
      const all = new Float64Array(resamples * width).fill(Number.NaN);
      const element = sizeOf(spec.shape.slice(1));
      for (const [row, places] of order.entries()) {
        if (!hasElements(spec)) all.set(values, row * width);
        else {
          for (const [i, from] of places.entries()) {
            const one = values.subarray(from * element, (from + 1) * element);
            all.set(one, row * width + i * element);
          }
        }
      }
      return [name, all];
    }),
  );
  return new DataSets(sets.specs, resamples, columns);
}

/** Places of n elements, by blocks that begin anywhere. */
function drawnOrder(n: number, block: number, random: Stream): readonly number[] {
  const order: number[] = [];
  while (order.length < n) {
    const start = Math.floor((n - block + 1) * random.uniform());
    for (let i = 0; i < block && order.length < n; i++) order.push(start + i);
  }
  return order;
}

function hasElements({ kind }: ArraySpec): boolean {
  return kind === "set" || kind === "series";
}

/** @throws InvalidArgumentError where arrays have no elements, or not as many as each other. */
function countOf(sets: DataSets): number {
  const counts = Object.entries(sets.specs)
    .filter(([, spec]) => hasElements(spec))
    .map(([name, spec]) => countElements(spec, sets.column(name), 0));
  const [first = 0, ...others] = counts;
  if (first > 0 && others.every((count) => count === first)) return first;
  throw new InvalidArgumentError(
    `bootstrap: elements that are drawn again must be in sets or series of one length, but there are ${counts.join(", ") || "none"}: give the model, for the parametric bootstrap`,
  );
}

function blockIn({ block }: BootstrapOptions, sets: DataSets): number {
  const n = countOf(sets);
  const length = block ?? Math.max(1, Math.round(Math.cbrt(n)));
  if (Number.isInteger(length) && length >= 1 && length <= n) return length;
  throw new InvalidArgumentError(
    `bootstrap: a block must have from 1 to ${n} elements, but ${length} were asked for`,
  );
}

function standardDeviation(values: ArrayLike<number>): number {
  const all = Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const square = all.reduce((total, value) => total + (value - mean) ** 2, 0);
  return Math.sqrt(square / (all.length - 1));
}

/** Between order statistics, as R's and NumPy's default. */
function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (at - Math.floor(at)) * (above - below);
}
