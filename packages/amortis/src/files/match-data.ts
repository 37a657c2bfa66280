/**
 * Whatever data people hand over, as the arrays that a model has: a batch, finite, float32.
 */
import { DataError, position, sizeOf, type Nested } from "../model/index.js";
import { fromNested, isArrayData, type ArrayData } from "./array.js";
import { joinColumns } from "./named-columns.js";

/** One array: numbers with a shape, nested arrays, or a flat typed array in row-major order. */
export type ArrayInput = ArrayData | Nested;

/** Data: an array for each name, or just the array where a model has one. */
export type DataInput = ArrayInput | Readonly<Record<string, ArrayInput>>;

/** Data sets in a batch. */
export interface MatchedData {
  /** Number of data sets. */
  readonly size: number;
  /** By name, [size, ...shape]. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
  /** Whether there was a leading axis of data sets. */
  readonly batched: boolean;
}

/**
 * Finds a model's data in what was given: one data set, or a batch along a leading axis.
 *
 * For data of shape S, of m values, an array may be [...S] or [n, ...S], or flat as [m] or [n, m]; a typed array without a shape
 * may have m or n m values. Arrays with other names are left alone; columns named by number are joined. float32 data are not copied.
 *
 * @param shapes the model's data shapes.
 * @throws DataError where an array is missing, of another shape, or holds NaN or infinity; it says which, and where.
 * @example
 * const { size, arrays } = matchData({ z: [16, 16] }, { z: field });
 */
export function matchData(
  shapes: Readonly<Record<string, readonly number[]>>,
  input: DataInput,
): MatchedData {
  const named = byName(shapes, input);
  const matches = Object.entries(shapes).map(([name, shape]) => {
    const value = named[name];
    if (value === undefined) {
      const given = Object.keys(named).join(", ") || "none";
      throw new DataError(
        `the data lack the array "${name}", of shape [${shape.join(", ")}]; given: ${given}`,
      );
    }
    return { name, shape, ...matchArray(name, shape, value) };
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
    size: first.size,
    arrays: Object.fromEntries(
      matches.map(({ name, shape, data }) => [name, finite(name, shape, data)]),
    ),
    batched: matches.some(({ batched }) => batched),
  };
}

function byName(
  shapes: Readonly<Record<string, readonly number[]>>,
  input: DataInput,
): Readonly<Record<string, ArrayInput>> {
  const names = Object.keys(shapes);
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
    return joinColumns(shapes, input);
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
  readonly data: Float32Array | Float64Array;
}

function matchArray(name: string, shape: readonly number[], value: ArrayInput): Match {
  const size = sizeOf(shape);
  if (value instanceof Float32Array || value instanceof Float64Array) {
    const count = value.length / size;
    if (value.length === 0 || !Number.isInteger(count)) {
      throw misfit(name, shape, `${value.length} values`);
    }
    return { size: count, batched: count > 1 || shape.length === 0, data: value };
  }
  const array = isArrayData(value) ? value : fromNested(value, `the data array "${name}"`);
  const { shape: given, data } = array;
  if (sizeOf(given) !== data.length) {
    throw new DataError(
      `the data array "${name}" has ${data.length} values, which do not fill its shape [${given.join(", ")}]`,
    );
  }
  if (data.length === 0) throw misfit(name, shape, "no values");
  if (same(given, shape) || (given.length === 1 && given[0] === size)) {
    // One number for a scalar is one data set; a list of one is a batch of one.
    return { size: 1, batched: given.length > shape.length, data };
  }
  const [count = 0, ...rest] = given;
  if (same(rest, shape) || (rest.length === 1 && rest[0] === size)) {
    return { size: count, batched: true, data };
  }
  // A series in a column.
  if (shape.length === 1 && same(given, [size, 1])) return { size: 1, batched: false, data };
  if (size === 1 && given.length === 1) return { size: count, batched: true, data };
  throw misfit(name, shape, `shape [${given.join(", ")}]`);
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function misfit(name: string, shape: readonly number[], given: string): DataError {
  const one = `[${shape.join(", ")}]`;
  const many = `[${["n", ...shape].join(", ")}]`;
  return new DataError(
    `the data array "${name}" must be ${one}, or ${many} for n data sets, but was given ${given}`,
  );
}

/** The data as float32, all of them finite. */
function finite(
  name: string,
  shape: readonly number[],
  data: Float32Array | Float64Array,
): Float32Array {
  const result = data instanceof Float32Array ? data : new Float32Array(data);
  for (let i = 0; i < result.length; i++) {
    if (Number.isFinite(result[i])) continue;
    const size = sizeOf(shape);
    const value = data[i] ?? Number.NaN;
    const problem = Number.isFinite(value) ? `${value}, too large for float32` : String(value);
    throw new DataError(
      `data set ${Math.floor(i / size)}: ${name}${position(i % size, shape)} is ${problem}; data must be finite numbers`,
    );
  }
  return result;
}
