/**
 * The Zarr metadata of a data set: written from what is known of it, and read only where it says the same.
 *
 * All of it follows from the group's attributes, which carry a checksum. So a `zarr.json` that was changed, by hand or by accident,
 * never changes what is read: it is an error that names what differs. Attributes that others add are left alone.
 */
import * as z from "zod";
import { parseJsonText } from "../json.js";
import { canonicalJson } from "./canonical-json.js";
import {
  checksumOf,
  DataSetError,
  parseInfo,
  readText,
  type DataSetInfo,
} from "./data-set-layout.js";
import type { Folder } from "./folder.js";

/** An array of a data set, but for its rows. */
export interface ArrayLayout<T extends DataType = DataType> {
  /** Where it lies in the group: "data/z". */
  readonly path: string;
  readonly type: T;
  /** Shape of a row. */
  readonly shape: readonly number[];
  /** Names of the axes of a row, by which xarray knows them. */
  readonly dimensions: readonly string[];
}

type DataType = "float64" | "float32" | "uint8";

/** The arrays of a data set. */
export interface DataSetLayout {
  readonly parameters: ArrayLayout<"float64">;
  readonly indices: ArrayLayout<"float64">;
  readonly valid: ArrayLayout<"uint8">;
  /** Double precision since version 2. */
  readonly data: Readonly<Record<string, ArrayLayout<"float32" | "float64">>>;
}

/** The arrays that a data set has. */
export function layoutOf({ version, parameterNames, dataShapes }: DataSetInfo): DataSetLayout {
  const array = <T extends DataType>(
    path: string,
    type: T,
    shape: readonly number[] = [],
    dimensions = shape.map((_, axis) => `${path.replace("data/", "")}_${axis}`),
  ): ArrayLayout<T> => ({ path, type, shape, dimensions });
  return {
    parameters: array("parameters", "float64", [parameterNames.length], ["parameter"]),
    indices: array("indices", "float64"),
    valid: array("valid", "uint8"),
    data: Object.fromEntries(
      Object.entries(dataShapes).map(([name, shape]) => [
        name,
        array(`data/${name}`, version === 1 ? "float32" : "float64", shape),
      ]),
    ),
  };
}

function listed({ data, ...others }: DataSetLayout): readonly ArrayLayout[] {
  return [...Object.values(others), ...Object.values(data)];
}

/** What an array's `zarr.json` says. */
function arrayMetadata(
  info: DataSetInfo,
  { type, shape, dimensions }: ArrayLayout,
): Readonly<Record<string, unknown>> {
  const bytes =
    type === "uint8" ? { name: "bytes" } : { name: "bytes", configuration: { endian: "little" } };
  return {
    zarr_format: 3,
    node_type: "array",
    shape: [info.rows, ...shape],
    data_type: type,
    chunk_grid: {
      name: "regular",
      configuration: { chunk_shape: [info.shardSize, ...shape] },
    },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: info.version === 1 ? [bytes] : [bytes, { name: "crc32c" }],
    fill_value: 0,
    dimension_names: ["simulation", ...dimensions],
    attributes: {},
  };
}

const GROUP = { zarr_format: 3, node_type: "group", attributes: {} };

/** All that lies below the group, by path. */
function members(info: DataSetInfo): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const arrays = listed(layoutOf(info)).map((array) => [array.path, arrayMetadata(info, array)]);
  return { data: GROUP, ...Object.fromEntries(arrays) };
}

async function writeJson(folder: Folder, path: string, value: unknown): Promise<void> {
  await folder.write(path, new TextEncoder().encode(JSON.stringify(value, undefined, 2)));
}

/** Writes the metadata of all arrays. */
export async function writeMembers(folder: Folder, info: DataSetInfo): Promise<void> {
  for (const [path, metadata] of Object.entries(members(info))) {
    await writeJson(folder, `${path}/zarr.json`, metadata);
  }
}

/**
 * Writes what is known of a data set into the group's attributes. The arrays' metadata are repeated there ("consolidated"): readers
 * that look for it need not list the directory.
 */
export async function writeInfo(folder: Folder, info: DataSetInfo): Promise<void> {
  await writeJson(folder, "zarr.json", {
    ...GROUP,
    attributes: { ...info, ...(info.version > 1 && { checksum: checksumOf(info) }) },
    consolidated_metadata: { kind: "inline", must_understand: false, metadata: members(info) },
  });
}

const groupSchema = z.object({
  zarr_format: z.literal(3),
  node_type: z.literal("group"),
  attributes: z.unknown(),
});

/**
 * What is known of the data set in a directory; undefined where there is no Zarr group.
 *
 * @throws DataSetError where there is one, but it is no data set, or a damaged one.
 */
export async function readInfo(folder: Folder): Promise<DataSetInfo | undefined> {
  const text = await readText(folder, "zarr.json");
  if (text === undefined) return undefined;
  let group: z.infer<typeof groupSchema>;
  try {
    group = groupSchema.parse(parseJsonText(text));
  } catch (cause) {
    throw new DataSetError(`${folder.name} holds no readable Zarr group`, { cause });
  }
  return parseInfo(group.attributes, folder);
}

/**
 * Checks that the metadata of all arrays are those that follow from the attributes.
 *
 * @throws DataSetError where some are missing, or say something else, in a word on the first that differs.
 */
export async function checkMembers(folder: Folder, info: DataSetInfo): Promise<void> {
  for (const [path, expected] of Object.entries(members(info))) {
    const found = await readMetadata(folder, path);
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      if (UNREAD.has(key) || isIgnorable(key, found[key])) continue;
      const [given, wanted] = [normal(found[key], expected), normal(expected[key], expected)];
      if (given !== wanted) {
        throw new DataSetError(
          `${folder.name} is damaged: ${key} in ${path}/zarr.json should be ${wanted}, but is ${given}`,
        );
      }
    }
  }
}

/** For readers by name: they do not change what is read here. Earlier versions named no dimensions. */
const UNREAD: ReadonlySet<string> = new Set([
  "attributes",
  "dimension_names",
  "consolidated_metadata",
]);

/** What others add where they rewrite metadata, and Zarr says may be passed over. */
function isIgnorable(key: string, value: unknown): boolean {
  if (key === "storage_transformers") return Array.isArray(value) && value.length === 0;
  return (
    typeof value === "object" && value !== null && Reflect.get(value, "must_understand") === false
  );
}

async function readMetadata(
  folder: Folder,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(folder, `${path}/zarr.json`);
  if (text === undefined) {
    throw new DataSetError(`${folder.name} is damaged: ${path}/zarr.json is missing`);
  }
  try {
    return z.record(z.string(), z.unknown()).parse(parseJsonText(text));
  } catch (cause) {
    throw new DataSetError(`${folder.name} is damaged: ${path}/zarr.json is no JSON object`, {
      cause,
    });
  }
}

/** A value in words; single bytes have no endianness, whether it is said or not. */
function normal(value: unknown, { data_type: type }: Readonly<Record<string, unknown>>): string {
  if (value === undefined) return "missing";
  const text = canonicalJson(value);
  return type === "uint8" ? text.replace('"configuration":{"endian":"little"},', "") : text;
}
