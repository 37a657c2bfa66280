/**
 * Simulating into a directory: shard by shard, so that a kill costs no more than the shards at hand.
 */
import { availableParallelism, fs } from "#platform";
import { InvalidArgumentError } from "@amortis/graph";
import { DataSets } from "../data/data-sets.js";
import type { AnyModel } from "../model/index.js";
import type { StopSignal } from "../stop-signal.js";
import { dataOf, type Chunk, type ChunkRunner } from "./chunk.js";
import { readShard, writeShard } from "./data-set-arrays.js";
import {
  DataSetError,
  infoOf,
  readShardRecord,
  shardCount,
  shardRows,
  writeShardRecord,
  type DataSetInfo,
} from "./data-set-layout.js";
import { lockDirectory } from "./data-set-lock.js";
import { checkMembers, readInfo, writeInfo, writeMembers } from "./data-set-metadata.js";
import {
  defaultShardSize,
  invalidRecord,
  openDataSet,
  validRows,
  type StoredDataSet,
} from "./data-set.js";
import { withoutLink } from "./origin.js";
import { judgeInvalid, type InvalidPolicy } from "./invalid-policy.js";
import { InvalidTally } from "./invalid-tally.js";
import { ProgressReporter, type SimulationProgress } from "./progress.js";
import { canUseWorkers, createRunner, startLate } from "./runner.js";
import { schedule } from "./schedule.js";
import { requireChunkSize, requireFirstIndex } from "./simulate.js";
import type { InvalidSimulation, SimulatedData } from "./simulated-data.js";
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
 * @throws DataSetError where the directory holds something else, simulations of another model or seed, or more than are asked for,
 *   and where another call writes to it; SimulationError as `simulate` does.
 * @example
 * const stored = await simulateToDirectory(field, "data/field", { simulations: 1_000_000, seed: 1 });
 * const data = await stored.read();
 */
export async function simulateToDirectory(
  model: AnyModel,
  directory: string,
  options: SimulateToDirectoryOptions,
): Promise<StoredDataSet> {
  refuseInWorker("simulates");
  requireKnown("simulateToDirectory", options, KNOWN);
  checkOptions(options);
  options.signal?.throwIfAborted();
  if ((await readInfo(directory)) === undefined) await requireEmpty(directory);
  const { seed, signal } = options;
  const workers = options.workers ?? (canUseWorkers(model) ? availableParallelism() : 0);
  const runner = startLate(Math.max(1, workers), () => createRunner(model, seed, workers, signal));
  const lock = await lockDirectory(directory);
  try {
    if (lock.recovered) await removeUnfinished(directory);
    await fill(model, directory, options, runner);
  } finally {
    await runner.close();
    await lock.release();
  }
  return openDataSet(directory);
}

/** Simulates what a directory lacks. */
async function fill(
  model: AnyModel,
  directory: string,
  options: SimulateToDirectoryOptions,
  runner: ChunkRunner,
): Promise<void> {
  const { info, before } = await prepare(model, directory, options, runner);
  const tally = new InvalidTally(model.parameterNames);
  const missing = await takeStock(directory, info, tally, before, options);
  const progress = new ProgressReporter(info.rows, options.onProgress, tally.total);
  progress.add(0, tally.count);
  // While shards are mended, it is not what it says.
  if (missing.length > 0) await writeInfo(directory, info);
  const segments = missing.map((shard) => {
    const { start, count } = shardRows(info, shard);
    return { first: info.firstIndex + start, count };
  });
  const writer = new ShardWriter(model, directory, info);
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
  judgeInvalid(tally, options, info.rows);
  const { count: invalid } = tally;
  await writeInfo(directory, { ...info, complete: true, valid: info.rows - invalid, invalid });
}

function checkOptions({
  simulations,
  firstIndex = 0,
  shardSize = 1,
}: SimulateToDirectoryOptions): void {
  if (!Number.isSafeInteger(simulations) || simulations < 1) {
    throw new InvalidArgumentError(
      `simulations must be a whole number from 1 on, but is ${simulations}`,
    );
  }
  requireFirstIndex(firstIndex);
  requireChunkSize(shardSize, "shardSize");
}

/**
 * Creates the data set, or checks that what is there is the same.
 *
 * The attributes come first, so that whoever stops anywhere can go on.
 *
 * @returns what it is to be, and what was there.
 */
async function prepare(
  model: AnyModel,
  directory: string,
  options: SimulateToDirectoryOptions,
  runner: ChunkRunner,
): Promise<{ readonly info: DataSetInfo; readonly before: DataSetInfo | undefined }> {
  const { simulations: rows, seed, firstIndex = 0, shardSize, onWarning = console.warn } = options;
  const before = await readInfo(directory);
  if (before === undefined) {
    const suited = shardSize ?? (await suitedShardSize(model, firstIndex, runner, options.signal));
    const info = infoOf(model, { seed, firstIndex, rows, shardSize: Math.min(rows, suited) });
    await writeInfo(directory, info);
    await writeMembers(directory, info);
    return { info, before };
  }
  const { version, shardSize: cut } = before;
  const info = { ...infoOf(model, { seed, firstIndex, rows, shardSize: cut }), version };
  requireSame(directory, before, info);
  if (before.complete && before.rows === rows) {
    await checkMembers(directory, info).catch(async (error: unknown) => {
      if (!(error instanceof DataSetError)) throw error;
      onWarning(`${error.message}: it is written anew`);
      await writeMembers(directory, info);
    });
    return { info, before };
  }
  await writeInfo(directory, info);
  await writeMembers(directory, info);
  return { info, before };
}

async function requireEmpty(directory: string): Promise<void> {
  const { readdir } = fs;
  // A lock may be left of a start that was interrupted; of earlier versions, "data" and others as well.
  const ours = new Set([
    "parameters",
    "indices",
    "valid",
    "data",
    "shards",
    "lock",
    "lock.removing",
  ]);
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return;
    throw new DataSetError(`cannot simulate into ${directory}: it is no directory`, { cause });
  }
  const other = names.find((name) => !ours.has(name) && !name.endsWith(".tmp"));
  if (other !== undefined) {
    throw new DataSetError(
      `cannot simulate into ${directory}: it holds other files, such as ${other}; choose an empty or a new directory`,
    );
  }
}

/** @throws DataSetError where a directory was made with other settings, in a word on the first that differs. */
function requireSame(directory: string, found: DataSetInfo, wanted: DataSetInfo): void {
  // Rows that were saved have whatever simulations there were in memory, without the invalid ones.
  if (found.saved === true || (found.complete && found.rows !== found.valid + found.invalid)) {
    throw new DataSetError(
      `cannot simulate into ${directory}: it holds simulations that were saved from memory; choose another directory`,
    );
  }
  const compared: readonly (readonly [string, (info: DataSetInfo) => unknown])[] = [
    ["model", (info) => info.model],
    ["seed", (info) => info.seed?.value],
    ["kind of seed", (info) => info.seed?.kind],
    ["parameters", (info) => info.parameterNames],
    ["priors", (info) => info.priors],
    ["data", (info) => info.dataShapes],
    ["first index", (info) => info.firstIndex],
  ];
  for (const [what, value] of compared) {
    // Through JSON, as the one in the directory has been.
    // Links are left out: they change no draw.
    const [before, now] = [found, wanted].map((info) => JSON.stringify(value(info), withoutLink));
    if (before !== now) {
      throw new DataSetError(
        `cannot continue in ${directory}: it was simulated with the ${what} ${before}, not ${now}; choose another directory, or the same ${what}`,
      );
    }
  }
  if (found.rows > wanted.rows) {
    throw new DataSetError(
      `${directory} is for ${found.rows} simulations, more than the ${wanted.rows} asked for: ask for as many, or choose another directory`,
    );
  }
}

/** Removes what a process that was killed had begun to write. */
async function removeUnfinished(directory: string): Promise<void> {
  const { readdir, rm } = fs;
  for (const name of await readdir(directory, { recursive: true })) {
    if (name.endsWith(".tmp")) await rm(`${directory}/${name}`, { force: true });
  }
}

/** Seconds of simulation that a shard should not exceed. */
const SHARD_SECONDS = 10;

/** The default, or fewer where simulations are slow: a few are tried, by whoever will run them. */
async function suitedShardSize(
  model: AnyModel,
  first: number,
  runner: ChunkRunner,
  signal: StopSignal | undefined,
): Promise<number> {
  const alone = { ...runner, parallel: 1 };
  let [fastest, spent] = [Infinity, 0];
  // The first run of code is slow for its own reasons: the fastest of a few counts, unless one alone takes long.
  for await (const { seconds } of schedule(alone, [{ first, count: 32 }], {
    chunkSize: 1,
    signal,
  })) {
    fastest = Math.min(fastest, seconds);
    spent += seconds;
    if (spent > 0.05) break;
  }
  const affordable = Math.floor(SHARD_SECONDS / Math.max(fastest, 1e-6));
  return Math.max(1, Math.min(defaultShardSize(model), affordable));
}

/**
 * Which shards are to be simulated; those that are whole are counted.
 *
 * @param before what the directory said it was: of what was complete, it is said where shards are damaged.
 */
async function takeStock(
  directory: string,
  info: DataSetInfo,
  tally: InvalidTally,
  before: DataSetInfo | undefined,
  { signal, onWarning = console.warn }: SimulateToDirectoryOptions,
): Promise<readonly number[]> {
  const missing: number[] = [];
  if (before === undefined) return Array.from({ length: shardCount(info) }, (_, shard) => shard);
  for (let shard = 0; shard < shardCount(info); shard++) {
    signal?.throwIfAborted();
    try {
      const whole = await readWhole(directory, info, shard);
      if (whole === undefined) missing.push(shard);
      else tally.add(whole);
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error;
      missing.push(shard);
      if (before.complete) onWarning(`shard ${shard} is simulated again: ${error.message}`);
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
  directory: string,
  info: DataSetInfo,
  shard: number,
): Promise<SimulatedData | undefined> {
  const record = await readShardRecord(directory, shard, info);
  // The last shard of a data set that has grown is written anew.
  if (record?.count !== shardRows(info, shard).count) return undefined;
  return validRows(info, await readShard(directory, info, shard, record), record);
}

interface OpenShard {
  readonly parameters: Float64Array;
  readonly indices: Float64Array;
  readonly valid: Uint8Array;
  readonly data: DataSets;
  readonly invalid: InvalidSimulation[];
  rows: number;
}

/** Puts chunks together to shards, and writes each once it is whole. */
class ShardWriter {
  readonly #model: AnyModel;
  readonly #directory: string;
  readonly #info: DataSetInfo;
  /** Those at hand: no more than there are chunks under way. */
  readonly #open = new Map<number, OpenShard>();

  constructor(model: AnyModel, directory: string, info: DataSetInfo) {
    this.#model = model;
    this.#directory = directory;
    this.#info = info;
  }

  async add(chunk: Chunk): Promise<void> {
    const shard = Math.floor((chunk.first - this.#info.firstIndex) / this.#info.shardSize);
    const { start, count } = shardRows(this.#info, shard);
    const first = this.#info.firstIndex + start;
    const open = this.#open.get(shard) ?? this.#begin(first, count);
    this.#open.set(shard, open);
    this.#place(open, chunk, first);
    open.rows += chunk.count;
    if (open.rows < count) return;
    this.#open.delete(shard);
    const shardArrays = { ...open, data: open.data.columns };
    const chunks = await writeShard(this.#directory, this.#info, shard, shardArrays);
    const invalid = open.invalid.toSorted((a, b) => a.index - b.index).map(invalidRecord);
    const record = { first, count, invalid, ...(chunks && { chunks }) };
    await writeShardRecord(this.#directory, shard, record);
  }

  #begin(first: number, count: number): OpenShard {
    return {
      parameters: new Float64Array(count * this.#model.parameterSize),
      indices: Float64Array.from({ length: count }, (_, row) => first + row),
      valid: new Uint8Array(count),
      data: DataSets.allocate(this.#model.dataSpecs, count),
      invalid: [],
      rows: 0,
    };
  }

  #place(open: OpenShard, chunk: Chunk, first: number): void {
    const p = this.#model.parameterSize;
    const data = new DataSets(this.#model.dataSpecs, chunk.count, chunk.data);
    for (let i = 0; i < chunk.size; i++) {
      const row = (chunk.indices[i] ?? first) - first;
      open.valid[row] = 1;
      open.parameters.set(chunk.parameters.subarray(i * p, (i + 1) * p), row * p);
      open.data.place(row, data.slice(i, i + 1));
    }
    for (const one of chunk.invalid) open.invalid.push(one);
  }
}
