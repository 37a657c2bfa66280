/**
 * How many elements data sets have, whose number varies.
 */
import type { ArraySpec } from "./array-spec.js";
import type { Column, DataSets } from "./data-sets.js";
import { sizeOf } from "./shape.js";

/** Elements of one data set of an array: all but those at its end that have no value. */
export function countElements({ shape }: ArraySpec, column: Column, row: number): number {
  const [most = 0, ...rest] = shape;
  const element = sizeOf(rest);
  const start = row * most * element;
  let end = start + most * element;
  while (end > start && Number.isNaN(column[end - 1])) end--;
  return Math.ceil((end - start) / element);
}

/**
 * Two arrays of one named size that differ in their elements, in words; undefined where there are none. Of an array whose values may be missing it is not
 * known how many it has.
 */
export function unequalSizes(sets: DataSets, row: number): string | undefined {
  const found = new Map<string, { readonly name: string; readonly count: number }>();
  for (const [name, spec] of Object.entries(sets.specs)) {
    const { size, missing } = spec;
    if (size === undefined || missing) continue;
    const count = countElements(spec, sets.column(name), row);
    const other = found.get(size);
    if (other === undefined) found.set(size, { name, count });
    else if (other.count !== count) {
      return `"${other.name}" has ${other.count} elements and "${name}" ${count}, but both are of the size "${size}": give as many of each`;
    }
  }
  return undefined;
}
