/**
 * Simulating into a directory: shard by shard, so that a kill costs no more than the shards at hand.
 */
import type * as Fs from "node:fs/promises";
import { InvalidArgumentError } from "@amortis/graph";
import { allocateData, sizeOf, type AnyModel } from "../model/index.js";
import { importHost } from "../node.js";
import { dataOf, runChunk, simulationStream, type Chunk } from "./chunk.js";
import {
  createArrays,
  openArrays,
  readInfo,
  writeInfo,
  type DataSetArrays,
} from "./data-set-arrays.js";
import {
  DataSetError,
  infoOf,
  readShardRecord,
  shardCount,
  shardRows,
  writeShardRecord,
  type DataSetInfo,
} from "./data-set-layout.js";
import { defaultShardSize, invalidRecord, openDataSet, type StoredDataSet } from "./data-set.js";
import { judgeInvalid, type InvalidPolicy } from "./invalid-policy.js";
import { InvalidTally } from "./invalid-tally.js";
import { ProgressReporter, type SimulationProgress } from "./progress.js";
import { availableThreads, canUseWorkers, createRunner } from "./runner.js";
import { requireChunkSize, requireFirstIndex, runWith } from "./simulate.js";
import type { InvalidSimulation } from "./simulated-data.js";
import { refuseInWorker } from "./worker-flag.js";

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
  readonly signal?: AbortSignal;
}

/**
 * Simulates into a directory, or continues what was interrupted there: with the same bits as `simulate` gives.
 *
 * A complete data set is left as it is, or grows where more simulations are asked for.
 *
 * @throws DataSetError where the directory holds something else, or simulations of another model or seed; SimulationError as
 *   `simulate` does.
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
  checkOptions(options);
  options.signal?.throwIfAborted();
  const { info, arrays } = await prepare(model, directory, options);
  const { missing, invalid, done } = await takeStock(directory, info);
  const progress = new ProgressReporter(info.rows, options.onProgress, done);
  progress.add(0, invalid.length);
  const tally = new InvalidTally(model.parameterNames);
  if (missing.length > 0) {
    const workers = options.workers ?? (canUseWorkers(model) ? await availableThreads() : 0);
    const runner = await createRunner(model, options.seed, workers, options.signal);
    const segments = missing.map((shard) => {
      const { start, count } = shardRows(info, shard);
      return { first: info.firstIndex + start, count };
    });
    const writer = new ShardWriter(model, directory, info, arrays);
    for await (const chunk of runWith(runner, segments, { signal: options.signal })) {
      const { size, parameters } = dataOf(model, chunk);
      if (options.onInvalid === "fatal") {
        const { invalid: bad } = chunk;
        const own = new InvalidTally(model.parameterNames).add({ size, parameters, invalid: bad });
        judgeInvalid(own, options, info.rows);
      }
      for (const one of chunk.invalid) invalid.push(one);
      // Of what an earlier run did, the valid parameters are not at hand; the ranges of a part would mislead.
      if (done === 0) tally.add({ size, parameters, invalid: [] });
      await writer.add(chunk);
      progress.add(chunk.count, chunk.invalid.length);
    }
  }
  tally.add({ size: 0, invalid: invalid.toSorted((a, b) => a.index - b.index) });
  judgeInvalid(tally, options, info.rows);
  await writeInfo(directory, {
    ...info,
    complete: true,
    valid: info.rows - invalid.length,
    invalid: invalid.length,
  });
  return openDataSet(directory);
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

/** Creates the data set, or opens what is there and checks that it is the same. */
async function prepare(
  model: AnyModel,
  directory: string,
  { simulations: rows, seed, firstIndex = 0, shardSize }: SimulateToDirectoryOptions,
): Promise<{ readonly info: DataSetInfo; readonly arrays: DataSetArrays }> {
  const found = await readInfo(directory);
  if (found === undefined) {
    await requireEmpty(directory);
    const size = Math.min(rows, shardSize ?? (await suitedShardSize(model, seed, firstIndex)));
    const info = infoOf(model, { seed, firstIndex, rows, shardSize: size });
    return { info, arrays: await createArrays(directory, info) };
  }
  const wanted = infoOf(model, { seed, firstIndex, rows, shardSize: found.shardSize });
  requireSame(directory, found, wanted);
  if (found.rows > rows) {
    throw new DataSetError(
      `${directory} holds ${found.rows} simulations already, more than the ${rows} asked for: ask for as many, or choose another directory`,
    );
  }
  const arrays =
    found.rows === rows
      ? await openArrays(directory, wanted, "write")
      : await createArrays(directory, wanted);
  return { info: wanted, arrays };
}

async function requireEmpty(directory: string): Promise<void> {
  const { readdir } = await importHost<typeof Fs>("node:fs/promises");
  // "data" and others may be left of a start that was interrupted before the attributes were written.
  const ours = new Set(["parameters", "indices", "valid", "data", "shards"]);
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
    const [before, now] = [JSON.stringify(value(found)), JSON.stringify(value(wanted))];
    if (before !== now) {
      throw new DataSetError(
        `cannot continue in ${directory}: it was simulated with the ${what} ${before}, not ${now}; choose another directory, or the same ${what}`,
      );
    }
  }
}

/** Seconds of simulation that a shard should not exceed. */
const SHARD_SECONDS = 10;

/** The default, or fewer where simulations are slow. */
async function suitedShardSize(
  model: AnyModel,
  seed: number | bigint | string,
  firstIndex: number,
): Promise<number> {
  const root = simulationStream(seed);
  let fastest = Infinity;
  // The first run of code is slow for its own reasons: the fastest of a few counts, unless one alone takes long.
  for (let i = 0, spent = 0; i < 32 && spent < 0.05; i++) {
    const { seconds } = await runChunk(model, root, { first: firstIndex + i, count: 1 });
    fastest = Math.min(fastest, seconds);
    spent += seconds;
  }
  const affordable = Math.floor(SHARD_SECONDS / Math.max(fastest, 1e-6));
  return Math.max(1, Math.min(defaultShardSize(model), affordable));
}

/** Which shards are not written yet, and what is known of the others. */
async function takeStock(
  directory: string,
  info: DataSetInfo,
): Promise<{
  readonly missing: number[];
  readonly invalid: InvalidSimulation[];
  readonly done: number;
}> {
  const missing: number[] = [];
  const invalid: InvalidSimulation[] = [];
  let done = 0;
  for (let shard = 0; shard < shardCount(info); shard++) {
    const { count } = shardRows(info, shard);
    const record = await readShardRecord(directory, shard);
    // The last shard of a data set that has grown is written anew.
    if (record?.count !== count) {
      missing.push(shard);
      continue;
    }
    done += count;
    for (const { parameters, ...rest } of record.invalid) {
      invalid.push({ ...rest, parameters: parameters.map((value) => value ?? Number.NaN) });
    }
  }
  return { missing, invalid, done };
}

interface OpenShard {
  readonly parameters: Float64Array;
  readonly indices: Float64Array;
  readonly valid: Uint8Array;
  readonly data: Readonly<Record<string, Float32Array>>;
  readonly invalid: InvalidSimulation[];
  rows: number;
}

/** Puts chunks together to shards, and writes each once it is whole. */
class ShardWriter {
  readonly #model: AnyModel;
  readonly #directory: string;
  readonly #info: DataSetInfo;
  readonly #arrays: DataSetArrays;
  /** Those at hand: no more than there are chunks under way. */
  readonly #open = new Map<number, OpenShard>();

  constructor(model: AnyModel, directory: string, info: DataSetInfo, arrays: DataSetArrays) {
    this.#model = model;
    this.#directory = directory;
    this.#info = info;
    this.#arrays = arrays;
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
    await this.#arrays.write(shard, open);
    const invalid = open.invalid.toSorted((a, b) => a.index - b.index).map(invalidRecord);
    await writeShardRecord(this.#directory, shard, { first, count, invalid });
  }

  #begin(first: number, count: number): OpenShard {
    return {
      parameters: new Float64Array(count * this.#model.parameterSize),
      indices: Float64Array.from({ length: count }, (_, row) => first + row),
      valid: new Uint8Array(count),
      data: allocateData(this.#model.dataShapes, count),
      invalid: [],
      rows: 0,
    };
  }

  #place(open: OpenShard, chunk: Chunk, first: number): void {
    const p = this.#model.parameterSize;
    const shapes = Object.entries(this.#model.dataShapes);
    for (let i = 0; i < chunk.size; i++) {
      const row = (chunk.indices[i] ?? first) - first;
      open.valid[row] = 1;
      open.parameters.set(chunk.parameters.subarray(i * p, (i + 1) * p), row * p);
      for (const [name, shape] of shapes) {
        const width = sizeOf(shape);
        const values = chunk.data[name]?.subarray(i * width, (i + 1) * width) ?? [];
        open.data[name]?.set(values, row * width);
      }
    }
    for (const one of chunk.invalid) open.invalid.push(one);
  }
}
