/**
 * A chunk of simulations, run in whatever thread.
 *
 * Simulation i draws everything from stream(seed).split("simulation").split(i): first its parameters, then its data. So its bits do
 * not depend on who runs it, with what others, or when.
 */
import { DataSets, type Column } from "../data/data-sets.js";
import { compact } from "../data/precision.js";
import { DataError, findNonFinite, isPromise, writeData } from "../data/simulator-output.js";
import type { AnyModel } from "../model/index.js";
import { stream, type Stream } from "../random/index.js";
import { SimulatorExit } from "./exit-guard.js";
import {
  describeParameters,
  SimulationError,
  type InvalidSimulation,
  type SimulatedData,
} from "./simulated-data.js";

/** Which simulations to run. */
export interface ChunkRequest {
  /** Number of the first. */
  readonly first: number;
  readonly count: number;
  /** θ of each, [count, p]; draws of the prior where left out. */
  readonly parameters?: Float64Array<ArrayBuffer>;
}

/** Simulations that were run, the valid ones in the first `size` rows. */
export interface Chunk extends ChunkRequest {
  readonly size: number;
  readonly parameters: Float64Array<ArrayBuffer>;
  readonly data: Readonly<Record<string, Column>>;
  readonly indices: Float64Array<ArrayBuffer>;
  readonly invalid: readonly InvalidSimulation[];
  /** Time it took. */
  readonly seconds: number;
}

/** Runs chunks of one model and one seed. */
export interface ChunkRunner {
  /** Chunks that run at the same time. */
  readonly parallel: number;
  run(request: ChunkRequest): Promise<Chunk>;
  /** Ends it; what still runs is abandoned. */
  close(): Promise<void>;
}

/** A root of streams, one a simulation. */
export function simulationStream(seed: number | bigint | string): Stream {
  return stream(seed).split("simulation");
}

/** How long a thread with other work simulates before it lets that have a turn, in milliseconds. */
const TURN = 20;

/**
 * Runs a chunk.
 *
 * @param root of `simulationStream`.
 * @param pause called every 20 ms, where given: lets other work of the thread have its turn, and may throw to stop.
 * @throws DataError where the simulator's output does not have the names and shapes of the model.
 */
export async function runChunk(
  model: AnyModel,
  root: Stream,
  request: ChunkRequest,
  pause?: () => Promise<void>,
): Promise<Chunk> {
  const { first, count } = request;
  const started = performance.now();
  const p = model.parameterSize;
  const parameters = new Float64Array(count * p);
  const data = DataSets.allocate(model.dataSpecs, count);
  const indices = new Float64Array(count);
  const invalid: InvalidSimulation[] = [];
  let size = 0;
  let turn = started;
  for (let i = 0; i < count; i++) {
    const index = first + i;
    const random = root.split(index);
    // Drawn even where θ is given, so that the data of a simulation are the same either way.
    const drawn = model.samplePrior(random);
    const theta = request.parameters?.subarray(i * p, (i + 1) * p) ?? drawn;
    const outcome = runOne(model, theta, random, index, data, size);
    // Only what takes time is waited for: a simulator that is no asynchronous function costs no turn.
    const reason = typeof outcome === "object" ? await outcome : outcome;
    if (reason === undefined) {
      parameters.set(theta, size * p);
      indices[size] = index;
      size++;
    } else {
      invalid.push({ index, parameters: Array.from(theta), reason });
    }
    if (pause !== undefined && performance.now() - turn > TURN) {
      await pause();
      turn = performance.now();
    }
  }
  const seconds = (performance.now() - started) / 1000;
  return { first, count, size, parameters, data: data.columns, indices, invalid, seconds };
}

/** Why a simulation is invalid; undefined where it is valid. */
type Reason = string | undefined;

/** Why no simulation can be of these parameters; undefined where one can. */
export function nonFiniteParameter(model: AnyModel, theta: Float64Array): Reason {
  const bad = theta.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? undefined : `the parameter ${model.parameterNames[bad]} is ${theta[bad]}`;
}

/** Runs one simulation into a row. Of an asynchronous simulator, the answer is a promise. */
function runOne(
  model: AnyModel,
  theta: Float64Array,
  random: Stream,
  index: number,
  data: DataSets,
  row: number,
): Reason | Promise<Reason> {
  const bad = nonFiniteParameter(model, theta);
  if (bad !== undefined) return bad;
  const place = (output: unknown): Reason => placeOutput(model, theta, index, output, data, row);
  let output: unknown;
  try {
    output = model.simulate(model.unpack(theta), random);
  } catch (error) {
    return failure(error);
  }
  return isPromise(output) ? Promise.resolve(output).then(place, failure) : place(output);
}

/** What a simulator threw, as the reason why a simulation is invalid. */
function failure(error: unknown): Reason {
  if (error instanceof SimulatorExit) throw error;
  return error instanceof Error ? error.message || error.name : String(error);
}

/** Writes a simulator's output into a row; says why, where it is invalid. */
function placeOutput(
  model: AnyModel,
  theta: Float64Array,
  index: number,
  output: unknown,
  data: DataSets,
  row: number,
): Reason {
  try {
    writeData(data, output, row);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    // A simulator that returns other arrays than the model has is a mistake in the program, not bad luck.
    const at = describeParameters(model.parameterNames, Array.from(theta));
    throw new SimulationError(
      `the model "${model.name}", simulation ${index} at ${at}: ${error.message}`,
      { cause: error },
    );
  }
  return findNonFinite(data, row);
}

/** A chunk's valid rows. */
export function dataOf(model: AnyModel, chunk: Chunk): SimulatedData {
  const { size, count, invalid } = chunk;
  return {
    size,
    parameters: chunk.parameters.subarray(0, size * model.parameterSize),
    data: compact(new DataSets(model.dataSpecs, count, chunk.data).slice(0, size)).columns,
    indices: chunk.indices.subarray(0, size),
    invalid,
  };
}
