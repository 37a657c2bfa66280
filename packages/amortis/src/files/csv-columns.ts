/**
 * Columns with names, as arrays: "y[0]" and "y[1]" are the two columns of an array "y".
 */
import { position, sizeOf } from "../data/shape.js";
import { show } from "../show.js";
import type { ArrayData } from "../data/array-data.js";
import { FileError } from "./container.js";

/** A column of an array, and its place there. */
interface Column {
  readonly column: number;
  readonly label: string;
  readonly place: readonly number[];
}

/** A name, and the place that it has in brackets, if it is one: only whole numbers are, "depth[m]" is a name. */
function placeIn(label: string): { readonly name: string; readonly place: readonly number[] } {
  const open = label.endsWith("]") ? label.lastIndexOf("[") : -1;
  if (open < 0) return { name: label, place: [] };
  const places = label
    .slice(open + 1, -1)
    .split(",")
    .map((text) => text.trim());
  if (!places.every((text) => text.length <= 15 && /^\d+$/.test(text))) {
    return { name: label, place: [] };
  }
  return { name: label.slice(0, open).trimEnd(), place: places.map(Number) };
}

/**
 * Columns of one name, each at the place that it has in brackets, as one array.
 *
 * @param matrix [rows, columns].
 * @param labels of the columns.
 * @throws FileError where a place is named twice or left out.
 */
export function byColumn(
  matrix: ArrayData,
  labels: readonly string[],
  what: string,
): Record<string, ArrayData> {
  const columns = labels.length;
  const rows = matrix.data.length / columns;
  const groups = new Map<string, Column[]>();
  for (const [column, label] of labels.entries()) {
    const { name, place } = placeIn(label);
    const group = groups.get(name) ?? [];
    group.push({ column, label, place });
    groups.set(name, group);
  }
  return Object.fromEntries(
    [...groups].map(([name, members]) => {
      const { shape, order } = arrange(name, members, what);
      const data = new Float64Array(rows * members.length);
      for (let row = 0; row < rows; row++) {
        for (const [i, column] of order.entries()) {
          data[row * members.length + i] = matrix.data[row * columns + column] ?? 0;
        }
      }
      return [name, { shape: [rows, ...shape], data }];
    }),
  );
}

/**
 * The shape of an array, and its columns in row-major order.
 *
 * @throws FileError unless each place from 0 on, or from 1 on, is named exactly once.
 */
function arrange(
  name: string,
  members: readonly Column[],
  what: string,
): { readonly shape: readonly number[]; readonly order: readonly number[] } {
  const fail = (problem: string): never => {
    throw new FileError(`${what}: ${problem}`);
  };
  const rank = members[0]?.place.length ?? 0;
  const other = members.find(({ place }) => place.length !== rank);
  if (other !== undefined) {
    fail(
      `the columns ${show(members[0]?.label)} and ${show(other.label)} are of one array, but have places of different kinds`,
    );
  }
  // As R, Julia and Stan count, where no place of any axis is 0.
  const base = rank > 0 && members.every(({ place }) => place.every((i) => i > 0)) ? 1 : 0;
  const shape = Array.from({ length: rank }, (_, axis) =>
    members.reduce((size, { place }) => Math.max(size, (place[axis] ?? 0) + 1 - base), 1),
  );
  const order = new Map<number, number>();
  for (const { column, label, place } of members) {
    const at = place.reduce((flat, index, axis) => flat * (shape[axis] ?? 1) + index - base, 0);
    if (order.has(at)) fail(`the column ${show(label)} is there twice`);
    order.set(at, column);
  }
  if (order.size !== sizeOf(shape)) {
    let missing = 0;
    while (order.has(missing)) missing++;
    fail(
      `the array ${show(name)} lacks the column ${show(`${name}${position(missing, shape, base)}`)}: its places are counted from 0, or all from 1, each once`,
    );
  }
  return {
    // A column without a place is a list of one, as a matrix has it.
    shape: rank === 0 ? [1] : shape,
    order: [...order].toSorted(([a], [b]) => a - b).map(([, column]) => column),
  };
}
