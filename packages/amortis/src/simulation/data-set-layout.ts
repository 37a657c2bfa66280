/**
 * How a data set lies on disk: a Zarr v3 group.
 *
 *   zarr.json            attributes: what was simulated, and how much of it
 *   parameters           [n, p] float64
 *   indices              [n] float64, numbers of the simulations
 *   valid                [n] uint8, 0 where a simulation is invalid; its row is zeros
 *   data/NAME            [n, ...shape] float32
 *   shards/K.json        written last, once chunk K of every array is whole: { first, count, invalid }
 *
 * Chunk K of each array holds rows [K s, (K + 1) s). Any Zarr reader opens it; `shards` is for resuming. Files are written to a
 * temporary name and renamed, so there are none half written.
 */
import { z } from "zod";
import { AmortisError } from "@amortis/graph";
import { readBytes, writeBytes } from "../files/bytes.js";
import type { AnyModel } from "../model/index.js";

/** A data set on disk that cannot be read, or must not be written. */
export class DataSetError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("data-set", message, options);
  }
}

const FORMAT = "amortis-data-set";
const VERSION = 1;

const whole = z.int().nonnegative();
const shape = z.array(z.int().positive());

const infoSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  model: z.string(),
  seed: z.object({ kind: z.enum(["number", "string"]), value: z.string() }).optional(),
  parameterNames: z.array(z.string()).min(1),
  priors: z.record(z.string(), z.unknown()),
  dataShapes: z.record(z.string(), shape),
  firstIndex: whole,
  rows: whole,
  shardSize: z.int().positive(),
  complete: z.boolean(),
  valid: whole,
  invalid: whole,
});

/** What is known of a data set. */
export type DataSetInfo = Readonly<z.infer<typeof infoSchema>>;

const shardSchema = z.object({
  first: whole,
  count: z.int().positive(),
  invalid: z.array(
    z.object({ index: whole, parameters: z.array(z.number().nullable()), reason: z.string() }),
  ),
});

/** What is known of a shard. */
export type ShardRecord = Readonly<z.infer<typeof shardSchema>>;

/** A seed as data. Numbers and big integers of one value are one seed. */
export function seedRecord(seed: number | bigint | string): NonNullable<DataSetInfo["seed"]> {
  return { kind: typeof seed === "string" ? "string" : "number", value: String(seed) };
}

/** What is known of a model's data set before anything is simulated. */
export function infoOf(
  model: AnyModel,
  settings: {
    readonly seed: number | bigint | string | undefined;
    readonly firstIndex: number;
    readonly rows: number;
    readonly shardSize: number;
  },
): DataSetInfo {
  const { seed, ...rest } = settings;
  return {
    format: FORMAT,
    version: VERSION,
    model: model.name,
    ...(seed !== undefined && { seed: seedRecord(seed) }),
    parameterNames: [...model.parameterNames],
    priors: Object.fromEntries(
      Object.entries(model.parameters).map(([name, prior]) => [name, prior.toJSON()]),
    ),
    dataShapes: Object.fromEntries(
      Object.entries(model.dataShapes).map(([name, shape]) => [name, [...shape]]),
    ),
    ...rest,
    complete: false,
    valid: 0,
    invalid: 0,
  };
}

/** Number of shards of a data set. */
export function shardCount({ rows, shardSize }: DataSetInfo): number {
  return Math.ceil(rows / shardSize);
}

/** Rows of a shard: [start, start + count). */
export function shardRows(info: DataSetInfo, shard: number): { start: number; count: number } {
  const start = shard * info.shardSize;
  return { start, count: Math.min(info.shardSize, info.rows - start) };
}

/**
 * Checks a group's attributes.
 *
 * @throws DataSetError where they are not those of a data set.
 */
export function parseInfo(attributes: unknown, directory: string): DataSetInfo {
  const result = infoSchema.safeParse(attributes);
  if (result.success) return result.data;
  const later = z.object({ format: z.literal(FORMAT), version: z.int().min(VERSION + 1) });
  if (later.safeParse(attributes).success) {
    throw new DataSetError(`${directory} was written by a later Amortis: update to read it`);
  }
  throw new DataSetError(
    `${directory} holds no data set of Amortis, or a damaged one: ${z.prettifyError(result.error).split("\n")[0]}`,
    { cause: result.error },
  );
}

function shardPath(directory: string, shard: number): string {
  return `${directory}/shards/${shard}.json`;
}

/** Says that chunk K of every array is whole. */
export async function writeShardRecord(
  directory: string,
  shard: number,
  record: ShardRecord,
): Promise<void> {
  const text = JSON.stringify(record);
  await writeBytes(shardPath(directory, shard), new TextEncoder().encode(text));
}

/** The record of a shard; undefined where it is not (wholly) written. */
export async function readShardRecord(
  directory: string,
  shard: number,
): Promise<ShardRecord | undefined> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readBytes(shardPath(directory, shard)));
  } catch {
    return undefined;
  }
  try {
    return shardSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new DataSetError(`${shardPath(directory, shard)} is damaged: delete it, and resume`, {
      cause,
    });
  }
}
