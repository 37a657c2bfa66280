/**
 * Standardisation in files.
 */
import { z } from "zod";
import { columnTransformsSchema } from "./column-transform.js";

const list = z.array(z.number());
const scales = z.array(z.number().gt(0));

// Of a column without any value, a range is empty: its ends are infinite, which JSON has not.
const end = z.array(
  z
    .number()
    .nullable()
    .transform((value) => value ?? Number.NaN),
);

/** Moments in files; those of version 0.1 have mean and standard deviation alone. */
export const momentsSchema = z
  .object({
    mean: list.min(1),
    sd: scales,
    shape: z.array(z.int().min(1)).exactOptional(),
    offset: list.exactOptional(),
    tails: z.object({ center: list, width: list, mean: list, sd: list }).exactOptional(),
    range: z.object({ lower: end, upper: end }).exactOptional(),
  })
  .refine(({ mean, sd }) => mean.length === sd.length, { error: "it needs an sd for each mean" });

/** A standardisation in files. */
export const standardizationSchema = z.object({
  data: z.record(z.string(), momentsSchema),
  columns: columnTransformsSchema.exactOptional(),
  raw: z.record(z.string(), momentsSchema).exactOptional(),
  parameters: momentsSchema,
  unconstrained: momentsSchema.exactOptional(),
  validity: momentsSchema.exactOptional(),
  trend: z
    .object({ weights: list, intercept: list.min(1), factor: list })
    .refine(
      ({ weights, intercept: { length: d }, factor }) =>
        weights.length % d === 0 && factor.length === d * d,
      { error: "its matrices do not fit its intercept" },
    )
    .exactOptional(),
  summary: z.object({ lower: list, upper: list }).exactOptional(),
  typicality: z
    .object({
      mean: list.min(1),
      factor: list,
      reference: list.min(1),
      heldOut: z.object({ middle: list.min(1), nearest: list.min(1) }),
    })
    .refine(
      ({ mean: { length: d }, factor, reference, heldOut }) =>
        [d, d * d].includes(factor.length) &&
        reference.length % d === 0 &&
        heldOut.middle.length === heldOut.nearest.length,
      { error: "its parts do not fit each other" },
    )
    .exactOptional(),
});
