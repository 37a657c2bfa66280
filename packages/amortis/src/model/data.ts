/**
 * Simulators' output, as flat float32 arrays.
 */
import { AmortisError } from "@amortis/graph";
import { show } from "../show.js";

/** What a simulator returned does not fit the model's data. */
export class DataError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("data", message, options);
  }
}

/** Number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Room for data sets: for each array, `rows` times its size. */
export function allocateData(
  shapes: Readonly<Record<string, readonly number[]>>,
  rows: number,
): Record<string, Float32Array<ArrayBuffer>> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(rows * sizeOf(shape))]),
  );
}

/**
 * Writes one simulated data set into row `row` of arrays [rows, ...shape].
 *
 * @param output each array nested as its shape says, or flat in row-major order; one number for the shape [].
 * @throws DataError where an array is missing, unknown, or of another size.
 */
export function writeData(
  shapes: Readonly<Record<string, readonly number[]>>,
  output: unknown,
  target: Readonly<Record<string, Float32Array>>,
  row: number,
): void {
  if (typeof output !== "object" || output === null) {
    throw new DataError(
      `simulate must return its data by name, as { ${Object.keys(shapes).join(", ")} }, but returned ${show(output)}`,
    );
  }
  if (isPromise(output)) {
    // Whatever becomes of it no longer matters; a rejection that nobody hears would end the process.
    output.then(undefined, () => {});
    throw new DataError(
      "simulate returned a promise; it must return its data: a simulator is no async function",
    );
  }
  for (const name of Object.keys(output)) {
    if (!Object.hasOwn(shapes, name)) {
      throw new DataError(
        `simulate returned "${name}", which is no data of the model; it has ${Object.keys(shapes).join(", ")}`,
      );
    }
  }
  for (const [name, shape] of Object.entries(shapes)) {
    const value: unknown = Object.hasOwn(output, name) ? Reflect.get(output, name) : undefined;
    const array = target[name];
    if (array === undefined) throw new DataError(`there is no room for the array "${name}"`);
    writeArray(name, shape, value, array, row * sizeOf(shape));
  }
}

function isPromise(value: object): value is PromiseLike<unknown> {
  return "then" in value && typeof value.then === "function";
}

function writeArray(
  name: string,
  shape: readonly number[],
  value: unknown,
  target: Float32Array,
  start: number,
): void {
  const size = sizeOf(shape);
  if (isNumbers(value)) {
    if (value.length !== size) throw misshapen(name, shape, `${value.length} values`);
    target.set(value, start);
  } else if (typeof value === "number" && size === 1) {
    target[start] = value;
  } else {
    writeNested(name, shape, value, target, { at: start }, []);
  }
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
  name: string,
  shape: readonly number[],
  value: unknown,
  target: Float32Array,
  cursor: { at: number },
  place: readonly number[],
): void {
  const depth = place.length;
  const where = `"${name}"${place.length > 0 ? ` at [${place.join(", ")}]` : ""}`;
  if (depth === shape.length) {
    if (typeof value !== "number") throw misshapen(name, shape, `${show(value)} for ${where}`);
    target[cursor.at++] = value;
    return;
  }
  if (!isNumbers(value) && !Array.isArray(value)) {
    throw misshapen(name, shape, `${show(value)} for ${where}`);
  }
  if (value.length !== shape[depth]) {
    throw misshapen(
      name,
      shape,
      `${value.length} elements for ${where}, where ${shape[depth]} belong`,
    );
  }
  for (let i = 0; i < value.length; i++) {
    writeNested(name, shape, value[i], target, cursor, [...place, i]);
  }
}

function misshapen(name: string, shape: readonly number[], given: string): DataError {
  const size = sizeOf(shape);
  const expected =
    shape.length === 0
      ? "one number"
      : `shape [${shape.join(", ")}], nested or as ${size} values in a row`;
  return new DataError(`the data array "${name}" has ${expected}, but simulate returned ${given}`);
}

/**
 * The first value of a row that is not a finite number, in words; undefined where all are finite.
 *
 * Values beyond the range of float32 (3.4e38) have become infinite, and count.
 */
export function findNonFinite(
  shapes: Readonly<Record<string, readonly number[]>>,
  data: Readonly<Record<string, Float32Array>>,
  row: number,
): string | undefined {
  for (const [name, shape] of Object.entries(shapes)) {
    const size = sizeOf(shape);
    const array = data[name];
    if (array === undefined) continue;
    for (let i = row * size; i < (row + 1) * size; i++) {
      const value = array[i] ?? 0;
      if (!Number.isFinite(value)) return `${name}${position(i - row * size, shape)} is ${value}`;
    }
  }
  return undefined;
}

/** A flat index as a position, "[3, 4]", counted from 0 unless told; nothing for a scalar. */
export function position(flat: number, shape: readonly number[], base = 0): string {
  if (shape.length === 0) return "";
  const indices: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    indices.unshift((rest % size) + base);
    rest = Math.floor(rest / size);
  }
  return `[${indices.join(", ")}]`;
}
