/**
 * Standardisation in files.
 */
import { object, optional, record } from "../schema/objects.js";
import { such } from "../schema/schema.js";
import { list, number, orNull, whole } from "../schema/values.js";
import { columnTransformsSchema } from "./column-transform.js";

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

const trendSchema = such(
  object({ weights: numbers, intercept: someNumbers, factor: numbers }),
  ({ weights, intercept: { length: d }, factor }) =>
    weights.length % d === 0 && factor.length === d * d,
  "must have matrices that fit its intercept",
);

const typicalitySchema = such(
  object({
    mean: someNumbers,
    factor: numbers,
    reference: someNumbers,
    heldOut: object({ middle: someNumbers, nearest: someNumbers }),
  }),
  ({ mean: { length: d }, factor, reference, heldOut }) =>
    [d, d * d].includes(factor.length) &&
    reference.length % d === 0 &&
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
