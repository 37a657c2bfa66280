/**
 * Arrays of named sizes as people hand them over: of one data set, of several that have as many elements or not, padded with NaN, or one after another
 * beside how many each has.
 */
import { fromNested, isArrayData, type ArrayData, type ArrayInput } from "./array-data.js";
import { describeSizes, type ArraySpec, type ArraySpecs } from "./array-spec.js";
import type { Column } from "./data-sets.js";
import { sameSizes, sizeOf } from "./shape.js";
import { DataError } from "./simulator-output.js";

/** Data sets of one array, with room for as many elements as the largest has. */
export interface MatchedElements {
  readonly size: number;
  readonly batched: boolean;
  readonly data: Column;
  /** Elements that there is room for in each data set. */
  readonly most: number;
}

/**
 * Finds the data sets of an array [m, ...element]: given as [k, ...element], for any k; as a batch [n, k, ...element]; as a list of data sets of different
 * sizes; or flat, of one data set, or of whole padded ones, as simulations have them. Elements that are NaN at the end of a data set are not there.
 *
 * @throws DataError where it is none of these.
 */
export function matchElements(name: string, spec: ArraySpec, value: ArrayInput): MatchedElements {
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return fromFlat(name, spec, value);
  }
  if (Array.isArray(value) && isRagged(value)) return fromRagged(name, spec, value);
  const array = isArrayData(value) ? value : fromNested(value, `the data array "${name}"`);
  if (sizeOf(array.shape) !== array.data.length) {
    throw new DataError(
      `the data array "${name}" has ${array.data.length} values, which do not fill its shape [${array.shape.join(", ")}]`,
    );
  }
  return fromArray(name, spec, array);
}

function fromArray(name: string, spec: ArraySpec, { shape, data }: ArrayData): MatchedElements {
  const element = spec.shape.slice(1);
  if (data.length === 0) return padded(spec, [{ data, count: 0 }], false);
  // Elements of one number may lack their axis.
  const isElement = (sizes: readonly number[]): boolean =>
    sameSizes(sizes, element) || (sizeOf(element) === 1 && sizes.length === 0);
  const [first = 0, second = 0] = shape;
  if (shape.length > 0 && isElement(shape.slice(1))) {
    return { size: 1, batched: false, data, most: first };
  }
  if (shape.length > 1 && isElement(shape.slice(2))) {
    return { size: first, batched: true, data, most: second };
  }
  throw misfit(name, spec, `shape [${shape.join(", ")}]`);
}

/** Whole data sets, padded as simulations are; or one of any size. */
function fromFlat(name: string, spec: ArraySpec, data: Column): MatchedElements {
  const width = sizeOf(spec.shape);
  const element = sizeOf(spec.shape.slice(1));
  const [most = 1] = spec.shape;
  if (data.length > width && data.length % width === 0) {
    return { size: data.length / width, batched: true, data, most };
  }
  if (data.length > 0 && data.length % element === 0) {
    return { size: 1, batched: false, data, most: data.length / element };
  }
  if (data.length === 0) return padded(spec, [{ data, count: 0 }], false);
  throw misfit(name, spec, `${data.length} values`);
}

/** Whether a list is of data sets that are not all of one size, or without any element, where the axes cannot be seen. */
function isRagged(list: readonly unknown[]): boolean {
  const [first, ...others] = list.map(lengthOf);
  return first === 0 || others.some((length) => length !== first);
}

function fromRagged(name: string, spec: ArraySpec, sets: readonly unknown[]): MatchedElements {
  const parts = sets.map((one, i) => {
    if (lengthOf(one) === 0) return { data: new Float64Array(), count: 0 };
    const what = `data set ${i} of the array "${name}"`;
    const array = isArrayData(one) ? one : fromNested(one, what);
    const matched = fromArray(name, spec, array);
    if (matched.batched)
      throw misfit(name, spec, `shape [${array.shape.join(", ")}] in data set ${i}`);
    return { data: matched.data, count: matched.most };
  });
  return padded(spec, parts);
}

/** Data sets one after another, with NaN for the elements that they lack. */
function padded(
  { shape }: ArraySpec,
  parts: readonly { readonly data: Column; readonly count: number }[],
  batched = true,
): MatchedElements {
  const most = parts.reduce((largest, { count }) => Math.max(largest, count), 1);
  const width = most * sizeOf(shape.slice(1));
  const data = new Float64Array(parts.length * width).fill(Number.NaN);
  for (const [i, part] of parts.entries()) data.set(part.data, i * width);
  return { size: parts.length, batched, data, most };
}

/**
 * Where an array has the name of a size, it says how many elements each data set has, and arrays of that size may have all elements one after another,
 * [Σ m, ...element]: as files have them that know no ragged arrays. Others are as they were.
 *
 * @throws DataError where the counts are no whole numbers, or do not add up to the elements that there are.
 */
export function splitByCounts<T>(
  specs: ArraySpecs,
  given: Readonly<Record<string, T>>,
): Readonly<Record<string, T | ArrayData>> {
  const counted = new Set<string>();
  const split = Object.entries(specs).flatMap(([name, spec]) => {
    const { size } = spec;
    const [counts, value] = [size === undefined ? undefined : given[size], given[name]];
    if (size === undefined || Object.hasOwn(specs, size) || !isArrayData(value)) return [];
    // One data set, or a batch with a leading axis, says itself how many there are.
    if (!isArrayData(counts) || counts.shape.length === 0 || !isOneAfterAnother(spec, value)) {
      return [];
    }
    counted.add(size);
    return [[name, cut(name, size, spec, value, counts)] as const];
  });
  const rest = Object.entries(given).filter(([name]) => !counted.has(name));
  return Object.fromEntries([...rest, ...split]);
}

function isOneAfterAnother({ shape }: ArraySpec, value: ArrayData): boolean {
  return sameSizes(value.shape.slice(1), shape.slice(1));
}

function cut(
  name: string,
  size: string,
  spec: ArraySpec,
  { data }: ArrayData,
  { data: counts }: ArrayData,
): ArrayData {
  const element = sizeOf(spec.shape.slice(1));
  const bad = counts.find((count) => !Number.isInteger(count) || count < 0);
  let total = 0;
  for (const count of counts) total += count;
  if (bad !== undefined || total * element !== data.length) {
    const given = bad === undefined ? `add up to ${total}` : `have ${bad}`;
    throw new DataError(
      `the counts "${size}" must be whole numbers that add up to the ${data.length / element} elements of "${name}", but they ${given}`,
    );
  }
  let start = 0;
  const parts = Array.from(counts, (count) => {
    const part = data.subarray(start, start + count * element);
    start += count * element;
    return { data: part, count };
  });
  const { most, data: all } = padded(spec, parts);
  return { shape: [counts.length, most, ...spec.shape.slice(1)], data: all };
}

function lengthOf(value: unknown): number | undefined {
  if (isArrayData(value)) return value.shape[0];
  const list = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  return list ? (value as ArrayLike<unknown>).length : undefined;
}

function misfit(name: string, spec: ArraySpec, given: string): DataError {
  const one = describeSizes(spec);
  return new DataError(
    `the data array "${name}" must be ${one}, or [n, ${one.slice(1)} for n data sets, or a list of data sets of different sizes, but was given ${given}`,
  );
}
