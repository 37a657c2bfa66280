/**
 * The arrays of a data set, as Zarr.
 */
import type * as Fs from "node:fs/promises";
import type * as Path from "node:path";
import type * as Zarr from "zarrita";
import { writeBytes } from "../files/bytes.js";
import { sizeOf } from "../model/index.js";
import { importHost } from "../node.js";
import {
  DataSetError,
  parseInfo,
  shardCount,
  shardRows,
  type DataSetInfo,
} from "./data-set-layout.js";

/** A directory as zarrita reads and writes it: whole files, renamed into place. */
interface DirectoryStore {
  get(key: `/${string}`): Promise<Uint8Array | undefined>;
  set(key: `/${string}`, value: Uint8Array): Promise<void>;
}

/**
 * @param purpose to Zarr, a chunk without a file is all zeros; to us, who write every chunk, it is lost: reading must not pass over it.
 */
async function directoryStore(
  directory: string,
  purpose: "read" | "write",
): Promise<DirectoryStore> {
  const { readFile } = await importHost<typeof Fs>("node:fs/promises");
  const path = await importHost<typeof Path>("node:path");
  return {
    async get(key) {
      try {
        const bytes = await readFile(path.join(directory, key));
        // Numbers are read in place, where their bytes are aligned.
        return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
        if (purpose === "read" && key.includes("/c/")) {
          throw new DataSetError(`${directory} is damaged: the file ${key} is missing`);
        }
        return undefined;
      }
    },
    set: (key, value) => writeBytes(path.join(directory, key), value),
  };
}

type ArrayOf<T extends Zarr.DataType> = Zarr.Array<T, DirectoryStore>;

/** Rows of a shard, in memory. */
export interface ShardArrays {
  readonly parameters: Float64Array;
  readonly indices: Float64Array;
  /** 0 where a row is invalid. */
  readonly valid: Uint8Array;
  readonly data: Readonly<Record<string, Float32Array>>;
}

/** The arrays of an open data set. */
export interface DataSetArrays {
  /** Writes a shard's rows, all of them. */
  write(shard: number, arrays: ShardArrays): Promise<void>;
  /** Reads a shard's rows; the arrays are views of what was read. */
  read(shard: number): Promise<ShardArrays>;
}

/**
 * Creates the arrays of a data set, or describes them anew where it has grown.
 *
 * The attributes come last: a directory without them is no data set.
 */
export async function createArrays(directory: string, info: DataSetInfo): Promise<DataSetArrays> {
  const zarr = await importHost<typeof Zarr>("zarrita");
  const root = zarr.root(await directoryStore(directory, "write"));
  const { rows, shardSize } = info;
  const create = <T extends "float64" | "float32" | "uint8">(
    path: string,
    dtype: T,
    shape: readonly number[],
  ) =>
    zarr.create<DirectoryStore, T>(root.resolve(path), {
      ...layout(rows, shardSize, shape),
      dtype,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the scalar of each of these types is a number
      fillValue: 0 as Zarr.Scalar<T>,
    });
  const parameters = await create("/parameters", "float64", [info.parameterNames.length]);
  const valid = await create("/valid", "uint8", []);
  const indices = await create("/indices", "float64", []);
  await zarr.create(root.resolve("/data"));
  const data: Record<string, ArrayOf<"float32">> = {};
  for (const [name, shape] of Object.entries(info.dataShapes)) {
    data[name] = await create(`/data/${name}`, "float32", shape);
  }
  await writeInfo(directory, info);
  return arraysOf(zarr, directory, info, { parameters, valid, indices, data });
}

function layout(rows: number, shardSize: number, shape: readonly number[]) {
  return {
    shape: [rows, ...shape],
    chunkShape: [shardSize, ...shape],
    codecs: [{ name: "bytes", configuration: { endian: "little" } }],
  };
}

/** Writes what is known of a data set into the group's attributes. */
export async function writeInfo(directory: string, info: DataSetInfo): Promise<void> {
  const zarr = await importHost<typeof Zarr>("zarrita");
  await zarr.create(zarr.root(await directoryStore(directory, "write")), {
    attributes: { ...info },
  });
}

/**
 * What is known of the data set in a directory; undefined where there is no Zarr group.
 *
 * @throws DataSetError where there is one, but it is no data set.
 */
export async function readInfo(directory: string): Promise<DataSetInfo | undefined> {
  const zarr = await importHost<typeof Zarr>("zarrita");
  const store = await directoryStore(directory, "read");
  if ((await store.get("/zarr.json")) === undefined) return undefined;
  try {
    const group = await zarr.open.v3(zarr.root(store), { kind: "group" });
    return parseInfo(group.attrs, directory);
  } catch (cause) {
    if (cause instanceof DataSetError) throw cause;
    throw new DataSetError(`${directory} holds no readable Zarr group`, { cause });
  }
}

/**
 * Opens the arrays of a data set.
 *
 * @throws DataSetError where one is missing, or not of the type and shape that it should have.
 */
export async function openArrays(
  directory: string,
  info: DataSetInfo,
  purpose: "read" | "write",
): Promise<DataSetArrays> {
  const zarr = await importHost<typeof Zarr>("zarrita");
  const root = zarr.root(await directoryStore(directory, purpose));
  const { rows, shardSize } = info;
  async function open<T extends "float64" | "float32" | "uint8">(
    path: string,
    dtype: T,
    shape: readonly number[],
  ): Promise<ArrayOf<T>> {
    let array: ArrayOf<Zarr.DataType>;
    try {
      array = await zarr.open.v3(root.resolve(path), { kind: "array" });
    } catch (cause) {
      throw new DataSetError(
        `${directory} is damaged: its array ${path} is missing or unreadable`,
        {
          cause,
        },
      );
    }
    const fits = same(array.shape, [rows, ...shape]) && same(array.chunks, [shardSize, ...shape]);
    if (!fits || !isOf(array, dtype)) {
      throw new DataSetError(
        `${directory} is damaged: its array ${path} should be ${dtype} [${[rows, ...shape].join(", ")}] in chunks of ${shardSize} rows, but is ${array.dtype} [${array.shape.join(", ")}]`,
      );
    }
    return array;
  }
  const data: Record<string, ArrayOf<"float32">> = {};
  for (const [name, shape] of Object.entries(info.dataShapes)) {
    data[name] = await open(`/data/${name}`, "float32", shape);
  }
  return arraysOf(zarr, directory, info, {
    parameters: await open("/parameters", "float64", [info.parameterNames.length]),
    valid: await open("/valid", "uint8", []),
    indices: await open("/indices", "float64", []),
    data,
  });
}

function isOf<T extends Zarr.DataType>(
  array: ArrayOf<Zarr.DataType>,
  dtype: T,
): array is ArrayOf<T> {
  return array.dtype === dtype;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function arraysOf(
  zarr: typeof Zarr,
  directory: string,
  info: DataSetInfo,
  arrays: {
    readonly parameters: ArrayOf<"float64">;
    readonly valid: ArrayOf<"uint8">;
    readonly indices: ArrayOf<"float64">;
    readonly data: Readonly<Record<string, ArrayOf<"float32">>>;
  },
): DataSetArrays {
  async function write<T extends "float64" | "float32" | "uint8">(
    array: ArrayOf<T>,
    shard: number,
    data: Zarr.TypedArray<T>,
  ): Promise<void> {
    const { start, count } = shardRows(info, shard);
    const shape = [count, ...array.shape.slice(1)];
    const stride = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
    const rest = shape.slice(1).map(() => null);
    await zarr.set(array, [zarr.slice(start, start + count), ...rest], { data, shape, stride });
  }
  async function read<T extends "float64" | "float32" | "uint8">(
    array: ArrayOf<T>,
    shard: number,
  ): Promise<Zarr.TypedArray<T>> {
    const { data } = await array.getChunk([shard, ...array.shape.slice(1).map(() => 0)]);
    // A chunk is whole, also where it reaches past the last row.
    if (data.length !== sizeOf(array.chunks)) {
      throw new DataSetError(
        `${directory} is damaged: chunk ${shard} of ${array.path} has ${data.length} values instead of ${sizeOf(array.chunks)}`,
      );
    }
    return data;
  }
  return {
    async write(shard, { parameters, indices, valid, data }) {
      await write(arrays.parameters, shard, parameters);
      await write(arrays.indices, shard, indices);
      await write(arrays.valid, shard, valid);
      for (const [name, array] of Object.entries(arrays.data)) {
        await write(array, shard, data[name] ?? new Float32Array());
      }
    },
    async read(shard) {
      if (shard >= shardCount(info)) throw new DataSetError(`${directory} has no shard ${shard}`);
      const { count } = shardRows(info, shard);
      const data: Record<string, Float32Array> = {};
      for (const [name, array] of Object.entries(arrays.data)) {
        const values = await read(array, shard);
        data[name] = values.subarray(0, count * sizeOf(array.shape.slice(1)));
      }
      const parameters = await read(arrays.parameters, shard);
      const indices = await read(arrays.indices, shard);
      const valid = await read(arrays.valid, shard);
      return {
        parameters: parameters.subarray(0, count * info.parameterNames.length),
        indices: indices.subarray(0, count),
        valid: valid.subarray(0, count),
        data,
      };
    },
  };
}
