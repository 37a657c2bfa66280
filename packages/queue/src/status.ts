/**
 * Where runs stand, from anywhere that reaches the queue.
 */
import type { Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { connect, openQueue } from "./connection.js";
import { doneKey, parseJob, parseRecord, runName, RUNS_KEY, type Run } from "./job.js";

/** A shard that was given up: it failed each time. */
export interface PoisonedShard {
  readonly shard: number;
  /** Why it failed last. */
  readonly reason: string;
  /** Times that it was tried. */
  readonly attempts: number;
}

/** Where a run stands. */
export interface RunStatus {
  readonly name: string;
  readonly run: Run;
  readonly shards: number;
  readonly done: number;
  readonly poisoned: readonly PoisonedShard[];
}

/**
 * All runs of a queue, and where they stand.
 *
 * @throws QueueError where the server cannot be reached.
 * @example for (const { run, done, shards } of await queueStatus("redis://localhost")) console.log(run.directory, done / shards);
 */
export async function queueStatus(url: string): Promise<readonly RunStatus[]> {
  const redis = await connect(url);
  const queue = openQueue(redis);
  try {
    const poisoned = await poisonedShards(queue);
    const records = await redis.hgetall(RUNS_KEY);
    return await Promise.all(
      Object.entries(records).flatMap(([name, text]) => {
        const record = parseRecord(text);
        if (record === undefined) return [];
        return doneShards(redis, name).then((done) => ({
          ...record,
          name,
          done,
          poisoned: poisoned.get(name) ?? [],
        }));
      }),
    );
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

/** Forgets a run that is complete, or not wanted any more. */
export async function forgetRun(redis: Redis, name: string): Promise<void> {
  await redis.multi().hdel(RUNS_KEY, name).del(doneKey(name)).exec();
}

/** How many shards of a run are done. */
export function doneShards(redis: Redis, name: string): Promise<number> {
  return redis.bitcount(doneKey(name));
}

/** Shards that were given up, by run. */
export async function poisonedShards(
  queue: Queue,
): Promise<ReadonlyMap<string, readonly PoisonedShard[]>> {
  const byRun = new Map<string, PoisonedShard[]>();
  for (const job of await queue.getFailed()) {
    const found = poisonedOf(job);
    if (found === undefined) continue;
    byRun.set(found.name, [...(byRun.get(found.name) ?? []), found.shard]);
  }
  return byRun;
}

function poisonedOf(
  job: Pick<Job, "data" | "failedReason" | "attemptsMade">,
): { readonly name: string; readonly shard: PoisonedShard } | undefined {
  try {
    const { run, shard } = parseJob(job.data);
    const reason = job.failedReason;
    return { name: runName(run), shard: { shard, reason, attempts: job.attemptsMade } };
  } catch {
    return undefined;
  }
}
