/**
 * Whether single precision is enough for a column.
 *
 * A float32 has 24 bits. That is plenty for numbers about as large as they vary, and useless for those that sit on a large offset: seconds since 1970 are
 * 128 apart. A column is kept in single precision where that loses nothing, or less than a thousandth of the interquartile range at each place.
 */
import type { Column } from "./data-sets.js";
import { DataSets } from "./data-sets.js";
import type { Moments } from "./moments.js";
import { sizeOf } from "./shape.js";

/** Data sets that the spread at a place is judged by. */
const SAMPLE = 256;

/** Largest ratio of a typical value to the interquartile range: 2⁻²⁴ of the one is then 2⁻¹⁰ of the other. */
const LARGEST_RATIO = 2 ** 14;

/** The same data sets, with the columns in single precision for which it is enough. */
export function compact(sets: DataSets): DataSets {
  const columns = Object.fromEntries(
    Object.entries(sets.specs).map(([name, { shape }]) => {
      const column = sets.column(name);
      return [name, singleIsEnough(column, sizeOf(shape)) ? new Float32Array(column) : column];
    }),
  );
  return new DataSets(sets.specs, sets.size, columns);
}

/** Whether a column [n, width] may be kept in single precision. */
export function singleIsEnough(column: Column, width: number): boolean {
  if (column instanceof Float32Array || isSingle(column)) return true;
  const n = column.length / width;
  const rows = Math.min(SAMPLE, n);
  const sample = new Float64Array(rows);
  for (let place = 0; place < width; place++) {
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const value = column[Math.floor((i * n) / rows) * width + place] ?? 0;
      if (Number.isFinite(value)) sample[count++] = value;
    }
    if (count > 0 && isCoarse(sample.subarray(0, count).toSorted())) return false;
  }
  return true;
}

/** Whether every value is a float32 already. */
function isSingle(column: Float64Array): boolean {
  return column.every((value) => Object.is(Math.fround(value), value));
}

/** Whether sorted values sit on an offset that is too large for how much they vary. */
function isCoarse(sorted: Float64Array): boolean {
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const quartiles = at(0.75) - at(0.25);
  const spread = quartiles > 0 ? quartiles : at(1) - at(0);
  return Math.abs(at(0.5)) > LARGEST_RATIO * spread && spread > 0;
}

/** Largest step of single precision, in standard deviations, about which nothing is said: answers a hundred times sharper than what is known before still stand. */
const LARGEST_STEP = 1e-3;

/**
 * Which of several numbers single precision cannot tell apart well enough, in one line; undefined where it can.
 *
 * @param names of the numbers.
 * @param moments of what is left of them once offsets are taken off.
 * @param what they are: "parameters", for instance.
 */
export function describeLostDigits(
  what: string,
  names: readonly string[],
  { mean, sd }: Pick<Moments, "mean" | "sd">,
): string | undefined {
  const lost = names.flatMap((name, i) => {
    const location = mean[i] ?? 0;
    const step = Math.abs(location) * 2 ** -23;
    return step > LARGEST_STEP * (sd[i] ?? 1) ? [{ name, location, step, sd: sd[i] ?? 1 }] : [];
  });
  const [first] = lost;
  if (first === undefined) return undefined;
  const { name, location, step, sd: scale } = first;
  const others = lost.length === 1 ? "" : `, and so for ${lost.length - 1} more`;
  const short = (value: number): string => String(Number(value.toPrecision(3)));
  return `${what}: networks reckon in single precision, which tells numbers near ${Number(location.toPrecision(8))} apart by steps of about ${short(step)}, while "${name}" varies by ${short(scale)}${others}: nothing sharper than such a step can be learned or told. Write it as a difference from a fixed number, such as ${Math.round(location)}`;
}
