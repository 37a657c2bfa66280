/**
 * Simulating into a directory: shard by shard, so that a kill costs no more than the shards at hand.
 */
import { availableParallelism } from "#platform";
import type { AnyModel } from "../model/index.js";
import type { StopSignal } from "../stop-signal.js";
import type { ChunkRunner } from "./chunk.js";
import { lockDirectory } from "./data-set-lock.js";
import { readInfo, writeInfo } from "./data-set-metadata.js";
import { openDataSet, type StoredDataSet } from "./data-set.js";
import { folderOf, type Folder, type FolderAddress } from "./folder.js";
import { allShards, fillShards, takeStock } from "./fill-shards.js";
import { judgeInvalid, type InvalidPolicy } from "./invalid-policy.js";
import { InvalidTally } from "./invalid-tally.js";
import {
  checkSettings,
  prepareDirectory,
  requireEmpty,
  suitedShardSize,
} from "./prepare-directory.js";
import { ProgressReporter, type SimulationProgress } from "./progress.js";
import { canUseWorkers, createRunner, startLate } from "./runner.js";
import { refuseInWorker } from "./worker-flag.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How to simulate into a directory. */
export interface SimulateToDirectoryOptions extends InvalidPolicy {
  readonly simulations: number;
  readonly seed: number | bigint | string;
  /** Number of the first simulation. */
  readonly firstIndex?: number;
  /** Worker threads; 0 is this thread. By default as many as the machine has threads. */
  readonly workers?: number;
  /** Simulations a file; by default up to 4,096, fewer where they are large or take more than 10 s. A directory keeps its own. */
  readonly shardSize?: number;
  readonly onProgress?: (progress: SimulationProgress) => void;
  /** Stops it: the promise rejects with the signal's reason. What is written stays, and the next call continues. */
  readonly signal?: StopSignal;
}

const KNOWN: KnownOptions<SimulateToDirectoryOptions> = {
  simulations: true,
  seed: true,
  firstIndex: true,
  workers: true,
  shardSize: true,
  onProgress: true,
  signal: true,
  onInvalid: true,
  onWarning: true,
};

/**
 * Simulates into a directory, or continues what was interrupted there: with the same bits as `simulate` gives.
 *
 * A complete data set is left as it is, grows where more simulations are asked for, and is mended where files of it are missing or
 * damaged. One call at a time has a directory; the lock of a process that was killed is recognised.
 *
 * @param directory a path, or the folder of a store, such as `s3Folder` of @amortis/s3 opens.
 * @throws DataSetError where the directory holds something else, simulations of another model or seed, or more than are asked for,
 *   and where another call writes to it; SimulationError as `simulate` does.
 * @example
 * const stored = await simulateToDirectory(field, "data/field", { simulations: 1_000_000, seed: 1 });
 * const data = await stored.read();
 */
export async function simulateToDirectory(
  model: AnyModel,
  directory: FolderAddress,
  options: SimulateToDirectoryOptions,
): Promise<StoredDataSet> {
  refuseInWorker("simulates");
  requireKnown("simulateToDirectory", options, KNOWN);
  checkSettings(options);
  options.signal?.throwIfAborted();
  const folder = folderOf(directory);
  if ((await readInfo(folder)) === undefined) await requireEmpty(folder);
  const { seed, signal } = options;
  const workers = options.workers ?? (canUseWorkers(model) ? availableParallelism() : 0);
  const runner = startLate(Math.max(1, workers), () => createRunner(model, seed, workers, signal));
  const lock = await lockDirectory(folder);
  try {
    if (lock.recovered) await folder.tidy?.();
    await fill(model, folder, options, runner);
  } finally {
    await runner.close();
    await lock.release();
  }
  return openDataSet(folder);
}

/** Simulates what a directory lacks. */
async function fill(
  model: AnyModel,
  folder: Folder,
  options: SimulateToDirectoryOptions,
  runner: ChunkRunner,
): Promise<void> {
  const { firstIndex = 0, signal } = options;
  const { info, before } = await prepareDirectory(model, folder, options, () =>
    suitedShardSize(model, firstIndex, runner, signal),
  );
  const tally = new InvalidTally(model.parameterNames);
  const shards = allShards(info);
  const missing =
    before === undefined ? shards : await takeStock(folder, info, tally, before, options, shards);
  const progress = new ProgressReporter(info.rows, options.onProgress, tally.total);
  progress.add(0, tally.count);
  // While shards are mended, it is not what it says.
  if (missing.length > 0) await writeInfo(folder, info);
  await fillShards(model, folder, info, missing, runner, tally, progress, options);
  judgeInvalid(tally, options, info.rows);
  const { count: invalid } = tally;
  await writeInfo(folder, { ...info, complete: true, valid: info.rows - invalid, invalid });
}
