/**
 * How a data set lies on disk: a Zarr v3 group.
 *
 *   zarr.json            attributes: what was simulated, and how much of it, with a checksum
 *   parameters           [n, p] float64
 *   indices              [n] float64, numbers of the simulations
 *   valid                [n] uint8, 0 where a simulation is invalid; its row is zeros
 *   data/NAME            [n, ...shape] float32
 *   shards/K.json        written last, once chunk K of every array is whole: { first, count, invalid, chunks, checksum }
 *   lock                 while a process writes: which one
 *
 * Chunk K of each array holds rows [K s, (K + 1) s), and ends with its checksum (Zarr's codec `crc32c`), which the record of the shard
 * repeats. Any Zarr reader opens it; `shards` is for resuming. Files are written to a temporary name and renamed, so there are none
 * half written. Version 1 had no checksums.
 */
import * as z from "zod";
import { AmortisError } from "@amortis/graph";
import { crc32c } from "../files/crc32c.js";
import { parseJsonText, type Json } from "../json.js";
import type { AnyModel } from "../model/index.js";
import { canonicalJson } from "./canonical-json.js";
import type { Folder } from "./folder.js";
import { priorsOf, seedRecord, type SimulationOrigin } from "./origin.js";

/** A data set on disk that cannot be read, or must not be written. */
export class DataSetError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("data-set", message, options);
  }
}

const FORMAT = "amortis-data-set";
const VERSION = 2;

const whole = z.int().nonnegative();
const shape = z.array(z.int().positive());
const json: z.ZodType<Json> = z.json();

const infoSchema = z.object({
  format: z.literal(FORMAT),
  version: z.union([z.literal(1), z.literal(VERSION)]),
  model: z.string(),
  seed: z.object({ kind: z.enum(["number", "string"]), value: z.string() }).optional(),
  parameterNames: z.array(z.string()).min(1),
  priors: z.record(z.string(), json),
  /** Its parameters were given in place of draws of those priors. */
  given: z.literal(true).optional(),
  dataShapes: z.record(z.string(), shape),
  firstIndex: whole,
  rows: whole,
  shardSize: z.int().positive(),
  /** Saved from memory: a row for each valid simulation, whatever its number. */
  saved: z.literal(true).optional(),
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
    z.object({
      index: whole,
      parameters: z.array(z.number().nullable()),
      reason: z.string(),
      standardError: z.string().optional(),
    }),
  ),
  /** Checksums of its chunks, by array. */
  chunks: z.record(z.string(), z.string()).optional(),
});

/** What is known of a shard. */
export type ShardRecord = Readonly<z.infer<typeof shardSchema>>;

/** A checksum of what is known of a data set or a shard. */
export function checksumOf(known: DataSetInfo | ShardRecord): string {
  return inHex(crc32c(new TextEncoder().encode(canonicalJson(known))));
}

/** A checksum as text. */
export function inHex(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
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
    priors: { ...priorsOf(model) },
    dataShapes: Object.fromEntries(
      Object.entries(model.dataShapes).map(([name, shape]) => [name, [...shape]]),
    ),
    ...rest,
    complete: false,
    valid: 0,
    invalid: 0,
  };
}

/** Where its simulations come from. */
export function storedOrigin({ model, seed, priors, given }: DataSetInfo): SimulationOrigin {
  return { model, ...(seed && { seed }), priors: given === true ? "given" : priors };
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
export function parseInfo(attributes: unknown, { name }: Folder): DataSetInfo {
  const result = infoSchema.safeParse(attributes);
  if (result.success) {
    const { data: info } = result;
    if (info.version > 1) requireChecksum(info, attributes, `${name}/zarr.json`);
    return info;
  }
  const later = z.object({ format: z.literal(FORMAT), version: z.int().min(VERSION + 1) });
  if (later.safeParse(attributes).success) {
    throw new DataSetError(`${name} was written by a later Amortis: update to read it`);
  }
  throw new DataSetError(
    `${name} holds no data set of Amortis, or a damaged one: ${z.prettifyError(result.error).split("\n")[0]}`,
    { cause: result.error },
  );
}

/** @throws DataSetError where what a file says does not have the checksum that stands beside it. */
function requireChecksum(known: DataSetInfo | ShardRecord, file: unknown, path: string): void {
  const beside = z.object({ checksum: z.string() }).safeParse(file);
  if (beside.success && beside.data.checksum === checksumOf(known)) return;
  throw new DataSetError(
    `${path} is damaged: its ${beside.success ? "checksum does not fit what it says" : "checksum is missing"}`,
  );
}

function shardPath(shard: number): string {
  return `shards/${shard}.json`;
}

/**
 * Says that chunk K of every array is whole. The first to say so counts: of several that simulated the same shard, the others leave the record as it is, and what
 * it replaces is one that is damaged, or of fewer rows.
 */
export async function writeShardRecord(
  folder: Folder,
  shard: number,
  record: ShardRecord,
): Promise<void> {
  const known = record.chunks === undefined ? record : { ...record, checksum: checksumOf(record) };
  const bytes = new TextEncoder().encode(JSON.stringify(known));
  if (await folder.create(shardPath(shard), bytes)) return;
  if (await saysTheSame(folder, shard, record)) return;
  await folder.write(shardPath(shard), bytes);
}

/** Whether there is a record of the same rows and the same bits. */
async function saysTheSame(folder: Folder, shard: number, record: ShardRecord): Promise<boolean> {
  const version = record.chunks === undefined ? 1 : VERSION;
  const found = await readShardRecord(folder, shard, { version }).catch(() => undefined);
  return (
    found?.first === record.first &&
    found.count === record.count &&
    canonicalJson(found.chunks ?? {}) === canonicalJson(record.chunks ?? {}) &&
    found.invalid.length === record.invalid.length
  );
}

/**
 * The record of a shard; undefined where it is not (wholly) written.
 *
 * @throws DataSetError where it cannot be read, or is damaged.
 */
export async function readShardRecord(
  folder: Folder,
  shard: number,
  { version }: Pick<DataSetInfo, "version">,
): Promise<ShardRecord | undefined> {
  const path = `${folder.name}/${shardPath(shard)}`;
  const text = await readText(folder, shardPath(shard));
  if (text === undefined) return undefined;
  try {
    const json = parseJsonText(text);
    const record = shardSchema.parse(json);
    if (version > 1) requireChecksum(record, json, path);
    return record;
  } catch (cause) {
    if (cause instanceof DataSetError) throw cause;
    throw new DataSetError(`${path} is damaged: it is no record of a shard`, { cause });
  }
}

/**
 * A file's text; undefined where there is none.
 *
 * @throws DataSetError where it cannot be read.
 */
export async function readText(folder: Folder, path: string): Promise<string | undefined> {
  const bytes = await readFile(folder, path);
  return bytes && new TextDecoder().decode(bytes);
}

/** A file's bytes, as `readText`. */
export async function readFile(folder: Folder, path: string): Promise<Uint8Array | undefined> {
  try {
    return await folder.read(path);
  } catch (cause) {
    throw new DataSetError(
      cause instanceof Error ? cause.message : `cannot read ${folder.name}/${path}`,
      { cause },
    );
  }
}
