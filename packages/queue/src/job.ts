/**
 * What a job says: which shard of which data set. Its arrays go to the data set, never through the queue.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { QueueError } from "./queue-error.js";

/** The name of the queue in its server. */
export const QUEUE = "amortis";

const programSchema = z.object({
  line: z.string(),
  format: z.enum(["json", "npy"]).optional(),
  timeLimit: z.number().positive().optional(),
  memoryLimit: z.number().positive().optional(),
});

const runSchema = z.object({
  /** The model as the command line names it: a path that all workers have, or a ready model. */
  model: z.string(),
  /** A program that simulates, in place of the model's own simulator. */
  program: programSchema.optional(),
  /** A directory that all workers have: a path, or the URL of a store. */
  directory: z.string(),
  simulations: z.int().positive(),
  seed: z.int().nonnegative(),
  shardSize: z.int().positive(),
});

/** A program that simulates. */
export type Program = z.infer<typeof programSchema>;

/** A data set to be simulated, as its jobs say it. */
export type Run = Readonly<z.infer<typeof runSchema>>;

const jobSchema = z.object({ run: runSchema, shard: z.int().nonnegative() });

/** One shard of a run. */
export type ShardJob = Readonly<z.infer<typeof jobSchema>>;

/** @throws QueueError where what is in the queue is no job of this kind. */
export function parseJob(data: unknown): ShardJob {
  const parsed = jobSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new QueueError(`the job is none of this version: ${z.prettifyError(parsed.error)}`);
}

/** A short name of a run: the same for the same data set, whoever asks for it. */
export function runName(run: Run): string {
  const text = JSON.stringify(runSchema.parse(run));
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** The name of a job: a shard that waits already is not asked for twice. */
export function jobName(name: string, shard: number): string {
  return `${name}-${shard}`;
}

/** Where the server keeps which shards of a run are done: one bit each, so that one done twice counts once. */
export function doneKey(name: string): string {
  return `${QUEUE}:run:${name}:done`;
}

/** Where the server keeps what runs there are. */
export const RUNS_KEY = `${QUEUE}:runs`;

const recordSchema = z.object({ run: runSchema, shards: z.int().positive() });

/** What is kept of a run. */
export type RunRecord = z.infer<typeof recordSchema>;

/** A run as it is kept; undefined where it cannot be read. */
export function parseRecord(text: string): RunRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
