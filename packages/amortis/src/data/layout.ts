/**
 * From flat parameters to parameters by name.
 */
import { show } from "../show.js";
import { InvalidArgumentError } from "@amortis/graph";

/** One named parameter of the flat vector. */
export interface ParameterSlot {
  readonly name: string;
  /** [] for a scalar. */
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
  /** Of a categorical parameter: what its numbers 0, 1, ... mean. */
  readonly labels?: readonly string[];
  /** Places [start, end) in the flat vector whose numbers add up to one, where there are any. */
  readonly simplexes?: readonly (readonly [number, number])[];
}

/** Parameters in double precision, or as draws are kept. */
export type Floats = Float32Array | Float64Array;

/** Where each named parameter lies in the flat vector. */
export function parameterSlots(
  shapes: readonly { readonly name: string; readonly shape: readonly number[] }[],
): readonly ParameterSlot[] {
  let offset = 0;
  return shapes.map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const slot = { name, shape, offset, size };
    offset += size;
    return slot;
  });
}

/** Names of the flat parameters: `range`, or `beta[0]`, `beta[1]`. */
export function flatNames(slots: readonly ParameterSlot[]): readonly string[] {
  return slots.flatMap(({ name, shape, size }) =>
    shape.length === 0 ? [name] : Array.from({ length: size }, (_, i) => `${name}[${i}]`),
  );
}

/** Flat values by name: a number for a scalar parameter, an array for others. */
export function named<T>(
  slots: readonly ParameterSlot[],
  scalar: (flatIndex: number) => T,
): Record<string, T | T[]> {
  return Object.fromEntries(
    slots.map(({ name, shape, offset, size }) => [
      name,
      shape.length === 0
        ? scalar(offset)
        : Array.from({ length: size }, (_, i) => scalar(offset + i)),
    ]),
  );
}

/** A flat vector by name: a number for a scalar parameter, a new Float64Array for others. */
export function unflatten(
  slots: readonly ParameterSlot[],
  flat: ArrayLike<number>,
): Record<string, number | Float64Array> {
  const values = named(slots, (i) => flat[i] ?? Number.NaN);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "number" ? value : Float64Array.from(value),
    ]),
  );
}

/** A parameter as a caller gives it: a number, the label of one, or a list of numbers. */
export type GivenValue = number | string | ArrayLike<number>;

/**
 * The number of a label; whatever is no text as it is.
 *
 * @throws InvalidArgumentError where the parameter has no such label.
 */
export function numberOf<T>({ name, labels }: ParameterSlot, value: T | string): T | number {
  if (typeof value !== "string") return value;
  const at = labels?.indexOf(value) ?? -1;
  if (at >= 0) return at;
  throw new InvalidArgumentError(
    labels === undefined
      ? `parameter "${name}" is a number, but was given the text "${value}"`
      : `parameter "${name}" is one of ${labels.join(", ")}, but was given "${value}"`,
  );
}

/** Flat vectors of many data sets [n, p] by name: of each parameter all its values, [n, ...shape]. */
export function batched(
  slots: readonly ParameterSlot[],
  flat: Floats,
): Record<string, Float64Array> {
  const p = slots.reduce((total, { size }) => total + size, 0);
  const n = flat.length / p;
  return Object.fromEntries(
    slots.map(({ name, offset, size }) => [
      name,
      Float64Array.from(
        { length: n * size },
        (_, at) => flat[Math.floor(at / size) * p + offset + (at % size)] ?? Number.NaN,
      ),
    ]),
  );
}

/** Values of many data sets by name, [n, ...shape] each, as flat vectors [n, p]: what `batched` takes apart. */
export function unbatched(
  slots: readonly ParameterSlot[],
  values: Readonly<Record<string, ArrayLike<number>>>,
): Float64Array {
  const p = slots.reduce((total, { size }) => total + size, 0);
  const [first] = slots;
  const n = first === undefined ? 0 : (values[first.name]?.length ?? 0) / first.size;
  const flat = new Float64Array(n * p);
  for (const { name, offset, size } of slots) {
    for (let at = 0; at < n * size; at++) {
      flat[Math.floor(at / size) * p + offset + (at % size)] = values[name]?.[at] ?? Number.NaN;
    }
  }
  return flat;
}

/**
 * Parameters by name as a flat vector.
 *
 * @throws InvalidArgumentError where one is missing, is no number or of another size, or there is no such parameter or label.
 */
export function flatten(
  slots: readonly ParameterSlot[],
  values: Readonly<Record<string, GivenValue>>,
): Float64Array {
  const flat = new Float64Array(slots.reduce((total, { size }) => total + size, 0));
  const names = slots.map(({ name }) => name);
  const unknown = Object.keys(values).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `there is no parameter "${unknown}"; the parameters are ${names.join(", ")}`,
    );
  }
  for (const slot of slots) {
    const { name, offset, size } = slot;
    const value = numberOf(slot, values[name]);
    const array = typeof value === "number" ? [value] : value;
    if (array?.length !== size) {
      throw new InvalidArgumentError(
        `parameter "${name}" has ${size} value(s), but ${array === undefined ? "none" : array.length} were given; the parameters are ${names.join(", ")}`,
      );
    }
    const given: readonly unknown[] = Array.from(array);
    const odd = given.find((one) => typeof one !== "number");
    if (odd !== undefined) {
      throw new InvalidArgumentError(
        `parameter "${name}" must be of numbers, but has ${show(odd)}`,
      );
    }
    flat.set(Array.from(array), offset);
  }
  return flat;
}
