/**
 * The Open Inference Protocol's messages.
 *
 * Reference: "Open Inference Protocol (V2)", KServe; and its "Binary Tensor Data Extension", NVIDIA Triton.
 */
import { z } from "zod";

const parameterSchema = z.union([z.string(), z.number(), z.boolean()]);
const parametersSchema = z.record(z.string(), parameterSchema);

/** Bytes of each number, by the protocol's names of types. */
export const WIDTHS = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP32: 4,
  FP64: 8,
} as const;

/** Types whose numbers may be data. Single and half precision brain floats, and bytes, may not. */
export const INPUT_TYPES = [
  "FP32",
  "FP64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
] as const;

/** A type whose numbers may be data. */
export type InputType = (typeof INPUT_TYPES)[number];

const shapeSchema = z.array(z.int().min(0)).max(16);

const inputSchema = z.strictObject({
  name: z.string(),
  shape: shapeSchema,
  datatype: z.enum(INPUT_TYPES),
  parameters: parametersSchema.optional(),
  /** Numbers, flat or nested; absent where they follow as bytes. */
  data: z.unknown().meta({ type: "array", items: {} }).optional(),
});

const requestedSchema = z.strictObject({
  name: z.string(),
  parameters: parametersSchema.optional(),
});

/** A request. */
export const requestSchema = z.strictObject({
  id: z.string().max(1_000).optional(),
  parameters: parametersSchema.optional(),
  inputs: z.array(inputSchema).min(1).max(64),
  outputs: z.array(requestedSchema).max(64).optional(),
});

/** A request, as its header says it. */
export type InferRequest = z.output<typeof requestSchema>;

/** One input of it. */
export type InferInput = InferRequest["inputs"][number];

/** Its answer as JSON. */
export const responseSchema = z.object({
  id: z.string().optional(),
  model_name: z.string(),
  model_version: z.string(),
  parameters: parametersSchema,
  outputs: z.array(
    z.object({
      name: z.string(),
      shape: shapeSchema,
      datatype: z.string(),
      parameters: parametersSchema.optional(),
      data: z.array(z.unknown()).optional(),
    }),
  ),
});

const tensorSchema = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int()).describe("-1 where any number may be."),
});

/** What a model is. */
export const modelSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorSchema),
  outputs: z.array(tensorSchema),
});

/** What the server is. */
export const serverSchema = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});
