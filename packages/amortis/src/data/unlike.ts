/**
 * Data unlike anything that was simulated: a network asked about them extrapolates, with whatever confidence it happens to have.
 *
 * Each number is held against the range that the training simulations had, of the numbers that share its units. A fresh simulation leaves that range now
 * and then, so it is widened by a part of its length; columns over decades are compared after their map.
 */
import type { ArraySpecs } from "./array-spec.js";
import type { DataSets } from "./data-sets.js";
import type { Moments } from "./moments.js";
import { spread, type Standardization } from "./standardization.js";
import { position, sizeOf } from "./shape.js";

/** Part of the range's length by which a number may leave it. */
const MARGIN = 0.25;

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
    return [{ name, shape, lower, upper, scale: scaleOf(moments, at) }];
  });
}

/** Columns over decades have their length after their map. */
function scaleOf(
  { tails, offset = [0] }: Moments,
  at: (values: readonly number[]) => Float64Array,
): Bounds["scale"] {
  if (tails === undefined) return (value) => value;
  const [center, width, off] = [at(tails.center), at(tails.width), at(offset)];
  return (value, place) => {
    const own = width[place] ?? 0;
    const from = value - (off[place] ?? 0) - (center[place] ?? 0);
    return own > 0 ? Math.asinh(from / own) : value;
  };
}

function firstOutside(
  { name, shape, lower, upper, scale }: Bounds,
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
    const margin = MARGIN * (to - from);
    if (here >= from - margin && here <= to + margin) continue;
    return { dataSet, place: `${name}${position(place, shape)}`, value, range: [least, most] };
  }
  return undefined;
}
