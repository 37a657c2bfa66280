/**
 * Simulators' output, as rows of data sets.
 */
import { AmortisError } from "@amortis/graph";
import { show } from "../show.js";
import { mayLack, describeSizes, type ArraySpec } from "./array-spec.js";
import type { DataSets, Column } from "./data-sets.js";
import { unequalSizes } from "./counts.js";
import { position, sizeOf } from "./shape.js";

/** A number, or nested arrays of numbers. */
export type Nested = number | ArrayLike<number> | readonly Nested[];

/** What a simulator returned does not fit the model's data. */
export class DataError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("data", message, options);
  }
}

/**
 * Writes one simulated data set into row `row`.
 *
 * @param output each array nested as its shape says, or flat in row-major order; one number for the shape []. Where a size varies, fewer elements
 *   are padded with NaN.
 * @param by what returned it, for messages.
 * @throws DataError where an array is missing, unknown, or of another size.
 */
export function writeData(sets: DataSets, output: unknown, row: number, by = "simulate"): void {
  const { specs } = sets;
  if (typeof output !== "object" || output === null) {
    throw new DataError(
      `${by} must return its data by name, as { ${Object.keys(specs).join(", ")} }, but returned ${show(output)}`,
    );
  }
  if (isPromise(output)) {
    // Whatever becomes of it no longer matters; a rejection that nobody hears would end the process.
    output.then(undefined, () => {});
    throw new DataError(`${by} returned a promise, which holds no data yet: await it first`);
  }
  for (const name of Object.keys(output)) {
    if (!Object.hasOwn(specs, name)) {
      throw new DataError(
        `${by} returned "${name}", which is no data of the model; it has ${Object.keys(specs).join(", ")}`,
      );
    }
  }
  for (const [name, spec] of Object.entries(specs)) {
    const value: unknown = Object.hasOwn(output, name) ? Reflect.get(output, name) : undefined;
    writeArray({ name, spec, target: sets.column(name), by }, value, row * sizeOf(spec.shape));
  }
  const unequal = unequalSizes(sets, row);
  if (unequal !== undefined) throw new DataError(`of what ${by} returned ${unequal}`);
}

/** Whether a value is to be awaited. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/** An array that is written to. */
interface Written {
  readonly name: string;
  readonly spec: ArraySpec;
  readonly target: Column;
  readonly by: string;
}

function writeArray(written: Written, value: unknown, start: number): void {
  const { spec, target } = written;
  const size = sizeOf(spec.shape);
  if (isNumbers(value)) {
    if (!fits(spec, value.length)) throw misshapen(written, `${value.length} values`);
    target.set(value, start);
    target.fill(Number.NaN, start + value.length, start + size);
  } else if (typeof value === "number" && size === 1) {
    target[start] = value;
  } else {
    const cursor = { at: start };
    writeNested(written, value, cursor, []);
    target.fill(Number.NaN, cursor.at, start + size);
  }
}

/** Whether so many values in a row fill an array, or whole elements of one that may have fewer. */
function fits({ shape, varies }: ArraySpec, count: number): boolean {
  const size = sizeOf(shape);
  return varies ? count <= size && count % sizeOf(shape.slice(1)) === 0 : count === size;
}

/** A typed array, or an array whose first element is a number: either way one level of numbers. */
function isNumbers(value: unknown): value is ArrayLike<number> {
  if (ArrayBuffer.isView(value)) return !(value instanceof DataView) && !isBigInts(value);
  return Array.isArray(value) && value.every((element) => typeof element === "number");
}

function isBigInts(value: ArrayBufferView): boolean {
  return value instanceof BigInt64Array || value instanceof BigUint64Array;
}

function writeNested(
  written: Written,
  value: unknown,
  cursor: { at: number },
  place: readonly number[],
): void {
  const { name, target } = written;
  const { shape, varies } = written.spec;
  const depth = place.length;
  const where = `"${name}"${place.length > 0 ? ` at [${place.join(", ")}]` : ""}`;
  if (depth === shape.length) {
    if (typeof value !== "number") throw misshapen(written, `${show(value)} for ${where}`);
    target[cursor.at++] = value;
    return;
  }
  if (!isNumbers(value) && !Array.isArray(value)) {
    throw misshapen(written, `${show(value)} for ${where}`);
  }
  const most = shape[depth] ?? 0;
  const right = varies && depth === 0 ? value.length <= most : value.length === most;
  if (!right) {
    throw misshapen(written, `${value.length} elements for ${where}, where ${most} belong`);
  }
  for (let i = 0; i < value.length; i++) {
    writeNested(written, value[i], cursor, [...place, i]);
  }
}

function misshapen({ name, spec, by }: Written, given: string): DataError {
  const { shape, varies } = spec;
  const most = varies ? "at most " : "";
  const expected =
    shape.length === 0
      ? "one number"
      : `shape ${describeSizes(spec)}, nested or as ${most}${sizeOf(shape)} values in a row`;
  return new DataError(`the data array "${name}" has ${expected}, but ${by} returned ${given}`);
}

/**
 * The first value of a row that cannot be used, in words; undefined where all can: finite numbers within the range of float32 (3.4e38), and NaN where
 * the array may lack values.
 */
export function findNonFinite(sets: DataSets, row: number): string | undefined {
  for (const [name, spec] of Object.entries(sets.specs)) {
    const size = sizeOf(spec.shape);
    const column = sets.column(name);
    for (let i = 0; i < size; i++) {
      const value = column[row * size + i] ?? 0;
      if (Number.isFinite(Math.fround(value))) continue;
      if (Number.isNaN(value) && mayBeNaN(spec, column, row * size, i)) continue;
      const problem = Number.isFinite(value) ? `${value}, beyond the range of float32` : value;
      return `${name}${position(i, spec.shape)} is ${problem}`;
    }
  }
  return undefined;
}

/** Whether NaN may stand at value i of a data set: values may be missing, or its element and all after it are not there. */
export function mayBeNaN(spec: ArraySpec, column: Column, start: number, i: number): boolean {
  if (spec.missing || !mayLack(spec)) return spec.missing;
  const element = sizeOf(spec.shape.slice(1));
  const first = start + Math.floor(i / element) * element;
  return column.subarray(first, start + sizeOf(spec.shape)).every((value) => Number.isNaN(value));
}
