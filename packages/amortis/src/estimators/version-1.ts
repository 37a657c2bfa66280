/**
 * Estimator files of version 1, which load for ever: what they say, as files of now say it.
 *
 * They have all bounds of the parameters in one list, of plain arrays of data the shape alone, and do not say when they were written.
 */
import { arraySpecSchema, specOf } from "../data/array-spec.js";
import { sizeOf } from "../data/shape.js";
import { object, record } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { json, list, text } from "../schema/values.js";
import { boundsSchema, sameInAll, shapeSchema, type detailsSchema } from "./details.js";

/** The content of a manifest of version 1. */
export const version1Schema = object({
  createdBy: text(),
  model: object({
    name: text(),
    parameters: list(object({ name: text(), shape: shapeSchema, prior: json })),
    lower: boundsSchema,
    upper: boundsSchema,
    data: record(arraySpecSchema),
  }),
  ...sameInAll,
});

/** The same as a file of now has it. */
export function fromVersion1({
  createdBy,
  model: { name, parameters, lower, upper, data },
  ...same
}: ValueOf<typeof version1Schema>): ValueOf<typeof detailsSchema> {
  let offset = 0;
  const supported = parameters.map((parameter) => {
    const end = offset + sizeOf(parameter.shape);
    const support = { lower: lower.slice(offset, end), upper: upper.slice(offset, end) };
    offset = end;
    return { ...parameter, support };
  });
  const specs = Object.entries(data).map(([key, spec]) => [key, specOf(spec)] as const);
  return {
    created: { by: createdBy, software: {} },
    model: { name, parameters: supported, data: Object.fromEntries(specs) },
    ...same,
  };
}
