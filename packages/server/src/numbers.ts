/**
 * Numbers in and out, by one rule.
 *
 * In: a number is a JSON number, and nothing else becomes one: no text, no boolean, no null. Where the model says that a value may be missing, null is that. A number that
 * is no float32 (1e999, which JSON readers take for infinity) is refused with its place.
 *
 * Out: NaN, which is the draws of a data set that is refused, is null; infinities are the texts "Infinity" and "-Infinity". JSON has none of them.
 */
import { mayLack, type ArrayData, type ArraySpec } from "amortis/answers";
import { Problem } from "./problems.js";

/** The largest float32. */
export const LARGEST = 3.4028234663852886e38;

/** A value as JSON, its numbers by the rule. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === "number" ? jsonNumber(one) : one,
  );
}

function jsonNumber(value: number): number | string | null {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? "Infinity" : "-Infinity";
}

/** Numbers in row-major order as nested JSON arrays. */
export function nestedJson(data: ArrayLike<number>, shape: readonly number[]): string {
  const level = (axis: number, at: number): string => {
    const size = shape[axis];
    if (size === undefined) return JSON.stringify(jsonNumber(data[at] ?? Number.NaN));
    const width = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const parts = Array.from({ length: size }, (_, i) => level(axis + 1, at + i * width));
    return `[${parts.join(",")}]`;
  };
  return level(0, 0);
}

/** Axes that JSON may have, beyond which nothing is read. */
const DEEPEST = 18;

/**
 * Nested JSON arrays as numbers with a shape. Nothing is coerced.
 *
 * @param name of the array, for messages.
 * @throws Problem naming the place of what is no number, or of a row of another length.
 */
export function readNested(name: string, spec: ArraySpec, value: unknown): ArrayData {
  const lacks = mayLack(spec);
  const ragged = spec.varies ? spec.shape.length + 1 : 0;
  const sizes: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) {
    sizes.push(level.length);
    if (sizes.length > DEEPEST) throw badData(`"${name}" is nested more than ${DEEPEST} deep`);
  }
  const numbers: number[] = [];
  const read = (one: unknown, axis: number, place: readonly number[]): void => {
    const size = sizes[axis];
    if (size === undefined) {
      numbers.push(readNumber(one, lacks, () => placeOf(name, place)));
      return;
    }
    if (!Array.isArray(one) || one.length !== size) {
      const given = Array.isArray(one) ? `${one.length} elements` : describe(one);
      throw badData(
        `${placeOf(name, place)} has ${given}, where ${size} elements are expected as in the first row${ragged > 0 ? "; give data sets of different sizes in requests of their own" : ""}`,
      );
    }
    for (const [i, inner] of one.entries()) read(inner, axis + 1, [...place, i]);
  };
  read(value, 0, []);
  return { shape: sizes, data: Float64Array.from(numbers) };
}

function readNumber(value: unknown, lacks: boolean, place: () => string): number {
  if (value === null && lacks) return Number.NaN;
  if (typeof value !== "number") {
    const advice = value === null && !lacks ? "; no value of this model may be missing" : "";
    throw badData(`${place()} must be a number, but is ${describe(value)}${advice}`);
  }
  if (!(Math.abs(value) <= LARGEST)) {
    throw badData(`${place()} must be a finite number of single precision, but is ${value}`);
  }
  return value;
}

/**
 * Sees to it that an array has the shape of one data set, or of several along a leading axis, and that its numbers may be what they are.
 *
 * @throws Problem
 */
export function requireFits(name: string, spec: ArraySpec, { shape, data }: ArrayData): void {
  const own = spec.shape;
  const fits = (sizes: readonly number[]): boolean =>
    sizes.length === own.length &&
    sizes.every((size, axis) =>
      axis === 0 && spec.varies
        ? size > 0 && (size <= (own[0] ?? 0) || spec.size !== undefined)
        : size === own[axis],
    );
  if (!(fits(shape) || (fits(shape.slice(1)) && (shape[0] ?? 0) > 0))) {
    const one = own.map((size, axis) => (axis === 0 && spec.varies ? `≤${size}` : String(size)));
    throw badData(
      `"${name}" must have the shape [${one.join(", ")}], or [${["n", ...one].join(", ")}] for n data sets, but has [${shape.join(", ")}]`,
    );
  }
  const lacks = mayLack(spec);
  const at = data.findIndex(
    (value) => !(Math.abs(value) <= LARGEST || (lacks && Number.isNaN(value))),
  );
  if (at < 0) return;
  throw badData(
    `${placeOf(name, placeIn(at, shape))} must be a finite number of single precision, but is ${data[at]}`,
  );
}

function placeIn(at: number, shape: readonly number[]): readonly number[] {
  let rest = at;
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    })
    .toReversed();
}

function placeOf(name: string, place: readonly number[]): string {
  return place.length === 0 ? `"${name}"` : `"${name}" at [${place.join(", ")}]`;
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

function badData(detail: string): Problem {
  return new Problem("bad-data", detail);
}
