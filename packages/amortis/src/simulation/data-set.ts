/**
 * Simulated data sets on disk: saved whole, read whole or shard by shard.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { fs } from "#platform";
import { specsOf } from "../data/array-spec.js";
import { DataSets } from "../data/data-sets.js";
import { compact } from "../data/precision.js";
import { sizeOf } from "../data/shape.js";
import type { AnyModel } from "../model/index.js";
import { readShard, writeShard, type ShardArrays } from "./data-set-arrays.js";
import {
  DataSetError,
  infoOf,
  readShardRecord,
  shardCount,
  shardRows,
  storedOrigin,
  writeShardRecord,
  type DataSetInfo,
  type ShardRecord,
} from "./data-set-layout.js";
import { requireUnlocked } from "./data-set-lock.js";
import { checkMembers, readInfo, writeInfo, writeMembers } from "./data-set-metadata.js";
import { folderOf, type Folder, type FolderAddress } from "./folder.js";
import type { InvalidSimulation, SimulatedData } from "./simulated-data.js";

/** How much a shard holds unless told, in bytes. */
const SHARD_BYTES = 2 ** 24;

/** Rows of a shard that is neither large nor many. */
export function defaultShardSize(model: AnyModel): number {
  const values = Object.values(model.dataShapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
  const rowBytes = 4 * values + 8 * model.parameterSize + 9;
  return Math.max(1, Math.min(4_096, Math.floor(SHARD_BYTES / rowBytes)));
}

/** What to note with a data set, and how to cut it. */
export interface SaveOptions {
  /** The seed it was simulated with; by default what the data say. */
  readonly seed?: number | bigint | string;
  /** Rows of a shard; by default 16 MB of them, 4,096 at most. */
  readonly shardSize?: number;
  /** Replaces a data set that is there already. */
  readonly overwrite?: boolean;
}

const KNOWN: KnownOptions<SaveOptions> = { seed: true, shardSize: true, overwrite: true };

/**
 * Saves simulated data as a Zarr v3 group. It is written beside its place and renamed into it, so it is there whole or not at all; one
 * that it replaces is put aside first, and deleted last.
 *
 * @throws DataSetError where there is something already, another process writes to it, or the data do not fit the model.
 * @example await saveDataSet("data/field", model, await simulate(model, { simulations: 1_000, seed: 1 }));
 */
export async function saveDataSet(
  directory: string,
  model: AnyModel,
  data: SimulatedData,
  options: SaveOptions = {},
): Promise<void> {
  requireKnown("saveDataSet", options, KNOWN);
  const { seed, shardSize = defaultShardSize(model), overwrite = false } = options;
  const { access, rename, rm } = fs;
  const folder = folderOf(directory);
  const exists = await access(directory).then(
    () => true,
    () => false,
  );
  if (exists && !overwrite) {
    throw new DataSetError(
      `${directory} exists already: choose another place, or pass overwrite: true`,
    );
  }
  if (exists) await requireUnlocked(folder);
  // Only what is known to be a data set is ever deleted.
  if (exists && (await readInfo(folder)) === undefined) {
    throw new DataSetError(`${directory} exists and is no data set: it is not overwritten`);
  }
  // Names of their own for each call: two that save to one place must not take each other's.
  const temporary = `${directory}.${crypto.randomUUID()}.tmp`;
  const aside = `${directory}.${crypto.randomUUID()}.old`;
  try {
    await writeAll(folderOf(temporary), model, data, seed, shardSize);
    if (exists) await rename(directory, aside);
    try {
      await rename(temporary, directory);
    } catch (error) {
      if (exists) await rename(aside, directory);
      throw error;
    }
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  // Deleted last: until the new one is in its place, the old one is whole.
  if (exists) await rm(aside, { recursive: true, force: true });
}

async function writeAll(
  folder: Folder,
  model: AnyModel,
  data: SimulatedData,
  seed: number | bigint | string | undefined,
  shardSize: number,
): Promise<void> {
  const p = model.parameterSize;
  const firstIndex = data.indices[0] ?? 0;
  const settings = { seed, firstIndex, rows: data.size, shardSize };
  const priors = data.origin?.priors;
  const info: DataSetInfo = {
    ...infoOf(model, settings),
    ...(seed === undefined && data.origin?.seed && { seed: data.origin.seed }),
    ...(priors === "given" ? { given: true } : priors && { priors }),
    saved: true,
  };
  await writeMembers(folder, info);
  const all = dataSetsOf(model, data);
  for (let shard = 0; shard < shardCount(info); shard++) {
    const { start, count } = shardRows(info, shard);
    const chunks = await writeShard(folder, info, shard, {
      parameters: data.parameters.subarray(start * p, (start + count) * p),
      indices: data.indices.subarray(start, start + count),
      valid: new Uint8Array(count).fill(1),
      data: all.slice(start, start + count).columns,
    });
    // The invalid ones have no rows here; they are noted once.
    const invalid = shard === 0 ? data.invalid.map(invalidRecord) : [];
    const record = { first: start, count, invalid };
    await writeShardRecord(folder, shard, { ...record, ...(chunks && { chunks }) });
  }
  await writeInfo(folder, {
    ...info,
    complete: true,
    valid: data.size,
    invalid: data.invalid.length,
  });
}

/** @throws DataSetError where an array is missing or has other than the rows that there are. */
function dataSetsOf(model: AnyModel, { size, data }: SimulatedData): DataSets {
  for (const [name, { shape }] of Object.entries(model.dataSpecs)) {
    if (data[name]?.length === size * sizeOf(shape)) continue;
    throw new DataSetError(`the data lack rows of the array "${name}" of model "${model.name}"`);
  }
  return new DataSets(model.dataSpecs, size, data);
}

/** JSON has no NaN: it becomes null. */
export function invalidRecord({
  index,
  parameters,
  reason,
  standardError,
}: InvalidSimulation): ShardRecord["invalid"][number] {
  return {
    index,
    parameters: parameters.map((value) => (Number.isFinite(value) ? value : null)),
    reason,
    ...(standardError !== undefined && { standardError }),
  };
}

/** A data set on disk. */
export interface StoredDataSet {
  readonly info: DataSetInfo;
  /** Valid rows. */
  readonly size: number;
  /** How many shards it has. */
  readonly shardCount: number;
  /** Reads one shard, without its invalid simulations. */
  shard(shard: number): Promise<SimulatedData>;
  /** Reads all of it, one shard after the other into its place. */
  read(): Promise<SimulatedData>;
  /** Reads shard by shard, so that no more than one is held. */
  shards(): AsyncGenerator<SimulatedData>;
}

/**
 * Opens a data set that `saveDataSet` or `simulateToDirectory` wrote.
 *
 * @param directory a path, or the folder of a store.
 * @throws DataSetError where there is none, it is damaged, or its simulation was interrupted.
 * @example
 * const stored = await openDataSet("data/field");
 * stored.info.model; stored.size;
 * const data = await stored.read();
 */
export async function openDataSet(directory: FolderAddress): Promise<StoredDataSet> {
  const folder = folderOf(directory);
  const info = await requireInfo(folder);
  if (!info.complete) {
    throw new DataSetError(
      `the data set in ${folder.name} is not complete: simulate into it again, with the same seed, and it continues where it stopped`,
    );
  }
  await checkMembers(folder, info);
  async function* shards(): AsyncGenerator<SimulatedData> {
    let [valid, invalid] = [0, 0];
    for (let shard = 0; shard < shardCount(info); shard++) {
      const rows = await readRows(folder, info, shard);
      valid += rows.size;
      invalid += rows.invalid.length;
      if (valid > info.valid) break;
      yield rows;
    }
    if (valid !== info.valid || invalid !== info.invalid) {
      throw new DataSetError(
        `${folder.name} is damaged: it says that it has ${info.valid} valid simulations and ${info.invalid} invalid ones, but its shards have other numbers of them`,
      );
    }
  }
  return {
    info,
    size: info.valid,
    shardCount: shardCount(info),
    shard: (shard) => readRows(folder, info, shard),
    shards,
    read: () => readAll(info, shards()),
  };
}

async function requireInfo(folder: Folder): Promise<DataSetInfo> {
  const info = await readInfo(folder);
  if (info === undefined) throw new DataSetError(`there is no data set in ${folder.name}`);
  return info;
}

async function readAll(
  info: DataSetInfo,
  shards: AsyncIterable<SimulatedData>,
): Promise<SimulatedData> {
  const p = info.parameterNames.length;
  const parameters = new Float64Array(info.valid * p);
  const indices = new Float64Array(info.valid);
  const specs = specsOf(info.dataShapes);
  const data = DataSets.allocate(specs, info.valid);
  const invalid: InvalidSimulation[] = [];
  let row = 0;
  for await (const shard of shards) {
    parameters.set(shard.parameters, row * p);
    indices.set(shard.indices, row);
    data.place(row, new DataSets(specs, shard.size, shard.data));
    for (const one of shard.invalid) invalid.push(one);
    row += shard.size;
  }
  const { columns } = compact(data);
  return { size: row, parameters, data: columns, indices, invalid, origin: storedOrigin(info) };
}

/** The valid rows of a shard. */
async function readRows(folder: Folder, info: DataSetInfo, shard: number): Promise<SimulatedData> {
  try {
    const record = await readShardRecord(folder, shard, info);
    if (record === undefined) {
      throw new DataSetError(`${folder.name} is damaged: the record of shard ${shard} is missing`);
    }
    return validRows(info, await readShard(folder, info, shard, record), record);
  } catch (cause) {
    if (!(cause instanceof DataSetError)) throw cause;
    throw new DataSetError(
      `${cause.message}${info.saved === true ? "" : "; simulate into it again, as before, to mend it"}`,
      { cause },
    );
  }
}

/** A shard without its invalid rows. */
export function validRows(
  info: DataSetInfo,
  arrays: ShardArrays,
  record: ShardRecord,
): SimulatedData {
  const p = info.parameterNames.length;
  const invalid = record.invalid.map(({ parameters, standardError, ...rest }) => ({
    ...rest,
    parameters: parameters.map((value) => value ?? Number.NaN),
    ...(standardError !== undefined && { standardError }),
  }));
  const rows = arrays.valid.length;
  const data = new DataSets(specsOf(info.dataShapes), rows, arrays.data);
  let size = 0;
  for (let row = 0; row < rows; row++) {
    if (arrays.valid[row] === 0) continue;
    if (size !== row) {
      arrays.parameters.copyWithin(size * p, row * p, (row + 1) * p);
      arrays.indices.copyWithin(size, row, row + 1);
      data.move(size, row, row + 1);
    }
    size++;
  }
  return {
    size,
    parameters: arrays.parameters.subarray(0, size * p),
    indices: arrays.indices.subarray(0, size),
    data: data.slice(0, size).columns,
    invalid,
    origin: storedOrigin(info),
  };
}
