/**
 * Simulations on disk to train on without holding them: what is held of them, and how much.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { DataSets, takeRows } from "../data/data-sets.js";
import { sizeOf } from "../data/shape.js";
import type { AnyModel } from "../model/index.js";
import type { SimulatedData, StoredDataSet } from "../simulation/index.js";
import { dataSetsOf } from "./examples.js";

/** Bytes of simulations that the buffer has, unless its size is given. */
const BUFFER_BYTES = 2 ** 26;

/** Simulations that are held out, at most: their losses are computed after each epoch, and they are held. */
const MOST_HELD = 20_000;

/** Simulations on disk, cut into those to learn from and those to choose the best weights with. */
export interface StoredTraining {
  readonly stored: StoredDataSet;
  /** Shards to learn from: [0, shards). */
  readonly shards: number;
  /** Simulations in them. */
  readonly size: number;
  /** Shards in the buffer at once. */
  readonly buffered: number;
  /** Some of those to learn from, as many as the buffer has: what data are standardised by. */
  readonly sample: SimulatedData;
  readonly validation: SimulatedData;
}

/** Whether simulations are on disk rather than in memory. */
export function isStored(data: SimulatedData | StoredDataSet | undefined): data is StoredDataSet {
  return data !== undefined && "shards" in data;
}

/** Bytes of a simulation in memory. */
export function simulationBytes({ dataShapes, parameterSize }: AnyModel): number {
  const values = Object.values(dataShapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
  return 8 * (values + parameterSize + 1);
}

/**
 * Cuts simulations on disk by whole shards: the last ones are held out.
 *
 * @param share that is held out, 20,000 simulations at most; 0 where others are given for that.
 * @param buffer simulations to hold at once.
 * @throws InvalidArgumentError where there are too few shards to cut.
 */
export async function cutStored(
  model: AnyModel,
  stored: StoredDataSet,
  share: number,
  buffer = Math.ceil(BUFFER_BYTES / simulationBytes(model)),
): Promise<StoredTraining> {
  const { rows, shardSize } = stored.info;
  const total = stored.shardCount;
  const wanted = Math.min(MOST_HELD, rows * share);
  const held = share === 0 ? 0 : Math.max(1, Math.round(wanted / shardSize));
  const shards = total - held;
  if (shards < 1) {
    throw new InvalidArgumentError(
      `train: the simulations are in ${total} shard(s) of ${shardSize}, which are too few to hold some out: read them whole, by data: await stored.read()`,
    );
  }
  const buffered = Math.max(1, Math.min(shards, Math.round(buffer / shardSize)));
  const ends = Array.from({ length: held }, (_, k) => shards + k);
  const validation = await readShards(model, stored, ends);
  // Spread over all, so that it is like them where those who simulated changed something on the way.
  const spread = Array.from({ length: buffered }, (_, k) => Math.floor((k * shards) / buffered));
  const sample = await readShards(model, stored, spread);
  return { stored, shards, size: stored.size - validation.size, buffered, sample, validation };
}

/** Some shards, one after another. */
export async function readShards(
  model: AnyModel,
  stored: StoredDataSet,
  shards: readonly number[],
  before: readonly SimulatedData[] = [],
): Promise<SimulatedData> {
  const parts = [...before];
  for (const shard of shards) parts.push(await stored.shard(shard));
  return joinSimulations(model, parts);
}

/** Simulations one after another. */
export function joinSimulations(model: AnyModel, parts: readonly SimulatedData[]): SimulatedData {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const p = model.parameterSize;
  const parameters = new Float64Array(size * p);
  const indices = new Float64Array(size);
  const data = DataSets.allocate(model.dataSpecs, size);
  let row = 0;
  for (const part of parts) {
    parameters.set(part.parameters, row * p);
    indices.set(part.indices, row);
    data.place(row, dataSetsOf(model, part));
    row += part.size;
  }
  const [first] = parts;
  return {
    size,
    parameters,
    indices,
    data: data.columns,
    invalid: parts.flatMap(({ invalid }) => invalid),
    ...(first?.origin && { origin: first.origin }),
  };
}

/** Copies of the simulations of these rows. */
export function takeSimulations(
  model: AnyModel,
  simulated: SimulatedData,
  rows: Uint32Array,
): SimulatedData {
  return {
    ...simulated,
    size: rows.length,
    parameters: takeRows(simulated.parameters, model.parameterSize, rows),
    indices: Float64Array.from(rows, (row) => simulated.indices[row] ?? 0),
    data: dataSetsOf(model, simulated).take(rows).columns,
    invalid: [],
  };
}
