/**
 * Room for the elements of data sets, whose number varies.
 */
import type { ArraySpec, ArraySpecs } from "./array-spec.js";
import { DataSets, type Column, type Columns } from "./data-sets.js";
import { countElements } from "./counts.js";
import { sizeOf } from "./shape.js";
import { DataError } from "./simulator-output.js";

/** Data sets with room for so many elements as any of them has, and one at least: what lies beyond is not carried along. */
export function trimmed(sets: DataSets): DataSets {
  const most = new Map<string, number>();
  for (const [name, spec] of Object.entries(sets.specs)) {
    if (spec.size === undefined) continue;
    let largest = most.get(spec.size) ?? 1;
    for (let row = 0; row < sets.size; row++) {
      largest = Math.max(largest, countElements(spec, sets.column(name), row));
    }
    most.set(spec.size, largest);
  }
  return resized(sets, Object.fromEntries(most));
}

/**
 * Data sets with room for so many elements of each named size; those that have fewer are filled up with NaN.
 *
 * @throws DataError where one has more.
 */
export function resized(sets: DataSets, sizes: Readonly<Record<string, number>>): DataSets {
  const specs: Record<string, ArraySpec> = {};
  const columns: Record<string, Column> = {};
  for (const [name, spec] of Object.entries(sets.specs)) {
    const most = spec.size === undefined ? undefined : sizes[spec.size];
    const column = sets.column(name);
    specs[name] = most === undefined ? spec : { ...spec, shape: spec.shape.with(0, most) };
    columns[name] =
      most === undefined || most === spec.shape[0] ? column : moved(name, spec, column, most);
  }
  return new DataSets(specs, sets.size, columns);
}

function moved(name: string, spec: ArraySpec, column: Column, most: number): Column {
  const [had = 0, ...rest] = spec.shape;
  const [from, to] = [had * sizeOf(rest), most * sizeOf(rest)];
  const size = column.length / from;
  const result =
    column instanceof Float32Array ? new Float32Array(size * to) : new Float64Array(size * to);
  result.fill(Number.NaN);
  for (let row = 0; row < size; row++) {
    if (most < had) requireRoom(name, spec, column, row, most);
    result.set(column.subarray(row * from, row * from + Math.min(from, to)), row * to);
  }
  return result;
}

function requireRoom(
  name: string,
  spec: ArraySpec,
  column: Column,
  row: number,
  most: number,
): void {
  const count = countElements(spec, column, row);
  if (count <= most) return;
  throw new DataError(
    `data set ${row} of the array "${name}" has ${count} elements, but there may be ${most} at most`,
  );
}

/** One data set, without copying: flat arrays by name, those of named sizes with the elements that are there. */
export function presentRow(sets: DataSets, row: number): Columns {
  return Object.fromEntries(
    Object.entries(sets.row(row)).map(([name, values]) => {
      const spec = sets.specs[name];
      if (spec?.size === undefined) return [name, values];
      const count = countElements(spec, values, 0);
      return [name, values.subarray(0, count * sizeOf(spec.shape.slice(1)))];
    }),
  );
}

/** What named sizes can be at most, as specifications say it. */
export function sizesOf(specs: ArraySpecs): Record<string, number> {
  return Object.fromEntries(
    Object.values(specs).flatMap(({ size, shape: [most = 1] }) =>
      size === undefined ? [] : [[size, most]],
    ),
  );
}
