/**
 * Asking for simulations: a job for each shard that is missing, and waiting for the workers to do them.
 */
import { setTimeout } from "node:timers/promises";
import {
  openShared,
  requireKnown,
  type AnyModel,
  type FolderAddress,
  type KnownOptions,
  type SharedDataSet,
} from "amortis/extend";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { connect, openQueue } from "./connection.js";
import { doneKey, jobName, runName, RUNS_KEY, type Run } from "./job.js";
import { QueueError } from "./queue-error.js";
import { doneShards, forgetRun, poisonedShards, type PoisonedShard } from "./status.js";

/** How simulations are asked for. */
export interface QueueOptions {
  /** Times that a shard is tried before it is set aside; 3 by default. A worker that dies counts for none, up to ten times. */
  readonly attempts?: number;
  /** Milliseconds before the second try, twice as many before each other; 1,000 by default. */
  readonly backOff?: number;
  /** Opens a directory that is no path, such as s3://BUCKET/PREFIX; by default it is one. */
  readonly openFolder?: (directory: string) => FolderAddress | Promise<FolderAddress>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: QueueProgress) => void;
}

const KNOWN: KnownOptions<QueueOptions> = {
  attempts: true,
  backOff: true,
  openFolder: true,
  signal: true,
  onProgress: true,
};

/** Where a run stands. */
export interface QueueProgress {
  readonly done: number;
  readonly shards: number;
  readonly poisoned: number;
}

/** What to simulate; shards of about 10 s, unless their size is given. */
export type AskedRun = Omit<Run, "shardSize"> & { readonly shardSize?: number };

/** Jobs added at once. */
const BULK = 1_000;
/** Milliseconds between looks at where the run stands. */
const LOOK = 250;

/**
 * Simulates a data set by whoever works on a queue. Asked again, it goes on: shards that are in the directory are not simulated again, and those that were set
 * aside are tried again.
 *
 * @param url of a Redis or Valkey server.
 * @param run what to simulate; its model and directory must be there for all workers.
 * @throws QueueError where the server cannot be reached, or shards were set aside: their list is in the message. DataSetError as `openShared` does.
 */
export async function queueSimulations(
  url: string,
  model: AnyModel,
  run: AskedRun,
  options: QueueOptions = {},
): Promise<void> {
  requireKnown("queueSimulations", options, KNOWN);
  const { simulations, seed, shardSize = "suited" } = run;
  const folder = (await options.openFolder?.(run.directory)) ?? run.directory;
  const shared = await openShared(model, folder, {
    simulations,
    seed,
    shardSize,
    workers: 1,
    ...(options.signal && { signal: options.signal }),
  });
  // A directory that was there keeps its own size of shards.
  const actual = { ...run, shardSize: shared.info.shardSize };
  const redis = await connect(url);
  const queue = openQueue(redis);
  try {
    const name = runName(actual);
    await enqueue(queue, redis, shared, actual, options);
    await waitFor(queue, redis, name, shared, options);
    if (!(await shared.finish())) {
      throw new QueueError(
        `the workers say that all shards are done, but ${run.directory} lacks some: do all of them see the same directory?`,
      );
    }
    await forgetRun(redis, name);
  } finally {
    await shared.close();
    await queue.close();
    redis.disconnect();
  }
}

async function enqueue(
  queue: Queue,
  redis: Redis,
  shared: SharedDataSet,
  run: Run,
  { attempts = 3, backOff = 1_000 }: QueueOptions,
): Promise<void> {
  const name = runName(run);
  const missing = await shared.missing();
  const lacking = new Set(missing);
  const done = Array.from({ length: shared.shards }, (_, shard) => shard).filter(
    (shard) => !lacking.has(shard),
  );
  // What the directory has is the truth; what the server says of it is made to agree.
  await redis.del(doneKey(name));
  const bits = redis.pipeline();
  for (const shard of done) bits.setbit(doneKey(name), shard, 1);
  await bits.exec();
  await redis.hset(RUNS_KEY, name, JSON.stringify({ run, shards: shared.shards }));
  // Those set aside before have another try.
  for (const job of await queue.getFailed()) {
    if (job.id?.startsWith(`${name}-`) === true) await job.remove();
  }
  for (let from = 0; from < missing.length; from += BULK) {
    await queue.addBulk(
      missing.slice(from, from + BULK).map((shard) => ({
        name: "shard",
        data: { run, shard },
        opts: {
          jobId: jobName(name, shard),
          attempts,
          backoff: { type: "exponential", delay: backOff },
          removeOnComplete: true,
        },
      })),
    );
  }
}

/** @throws QueueError once every shard is done or set aside, and some are the latter. */
async function waitFor(
  queue: Queue,
  redis: Redis,
  name: string,
  { shards }: SharedDataSet,
  { signal, onProgress }: QueueOptions,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const done = await doneShards(redis, name);
    const poisoned = (await poisonedShards(queue)).get(name) ?? [];
    onProgress?.({ done, shards, poisoned: poisoned.length });
    if (done >= shards) return;
    if (done + poisoned.length >= shards) throw setAside(poisoned, shards);
    await setTimeout(LOOK, undefined, signal === undefined ? {} : { signal });
  }
}

function setAside(poisoned: readonly PoisonedShard[], shards: number): QueueError {
  const [first] = poisoned;
  const listed = poisoned.slice(0, 20).map(({ shard }) => shard);
  const more = poisoned.length > listed.length ? ", ..." : "";
  return new QueueError(
    `${poisoned.length} of ${shards} shards failed each time and were set aside (${listed.join(", ")}${more}); shard ${first?.shard}: ${first?.reason}; asked again, they have another try`,
  );
}
