/**
 * A data set that several processes fill at once, each by shards of its own: the tasks of a batch system, or the workers of a queue.
 *
 * Every shard has the bits that its numbers and the seed decide, and is renamed into place. So it does no harm where two simulate the same one, and one that was
 * killed leaves nothing to clear up. The lock is held while the directory is created or grown, and by whoever fills a directory alone.
 */
import { availableParallelism } from "#platform";
import { InvalidArgumentError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { AnyModel } from "../model/index.js";
import type { StopSignal } from "../stop-signal.js";
import type { ChunkRunner } from "./chunk.js";
import {
  readShardRecord,
  shardCount,
  shardRows,
  DataSetError,
  type DataSetInfo,
} from "./data-set-layout.js";
import { lockDirectory, type DirectoryLock } from "./data-set-lock.js";
import { readInfo, writeInfo } from "./data-set-metadata.js";
import { defaultShardSize } from "./data-set.js";
import { folderOf, type Folder, type FolderAddress } from "./folder.js";
import { allShards, fillShards, takeStock } from "./fill-shards.js";
import { judgeInvalid, type InvalidPolicy } from "./invalid-policy.js";
import { InvalidTally } from "./invalid-tally.js";
import {
  checkSettings,
  prepareDirectory,
  requireEmpty,
  suitedShardSize,
  type DirectorySettings,
} from "./prepare-directory.js";
import { ProgressReporter, type SimulationProgress } from "./progress.js";
import { canUseWorkers, createRunner, startLate } from "./runner.js";
import { SimulationError } from "./simulated-data.js";
import { refuseInWorker } from "./worker-flag.js";

/** What the data set is to hold, and who simulates here. */
export interface SharedDataSetOptions extends InvalidPolicy {
  readonly simulations: number;
  readonly seed: number | bigint | string;
  /** Number of the first simulation. */
  readonly firstIndex?: number;
  /**
   * Simulations a shard; by default up to 4,096. "suited": fewer where a few that are tried take long, for whoever creates the directory alone. A directory
   * keeps its own.
   */
  readonly shardSize?: number | "suited";
  /** Worker threads of this process, or processes of a program; by default as many as the machine has threads. */
  readonly workers?: number;
  /** Stops it: what is under way rejects with the signal's reason. */
  readonly signal?: StopSignal;
}

const KNOWN: KnownOptions<SharedDataSetOptions> = {
  simulations: true,
  seed: true,
  firstIndex: true,
  shardSize: true,
  workers: true,
  signal: true,
  onInvalid: true,
  onWarning: true,
};

/** What came of shards. */
export interface FilledShards {
  /** Simulations of these shards, valid or not, those that were there before included. */
  readonly simulations: number;
  readonly invalid: number;
}

/** A data set that several fill. */
export interface SharedDataSet {
  readonly info: DataSetInfo;
  /** How many shards it has. */
  readonly shards: number;
  /** Which shards, of all or of some, are not there as a whole. Their numbers are checked against their checksums. */
  missing(among?: readonly number[]): Promise<readonly number[]>;
  /** Simulates those of the shards that are not there as a whole. */
  simulate(
    shards: readonly number[],
    onProgress?: (progress: SimulationProgress) => void,
  ): Promise<FilledShards>;
  /** Says that the data set is complete, if all shards are there; whether they are. */
  finish(): Promise<boolean>;
  /** Ends the workers. */
  close(): Promise<void>;
}

/** Milliseconds that the creation of a directory may take another process, and between looks. */
const PATIENCE = 10_000;
const LOOK = 50;

/**
 * Opens a directory for several to fill, and creates or grows it where that is to be done.
 *
 * @param directory a path that all of them have, or the folder of a store.
 * @throws DataSetError as `simulateToDirectory` does. InvalidArgumentError for options out of their range.
 * @example
 * const shared = await openShared(field, "data/field", { simulations: 1_000_000, seed: 1 });
 * await shared.simulate(partOf(shared.shards, 3, 100));   // the fourth of a hundred tasks
 * const complete = await shared.finish();
 * await shared.close();
 */
export async function openShared(
  model: AnyModel,
  directory: FolderAddress,
  options: SharedDataSetOptions,
): Promise<SharedDataSet> {
  refuseInWorker("simulates");
  requireKnown("openShared", options, KNOWN);
  const { seed, signal, shardSize, ...rest } = options;
  const settings = { ...rest, seed, ...(typeof shardSize === "number" && { shardSize }) };
  checkSettings(settings);
  const workers = options.workers ?? (canUseWorkers(model) ? availableParallelism() : 0);
  const runner = startLate(Math.max(1, workers), () => createRunner(model, seed, workers, signal));
  const size = (): Promise<number> =>
    shardSize === "suited"
      ? suitedShardSize(model, options.firstIndex ?? 0, runner, signal)
      : Promise.resolve(defaultShardSize(model));
  const folder = folderOf(directory);
  const info = await settled(model, folder, settings, size).catch(async (error: unknown) => {
    await runner.close();
    throw error;
  });
  return new Shared(model, folder, info, runner, options);
}

/**
 * The shards of task i of n: every n-th, from i on.
 *
 * @param i from 0 to n - 1.
 * @throws InvalidArgumentError where there is no such task.
 */
export function partOf(shards: number, i: number, n: number): readonly number[] {
  if (!Number.isSafeInteger(n) || n < 1 || !Number.isSafeInteger(i) || i < 0 || i >= n) {
    throw new InvalidArgumentError(
      `a part must be i of n, with whole numbers 0 <= i < n, but is ${i} of ${n}: count tasks from 0 on`,
    );
  }
  const count = Math.max(0, Math.ceil((shards - i) / n));
  return Array.from({ length: count }, (_, k) => i + k * n);
}

/** What the directory holds, once it is what it should be. */
async function settled(
  model: AnyModel,
  folder: Folder,
  settings: DirectorySettings,
  size: () => Promise<number>,
): Promise<DataSetInfo> {
  if ((await readInfo(folder)) === undefined) await requireEmpty(folder);
  const lock = await lockPatiently(folder);
  try {
    return (await prepareDirectory(model, folder, settings, size)).info;
  } finally {
    await lock.release();
  }
}

/** Others may be creating the directory at this moment. */
async function lockPatiently(folder: Folder): Promise<DirectoryLock> {
  const started = performance.now();
  for (;;) {
    try {
      return await lockDirectory(folder);
    } catch (error) {
      const isHeld = error instanceof DataSetError && error.cause === undefined;
      if (!isHeld || performance.now() - started > PATIENCE) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK);
      });
    }
  }
}

class Shared implements SharedDataSet {
  readonly info: DataSetInfo;
  readonly shards: number;
  readonly #model: AnyModel;
  readonly #folder: Folder;
  readonly #runner: ChunkRunner;
  readonly #options: SharedDataSetOptions;

  constructor(
    model: AnyModel,
    folder: Folder,
    info: DataSetInfo,
    runner: ChunkRunner,
    options: SharedDataSetOptions,
  ) {
    this.#model = model;
    this.#folder = folder;
    this.info = info;
    this.shards = shardCount(info);
    this.#runner = runner;
    this.#options = options;
  }

  missing(among: readonly number[] = allShards(this.info)): Promise<readonly number[]> {
    return this.#missing(among, new InvalidTally(this.#model.parameterNames));
  }

  #missing(among: readonly number[], tally: InvalidTally): Promise<readonly number[]> {
    return takeStock(this.#folder, this.info, tally, undefined, this.#options, among);
  }

  async simulate(
    shards: readonly number[],
    onProgress?: (progress: SimulationProgress) => void,
  ): Promise<FilledShards> {
    const tally = new InvalidTally(this.#model.parameterNames);
    const missing = await this.#missing(shards, tally);
    const total = shards.reduce((sum, shard) => sum + shardRows(this.info, shard).count, 0);
    const progress = new ProgressReporter(total, onProgress, tally.total);
    progress.add(0, tally.count);
    const [model, runner, options] = [this.#model, this.#runner, this.#options];
    await fillShards(model, this.#folder, this.info, missing, runner, tally, progress, options);
    if (options.onInvalid === "fatal") judgeInvalid(tally, options, total);
    return { simulations: total, invalid: tally.count };
  }

  async finish(): Promise<boolean> {
    const now = await readInfo(this.#folder);
    if (now?.rows !== this.info.rows) return false;
    if (now.complete) return true;
    const names = await this.#folder.list("shards");
    // Reading as many records as there may be takes its time: the last one does it.
    if (names.filter((name) => name.endsWith(".json")).length < this.shards) return false;
    let invalid = 0;
    for (const shard of allShards(this.info)) {
      const record = await readShardRecord(this.#folder, shard, this.info);
      if (record?.count !== shardRows(this.info, shard).count) return false;
      invalid += record.invalid.length;
    }
    const valid = this.info.rows - invalid;
    if (valid === 0) {
      throw new SimulationError(
        `no simulation is of use: all ${invalid} in ${this.#folder.name} are invalid`,
      );
    }
    await writeInfo(this.#folder, { ...this.info, complete: true, valid, invalid });
    return true;
  }

  close(): Promise<void> {
    return this.#runner.close();
  }
}
