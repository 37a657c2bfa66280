/**
 * Schemas of single values, and of lists.
 */
import type { Json } from "../json.js";
import { readAt, refuse, type JsonSchema, type Schema } from "./schema.js";

/** Whatever it is. */
export const anything: Schema<unknown> = { read: (value) => value, jsonSchema: () => ({}) };

/** True or false. */
export const flag: Schema<boolean> = {
  read: (value) => (typeof value === "boolean" ? value : refuse(value, "true or false")),
  jsonSchema: () => ({ type: "boolean" }),
};

/** Text of so many characters at least. */
export function text({ least = 0 }: { readonly least?: number } = {}): Schema<string> {
  const expected = least > 0 ? `text of at least ${least}` : "text";
  return {
    read: (value) =>
      typeof value === "string" && value.length >= least ? value : refuse(value, expected),
    jsonSchema: () => ({ type: "string", ...(least > 0 && { minLength: least }) }),
  };
}

/** Limits of numbers, and of the length of lists. */
export interface Limits {
  readonly least?: number;
  readonly most?: number;
  /** Above this, and not this itself. */
  readonly above?: number;
  readonly below?: number;
}

/** Limits by the names that JSON Schema has for them. */
function limitsOf({ least, most, above, below }: Limits): JsonSchema {
  return {
    ...(least !== undefined && { minimum: least }),
    ...(most !== undefined && { maximum: most }),
    ...(above !== undefined && { exclusiveMinimum: above }),
    ...(below !== undefined && { exclusiveMaximum: below }),
  };
}

function withinLimits(value: number, { least, most, above, below }: Limits): number {
  if (least !== undefined && value < least) refuse(value, `at least ${least}`);
  if (most !== undefined && value > most) refuse(value, `at most ${most}`);
  if (above !== undefined && value <= above) refuse(value, `above ${above}`);
  if (below !== undefined && value >= below) refuse(value, `below ${below}`);
  return value;
}

/** A finite number. */
export function number(limits: Limits = {}): Schema<number> {
  return {
    read: (value) =>
      typeof value === "number" && Number.isFinite(value)
        ? withinLimits(value, limits)
        : refuse(value, "a number"),
    jsonSchema: () => ({ type: "number", ...limitsOf(limits) }),
  };
}

/** A whole number that is exact. */
export function whole(limits: Limits = {}): Schema<number> {
  return {
    read: (value) =>
      typeof value === "number" && Number.isSafeInteger(value)
        ? withinLimits(value, limits)
        : refuse(value, "a whole number"),
    jsonSchema: () => ({ type: "integer", ...limitsOf(limits) }),
  };
}

/** One of some texts, or the only one. */
export function oneOf<const T extends string>(...values: readonly T[]): Schema<T> {
  const expected = values.map((value) => JSON.stringify(value)).join(", ");
  return {
    read: (value) => values.find((known) => known === value) ?? refuse(value, expected),
    jsonSchema: () => ({ enum: values }),
  };
}

/** Something else in the place of null, which JSON has where a number is not finite. */
export function orNull<T, N>(schema: Schema<T>, instead: N): Schema<T | N> {
  return {
    read: (value) => (value === null ? instead : schema.read(value)),
    jsonSchema: () => ({ anyOf: [schema.jsonSchema(), { type: "null" }] }),
  };
}

/** A list of so many, each of which is read. */
export function list<T>(
  of: Schema<T>,
  { least = 0, most = Infinity }: Pick<Limits, "least" | "most"> = {},
): Schema<readonly T[]> {
  return {
    read(value) {
      if (!Array.isArray(value)) return refuse(value, "a list");
      if (value.length < least) refuse(value, `a list of at least ${least}`);
      if (value.length > most) refuse(value, `a list of at most ${most}`);
      return value.map((each: unknown, i) => readAt(i, of, each));
    },
    jsonSchema: () => ({
      type: "array",
      items: of.jsonSchema(),
      ...(least > 0 && { minItems: least }),
      ...(most < Infinity && { maxItems: most }),
    }),
  };
}

/** A list of two. */
export function pair<A, B>(first: Schema<A>, second: Schema<B>): Schema<readonly [A, B]> {
  return {
    read(value) {
      if (!Array.isArray(value) || value.length !== 2) return refuse(value, "a list of 2");
      return [readAt(0, first, value[0]), readAt(1, second, value[1])];
    },
    jsonSchema: () => ({
      type: "array",
      prefixItems: [first.jsonSchema(), second.jsonSchema()],
      minItems: 2,
      maxItems: 2,
    }),
  };
}

/** Plain data, as JSON has it. */
export const json: Schema<Json> = {
  read: (value) => (isJson(value) ? value : refuse(value, "plain data, as JSON has it")),
  jsonSchema: () => ({}),
};

/** However deep it nests. */
function isJson(value: unknown): value is Json {
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "object" && next !== null) {
      for (const inner of Object.values(next)) left.push(inner);
    } else if (next !== null && !["string", "number", "boolean"].includes(typeof next)) {
      return false;
    }
  }
  return true;
}
