/**
 * Standardisation in files.
 */
import { object, optional, record } from "../schema/objects.js";
import { such } from "../schema/schema.js";
import { list, number, orNull, text, whole } from "../schema/values.js";
import { columnTransformsSchema } from "./column-transform.js";
import { TABLE_SIZE } from "./quantile-table.js";

const numbers = list(number());
const someNumbers = list(number(), { least: 1 });

// Of a column without any value, a range is empty: its ends are infinite, which JSON has not.
const end = list(orNull(number(), Number.NaN));

/** Moments in files; those of version 0.1 have mean and standard deviation alone. */
const momentsSchema = such(
  object({
    mean: someNumbers,
    sd: list(number({ above: 0 })),
    shape: optional(list(whole({ least: 1 }))),
    offset: optional(numbers),
    tails: optional(object({ center: numbers, width: numbers, mean: numbers, sd: numbers })),
    range: optional(object({ lower: end, upper: end })),
  }),
  ({ mean, sd }) => mean.length === sd.length,
  "must have an sd for each mean",
);

const restSchema = object({
  weights: numbers,
  intercept: numbers,
  scale: list(number({ above: 0 })),
  mean: number(),
  sd: number({ above: 0 }),
});

const trendSchema = such(
  object({ weights: numbers, intercept: someNumbers, factor: numbers, rest: optional(restSchema) }),
  ({ weights, intercept: { length: d }, factor, rest }) =>
    weights.length % d === 0 &&
    factor.length === d * d &&
    (rest === undefined ||
      (rest.weights.length === weights.length &&
        [rest.intercept, rest.scale].every(({ length }) => length === weights.length / d))),
  "must have matrices that fit its intercept",
);

const table = list(number(), { least: TABLE_SIZE, most: TABLE_SIZE });

const patternsSchema = such(
  object({
    names: list(text(), { least: 1, most: 1000 }),
    combinations: optional(
      such(
        object({ places: list(whole({ least: 0 }), { least: 1 }), mean: numbers, rows: numbers }),
        ({ places: { length: k }, mean, rows }) => mean.length === k && rows.length % k === 0,
        "must have parts that fit each other",
      ),
    ),
    tables: list(table),
    mean: numbers,
    precision: numbers,
    given: list(table),
  }),
  ({ names: { length: k }, tables, mean, precision, given }) =>
    [tables.length, given.length].every((length) => length === k) &&
    precision.length === k * mean.length,
  "must have parts that fit each other",
);

const typicalitySchema = such(
  object({
    mean: numbers,
    factor: numbers,
    reference: numbers,
    heldOut: object({ middle: numbers, nearest: numbers, scores: optional(someNumbers) }),
    tables: optional(object({ middle: table, nearest: table, pattern: table })),
    patterns: optional(patternsSchema),
  }),
  ({ mean: { length: d }, factor, reference, heldOut, tables }) =>
    [d, d * d].includes(factor.length) &&
    (d === 0 ? reference.length === 0 : reference.length % d === 0) &&
    (heldOut.scores === undefined ? d > 0 && heldOut.middle.length > 0 : tables !== undefined) &&
    heldOut.middle.length === heldOut.nearest.length,
  "must have parts that fit each other",
);

/** A standardisation in files. */
export const standardizationSchema = object({
  data: record(momentsSchema),
  columns: optional(columnTransformsSchema),
  raw: optional(record(momentsSchema)),
  parameters: momentsSchema,
  unconstrained: optional(momentsSchema),
  validity: optional(momentsSchema),
  trend: optional(trendSchema),
  summary: optional(object({ lower: numbers, upper: numbers })),
  typicality: optional(typicalitySchema),
});
