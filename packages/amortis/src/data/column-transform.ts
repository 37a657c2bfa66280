/**
 * Transforms of a column that a user asks for, by name: they take the place of the map that is found for it otherwise (`moments.ts`).
 *
 *     log          y = log(x + shift)
 *     logit        y = log(x / (1 - x))
 *     constrain    y = log((x - lower) / (upper - x)), or log(x - lower), or -log(upper - x): from where x lies to the whole line
 *     standardize  y = (x - mean) / sd
 *     linear       y = x
 *     oneHot       an indicator for each category
 *     drop         nothing: networks do not see it
 *     concatenate  several columns as one, along their last axis
 *
 * Where they are one to one they keep what there is to know. After log, logit, constrain and linear, location and scale are learned as mean and standard
 * deviation; after standardize and oneHot nothing is. NaN, which says that a value is not there, stays. column-inverse.ts undoes them.
 */
import { object, optional, record, tagged, usually } from "../schema/objects.js";
import { either, such, type Schema, type ValueOf } from "../schema/schema.js";
import { list, number, text, whole } from "../schema/values.js";
import type { Column, DataSets } from "./data-sets.js";
import { DataError } from "./simulator-output.js";
import { position, sizeOf } from "./shape.js";

/** Of what needs no settings. */
const nothing = object({}, { others: "refused" });

const numbers = list(number(), { least: 1 });
const above0 = number({ above: 0 });

const constrain = such(
  such(
    object({ lower: optional(number()), upper: optional(number()) }, { others: "refused" }),
    ({ lower = -Infinity, upper = Infinity }) => lower < upper,
    "must have a lower below its upper",
  ),
  ({ lower, upper }) => lower !== undefined || upper !== undefined,
  "must have a lower, an upper, or both",
);

const transformSchema = tagged("kind", {
  log: object(
    {
      /** Added first, as where there are zeros. */
      shift: usually(number(), 0),
    },
    { others: "refused" },
  ),
  logit: nothing,
  constrain,
  standardize: object(
    {
      /** Of all, or of each entry of the last axis. */
      mean: either(number(), numbers),
      sd: either(above0, list(above0, { least: 1 })),
    },
    { others: "refused" },
  ),
  linear: nothing,
  oneHot: object(
    {
      /** So many, as the numbers from 0 on; or their numbers. */
      categories: either(
        whole({ least: 2, most: 10_000 }),
        such(
          list(number(), { least: 2, most: 10_000 }),
          (all) => new Set(all).size === all.length,
          "must differ",
        ),
      ),
    },
    { others: "refused" },
  ),
  drop: nothing,
  concatenate: object(
    {
      /** In this order, each after its own transform; they are not seen apart. */
      arrays: list(text(), { least: 1 }),
    },
    { others: "refused" },
  ),
});

/** A transform of a column in full. */
export type ColumnTransform = ValueOf<typeof transformSchema>;

/** Transforms by column in configurations and files; the name of one alone where nothing else need be said. */
export const columnTransformsSchema: Schema<ColumnTransforms> = record({
  read: (given) => transformSchema.read(typeof given === "string" ? { kind: given } : given),
  jsonSchema: () => ({ anyOf: [{ type: "string" }, transformSchema.jsonSchema()] }),
});

/** Transforms by column, in full. */
export type ColumnTransforms = Readonly<Record<string, ColumnTransform>>;

/** A transform of a column as users say it: `"log"`, `{ kind: "oneHot", categories: 3 }`. */
export type ColumnTransformInput =
  | "log"
  | "logit"
  | "linear"
  | "drop"
  | { readonly kind: "log"; readonly shift?: number }
  | Exclude<ColumnTransform, { readonly kind: "log" }>;

/** The numbers of the categories. */
export function categoriesOf(categories: number | readonly number[]): readonly number[] {
  return typeof categories === "number"
    ? Array.from({ length: categories }, (_, i) => i)
    : categories;
}

/**
 * Sees to it that all values are where their transforms take them.
 *
 * @param what one of the data sets is called.
 * @throws DataError where one is not: says which, and what to do.
 */
export function requireTransformable(
  sets: DataSets,
  transforms: ColumnTransforms,
  what = "data set",
): void {
  for (const [name, transform] of Object.entries(transforms)) {
    const spec = sets.specs[name];
    const accepts = domainOf(transform);
    if (spec === undefined || accepts === undefined) continue;
    const at = firstOutside(sets.column(name), accepts.holds);
    if (at === undefined) continue;
    const width = sizeOf(spec.shape);
    const where = sets.size === 1 ? "" : ` of ${what} ${Math.floor(at / width)}`;
    throw new DataError(
      `${name}${position(at % width, spec.shape)}${where} is ${sets.column(name)[at]}, but the transform ${transform.kind} of "${name}" takes ${accepts.words}`,
    );
  }
}

function firstOutside(column: Column, holds: (value: number) => boolean): number | undefined {
  const found = column.findIndex((value) => !Number.isNaN(value) && !holds(value));
  return found < 0 ? undefined : found;
}

interface Domain {
  readonly holds: (value: number) => boolean;
  readonly words: string;
}

/** Values that a transform takes; undefined where it takes all. */
function domainOf(transform: ColumnTransform): Domain | undefined {
  switch (transform.kind) {
    case "log":
      return between(-transform.shift, Infinity);
    case "logit":
      return between(0, 1);
    case "constrain":
      return between(transform.lower ?? -Infinity, transform.upper ?? Infinity);
    case "oneHot": {
      const values = new Set(categoriesOf(transform.categories));
      const all = [...values];
      const words =
        all.length > 12 ? `${all.length} categories, which it is none of` : all.join(", ");
      return { holds: (value) => values.has(value), words };
    }
    default:
      return undefined;
  }
}

function between(lower: number, upper: number): Domain {
  // As networks see it: in single precision a value may reach its bound.
  const holds = (value: number): boolean =>
    Math.fround(value) > lower && Math.fround(value) < upper;
  if (upper === Infinity) return { holds, words: `values above ${lower}` };
  return {
    holds,
    words: lower === -Infinity ? `values below ${upper}` : `values between ${lower} and ${upper}`,
  };
}
