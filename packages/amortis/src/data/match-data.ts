/**
 * Whatever data people hand over, as data sets of a model.
 */
import { fromNested, isArrayData, type ArrayData, type ArrayInput } from "./array-data.js";
import {
  describeSizes,
  shapesOf,
  specOf,
  specsOf,
  type ArraySpec,
  type ArraySpecs,
  type DataSpec,
} from "./array-spec.js";
import { DataSets, type Column } from "./data-sets.js";
import { unequalSizes } from "./counts.js";
import { resized, sizesOf, trimmed } from "./elements.js";
import { matchElements, splitByCounts } from "./match-elements.js";
import { joinColumns } from "./named-columns.js";
import { position, sameSizes, sizeOf } from "./shape.js";
import { DataError, mayBeNaN, type Nested } from "./simulator-output.js";

/** Data: an array for each name, or just the array where a model has one. */
export type DataInput = ArrayInput | Readonly<Record<string, ArrayInput>>;

/** Data sets that were found. */
export interface MatchedData {
  readonly data: DataSets;
  /** Whether there was a leading axis of data sets. */
  readonly batched: boolean;
}

/**
 * Finds a model's data in what was given: one data set, or a batch along a leading axis.
 *
 * For data of shape S, of m values, an array may be [...S] or [n, ...S], or flat as [m] or [n, m]; a typed array without a shape may have m or n m
 * values. Where the first size varies, it may be smaller, and a list may hold data sets of different sizes. Where it has a name, there may be any number of elements
 * (`matchElements`), and the data sets have room for as many as the largest has. Arrays with other names are left alone; columns named by number are joined.
 * Typed arrays are not copied, and double precision is kept.
 *
 * @param spec what the model's data are: `model.data`, or shapes by name.
 * @throws DataError where an array is missing, of another shape, or holds NaN or infinity where it must not; it says which, and where.
 * @example
 * const { data, batched } = matchData({ z: [16, 16] }, { z: field });
 * data.size; data.columns.z;
 */
export function matchData(spec: DataSpec, input: DataInput): MatchedData {
  const matched = matchColumns(spec, input);
  for (const name of Object.keys(matched.data.specs)) requireUsable(name, matched.data);
  return matched;
}

/**
 * The same by shapes alone, whatever the values are.
 *
 * @throws DataError where an array is missing, or of another shape.
 */
export function matchColumns(spec: DataSpec, input: DataInput): MatchedData {
  const specs = specsOf(spec);
  const named = byName(specs, input);
  const matches = Object.entries(specs).map(([name, own]) => {
    const value = named[name];
    if (value === undefined) {
      const given = Object.keys(named).join(", ") || "none";
      throw new DataError(
        `the data lack the array "${name}", of shape ${describeSizes(own)}; given: ${given}`,
      );
    }
    const found =
      own.size === undefined ? matchArray(name, own, value) : matchElements(name, own, value);
    return { name, ...found };
  });
  const [first] = matches;
  if (first === undefined) throw new DataError("the model has no data");
  for (const { name, size } of matches) {
    if (size !== first.size) {
      throw new DataError(
        `the arrays hold different numbers of data sets: "${first.name}" ${first.size}, "${name}" ${size}`,
      );
    }
  }
  return {
    data: together(specs, first.size, matches),
    batched: matches.some(({ batched }) => batched),
  };
}

/** Arrays as data sets, those of one named size with room for as many elements. */
function together(
  specs: ArraySpecs,
  size: number,
  matches: readonly { readonly name: string; readonly data: Column; readonly most?: number }[],
): DataSets {
  const columns = Object.fromEntries(matches.map(({ name, data }) => [name, data]));
  if (!matches.some(({ most }) => most !== undefined)) return new DataSets(specs, size, columns);
  const parts = matches.map(({ name, most }) => {
    const spec = specs[name] ?? specOf([]);
    const own = most === undefined ? spec : { ...spec, shape: spec.shape.with(0, most) };
    return trimmed(new DataSets({ [name]: own }, size, columns));
  });
  const sizes: Record<string, number> = {};
  for (const [name, most] of parts.flatMap((part) => Object.entries(sizesOf(part.specs)))) {
    sizes[name] = Math.max(sizes[name] ?? 0, most);
  }
  const equal = parts.map((part) => resized(part, sizes));
  const all = new DataSets(
    Object.assign({}, ...equal.map((part) => part.specs)),
    size,
    Object.assign({}, ...equal.map((part) => part.columns)),
  );
  for (let row = 0; row < size; row++) {
    const unequal = unequalSizes(all, row);
    if (unequal !== undefined) throw new DataError(`of data set ${row}, ${unequal}`);
  }
  return all;
}

function byName(specs: ArraySpecs, input: DataInput): Readonly<Record<string, ArrayInput>> {
  const names = Object.keys(specs);
  const [only] = names;
  const isNamed = (value: DataInput): value is Readonly<Record<string, ArrayInput>> =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !isArrayData(value);
  if (isNamed(input)) {
    // NumPy calls an array that was saved without a name arr_0.
    const unnamed = Object.hasOwn(input, "arr_0") ? input["arr_0"] : undefined;
    if (
      names.length === 1 &&
      only !== undefined &&
      !Object.hasOwn(input, only) &&
      unnamed !== undefined
    ) {
      return { [only]: unnamed };
    }
    return joinColumns(shapesOf(specs), splitByCounts(specs, input));
  }
  if (names.length !== 1 || only === undefined) {
    throw new DataError(
      `one array was given, but the model has ${names.join(", ")}: give each by its name`,
    );
  }
  return { [only]: input };
}

interface Match {
  readonly size: number;
  readonly batched: boolean;
  readonly data: Column;
}

function matchArray(name: string, spec: ArraySpec, value: ArrayInput): Match {
  const { shape } = spec;
  const size = sizeOf(shape);
  if (value instanceof Float32Array || value instanceof Float64Array) {
    const count = value.length / size;
    if (value.length > 0 && Number.isInteger(count)) {
      return { size: count, batched: count > 1 || shape.length === 0, data: value };
    }
    if (spec.varies && value.length > 0) {
      return matchSmaller(name, spec, { shape: [value.length], data: value });
    }
    throw misfit(name, spec, `${value.length} values`);
  }
  if (
    spec.varies &&
    isList(value) &&
    value.some((one, _, all) => lengthOf(one) !== lengthOf(all[0]))
  ) {
    return matchRagged(name, spec, value);
  }
  const array = isArrayData(value) ? value : fromNested(value, `the data array "${name}"`);
  const { shape: given, data, ragged } = array;
  if (ragged === true && !spec.varies) {
    throw new DataError(
      `the data array "${name}" is ragged: its rows differ in length, but data sets are ${describeSizes(spec)}`,
    );
  }
  if (sizeOf(given) !== data.length) {
    throw new DataError(
      `the data array "${name}" has ${data.length} values, which do not fill its shape [${given.join(", ")}]`,
    );
  }
  if (data.length === 0) throw misfit(name, spec, "no values");
  if (sameSizes(given, shape) || (given.length === 1 && given[0] === size)) {
    // One number for a scalar is one data set; a list of one is a batch of one.
    return { size: 1, batched: given.length > shape.length, data };
  }
  const [count = 0, ...rest] = given;
  if (sameSizes(rest, shape) || (rest.length === 1 && rest[0] === size)) {
    return { size: count, batched: true, data };
  }
  // A series in a column.
  if (shape.length === 1 && sameSizes(given, [size, 1])) return { size: 1, batched: false, data };
  if (size === 1 && given.length === 1) return { size: count, batched: true, data };
  return matchSmaller(name, spec, array);
}

/** Data sets that all have as many elements, fewer than there may be. */
function matchSmaller(name: string, spec: ArraySpec, { shape: given, data }: ArrayData): Match {
  const [most = 0, ...element] = spec.shape;
  const width = sizeOf(element);
  const isOne = (sizes: readonly number[]): boolean =>
    spec.varies &&
    (sizes[0] ?? 0) <= most &&
    (sameSizes(sizes.slice(1), element) || (width === 1 && sizes.length === 1));
  const fromFlat =
    given.length === 1 && (given[0] ?? 0) % width === 0
      ? [(given[0] ?? 0) / width, ...element]
      : given;
  if (isOne(fromFlat)) return { size: 1, batched: false, data: padded(spec, data, 1) };
  const [count = 0, ...rest] = given;
  if (isOne(rest)) return { size: count, batched: true, data: padded(spec, data, count) };
  throw misfit(name, spec, `shape [${given.join(", ")}]`);
}

/** Data sets with different numbers of elements. */
function matchRagged(name: string, spec: ArraySpec, sets: readonly unknown[]): Match {
  const width = sizeOf(spec.shape);
  const data = new Float64Array(sets.length * width).fill(Number.NaN);
  for (const [i, one] of sets.entries()) {
    const what = `data set ${i} of the array "${name}"`;
    const array = lengthOf(one) === 0 ? undefined : fromNested(one, what);
    if (array !== undefined)
      data.set(matchSmaller(name, spec, array).data.subarray(0, width), i * width);
  }
  return { size: sets.length, batched: true, data };
}

/** Data sets of equal size with NaN for the elements that they lack. */
function padded({ shape }: ArraySpec, data: Column, count: number): Float64Array {
  const width = sizeOf(shape);
  const given = data.length / count;
  const result = new Float64Array(count * width).fill(Number.NaN);
  for (let i = 0; i < count; i++) result.set(data.subarray(i * given, (i + 1) * given), i * width);
  return result;
}

function isList(value: ArrayInput): value is readonly Nested[] {
  return Array.isArray(value);
}

function lengthOf(value: unknown): number | undefined {
  const list = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  return list ? (value as ArrayLike<unknown>).length : undefined;
}

function misfit(name: string, spec: ArraySpec, given: string): DataError {
  const one = describeSizes(spec);
  const many = `[n, ${one.slice(1)}`.replace(", ]", "]");
  return new DataError(
    `the data array "${name}" must be ${one}, or ${many} for n data sets, but was given ${given}`,
  );
}

/** @throws DataError where a value is neither a number of single precision's range nor allowed to be missing. */
function requireUsable(name: string, sets: DataSets): void {
  const spec = sets.specs[name];
  if (spec === undefined) return;
  const size = sizeOf(spec.shape);
  const column = sets.column(name);
  for (let at = 0; at < column.length; at++) {
    const value = column[at] ?? Number.NaN;
    if (Number.isFinite(Math.fround(value))) continue;
    const place = at % size;
    if (Number.isNaN(value) && mayBeNaN(spec, column, at - place, place)) continue;
    const problem = Number.isFinite(value) ? `${value}, too large for float32` : String(value);
    const rule = spec.missing
      ? "data must be finite numbers, or NaN where a value is missing"
      : "data must be finite numbers";
    throw new DataError(
      `data set ${Math.floor(at / size)}: ${name}${position(place, spec.shape)} is ${problem}; ${rule}`,
    );
  }
}
