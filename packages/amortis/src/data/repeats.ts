/**
 * Values that come again and again. Of continuous numbers no two are the same, so numbers that simulations share are counts, categories, rounded, or continuous but for single values that have
 * a probability, as a rainfall of zero has. A density has no probability for single values: learned of such numbers it grows without end at each of them, wherever that says nothing of the parameters.
 */
import type { ArraySpec } from "./array-spec.js";
import type { Column, DataSets } from "./data-sets.js";
import { position } from "./shape.js";

/** Share of values that others have too, from which on numbers are said to come again; rounding to single precision alone makes less. */
const SHARED = 0.05;

/** Values of each number that are looked at, at most. */
const MOST = 5_000;

/** Entries along an array's last axis that are looked at, at most. */
const ENTRIES = 256;

/** Numbers of an array that come again. */
export interface Repeats {
  /** Where: "y", "y[2]" or "y[..., 1]". */
  readonly place: string;
  /** Share of values that others have too. */
  readonly shared: number;
  /** The value met most, and its share. */
  readonly common: number;
  readonly share: number;
  /** Whether all are whole and none is negative. */
  readonly counts: boolean;
}

/** What is known of the values of an array that come again. */
export interface ArrayRepeats {
  /** Entries along the last axis that come again. */
  readonly repeats: readonly Repeats[];
  /** Whether all of its numbers are whole, none is negative, and they come again. */
  readonly counts: boolean;
}

/** What comes again in each array; arrays in which nothing does are left out. */
export function findRepeats(sets: DataSets): Readonly<Record<string, ArrayRepeats>> {
  return Object.fromEntries(
    Object.entries(sets.specs).flatMap(([name, spec]) => {
      const repeats = repeatsOf(name, spec, sets.column(name));
      return repeats.repeats.length === 0 ? [] : [[name, repeats] as const];
    }),
  );
}

function repeatsOf(name: string, spec: ArraySpec, column: Column): ArrayRepeats {
  const { shape } = spec;
  const entries = shape.at(-1) ?? 1;
  // Numbers of one series, or replicates, are one column; entries side by side have each its own.
  const apart = spec.channels || (shape.length === 1 && !spec.varies) ? entries : 1;
  const looked = Math.min(apart, ENTRIES);
  const placeOf = (entry: number): string => {
    if (apart === 1) return name;
    return shape.length === 1 ? `${name}${position(entry, shape)}` : `${name}[..., ${entry}]`;
  };
  const found = Array.from({ length: looked }, (_, entry) =>
    repeatsIn(placeOf(entry), column, entry, apart),
  );
  const repeats = found.flatMap((one) => (one === undefined ? [] : [one]));
  return {
    repeats,
    counts: repeats.length === looked && repeats.every(({ counts }) => counts),
  };
}

/** Every `step`-th number from `start` on; undefined where they do not come again, or are all the same. */
function repeatsIn(
  place: string,
  column: Column,
  start: number,
  step: number,
): Repeats | undefined {
  const times = new Map<number, number>();
  let [n, counts] = [0, true];
  for (let at = start; at < column.length && n < MOST; at += step) {
    const value = column[at] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    n++;
    times.set(value, (times.get(value) ?? 0) + 1);
    counts &&= Number.isInteger(value) && value >= 0;
  }
  if (times.size < 2) return undefined;
  let [alone, common, most] = [0, 0, 0];
  for (const [value, count] of times) {
    if (count === 1) alone++;
    if (count > most) [common, most] = [value, count];
  }
  const shared = 1 - alone / n;
  return shared < SHARED ? undefined : { place, shared, common, share: most / n, counts };
}

/** Share of one value alone, from which on no density can be what numbers are: rounded numbers of which each is met seldom are continuous to any density that is learned. */
const ATOM = 0.05;

/** Those of which one value alone has a probability that no density gives it. */
export function withAtoms(found: readonly Repeats[]): readonly Repeats[] {
  return found.filter(({ share }) => share > ATOM);
}

/** What comes again, in one clause: "62 % of the values of y[0] are those of other simulations (0 is 13 % of them)". */
export function describeRepeats(found: readonly Repeats[]): string {
  const [first] = found;
  if (first === undefined) return "";
  const { place, shared, common, share } = first;
  const percent = (value: number): string => `${Math.round(100 * value)} %`;
  const rest = found.length > 1 ? `, and so are those of ${found.length - 1} more numbers` : "";
  return `${percent(shared)} of the values of ${place} are those of other simulations too (${common} is ${percent(share)} of them)${rest}`;
}
