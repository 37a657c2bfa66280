/**
 * What people say is known of parameters and data, as rows of numbers.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { isArrayData } from "../data/array-data.js";
import type { DataSets } from "../data/data-sets.js";
import type { ParameterSlot } from "../data/layout.js";
import type { ArrayInput } from "../data/array-data.js";
import type { DataInput } from "../data/match-data.js";
import { rowsOfData } from "./joint-questions.js";
import type { JointSpace } from "./joint-space.js";

/** What is known: parameters and arrays of the data by name, NaN for numbers that are not. */
export type Known = Readonly<Record<string, ArrayInput>>;

/** Whether data are arrays by name. */
export function isNamed(data: DataInput): data is Known {
  return (
    typeof data === "object" &&
    !Array.isArray(data) &&
    !ArrayBuffer.isView(data) &&
    !isArrayData(data)
  );
}

/**
 * The arrays of the data among what is known.
 *
 * @throws InvalidArgumentError where a name is unknown.
 */
export function knownArrays(
  { arrays }: JointSpace,
  slots: readonly ParameterSlot[],
  known: Known,
): Known {
  const names = [...slots, ...arrays].map(({ name }) => name);
  const unknown = Object.keys(known).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `conditional: there is no parameter or data array "${unknown}"; there are ${names.join(", ")}`,
    );
  }
  const isData = (name: string): boolean => arrays.some((array) => array.name === name);
  return Object.fromEntries(Object.entries(known).filter(([name]) => isData(name)));
}

/**
 * All that is known, [size, p + n]: NaN elsewhere.
 *
 * @param data in their own units, where arrays of them are known.
 * @throws InvalidArgumentError where a parameter's values are of another number, or outside its support.
 */
export function knownRows(
  space: JointSpace,
  slots: readonly ParameterSlot[],
  known: Known,
  data: DataSets | undefined,
): Float64Array {
  const given = slots.flatMap((slot) => {
    const value = known[slot.name];
    return value === undefined ? [] : [{ ...slot, values: numbersOf(slot.name, value) }];
  });
  const size =
    data?.size ?? Math.max(1, ...given.map(({ values, size: own }) => values.length / own));
  const rows = rowsOfData(space, data, size);
  for (const { name, offset, size: width, values } of given) {
    const shared = values.length === width;
    if (!shared && values.length !== size * width) {
      throw new InvalidArgumentError(
        `conditional: the parameter "${name}" has ${width} value(s)${size > 1 ? `, or ${size * width} for ${size} rows` : ""}, but ${values.length} were given`,
      );
    }
    for (let row = 0; row < size; row++) {
      const from = shared ? 0 : row * width;
      rows.set(values.slice(from, from + width), row * space.numbers + offset);
    }
  }
  requireInside(space, slots, rows);
  return rows;
}

/** Whether a value has elements: a list, or a typed array. */
function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

/** Numbers of a parameter, however nested. */
function numbersOf(name: string, value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  if (isArrayData(value)) return Array.from(value.data);
  if (isList(value)) return Array.from(value).flatMap((one) => numbersOf(name, one));
  throw new InvalidArgumentError(
    `conditional: the parameter "${name}" must be numbers, but was given ${String(value)}`,
  );
}

/** @throws InvalidArgumentError where a known parameter lies outside its prior's support. */
function requireInside(
  space: JointSpace,
  slots: readonly ParameterSlot[],
  rows: Float64Array,
): void {
  const u = space.toVariables(rows);
  for (let row = 0; row < rows.length / space.numbers; row++) {
    const own = rows.subarray(row * space.numbers, (row + 1) * space.numbers);
    space.requireWhole(own);
    const given = space.spreadOver(own.map((x) => Number(!Number.isNaN(x))));
    const isOutside = (is: number, j: number): boolean =>
      is === 1 && !Number.isFinite(u[row * space.variables + j]);
    if (!given.some(isOutside)) continue;
    const values = slots.map(
      ({ name, offset, size }) => `${name} ${[...own.subarray(offset, offset + size)].join(", ")}`,
    );
    throw new InvalidArgumentError(
      `conditional: a known parameter lies outside the support of its prior: ${values.join("; ")}`,
    );
  }
}
