/**
 * Chunks of a simulator outside of this program: its processes are asked for all simulations of a chunk at once.
 */
import { drawSizes } from "../model/sizes.js";
import {
  externalSeed,
  type ExternalOutcome,
  type ExternalRequest,
  type ExternalSimulator,
} from "../model/external.js";
import type { AnyModel } from "../model/index.js";
import { DataSets } from "../data/data-sets.js";
import { DataError, findNonFinite, writeData } from "../data/simulator-output.js";
import type { Stream } from "../random/index.js";
import {
  nonFiniteParameter,
  simulationStream,
  type Chunk,
  type ChunkRequest,
  type ChunkRunner,
} from "./chunk.js";
import type { InvalidSimulation } from "./simulated-data.js";

/** Runs chunks in up to so many processes. */
export async function externalRunner(
  model: AnyModel,
  simulator: ExternalSimulator,
  seed: number | bigint | string,
  processes: number,
): Promise<ChunkRunner> {
  const root = simulationStream(seed);
  const pool = await simulator.open(model, processes);
  return {
    parallel: processes,
    run: async (request) => {
      const started = performance.now();
      const requests = Array.from({ length: request.count }, (_, i) =>
        requestOf(model, root, request, i),
      );
      const sound = requests.filter(({ theta }) => nonFiniteParameter(model, theta) === undefined);
      const outcomes = await pool.run(sound);
      const byIndex = new Map(sound.map(({ index }, i) => [index, outcomes[i]]));
      const chunk = collect(model, request, requests, byIndex);
      return { ...chunk, seconds: (performance.now() - started) / 1000 };
    },
    close: () => pool.close(),
  };
}

/** What simulation i of a chunk is asked with: its parameters and sizes are drawn as for any simulator. */
function requestOf(
  model: AnyModel,
  root: Stream,
  { first, parameters }: ChunkRequest,
  i: number,
): ExternalRequest {
  const index = first + i;
  const random = root.split(index);
  const p = model.parameterSize;
  const drawn = model.samplePrior(random);
  const theta = parameters?.slice(i * p, (i + 1) * p) ?? drawn;
  return { index, theta, sizes: drawSizes(model.sizes, random), seed: externalSeed(random) };
}

function collect(
  model: AnyModel,
  { first, count }: ChunkRequest,
  requests: readonly ExternalRequest[],
  outcomes: ReadonlyMap<number, ExternalOutcome | undefined>,
): Omit<Chunk, "seconds"> {
  const p = model.parameterSize;
  const parameters = new Float64Array(count * p);
  const indices = new Float64Array(count);
  const data = DataSets.allocate(model.dataSpecs, count);
  const invalid: InvalidSimulation[] = [];
  let size = 0;
  for (const { index, theta } of requests) {
    const outcome = outcomes.get(index);
    const failure = failureOf(model, theta, outcome, data, size);
    if (failure === undefined) {
      parameters.set(theta, size * p);
      indices[size] = index;
      size++;
    } else {
      invalid.push({ index, parameters: Array.from(theta), ...failure });
    }
  }
  return { first, count, size, parameters, data: data.columns, indices, invalid };
}

/** Why a simulation is invalid; undefined where its data are in their row. */
function failureOf(
  model: AnyModel,
  theta: Float64Array,
  outcome: ExternalOutcome | undefined,
  data: DataSets,
  row: number,
): Pick<InvalidSimulation, "reason" | "standardError"> | undefined {
  if (outcome === undefined) {
    return { reason: nonFiniteParameter(model, theta) ?? "the program gave no answer" };
  }
  if ("reason" in outcome) return outcome;
  try {
    writeData(data, outcome.output, row, "the program");
  } catch (error) {
    // Of another program that is its own mistake, and may be of this simulation alone.
    if (error instanceof DataError) return { reason: error.message };
    throw error;
  }
  const reason = findNonFinite(data, row);
  return reason === undefined ? undefined : { reason };
}
