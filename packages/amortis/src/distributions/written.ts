/**
 * How a prior is written in files, and made again of what is written: its settings under the names that its `toJSON` gives them. A prior's function carries it, as
 * `triangular.written`, under the name that the function has in `kinds.ts`.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { object, optional, type ObjectOf } from "../schema/objects.js";
import { either, type Schema } from "../schema/schema.js";
import { anything, list, number, oneOf, text } from "../schema/values.js";
import { isScalar, type Distribution, type ScalarDistribution } from "./distribution.js";

/** Makes a prior that another one is made of. */
export type Inner = (json: unknown) => Distribution;

/** Settings that were read, as the prior that they are of. */
export interface Making {
  /** @throws InvalidArgumentError where the settings are of no such prior. */
  make(inner: Inner): Distribution;
}

/** What may be written of a prior. */
export type Written = Schema<Making>;

/**
 * What is written of a prior: these settings, and no others.
 *
 * @param make the prior of the settings; `inner` makes those that it is made of.
 */
export function writtenAs<F extends Readonly<Record<string, Schema<unknown>>>>(
  fields: F,
  make: (settings: ObjectOf<F>, inner: Inner) => Distribution,
): Written {
  const settings = object(fields, { others: "refused" });
  return {
    read(value) {
      const read = settings.read(value);
      return { make: (inner) => make(read, inner) };
    },
    jsonSchema: () => settings.jsonSchema(),
  };
}

/** A finite number. */
export const real = number();

/** Finite numbers; of a matrix, row after row. */
export const reals = list(real);

const infinite = oneOf("Infinity", "-Infinity");

/** A number that may be infinite, which JSON has as a text. */
export const bound: Schema<number> = either(real, {
  ...infinite,
  read: (value) => Number(infinite.read(value)),
});

/** Absent is what was in force before there was a choice: the map that the bounds alone say. */
export const link = optional(text());

/** The one prior that another is made of. */
export const onePart = list(anything, { least: 1, most: 1 });

/** Priors, or terms, that another is made of. */
export const anyParts = list(anything);

/** The link as an option; one that the prior does not have is refused by the prior. */
export function linkOf<L extends string>(
  data: { readonly link?: string },
  before: L,
): { readonly link: L } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked where it is used
  return { link: (data.link ?? before) as L };
}

/** Rows of a matrix with d columns. */
export function rows(values: readonly number[], d: number): readonly (readonly number[])[] {
  const count = d > 0 ? Math.ceil(values.length / d) : 0;
  return Array.from({ length: count }, (_, i) => values.slice(i * d, (i + 1) * d));
}

/** Rows of a matrix with as many rows as columns. */
export function squareRows(values: readonly number[]): readonly (readonly number[])[] {
  return rows(values, Math.round(Math.sqrt(values.length)));
}

/** @throws InvalidArgumentError where a distribution is not of one number. */
export function scalarOf(distribution: Distribution): ScalarDistribution {
  if (isScalar(distribution)) return distribution;
  throw new InvalidArgumentError(
    `an ordered or zeroInflated distribution in JSON needs one of one number, but has ${distribution.name}`,
  );
}
