/**
 * Simulating in memory.
 */
import { availableParallelism } from "#platform";
import { InvalidArgumentError } from "@amortis/graph";
import type { DataSpec } from "../data/array-spec.js";
import { DataSets } from "../data/data-sets.js";
import { compact } from "../data/precision.js";
import type { AnyModel, Model, ParameterSpec } from "../model/index.js";
import type { StopSignal } from "../stop-signal.js";
import { dataOf, type Chunk, type ChunkRunner } from "./chunk.js";
import { ProgressReporter, type SimulationProgress } from "./progress.js";
import { canUseWorkers, createRunner, localRunner } from "./runner.js";
import { schedule, type ScheduleOptions, type Segment } from "./schedule.js";
import { judgeInvalid, type InvalidPolicy } from "./invalid-policy.js";
import { InvalidTally } from "./invalid-tally.js";
import { originOf } from "./origin.js";
import type { InvalidSimulation, SimulatedData } from "./simulated-data.js";
import { refuseInWorker } from "./worker-flag.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How to simulate. */
export interface SimulateOptions extends InvalidPolicy {
  /** How many; by default as many as there are rows of `parameters`. */
  readonly simulations?: number;
  /** Seed of all randomness. */
  readonly seed: number | bigint | string;
  /** θ of each simulation, [n, p], in place of draws of the prior. */
  readonly parameters?: Float64Array;
  /** Number of the first simulation, 0 by default: other numbers of the same seed are other simulations. */
  readonly firstIndex?: number;
  /**
   * Worker threads; 0 is this thread. By default this thread starts, and as many workers as the machine has threads take over
   * where more than a second of work is left. With `signal`, a worker starts instead: a simulator that does not return would
   * otherwise keep this thread from hearing it. Without `module`, a model runs in this thread, and workers are refused. In a page they are
   * web workers, and `inWorkers` takes the place of `module`.
   */
  readonly workers?: number;
  /** Simulations that a worker takes at a time; by default about 0.1 s worth. */
  readonly chunkSize?: number;
  readonly onProgress?: (progress: SimulationProgress) => void;
  /** Stops it: the promise rejects with the signal's reason. In this thread it is heard between simulations. */
  readonly signal?: StopSignal;
}

const KNOWN: KnownOptions<SimulateOptions> = {
  simulations: true,
  seed: true,
  parameters: true,
  firstIndex: true,
  workers: true,
  chunkSize: true,
  onProgress: true,
  signal: true,
  onInvalid: true,
  onWarning: true,
};

/** How long one thread simulates, in seconds, to learn the speed; and the work left that makes workers worth their start. */
const PROBE_SECONDS = 0.25;
const WORTHWHILE_SECONDS = 1;

/**
 * Simulates.
 *
 * Simulation i uses stream(seed).split("simulation").split(i) alone, so the result is the same to the bit for any number of workers
 * and any chunks. Simulations that throw, or give values that are not finite, are listed in `invalid` and left out of the rows.
 *
 * @throws SimulationError where all simulations are invalid, or any with `onInvalid: "fatal"`; where the simulator's output does not
 *   fit the model. ModelError where a worker cannot load the model. InvalidArgumentError for options out of their range.
 * @example
 * const { parameters, data } = await simulate(field, { simulations: 10_000, seed: 1 });
 * data.z;   // Float32Array, [10000, 16, 16]
 */
export async function simulate<P extends ParameterSpec, D extends DataSpec>(
  model: Model<P, D>,
  options: SimulateOptions,
): Promise<SimulatedData<D>> {
  refuseInWorker("simulates");
  requireKnown("simulate", options, KNOWN);
  const any: AnyModel = model;
  const total = countOf(any, options);
  const { firstIndex = 0, signal, parameters } = options;
  const collector = new Collector(any, firstIndex, total);
  const progress = new ProgressReporter(total, options.onProgress);
  const p = any.parameterSize;
  const scheduling: ScheduleOptions = {
    chunkSize: options.chunkSize,
    signal,
    // Copies: what a worker is sent must not bring the whole array along.
    parametersOf:
      parameters &&
      (({ first, count }) =>
        new Float64Array(
          parameters.subarray((first - firstIndex) * p, (first - firstIndex + count) * p),
        )),
  };
  const all: Segment = { first: firstIndex, count: total };
  for await (const chunk of runAll(any, all, options, scheduling)) {
    collector.add(chunk);
    progress.add(chunk.count, chunk.invalid.length);
    if (options.onInvalid === "fatal") {
      judgeInvalid(new InvalidTally(any.parameterNames).add(dataOf(any, chunk)), options, total);
    }
  }
  const origin = originOf(any, options.seed, parameters !== undefined);
  const result: SimulatedData = { ...collector.finish(), origin };
  judgeInvalid(new InvalidTally(any.parameterNames).add(result), options, total);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the arrays are named by the model's own data shapes
  return result as SimulatedData<D>;
}

function countOf(model: AnyModel, options: SimulateOptions): number {
  const { parameters, firstIndex = 0, chunkSize } = options;
  const rows = parameters === undefined ? undefined : parameters.length / model.parameterSize;
  const total = options.simulations ?? rows;
  if (total === undefined || !Number.isSafeInteger(total) || total < 1) {
    throw new InvalidArgumentError(
      `simulations must be a whole number from 1 on, but is ${String(total)}`,
    );
  }
  if (rows !== undefined && rows !== total) {
    throw new InvalidArgumentError(
      `parameters must be [simulations, p] = [${total}, ${model.parameterSize}], but has ${parameters?.length} values`,
    );
  }
  requireFirstIndex(firstIndex);
  if (chunkSize !== undefined) requireChunkSize(chunkSize);
  return total;
}

/** @throws InvalidArgumentError unless it is a whole number from 0 on. */
export function requireFirstIndex(firstIndex: number): void {
  if (!Number.isSafeInteger(firstIndex) || firstIndex < 0) {
    throw new InvalidArgumentError(
      `firstIndex must be a whole number from 0 on, but is ${firstIndex}`,
    );
  }
}

/** @throws InvalidArgumentError unless it is a whole number from 1 on. */
export function requireChunkSize(size: number, what = "chunkSize"): void {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new InvalidArgumentError(`${what} must be a whole number from 1 on, but is ${size}`);
  }
}

/** Chunks of all simulations: from the runner asked for, or from this thread and then from whichever is the faster way. */
async function* runAll(
  model: AnyModel,
  all: Segment,
  { seed, workers, signal }: SimulateOptions,
  scheduling: ScheduleOptions,
): AsyncGenerator<Chunk> {
  let rest = all;
  let count = workers ?? 0;
  if (workers === undefined && model.external !== undefined) count = availableParallelism();
  else if (workers === undefined && canUseWorkers(model)) {
    const first =
      signal === undefined ? localRunner(model, seed) : await createRunner(model, seed, 1, signal);
    let elapsed = 0;
    for await (const chunk of runWith(first, [all], scheduling)) {
      yield chunk;
      const done = chunk.first + chunk.count - all.first;
      rest = { first: all.first + done, count: all.count - done };
      elapsed += chunk.seconds;
      const left = (elapsed / done) * rest.count;
      if (elapsed > PROBE_SECONDS && left > WORTHWHILE_SECONDS) break;
    }
    if (rest.count === 0) return;
    count = availableParallelism();
  }
  yield* runWith(await createRunner(model, seed, count, signal), [rest], scheduling);
}

/** Chunks of segments from a runner that is closed in the end. */
export async function* runWith(
  runner: ChunkRunner,
  segments: Iterable<Segment>,
  scheduling: ScheduleOptions,
): AsyncGenerator<Chunk> {
  try {
    yield* schedule(runner, segments, scheduling);
  } finally {
    await runner.close();
  }
}

/** Puts chunks in their places. Valid rows are moved together at the end, so nothing is held twice. */
export class Collector {
  readonly #model: AnyModel;
  readonly #first: number;
  readonly #total: number;
  readonly #parameters: Float64Array<ArrayBuffer>;
  readonly #data: DataSets;
  readonly #indices: Float64Array<ArrayBuffer>;
  readonly #segments: { readonly row: number; readonly size: number }[] = [];
  readonly #invalid: InvalidSimulation[] = [];

  constructor(model: AnyModel, first: number, total: number) {
    this.#model = model;
    this.#first = first;
    this.#total = total;
    this.#parameters = new Float64Array(total * model.parameterSize);
    this.#data = DataSets.allocate(model.dataSpecs, total);
    this.#indices = new Float64Array(total);
  }

  /** Copies a chunk's valid rows to the place of its first simulation. */
  add(chunk: Chunk): void {
    const row = chunk.first - this.#first;
    const p = this.#model.parameterSize;
    this.#parameters.set(chunk.parameters.subarray(0, chunk.size * p), row * p);
    this.#indices.set(chunk.indices.subarray(0, chunk.size), row);
    const { dataSpecs } = this.#model;
    this.#data.place(row, new DataSets(dataSpecs, chunk.count, chunk.data).slice(0, chunk.size));
    this.#segments.push({ row, size: chunk.size });
    // One by one: as arguments of one call, a million would overflow the stack.
    for (const one of chunk.invalid) this.#invalid.push(one);
  }

  /** The whole. */
  finish(): SimulatedData {
    const size = this.#total - this.#invalid.length;
    if (this.#invalid.length > 0) this.#closeGaps();
    const p = this.#model.parameterSize;
    return {
      size,
      parameters: this.#parameters.subarray(0, size * p),
      data: compact(this.#data.slice(0, size)).columns,
      indices: this.#indices.subarray(0, size),
      invalid: this.#invalid.toSorted((a, b) => a.index - b.index),
    };
  }

  #closeGaps(): void {
    let end = 0;
    for (const { row, size } of this.#segments.toSorted((a, b) => a.row - b.row)) {
      const p = this.#model.parameterSize;
      this.#parameters.copyWithin(end * p, row * p, (row + size) * p);
      this.#indices.copyWithin(end, row, row + size);
      this.#data.move(end, row, row + size);
      end += size;
    }
  }
}
