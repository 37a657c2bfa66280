/**
 * What requests of the own API hold and what answers say: one schema each, by which requests are read and which the OpenAPI document shows.
 */
import { mayLack, type ArraySpec } from "amortis/answers";
import { z } from "zod";
import { LARGEST } from "../numbers.js";
import type { Limits } from "../options.js";
import type { Served } from "../served.js";

/** JSON Schema, of the 2020-12 draft, which OpenAPI 3.1 has. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema as JSON Schema. */
export function jsonSchema(schema: z.ZodType, io: "input" | "output" = "input"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

/** Draws unless told. */
export const SAMPLES = 1_000;

const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)
  .describe("Of the draws: the same seed, the same draws, whatever else the server does.");

/** Options of answers, by name; which of them there are depends on the estimator. */
export function optionSchemas({ samples }: Limits) {
  return {
    samples: z.int().min(1).max(samples).describe("Draws of each posterior; 1,000 by default."),
    seed,
    replicates: z
      .union([z.literal("all"), z.array(z.int().min(1)).min(1).max(4_096)])
      .describe(
        "Data sets that are independent given one value of the parameters: all, or so many at a time.",
      ),
    answer: z
      .enum(["amortized", "trusted"])
      .describe("trusted: data sets whose check speaks against the networks are refused."),
    method: z
      .enum(["grid", "mcmc", "importance"])
      .describe("How a ratio or a likelihood becomes a posterior."),
    points: z.int().min(2).max(1_000).describe("Points of a grid along each axis."),
    draws: z.boolean().describe("Whether a JSON answer has the draws too; false by default."),
  };
}

/** Options that an estimator's requests may have, each of which may be left out; the others are unknown to it, and refused. */
export function optionsOf({ about }: Served, limits: Limits) {
  const known = new Set<string>(about.options);
  if (known.has("samples")) known.add("draws");
  const { shape } = z.strictObject(optionSchemas(limits)).partial();
  const own = Object.entries(shape).filter(([name]) => known.has(name));
  return z.strictObject(Object.fromEntries(own) as typeof shape);
}

/** The same in an address, where there are no lists. */
export function queryOf(served: Served, limits: Limits) {
  const { shape } = optionsOf(served, limits);
  const { replicates: _, ...others } = shape;
  const all = z
    .literal("all")
    .optional()
    .describe("All data sets have one value of the parameters.");
  return z.strictObject(
    served.about.options.includes("replicates") ? { ...others, replicates: all } : others,
  );
}

/** A request's options. */
export type Options = z.output<ReturnType<typeof optionsOf>>;

/** The body of a request as JSON. Numbers are read by `readNested`: zod is never for large arrays. */
export function bodyOf(served: Served, limits: Limits) {
  return optionsOf(served, limits).extend({
    data: z.unknown().meta(dataSchema(served, limits)),
  });
}

/** Data sets as JSON Schema: arrays by name, or just the array where there is one. */
function dataSchema({ specs }: Served, { dataSets }: Limits): JsonSchema {
  const arrays = Object.entries(specs).map(
    ([name, spec]) => [name, arraySchema(spec, dataSets)] as const,
  );
  const named = {
    type: "object",
    properties: Object.fromEntries(arrays),
    required: arrays.map(([name]) => name),
    additionalProperties: false,
  };
  const [only] = arrays;
  return {
    description: "One data set, or several along the leading axis of each array.",
    ...(arrays.length === 1 && only ? { anyOf: [named, ...variants(only[1])] } : named),
  };
}

function variants(schema: JsonSchema): readonly unknown[] {
  const { anyOf } = schema;
  return Array.isArray(anyOf) ? anyOf : [schema];
}

function arraySchema(spec: ArraySpec, dataSets: number): JsonSchema {
  const number = {
    type: mayLack(spec) ? ["number", "null"] : "number",
    minimum: -LARGEST,
    maximum: LARGEST,
  };
  const one = spec.shape.reduceRight<JsonSchema>(
    (items, size, axis) => ({
      type: "array",
      items,
      minItems: axis === 0 && spec.varies ? 1 : size,
      maxItems: size,
    }),
    number,
  );
  return { anyOf: [one, { type: "array", items: one, minItems: 1, maxItems: dataSets }] };
}

const outNumber = z
  .union([z.number(), z.null(), z.enum(["Infinity", "-Infinity"])])
  .describe("A number; null where there is none (NaN).");
const byName = z.record(z.string(), outNumber);

const checkSchema = z.looseObject({}).describe("What the answer was checked by.");

const dataSetSchema = z.object({
  status: z.string().optional().describe("Where no network alone answered, what did; or refused."),
  label: z.enum(["exact", "corrected", "amortized", "refused"]).optional(),
  check: checkSchema.optional(),
  cause: z.string().optional(),
  note: z.string().optional(),
  typicality: outNumber
    .optional()
    .describe("A p-value: small where the data are unlike those of the model."),
  mean: byName.optional(),
  sd: byName.optional(),
  probabilities: z.record(z.string(), byName).optional(),
  estimate: byName.optional(),
  quantiles: z.record(z.string(), byName).optional(),
  summary: z.array(outNumber).optional(),
});

/** What is answered as JSON. */
export const answerSchema = z.looseObject({
  estimator: z.string(),
  digest: z.string().describe("Of the estimator's file, SHA-256, the first 16 digits."),
  parameters: z.array(z.string()),
  estimate: z.string().optional().describe("What point estimates are of."),
  datasets: z.array(z.looseObject(dataSetSchema.shape)),
  warnings: z
    .array(z.string())
    .describe(
      "What is to be known before the answer is believed: data unlike anything that was simulated, above all.",
    ),
  draws: z.array(z.unknown()).optional().describe("[data sets, draws, parameters]."),
});

/** An estimator, as the server says of it. */
export const estimatorSchema = z.object({
  name: z.string(),
  digest: z.string(),
  answers: z.string().describe("What it answers with, in words."),
  method: z.string(),
  model: z.string(),
  parameters: z.array(z.string()),
  data: z.record(
    z.string(),
    z.object({
      shape: z.array(z.int()),
      varies: z.boolean().describe("Whether the first size may be smaller."),
      missing: z.boolean().describe("Whether values may be missing: null."),
    }),
  ),
  options: z.array(z.string()),
  simulations: z.int().describe("That it was trained on."),
});

/** What the server says of an estimator. */
export function describeServed(served: Served): z.output<typeof estimatorSchema> {
  const { name, digest, about, details, parameters, specs } = served;
  return {
    name,
    digest,
    answers: about.words,
    method: details.method,
    model: details.model.name,
    parameters: [...parameters],
    data: Object.fromEntries(
      Object.entries(specs).map(([array, { shape, varies, missing }]) => [
        array,
        { shape: [...shape], varies, missing },
      ]),
    ),
    options: about.options.filter((option) => option !== "prior" && option !== "sampler"),
    simulations: details.training.simulations,
  };
}

/** Problem documents. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
});
