/**
 * Apache Parquet: data frames as columns, by `hyparquet` and `hyparquet-writer`, which are imported when they are asked for.
 */
import { gunzipSync } from "fflate";
import { fromNested, type ArrayData, type Note } from "../data/array-data.js";
import { FileError } from "./container.js";

/**
 * Reads the columns of numbers of a Parquet file: each [n], or [n, m] where it has lists of one length. Integers and booleans become numbers, and what is null
 * NaN. Columns of anything else are left out.
 *
 * @param what how to call the file in messages.
 * @param onNote is told which columns were left out.
 * @throws FileError where the bytes are damaged, no Parquet file, or compressed by anything but Snappy and gzip.
 * @example const { mu, y } = await parseParquet(bytes);
 */
export async function parseParquet(
  bytes: Uint8Array,
  what = "the .parquet file",
  onNote: Note = console.warn,
): Promise<Readonly<Record<string, ArrayData>>> {
  const { parquetMetadata, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const file = new Uint8Array(bytes).buffer;
  const arrays: Record<string, ArrayData> = {};
  const others: string[] = [];
  try {
    const metadata = parquetMetadata(file);
    const compressors = { GZIP: (input: Uint8Array) => gunzipSync(input) };
    for (const { element } of parquetSchema(metadata).children) {
      const { name } = element;
      const rows = await parquetReadObjects({ file, metadata, compressors, columns: [name] });
      const values = rows.map((row): unknown => asNumber(row[name]));
      const array = numbersOf(values, name);
      if (array === undefined) others.push(name);
      else arrays[name] = array;
    }
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(
      `${what} cannot be read: ${reason}; it must be a Parquet file, compressed by Snappy, by gzip or not at all`,
      { cause },
    );
  }
  if (others.length > 0) onNote(`${what}: left out what is no number: ${others.join(", ")}`);
  return arrays;
}

/** Numbers, and lists of them, as numbers; anything else as it is. */
function asNumber(value: unknown): unknown {
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  if (value === null || value === undefined) return Number.NaN;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value;
  return Array.isArray(value) ? value.map(asNumber) : value;
}

function numbersOf(values: readonly unknown[], name: string): ArrayData | undefined {
  const isNumbers = (value: unknown): boolean =>
    typeof value === "number" ||
    ArrayBuffer.isView(value) ||
    (Array.isArray(value) && value.every(isNumbers));
  if (!values.every(isNumbers)) return undefined;
  return fromNested(values, `the column "${name}"`);
}

/**
 * Columns of numbers as a Parquet file, compressed by Snappy: float32 where they are Float32Arrays, otherwise float64.
 *
 * @throws FileError where they differ in length, or there are none.
 * @example await writeBytes("draws.parquet", await encodeParquet({ mu: Float64Array.of(0.1, 0.2) }));
 */
export async function encodeParquet(
  columns: Readonly<Record<string, Float32Array | Float64Array>>,
): Promise<Uint8Array> {
  const lengths = new Set(Object.values(columns).map(({ length }) => length));
  if (lengths.size !== 1) {
    throw new FileError(
      `columns of a Parquet file must be of one length, but have ${[...lengths].join(", ") || "none"}`,
    );
  }
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const buffer = parquetWriteBuffer({
    columnData: Object.entries(columns).map(([name, data]) => ({
      name,
      data,
      type: data instanceof Float32Array ? ("FLOAT" as const) : ("DOUBLE" as const),
      nullable: false,
    })),
  });
  return new Uint8Array(buffer);
}
