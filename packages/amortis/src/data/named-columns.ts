/**
 * Columns that data frames name by number, as the array that they are of: `y0 ... y19`, `y.1`, `y_0`, `y[0]`, and `V1 ... V20` where
 * nothing else is there.
 */
import { sizeOf } from "./shape.js";
import { DataError } from "./simulator-output.js";
import { show } from "../show.js";
import { isArrayData, type ArrayData, type Note } from "./array-data.js";

/** Columns of one array, in the order of its places. */
interface Columns {
  readonly names: readonly string[];
  readonly arrays: readonly ArrayData[];
}

/** A column, and the place that its name gives it. */
interface Placed {
  readonly name: string;
  readonly array: ArrayData;
  readonly place: readonly number[];
}

/**
 * Arrays by name, with columns that are named by number joined: `y0, y1, y2`, each [n] or [n, 1], is `y`, [n, 3], where the shapes have a
 * `y: [3]`. Numbers count from 0 or from 1, each once; `y_0_0` and `y.1.1` have a place in a grid. Columns whose names are what programs
 * give to columns without names (`V1, V2, V3`, or `0, 1, 2`) are the one array that there is.
 *
 * @param shapes the model's data shapes, or its parameters'.
 * @param onNote is told which columns were joined.
 * @throws DataError where there are more or fewer columns of an array than it has places.
 * @example joinColumns({ y: [2] }, { y0: { shape: [5], data }, y1: { shape: [5], data } });   // { y: { shape: [5, 2], ... }, ... }
 */
export function joinColumns<T>(
  shapes: Readonly<Record<string, readonly number[]>>,
  arrays: Readonly<Record<string, T>>,
  onNote: Note = () => {},
): Readonly<Record<string, T | ArrayData>> {
  const joined: Record<string, ArrayData> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const own = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
    if (own !== undefined && !(sizeOf(shape) > 1 && isColumn(own))) continue;
    const columns =
      own === undefined
        ? (ofStem(name, shape, shapes, arrays) ?? nameless(shape, shapes, arrays))
        : repeated(name, shape, arrays);
    if (columns === undefined) continue;
    joined[name] = sideBySide(columns, shape);
    onNote(
      `the columns ${listed(columns.names)} are taken for the ${columns.names.length} numbers of "${name}", in the order of their numbers`,
    );
  }
  return { ...arrays, ...joined };
}

/** A column of a data frame: [n] or [n, 1]. */
function isColumn(value: unknown): value is ArrayData {
  if (!isArrayData(value)) return false;
  const { shape } = value;
  return shape.length === 1 || (shape.length === 2 && shape[1] === 1);
}

/** Columns `y0, y1, ...` of an array `y`. */
function ofStem(
  stem: string,
  shape: readonly number[],
  shapes: Readonly<Record<string, unknown>>,
  arrays: Readonly<Record<string, unknown>>,
): Columns | undefined {
  const placed = Object.entries(arrays).flatMap(([name, array]): Placed[] => {
    // What is an array of the model itself is no column of another.
    if (!name.startsWith(stem) || Object.hasOwn(shapes, name) || !isColumn(array)) return [];
    const place = placeOf(name.slice(stem.length));
    return place === undefined ? [] : [{ name, array, place }];
  });
  if (placed.length === 0) return undefined;
  const columns = inOrder(placed, shape);
  if (columns !== undefined) return columns;
  throw new DataError(
    `the array "${stem}" is [${shape.join(", ")}], ${sizeOf(shape)} numbers, but has the ${placed.length} column(s) ${listed(placed.map(({ name }) => name))}: its places are counted from 0, or all from 1, each once`,
  );
}

/** The place that follows a stem: `0`, `.1`, `_0_0`, `[1, 2]`. */
function placeOf(rest: string): readonly number[] | undefined {
  const inside = rest.startsWith("[") && rest.endsWith("]") ? rest.slice(1, -1) : rest;
  const bare = /^[._ -]/.test(inside) ? inside.slice(1) : inside;
  const parts = bare.split(/[._,]/).map((part) => part.trim());
  return parts.every((part) => /^\d{1,9}$/.test(part)) ? parts.map(Number) : undefined;
}

/** Columns in the order of an array's places, if each has one, flat or by axis. */
function inOrder(placed: readonly Placed[], shape: readonly number[]): Columns | undefined {
  const rank = placed[0]?.place.length ?? 0;
  const sizes = rank === 1 ? [sizeOf(shape)] : shape;
  if (placed.length !== sizeOf(shape) || rank !== Math.max(1, sizes.length)) return undefined;
  const base = placed.every(({ place }) => place.every((i) => i > 0)) ? 1 : 0;
  const ordered: (Placed | undefined)[] = placed.map(() => undefined);
  for (const one of placed) {
    const { place } = one;
    if (place.length !== rank) return undefined;
    if (!place.every((i, axis) => i - base < (sizes[axis] ?? 1))) return undefined;
    ordered[place.reduce((flat, i, axis) => flat * (sizes[axis] ?? 1) + i - base, 0)] = one;
  }
  const all = ordered.filter((one) => one !== undefined);
  if (all.length !== placed.length) return undefined;
  return { names: all.map(({ name }) => name), arrays: all.map(({ array }) => array) };
}

/** Columns `y, y.1, y.2`, as pandas names those that had one name. */
function repeated(
  stem: string,
  shape: readonly number[],
  arrays: Readonly<Record<string, unknown>>,
): Columns | undefined {
  const names = Array.from({ length: sizeOf(shape) }, (_, i) => (i === 0 ? stem : `${stem}.${i}`));
  const columns = names.map((name) => (Object.hasOwn(arrays, name) ? arrays[name] : undefined));
  return columns.every(isColumn) ? { names, arrays: columns } : undefined;
}

/** Columns that all have one stem and a number, and nothing else, where the model has one array: `V1, V2, V3`; `0, 1, 2`. */
function nameless(
  shape: readonly number[],
  shapes: Readonly<Record<string, unknown>>,
  arrays: Readonly<Record<string, unknown>>,
): Columns | undefined {
  const entries = Object.entries(arrays);
  const [first] = entries;
  if (Object.keys(shapes).length !== 1 || first === undefined) return undefined;
  let digits = first[0].length;
  while (digits > 0 && /\d/.test(first[0].charAt(digits - 1))) digits--;
  const stem = first[0].slice(0, digits);
  const placed = entries.flatMap(([name, array]): Placed[] => {
    const place = name.startsWith(stem) ? placeOf(name.slice(stem.length)) : undefined;
    return place?.length === 1 && isColumn(array) ? [{ name, array, place }] : [];
  });
  return placed.length === entries.length ? inOrder(placed, shape) : undefined;
}

/** Columns [n] as rows [n, ...shape]. */
function sideBySide({ names, arrays }: Columns, shape: readonly number[]): ArrayData {
  const rows = arrays[0]?.data.length ?? 0;
  const data = new Float64Array(rows * arrays.length);
  for (const [i, { data: column }] of arrays.entries()) {
    if (column.length !== rows) {
      throw new DataError(
        `the columns ${show(names[0])} and ${show(names[i])} are of one array, but have ${rows} and ${column.length} numbers`,
      );
    }
    for (let row = 0; row < rows; row++) data[row * arrays.length + i] = column[row] ?? 0;
  }
  return { shape: [rows, ...shape], data };
}

function listed(names: readonly string[]): string {
  if (names.length <= 4) return names.join(", ");
  return `${names.slice(0, 2).join(", ")}, ..., ${names.at(-1) ?? ""}`;
}
