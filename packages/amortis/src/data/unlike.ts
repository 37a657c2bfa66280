/**
 * Data unlike anything that was simulated: a network asked about them extrapolates, with whatever confidence it happens to have.
 *
 * Each number is held against the range that the training simulations had, of the numbers that share its units. A fresh simulation leaves that range now
 * and then, so it is widened by a part of its length, and by less where its location is near an end; columns over decades are compared after their map, and by
 * logarithms where all are on one side of its center.
 */
import type { ArraySpecs } from "./array-spec.js";
import type { DataSets } from "./data-sets.js";
import type { Moments } from "./moments.js";
import { spread, type Standardization } from "./standardization.js";
import { position, sizeOf } from "./shape.js";

/** Part of the range's length by which a number may leave it. */
const MARGIN = 0.25;

/** Part of the distance from an end to the location by which it may do so at most. */
const SIDE = 0.5;

/** Data sets that one warning names. */
const NAMED = 3;

/** A number that is unlike all that was simulated in its place. */
export interface Unlike {
  /** Number of the data set. */
  readonly dataSet: number;
  /** Where it is: "y[1]". */
  readonly place: string;
  readonly value: number;
  /** What was simulated there. */
  readonly range: readonly [number, number];
}

/** Numbers of one array and where they may lie. */
interface Bounds {
  readonly name: string;
  readonly shape: readonly number[];
  /** In the array's own units, at each place. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly location: Float64Array;
  /** To the scale on which a range has its length. */
  readonly scale: (value: number, place: number) => number;
}

/**
 * The first number of each data set, if any, that lies far outside what was simulated. Estimators of version 0.1 do not know.
 *
 * @param sets in their own units.
 */
export function findUnlike(
  sets: DataSets,
  { data, raw = data }: Pick<Standardization, "data" | "raw">,
): readonly Unlike[] {
  const bounds = boundsOf(sets.specs, raw);
  return Array.from({ length: sets.size }, (_, dataSet) => {
    for (const one of bounds) {
      const found = firstOutside(one, sets, dataSet);
      if (found !== undefined) return [found];
    }
    return [];
  }).flat();
}

/** What was found, in one line; undefined where nothing was. */
export function describeUnlike(found: readonly Unlike[], total: number): string | undefined {
  if (found.length === 0) return undefined;
  const named = found.slice(0, NAMED).map(({ dataSet, place, value, range: [lower, upper] }) => {
    const where = total === 1 ? place : `${place} of data set ${dataSet}`;
    return lower === upper
      ? `${where} is ${short(value)}, where every simulation had ${short(lower)}`
      : `${where} is ${short(value)}, where simulations ran from ${short(lower)} to ${short(upper)}`;
  });
  const rest = found.length > NAMED ? `, and ${found.length - NAMED} more data sets` : "";
  const subject = total === 1 ? "the data are" : `${found.length} of ${total} data sets are`;
  return `${subject} unlike anything that was simulated, so the answer is a guess: ${named.join("; ")}${rest}`;
}

/** Places of the data that never varied in training, in one line; undefined where all did. */
export function describeConstant(
  specs: ArraySpecs,
  { data, raw = data }: Pick<Standardization, "data" | "raw">,
): string | undefined {
  const places = boundsOf(specs, raw).flatMap(({ name, shape, lower, upper }) =>
    Array.from(lower, (value, place) =>
      value === upper[place] ? [`${name}${position(place, shape)} (always ${short(value)})`] : [],
    ).flat(),
  );
  const [first, ...others] = places;
  if (first === undefined) return undefined;
  const rest = others.length === 0 ? "" : ` and ${others.length} other numbers of the data`;
  return `${first}${rest} never varied in training: what other values there would say of the parameters cannot be learned, and answers to them will come with a warning`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function boundsOf(specs: ArraySpecs, data: Standardization["data"]): readonly Bounds[] {
  return Object.entries(specs).flatMap(([name, { shape }]) => {
    const moments = data[name];
    if (moments?.range === undefined) return [];
    const at = (values: readonly number[]): Float64Array => spread(values, shape, moments.shape);
    const [lower, upper] = [at(moments.range.lower), at(moments.range.upper)];
    const off = at(moments.offset ?? [0]);
    const location = at(moments.mean).map((value, place) => value + (off[place] ?? 0));
    const scale = scaleOf(moments, at, [lower, upper]);
    return [{ name, shape, lower, upper, location, scale }];
  });
}

/** Columns over decades have their length after their map. */
function scaleOf(
  { tails, offset = [0] }: Moments,
  at: (values: readonly number[]) => Float64Array,
  [lower, upper]: readonly [Float64Array, Float64Array],
): Bounds["scale"] {
  if (tails === undefined) return (value) => value;
  const [center, width, off] = [at(tails.center), at(tails.width), at(offset)];
  return (value, place) => {
    const own = width[place] ?? 0;
    if (!(own > 0)) return value;
    const middle = (off[place] ?? 0) + (center[place] ?? 0);
    const from = value - middle;
    if ((lower[place] ?? 0) > middle) return Math.log(Math.max(0, from));
    if ((upper[place] ?? 0) < middle) return -Math.log(Math.max(0, -from));
    return Math.asinh(from / own);
  };
}

function firstOutside(
  { name, shape, lower, upper, location, scale }: Bounds,
  sets: DataSets,
  dataSet: number,
): Unlike | undefined {
  const size = sizeOf(shape);
  const column = sets.column(name);
  for (let place = 0; place < size; place++) {
    const value = column[dataSet * size + place] ?? Number.NaN;
    const [least, most] = [lower[place] ?? Number.NaN, upper[place] ?? Number.NaN];
    // NaN, which is not there, is on neither side.
    if (!(value < least || value > most)) continue;
    const [from, to, here] = [scale(least, place), scale(most, place), scale(value, place)];
    const middle = scale(location[place] ?? Number.NaN, place);
    const side = middle > from && middle < to ? middle : (from + to) / 2;
    const margin = (length: number): number => Math.min(MARGIN * (to - from), SIDE * length);
    if (here >= from - margin(side - from) && here <= to + margin(to - side)) continue;
    return { dataSet, place: `${name}${position(place, shape)}`, value, range: [least, most] };
  }
  return undefined;
}
