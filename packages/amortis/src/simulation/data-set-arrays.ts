/**
 * The chunks of a data set's arrays, as Zarr has them: raw little-endian numbers, and their checksum (codec `crc32c`).
 *
 * They are read and written here, whole, and not by a Zarr library: zarrita 0.7 neither writes nor verifies the checksum.
 */
import type { Column, Columns } from "../data/data-sets.js";
import { sizeOf } from "../data/shape.js";
import { crc32c } from "../files/crc32c.js";
import {
  DataSetError,
  inHex,
  readFile,
  shardRows,
  type DataSetInfo,
  type ShardRecord,
} from "./data-set-layout.js";
import { layoutOf, type ArrayLayout } from "./data-set-metadata.js";
import type { Folder } from "./folder.js";

/** Rows of a shard, in memory. */
export interface ShardArrays {
  readonly parameters: Float64Array;
  readonly indices: Float64Array;
  /** 0 where a row is invalid. */
  readonly valid: Uint8Array;
  readonly data: Columns;
}

/** Bytes of a checksum. */
const CHECKSUM = 4;

const TYPES = { float64: Float64Array, float32: Float32Array, uint8: Uint8Array };

function chunkPath(shard: number, { path, shape }: ArrayLayout): string {
  return `${path}/c/${[shard, ...shape.map(() => 0)].join("/")}`;
}

function hasChecksums({ version }: DataSetInfo): boolean {
  return version > 1;
}

/**
 * Writes a shard's rows, all of them.
 *
 * @returns the checksums of its chunks, for its record; undefined in a data set of version 1, which has none.
 */
export async function writeShard(
  folder: Folder,
  info: DataSetInfo,
  shard: number,
  { data, ...others }: ShardArrays,
): Promise<ShardRecord["chunks"]> {
  const layout = layoutOf(info);
  const arrays: readonly (readonly [ArrayLayout, ArrayBufferView])[] = [
    [layout.parameters, others.parameters],
    [layout.indices, others.indices],
    [layout.valid, others.valid],
    ...Object.entries(layout.data).map(
      ([name, array]) => [array, TYPES[array.type].from(data[name] ?? [])] as const,
    ),
  ];
  const chunks: Record<string, string> = {};
  for (const [array, values] of arrays) {
    const { bytes, checksum } = encode(info, array, values);
    await folder.write(chunkPath(shard, array), bytes);
    chunks[array.path] = inHex(checksum);
  }
  return hasChecksums(info) ? chunks : undefined;
}

/** A chunk's bytes. It is whole, also where it reaches past the last row. */
function encode(
  info: DataSetInfo,
  { type, shape }: ArrayLayout,
  values: ArrayBufferView,
): { readonly bytes: Uint8Array; readonly checksum: number } {
  const size = info.shardSize * sizeOf(shape) * TYPES[type].BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(size + (hasChecksums(info) ? CHECKSUM : 0));
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const checksum = crc32c(bytes.subarray(0, size));
  if (hasChecksums(info)) new DataView(bytes.buffer).setUint32(size, checksum, true);
  return { bytes, checksum };
}

/**
 * Reads a shard's rows; the arrays are views of what was read.
 *
 * @throws DataSetError where a chunk is missing, of another size, or not what was written; where `valid` and the record disagree.
 */
export async function readShard(
  folder: Folder,
  info: DataSetInfo,
  shard: number,
  record: ShardRecord,
): Promise<ShardArrays> {
  const layout = layoutOf(info);
  const { count } = shardRows(info, shard);
  async function read<T extends keyof typeof TYPES>(
    array: ArrayLayout<T>,
  ): Promise<InstanceType<(typeof TYPES)[T]>> {
    const bytes = await readChunk(folder, info, shard, array, record);
    const values = new TYPES[array.type](
      bytes.buffer,
      bytes.byteOffset,
      count * sizeOf(array.shape),
    );
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by the constructor of that type, one line above
    return values as InstanceType<(typeof TYPES)[T]>;
  }
  // At once: of a store across a network, each takes its time to come.
  const [parameters, indices, valid, columns] = await Promise.all([
    read(layout.parameters),
    read(layout.indices),
    read(layout.valid),
    Promise.all(
      Object.entries(layout.data).map(async ([name, array]) => [name, await read(array)] as const),
    ),
  ]);
  const data: Readonly<Record<string, Column>> = Object.fromEntries(columns);
  const arrays = { parameters, indices, valid, data };
  requireAgreement(folder, shard, arrays, record);
  return arrays;
}

/** The numbers of a chunk, checked, as bytes. */
async function readChunk(
  folder: Folder,
  info: DataSetInfo,
  shard: number,
  array: ArrayLayout,
  { chunks }: ShardRecord,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = chunkPath(shard, array);
  const found = await readFile(folder, path);
  const damaged = (what: string): DataSetError =>
    new DataSetError(`${folder.name} is damaged: ${what}`);
  if (found === undefined) throw damaged(`the file ${path} is missing`);
  // Numbers are read in place, where their bytes are aligned.
  const bytes = isAligned(found) ? found : new Uint8Array(found);
  const size = info.shardSize * sizeOf(array.shape) * TYPES[array.type].BYTES_PER_ELEMENT;
  const expected = size + (hasChecksums(info) ? CHECKSUM : 0);
  if (bytes.length !== expected) {
    throw damaged(`the file ${path} has ${bytes.length} bytes instead of ${expected}`);
  }
  if (!hasChecksums(info)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const checksum = crc32c(bytes.subarray(0, size));
  if (checksum !== view.getUint32(size, true)) {
    throw damaged(`the checksum of the file ${path} does not fit its numbers`);
  }
  if (inHex(checksum) !== chunks?.[array.path]) {
    throw damaged(`the file ${path} is not the one that its record tells of`);
  }
  return bytes;
}

function isAligned(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer;
}

/** @throws DataSetError unless those rows are invalid whose simulations the record lists so. */
function requireAgreement(
  folder: Folder,
  shard: number,
  { valid, indices }: ShardArrays,
  { invalid }: ShardRecord,
): void {
  const listed = new Set(invalid.map(({ index }) => index));
  const row = valid.findIndex((flag, at) => flag !== (listed.has(indices[at] ?? -1) ? 0 : 1));
  if (row < 0) return;
  throw new DataSetError(
    `${folder.name} is damaged: in shard ${shard}, row ${row} is ${valid[row] === 0 ? "marked invalid" : "marked valid"}, and its record says otherwise`,
  );
}
