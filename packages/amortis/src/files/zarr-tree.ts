/**
 * Trees of groups of named arrays as Zarr v3, which xarray, ArviZ and zarrita open: arrays whole, one chunk each, with the names of their dimensions.
 *
 * zarrita needs a codec by its name, a fill value and `dimension_names`; texts are of any length (`string`, `vlen-utf8`), since it does not read those of fixed length that xarray
 * writes by default. The metadata of all arrays stand at the root too ("consolidated"), so that readers need not list folders.
 *
 * Reference: Zarr core specification 3.1, https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html.
 */
import type { Json } from "../json.js";
import { sizeOf } from "../data/shape.js";
import { FileError } from "./container.js";

/** Values of an array. */
export type ZarrValues = Float32Array | Float64Array | BigInt64Array | readonly string[];

/** One array. */
export interface ZarrArray {
  readonly shape: readonly number[];
  /** The name of each axis. */
  readonly dimensions: readonly string[];
  /** In row-major order. */
  readonly data: ZarrValues;
  readonly attributes?: Readonly<Record<string, Json>>;
}

/** Arrays by name, and groups in groups. */
export interface ZarrGroup {
  readonly attributes?: Readonly<Record<string, Json>>;
  readonly arrays?: Readonly<Record<string, ZarrArray>>;
  readonly groups?: Readonly<Record<string, ZarrGroup>>;
}

type Metadata = Readonly<Record<string, unknown>>;

/**
 * The files of a tree, by their paths below its folder.
 *
 * @throws FileError where an array's values do not fill its shape, it has another number of names of axes, or a name cannot be one of a folder.
 * @example
 * const files = encodeZarr({ groups: { posterior: { arrays: { mu: { shape: [2], dimensions: ["draw"], data: Float64Array.of(1, 2) } } } } });
 */
export function encodeZarr(root: ZarrGroup): Readonly<Record<string, Uint8Array>> {
  const metadata: Record<string, Metadata> = {};
  const files: Record<string, Uint8Array> = {};
  collect(root, "", metadata, files);
  const { "": own, ...members } = metadata;
  const consolidated = { kind: "inline", must_understand: false, metadata: members };
  const text = new TextEncoder();
  for (const [path, value] of Object.entries(members)) {
    files[`${path}/zarr.json`] = text.encode(JSON.stringify(value));
  }
  files["zarr.json"] = text.encode(JSON.stringify({ ...own, consolidated_metadata: consolidated }));
  return files;
}

function collect(
  { attributes = {}, arrays = {}, groups = {} }: ZarrGroup,
  path: string,
  metadata: Record<string, Metadata>,
  files: Record<string, Uint8Array>,
): void {
  metadata[path] = { zarr_format: 3, node_type: "group", attributes };
  const below = (name: string): string => `${path}${path === "" ? "" : "/"}${checked(name)}`;
  for (const [name, array] of Object.entries(arrays)) {
    metadata[below(name)] = arrayMetadata(name, array);
    files[`${below(name)}/c${"/0".repeat(array.shape.length)}`] = bytesOf(array.data);
  }
  for (const [name, group] of Object.entries(groups)) collect(group, below(name), metadata, files);
}

/** @throws FileError where a name would be of another folder, or is the format's own. */
function checked(name: string): string {
  if (name !== "" && !/[/\\\0]|^\.+$|^__|^zarr\.json$/u.test(name)) return name;
  throw new FileError(
    `Zarr has no array or group of the name ${JSON.stringify(name)}: it must have no slash, not begin with two underscores and not be of dots alone`,
  );
}

function arrayMetadata(
  name: string,
  { shape, dimensions, data, attributes = {} }: ZarrArray,
): Metadata {
  if (dimensions.length !== shape.length || sizeOf(shape) !== data.length) {
    throw new FileError(
      `the array "${name}" is [${shape.join(", ")}] with axes ${dimensions.join(", ") || "of no name"}, but has ${data.length} values`,
    );
  }
  const { type, fill, codec } = typeOf(data);
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: type,
    chunk_grid: { name: "regular", configuration: { chunk_shape: shape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: [codec],
    fill_value: fill,
    dimension_names: dimensions,
    attributes,
  };
}

function typeOf(data: ZarrValues) {
  const codec = { name: "bytes", configuration: { endian: "little" } };
  if (data instanceof Float32Array) return { type: "float32", fill: "NaN", codec };
  if (data instanceof Float64Array) return { type: "float64", fill: "NaN", codec };
  if (data instanceof BigInt64Array) return { type: "int64", fill: 0, codec };
  return { type: "string", fill: "", codec: { name: "vlen-utf8", configuration: {} } };
}

function bytesOf(data: ZarrValues): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : textsOf(data);
}

/** How many texts there are, then each with its length in bytes before it: 32-bit little-endian numbers (numcodecs' VLenUTF8). */
function textsOf(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + 4 + length, 4));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, texts.length, true);
  let at = 4;
  for (const text of encoded) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}
