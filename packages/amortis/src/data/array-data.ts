/**
 * Arrays as files hold them: numbers and a shape.
 */
import { show } from "../show.js";
import { DataError, type Nested } from "./simulator-output.js";
import { sizeOf } from "./shape.js";

/** Numbers in row-major order, with their shape. */
export interface ArrayData {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
  /** Whether it was filled up with NaN where its data sets, along the first axis, differed in size. */
  readonly ragged?: true;
}

/** One array: numbers with a shape, nested arrays, or a flat typed array in row-major order. */
export type ArrayInput = ArrayData | Nested;

/** Arrays of a file: one without a name, or several by name. */
export type FileArrays = ArrayData | Readonly<Record<string, ArrayData>>;

/** Is told, in one line, how something was read that could have meant something else. */
export type Note = (message: string) => void;

/** Whether a value is numbers with a shape. */
export function isArrayData(value: unknown): value is ArrayData {
  return (
    typeof value === "object" &&
    value !== null &&
    "shape" in value &&
    Array.isArray(value.shape) &&
    "data" in value &&
    (value.data instanceof Float32Array || value.data instanceof Float64Array)
  );
}

/**
 * Nested arrays as one array with a shape; innermost arrays may be typed.
 *
 * @param what how to call it in messages.
 * @throws DataError where rows differ in length, or something is no number.
 */
export function fromNested(nested: unknown, what: string): ArrayData {
  const shape = shapeOf(nested, what);
  const data = new Float64Array(sizeOf(shape));
  fill(nested, shape, data, { at: 0 }, [], what);
  return { shape, data };
}

/** Axes that an array may have: as many as NumPy's. */
export const MOST_AXES = 64;

function shapeOf(nested: unknown, what: string): number[] {
  const shape: number[] = [];
  let level = nested;
  while (isList(level)) {
    if (shape.length === MOST_AXES) {
      throw new DataError(`${what} is nested more than ${MOST_AXES} deep, as no data are`);
    }
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function fill(
  nested: unknown,
  shape: readonly number[],
  data: Float64Array,
  cursor: { at: number },
  place: readonly number[],
  what: string,
): void {
  const where = place.length > 0 ? ` at [${place.join(", ")}]` : "";
  const expected = shape[place.length];
  if (expected === undefined) {
    if (typeof nested !== "number") {
      const advice = typeof nested === "bigint" ? ": give Number(value)" : "";
      throw new DataError(`${what} must hold numbers, but has ${show(nested)}${where}${advice}`);
    }
    data[cursor.at++] = nested;
    return;
  }
  if (!isList(nested) || nested.length !== expected) {
    const given = isList(nested) ? `${nested.length} elements` : show(nested);
    throw new DataError(
      `${what} is ragged: it has ${given}${where}, where its first row has ${expected}`,
    );
  }
  for (let i = 0; i < nested.length; i++) {
    fill(nested[i], shape, data, cursor, [...place, i], what);
  }
}
