/**
 * Shards of a directory: which of them are missing, and simulating those.
 */
import type { AnyModel } from "../model/index.js";
import type { StopSignal } from "../stop-signal.js";
import { dataOf, type ChunkRunner } from "./chunk.js";
import { readShard } from "./data-set-arrays.js";
import {
  DataSetError,
  readShardRecord,
  shardCount,
  shardRows,
  type DataSetInfo,
} from "./data-set-layout.js";
import { validRows } from "./data-set.js";
import type { Folder } from "./folder.js";
import { judgeInvalid, type InvalidPolicy } from "./invalid-policy.js";
import { InvalidTally } from "./invalid-tally.js";
import type { ProgressReporter } from "./progress.js";
import { schedule } from "./schedule.js";
import { ShardWriter } from "./shard-writer.js";
import type { SimulatedData } from "./simulated-data.js";

/** How shards are filled. */
export interface FillPolicy extends InvalidPolicy {
  readonly signal?: StopSignal;
}

/** The numbers of all shards. */
export function allShards(info: DataSetInfo): readonly number[] {
  return Array.from({ length: shardCount(info) }, (_, shard) => shard);
}

/**
 * Simulates shards and writes each, whoever else does as well: their bits are the same.
 *
 * @param tally counts them.
 */
export async function fillShards(
  model: AnyModel,
  folder: Folder,
  info: DataSetInfo,
  shards: readonly number[],
  runner: ChunkRunner,
  tally: InvalidTally,
  progress: ProgressReporter,
  options: FillPolicy,
): Promise<void> {
  const segments = shards.map((shard) => {
    const { start, count } = shardRows(info, shard);
    return { first: info.firstIndex + start, count };
  });
  const writer = new ShardWriter(model, folder, info);
  for await (const chunk of schedule(runner, segments, { signal: options.signal })) {
    const { size, parameters } = dataOf(model, chunk);
    const { invalid } = chunk;
    if (options.onInvalid === "fatal") {
      const own = new InvalidTally(model.parameterNames).add({ size, parameters, invalid });
      judgeInvalid(own, options, info.rows);
    }
    tally.add({ size, parameters, invalid });
    await writer.add(chunk);
    progress.add(chunk.count, invalid.length);
  }
}

/**
 * Which shards are to be simulated; those that are whole are counted.
 *
 * @param before what the directory said it was: of what was complete, it is said where shards are damaged.
 */
export async function takeStock(
  folder: Folder,
  info: DataSetInfo,
  tally: InvalidTally,
  before: DataSetInfo | undefined,
  { signal, onWarning = console.warn }: FillPolicy,
  shards: readonly number[],
): Promise<readonly number[]> {
  const missing: number[] = [];
  for (const shard of shards) {
    signal?.throwIfAborted();
    try {
      const whole = await readWhole(folder, info, shard);
      if (whole === undefined) missing.push(shard);
      else tally.add(whole);
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error;
      missing.push(shard);
      if (before?.complete === true)
        onWarning(`shard ${shard} is simulated again: ${error.message}`);
    }
  }
  return missing;
}

/**
 * A shard; undefined where it is not written, or now has more rows.
 *
 * @throws DataSetError where it is damaged.
 */
async function readWhole(
  folder: Folder,
  info: DataSetInfo,
  shard: number,
): Promise<SimulatedData | undefined> {
  const record = await readShardRecord(folder, shard, info);
  // The last shard of a data set that has grown is written anew.
  if (record?.count !== shardRows(info, shard).count) return undefined;
  return validRows(info, await readShard(folder, info, shard, record), record);
}
