/**
 * Location and scale of arrays, learned from a training set.
 *
 * Numbers that share units share their moments: all of a field or a series, each channel of one, each entry of a vector. A few simulations must not decide:
 * where a column's standard deviation is far above its quartile range, or its numbers are over decades and none of them zero, location and scale are its median and quartiles,
 * and networks see it through
 *
 *     y = asinh((x - center) / width),
 *
 * which is linear near the center and a logarithm far from it, so that counts, rates and scales over decades are told apart at every level.
 */
import type { ArraySpec } from "./array-spec.js";
import type { Scaling } from "./transformed-column.js";
import type { Column } from "./data-sets.js";
import { sizeOf } from "./shape.js";

/** Location and scale. */
export interface Moments {
  readonly mean: readonly number[];
  readonly sd: readonly number[];
  /** Shape of all the lists here beside the array's, with sizes of one where an axis shares them; left out, [] for lists of one, and else [length]. */
  readonly shape?: readonly number[];
  /** Taken off in double precision before anything else, where single precision would lose digits; the other numbers are of what is left. */
  readonly offset?: readonly number[];
  /** The map of columns over decades, and moments after it; a width of zero for those that have none. */
  readonly tails?: Tails;
  /** Smallest and largest value that was met. Files of version 0.1 do not say. */
  readonly range?: { readonly lower: readonly number[]; readonly upper: readonly number[] };
}

/** y = (asinh((x - center) / width) - mean) / sd. */
export interface Tails {
  readonly center: readonly number[];
  readonly width: readonly number[];
  readonly mean: readonly number[];
  readonly sd: readonly number[];
}

/** Smaller numbers are none to single precision. */
const LEAST_WIDTH = 2 ** -120;

/** Values of one group that its quantiles are taken of. */
const SAMPLE = 20_000;

/** Ratio of the standard deviation to what the quartiles of a normal distribution would say it is, from which a column is said to have tails. */
const HEAVY = 3;

/** The quartile range of a normal distribution in standard deviations. */
const QUARTILES = 1.349;

/** Largest ratio of location to scale that single precision bears: a step of 2⁻²⁴ of the one is then 2⁻¹⁵ of the other. */
const LARGEST_RATIO = 2 ** 9;

/** Plain arrays whose last axis has at most so many entries are taken for columns side by side. */
const CHANNELS = 3;

/** Ratio of scales, or distance of locations in scales, from which entries along an axis of a plain array are said to have units of their own. */
const APART = 4;

/**
 * Moments of an array's column [n, ...shape], by what its specification says shares units; NaN is left out.
 *
 * @param offsets whether an offset may be taken off.
 * @param scaling what is learned of a column that a user has a transform of.
 */
export function learnMoments(
  column: Column,
  spec: ArraySpec,
  offsets: boolean,
  scaling?: Scaling,
): Moments {
  if (scaling === "given") return { mean: [0], sd: [1] };
  const shape = sharedShape(column, spec);
  const mapped = scaling === undefined;
  return momentsOf(column, spec.shape, shape, { offsets, robust: mapped, mapped });
}

/**
 * Moments of the columns of [n, size] values, each by itself. Location and scale are mean and standard deviation whatever the tails, as losses of
 * estimates need them; what networks see is mapped all the same.
 */
export function columnMoments(values: Column, size: number): Moments {
  return momentsOf(values, [size], [size], { offsets: false, robust: false, mapped: true });
}

/** Mean and standard deviation of the columns of [n, size] values, whatever their tails; 1 for a constant column. */
export function meansAndSds(
  values: Column,
  size: number,
): { readonly mean: readonly number[]; readonly sd: readonly number[] } {
  const groups = groupsOf([size], [size]);
  const found = Array.from({ length: size }, (_, group) => exactMoments(values, groups, group));
  return { mean: found.map(({ mean }) => mean), sd: found.map(({ sd }) => usableScale(sd)) };
}

/** A constant column carries nothing: it is left at its distance from the mean, zero. */
function usableScale(sd: number): number {
  return sd > 0 && Number.isFinite(sd) ? sd : 1;
}

interface Learning {
  readonly offsets: boolean;
  /** Whether location and scale of columns over decades are their median and quartiles; then positive numbers over decades are such a column, whatever their quartiles. */
  readonly robust: boolean;
  /** Whether columns over decades are mapped. */
  readonly mapped: boolean;
}

function momentsOf(
  column: Column,
  shape: readonly number[],
  shared: readonly number[],
  { offsets, robust, mapped }: Learning,
): Moments {
  const groups = groupsOf(shape, shared);
  const count = sizeOf(shared);
  const found = Array.from({ length: count }, (_, group) =>
    groupMoments(column, groups, group, { robust, mapped }),
  );
  const offset = found.map(({ mean, sd }) =>
    offsets && sd > 0 && Math.abs(mean) > LARGEST_RATIO * sd ? mean : 0,
  );
  const heavy = found.some(({ tails }) => tails !== undefined);
  const list = (pick: (one: GroupMoments, group: number) => number): number[] => found.map(pick);
  const off = (group: number): number => offset[group] ?? 0;
  const tail = (key: keyof GroupTails, otherwise: number) =>
    list(({ tails }, group) =>
      tails === undefined ? otherwise : tails[key] - (key === "center" ? off(group) : 0),
    );
  return {
    mean: list(({ mean }, group) => mean - off(group)),
    sd: list(({ sd }) => usableScale(sd)),
    ...(shared.length > 1 && { shape: shared }),
    ...(offset.some((value) => value !== 0) && { offset }),
    ...(heavy && {
      tails: {
        center: tail("center", 0),
        width: tail("width", 0),
        mean: tail("mean", 0),
        sd: tail("sd", 1),
      },
    }),
    range: { lower: list(({ lower }) => lower), upper: list(({ upper }) => upper) },
  };
}

/** Which entries of an array share their moments: a shape that broadcasts to the array's, with one where an axis is shared. */
function sharedShape(column: Column, { kind, shape, channels }: ArraySpec): readonly number[] {
  const last = shape.map((size, axis) => (axis === shape.length - 1 ? size : 1));
  if (channels) return last;
  if (kind === "vector" || shape.length === 1)
    return kind === "series" || kind === "set" ? [] : shape;
  if (shape.length === 0 || kind !== "array") return [];
  if ((shape.at(-1) ?? 1) <= CHANNELS) return last;
  const apart = axesApart(column, shape);
  return apart.some(Boolean) ? shape.map((size, axis) => (apart[axis] ? size : 1)) : [];
}

/** For each axis of a plain array, whether entries along it have units of their own, by a few data sets. */
function axesApart(column: Column, shape: readonly number[]): readonly boolean[] {
  const rows = Math.min(64, column.length / sizeOf(shape));
  const part = column.subarray(0, rows * sizeOf(shape));
  return shape.map((size, axis) => {
    if (size === 1) return false;
    const groups = groupsOf(
      shape,
      shape.with(axis, size).map((s, a) => (a === axis ? s : 1)),
    );
    const entries = Array.from({ length: size }, (_, i) => robustMoments(part, groups, i));
    const scales = entries.map(({ scale }) => scale).filter((scale) => scale > 0);
    if (scales.length === 0) return false;
    const locations = entries.map(({ location }) => location);
    const typical = scales.toSorted((a, b) => a - b)[Math.floor(scales.length / 2)] ?? 1;
    return (
      Math.max(...scales) > APART * Math.min(...scales) ||
      Math.max(...locations) - Math.min(...locations) > APART * typical
    );
  });
}

function robustMoments(
  column: Column,
  groups: Groups,
  group: number,
): { readonly location: number; readonly scale: number } {
  const sorted = sampleOf(column, groups, group);
  const scale = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / QUARTILES;
  return { location: quantile(sorted, 0.5), scale };
}

/** Which group each place of a data set is in, and the places of each. */
interface Groups {
  readonly width: number;
  readonly places: readonly Uint32Array[];
}

function groupsOf(shape: readonly number[], shared: readonly number[]): Groups {
  const width = sizeOf(shape);
  const places = Array.from({ length: sizeOf(shared) }, (): number[] => []);
  for (let place = 0; place < width; place++) {
    let [rest, group, stride] = [place, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] ?? 1;
      const own = shared[axis] ?? 1;
      if (own > 1) group += (rest % size) * stride;
      stride *= own;
      rest = Math.floor(rest / size);
    }
    places[group]?.push(place);
  }
  return { width, places: places.map((list) => Uint32Array.from(list)) };
}

interface GroupTails {
  readonly center: number;
  readonly width: number;
  readonly mean: number;
  readonly sd: number;
}

interface GroupMoments {
  readonly mean: number;
  readonly sd: number;
  readonly lower: number;
  readonly upper: number;
  readonly tails?: GroupTails;
}

function groupMoments(
  column: Column,
  groups: Groups,
  group: number,
  { robust, mapped }: Omit<Learning, "offsets">,
): GroupMoments {
  const { mean, sd, lower, upper } = exactMoments(column, groups, group);
  if (!mapped) return { mean, sd, lower, upper };
  const sorted = sampleOf(column, groups, group);
  const tails = tailsOf(sorted, sd, robust && isWithoutZero(sorted) && areOverDecades(sorted));
  if (tails === undefined) return { mean, sd, lower, upper };
  if (!robust) return { mean, sd, lower, upper, tails };
  const scale = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / QUARTILES;
  return { mean: quantile(sorted, 0.5), sd: scale > 0 ? scale : sd, lower, upper, tails };
}

function exactMoments(
  column: Column,
  { width, places }: Groups,
  group: number,
): Omit<GroupMoments, "tails"> {
  const own = places[group] ?? new Uint32Array();
  let [n, mean, square, lower, upper] = [0, 0, 0, Infinity, -Infinity];
  for (let row = 0; row < column.length; row += width) {
    for (const place of own) {
      const value = column[row + place] ?? 0;
      if (Number.isNaN(value)) continue;
      // Welford's update: one pass, no cancellation.
      n++;
      const delta = value - mean;
      mean += delta / n;
      square += delta * (value - mean);
      if (value < lower) lower = value;
      if (value > upper) upper = value;
    }
  }
  return { mean, sd: Math.sqrt(square / Math.max(1, n - 1)), lower, upper };
}

/** Values of a group from all over the training set, sorted. */
function sampleOf(column: Column, { width, places }: Groups, group: number): Float64Array {
  const own = places[group] ?? new Uint32Array();
  const rows = column.length / width;
  const total = rows * own.length;
  const count = Math.min(SAMPLE, total);
  const sample = new Float64Array(count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * total) / count);
    const row = Math.floor(at / own.length);
    const value = column[row * width + (own[at % own.length] ?? 0)] ?? 0;
    if (!Number.isNaN(value)) sample[kept++] = value;
  }
  return sample.subarray(0, kept).toSorted();
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}

/**
 * The map of a column whose tails are heavy, with moments after it; undefined where they are not.
 *
 * @param wide whether it has one all the same.
 */
function tailsOf(sorted: Float64Array, sd: number, wide: boolean): GroupTails | undefined {
  const quartiles = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / QUARTILES;
  const median = quantile(sorted, 0.5);
  const far = distances(sorted, median);
  const typical = quartiles > 0 ? quartiles : quantile(far, 0.5);
  if (!(typical > 0) || !(wide || sd > HEAVY * typical)) return undefined;
  const { center, width: found } = centerOf(sorted, median, far);
  const width = Math.max(found, LEAST_WIDTH);
  if (!(found > 0 && Number.isFinite(1 / width))) return undefined;
  let [n, mean, square] = [0, 0, 0];
  for (const value of sorted) {
    n++;
    const y = Math.asinh((value - center) / width);
    const delta = y - mean;
    mean += delta / n;
    square += delta * (y - mean);
  }
  const scale = Math.sqrt(square / Math.max(1, n - 1));
  return { center, width, mean, sd: scale > 0 ? scale : 1 };
}

/** Distances from a center that are not zero, sorted. */
function distances(sorted: Float64Array, center: number): Float64Array {
  return sorted
    .map((value) => Math.abs(value - center))
    .filter((value) => value > 0)
    .toSorted();
}

/**
 * Zero or the median, from whichever distances span more decades, and the distance at which the logarithm begins. Of numbers of one sign that are over decades
 * themselves it is zero, however near the median some happen to be.
 */
function centerOf(
  sorted: Float64Array,
  median: number,
  far: Float64Array,
): { readonly center: number; readonly width: number } {
  const fromZero = distances(sorted, 0);
  const [center, found] =
    areOverDecades(sorted) || span(fromZero) >= span(far) ? [0, fromZero] : [median, far];
  if (isOneSided(sorted, center)) {
    return { center, width: quantile(found, 0.001) };
  }
  // Of a normal distribution each of these is its standard deviation; a mixture of scales has smaller ones.
  const width = Math.min(
    quantile(found, 0.05) / 0.0627,
    quantile(found, 0.01) / 0.01253,
    quantile(found, 0.001) / 0.001253,
  );
  return { center, width };
}

/** Share of values on the other side up to which a column is said to have one side. */
const ONE_SIDED = 0.01;

/** Ratio of the 95 % and 5 % points from which numbers of one sign are said to be over decades. */
const DECADES = 30;

function span(distances: Float64Array): number {
  return quantile(distances, 0.95) / quantile(distances, 0.05);
}

/** Whether numbers are of one sign, and over decades. */
function areOverDecades(sorted: Float64Array): boolean {
  return isOneSided(sorted, 0) && span(distances(sorted, 0)) > DECADES;
}

/** Whether all numbers are of one sign. What is zero at times, as counts are, has noise that no ratio tells of: it may be linear, decades or not. */
function isWithoutZero(sorted: Float64Array): boolean {
  return (sorted[0] ?? 0) > 0 || (sorted.at(-1) ?? 0) < 0;
}

function isOneSided(sorted: Float64Array, center: number): boolean {
  const negative = sorted.findIndex((value) => value >= center) / sorted.length;
  const positive = 1 - (sorted.findLastIndex((value) => value <= center) + 1) / sorted.length;
  return Math.min(Math.abs(negative), positive) < ONE_SIDED;
}
