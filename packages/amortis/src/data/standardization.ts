/**
 * Standardisation: what is learned of a training set's units and stored with the estimator, and applied to numbers; to graphs in `standardization-graph.ts`.
 */
import type { ColumnTransforms } from "./column-transform.js";
import { DataSets, type Column } from "./data-sets.js";
import type { LinearTrend } from "./linear-trend.js";
import type { Typicality } from "./typicality.js";
import type { Moments } from "./moments.js";
import { sizeOf } from "./shape.js";

/** Moments of all that goes into training. */
export interface Standardization {
  /** By name of the data array. */
  readonly data: Readonly<Record<string, Moments>>;
  /** Of the data as they are, where a transform puts others in their place. */
  readonly raw?: Readonly<Record<string, Moments>>;
  /** Transforms that the user asked for of the data as they are; estimators from before there were any have none. */
  readonly columns?: ColumnTransforms;
  /** Of the parameters, flat. */
  readonly parameters: Moments;
  /** Of the parameters in unconstrained space; absent where they have none. */
  readonly unconstrained?: Moments;
  /** Of the parameters of all simulations, where a classifier of the valid ones was learned beside: its networks see them by these. */
  readonly validity?: Moments;
  /** The linear trend of the standardised unconstrained parameters in the data that networks see, for methods that start from one. */
  readonly trend?: LinearTrend;
  /** Range of what the networks make of the data they were trained on, before anything else sees it. */
  readonly summary?: Required<Pick<Moments, "range">>["range"];
  /** Which of them are typical of the model, by simulations held out of training. */
  readonly typicality?: Typicality;
}

/** Before the name of the array that says what is there of another. */
const PRESENT = "present:";

/** The name of the array of indicators, 1 where a value is there and 0 where not, of an array that may lack values. */
export function presenceName(name: string): string {
  return PRESENT + name;
}

/** Moments of the unconstrained parameters. */
export function unconstrainedMoments({ unconstrained }: Standardization): Moments {
  return unconstrained ?? { mean: [0], sd: [1] };
}

/** What networks see of rows [n, size]: `standardize` on the host, reckoned in double precision. */
export function standardizeRows(values: Column, moments: Moments): Float32Array {
  return Float32Array.from(standardizeExactly(values, moments));
}

/** The same, in double precision. */
export function standardizeExactly(values: Column, moments: Moments): Float64Array {
  const { mean, sd, tails } = moments;
  const size = mean.length;
  const seen = Array.from({ length: size }, (_, i) => {
    const [center = 0, width = 0] = [tails?.center[i], tails?.width[i]];
    const [middle = 0, spread = 1] = width > 0 ? [tails?.mean[i], tails?.sd[i]] : [mean[i], sd[i]];
    return width > 0
      ? (x: number) => (Math.asinh((x - center) / width) - middle) / spread
      : (x: number) => (x - middle) / spread;
  });
  return Float64Array.from(values, (x, i) => seen[i % size]?.(x) ?? 0);
}

/** Rows as they were of what networks see of them: the inverse of `standardizeExactly`. */
export function restoreRows(seen: ArrayLike<number>, moments: Moments): Float64Array {
  const { mean, sd, tails } = moments;
  const size = mean.length;
  const restored = Array.from({ length: size }, (_, i) => {
    const [center = 0, width = 0] = [tails?.center[i], tails?.width[i]];
    const [middle = 0, spread = 1] = width > 0 ? [tails?.mean[i], tails?.sd[i]] : [mean[i], sd[i]];
    return width > 0
      ? (y: number) => center + width * Math.sinh(middle + spread * y)
      : (y: number) => middle + spread * y;
  });
  return Float64Array.from(seen, (y, i) => restored[i % size]?.(y) ?? 0);
}

/** The data with their offsets taken off in double precision: what programs take. */
export function withoutOffsets(sets: DataSets, { data }: Pick<Standardization, "data">): DataSets {
  return mapOffsets(sets, data, (column, offset) =>
    Float32Array.from(column, (value, i) => value - (offset[i % offset.length] ?? 0)),
  );
}

/** The data with their offsets, in double precision. */
export function restoreOffsets(sets: DataSets, { data }: Pick<Standardization, "data">): DataSets {
  return mapOffsets(sets, data, (column, offset) =>
    Float64Array.from(column, (value, i) => value + (offset[i % offset.length] ?? 0)),
  );
}

/** The columns that have offsets mapped by them, at each place of the array. */
function mapOffsets(
  sets: DataSets,
  data: Standardization["data"],
  map: (column: Column, offset: Float64Array) => Column,
): DataSets {
  const columns = Object.fromEntries(
    Object.entries(sets.specs).map(([name, { shape }]) => {
      const column = sets.column(name);
      const { offset, shape: shared } = data[name] ?? {};
      return [name, offset === undefined ? column : map(column, spread(offset, shape, shared))];
    }),
  );
  return new DataSets(sets.specs, sets.size, columns);
}

/** A list of moments at each place of an array. */
export function spread(
  values: readonly number[],
  shape: readonly number[],
  shared: readonly number[] = shape,
): Float64Array {
  const size = sizeOf(shape);
  if (values.length === 1) return new Float64Array(size).fill(values[0] ?? 0);
  if (values.length === size) return Float64Array.from(values);
  return Float64Array.from({ length: size }, (_, place) => {
    let [rest, group, stride] = [place, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const own = shared[axis] ?? 1;
      if (own > 1) group += (rest % (shape[axis] ?? 1)) * stride;
      stride *= own;
      rest = Math.floor(rest / (shape[axis] ?? 1));
    }
    return values[group] ?? 0;
  });
}
