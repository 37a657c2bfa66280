/**
 * Data from files, whichever their format.
 */
import { addressText, type Address } from "../address.js";
import type { ArrayData, FileArrays, Note } from "../data/array-data.js";
import { readBytes, writeBytes } from "./bytes.js";
import { FileError } from "./container.js";
import { parseCsv } from "./csv.js";
import { parseJson } from "./json-arrays.js";
import { encodeNpy, looksLikeNpy, parseNpy } from "./npy.js";
import { parseNpz } from "./npz.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How data are read. */
export interface ReadOptions {
  /** Is told how something was read that could have meant something else; by default it is printed as a warning. */
  readonly onNote?: Note;
  /** Bytes that an archive (.npz) may unpack to; 4 GiB by default. */
  readonly largest?: number;
}

const KNOWN: KnownOptions<ReadOptions> = {
  onNote: true,
  largest: true,
};

/**
 * Reads data from a file's bytes: .npy, .npz, .csv or .json, by its name, or by what it looks like where the name says nothing.
 *
 * @param name of the file, for its format and for messages.
 * @throws FileError where the bytes are damaged, or of no such format.
 * @example matchData(estimator.dataSpecs, parseData(new Uint8Array(await file.arrayBuffer()), file.name));
 */
export function parseData(bytes: Uint8Array, name: string, options: ReadOptions = {}): FileArrays {
  requireKnown("parseData", options, KNOWN);
  const { onNote, largest } = options;
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  if (bytes.length === 0) throw new FileError(`${name} is empty`);
  if (extension === "npy" || looksLikeNpy(bytes)) return parseNpy(bytes, name);
  if (extension === "npz" || (bytes[0] === 0x50 && bytes[1] === 0x4b)) {
    return parseNpz(bytes, name, largest);
  }
  const text = decode(bytes, name);
  if (extension === "json") return parseJson(text, name);
  if (["csv", "tsv", "txt", "dat"].includes(extension)) return parseCsv(text, name, onNote);
  return /^\s*[[{]/.test(text) ? parseJson(text, name) : parseCsv(text, name, onNote);
}

/** Whether bytes start like a Parquet file. */
function looksLikeParquet(bytes: Uint8Array): boolean {
  return [0x50, 0x41, 0x52, 0x31].every((byte, i) => bytes[i] === byte);
}

/** No longer text fits a string. */
const LONGEST_TEXT = 2 ** 29 - 24;

function decode(bytes: Uint8Array, name: string): string {
  if (bytes.length > LONGEST_TEXT) {
    throw new FileError(
      `${name} is a text of ${(bytes.length / 2 ** 20).toFixed(0)} MiB, more than can be read: save it as .npy or .npz`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FileError(`${name} is neither .npy, .npz, nor text: .csv or .json`, { cause });
  }
}

/**
 * Reads data from a file, or a URL: .npy, .npz, .parquet, .csv or .json.
 *
 * @throws FileError where it cannot be read.
 * @example await posterior.given(await readData("fields.npy"));
 */
export async function readData(source: Address, options: ReadOptions = {}): Promise<FileArrays> {
  requireKnown("readData", options, KNOWN);
  const [bytes, name] = [await readBytes(source), addressText(source)];
  // Its reader is imported when there is a file to read.
  if (/\.parquet$/iu.test(name) || looksLikeParquet(bytes)) {
    const { parseParquet } = await import("./parquet.js");
    return parseParquet(bytes, name, options.onNote);
  }
  return parseData(bytes, name, options);
}

/**
 * Writes an array as a .npy file, float32 or float64.
 *
 * @throws FileError where it cannot be written.
 */
export async function writeNpy(path: string, array: ArrayData): Promise<void> {
  await writeBytes(path, encodeNpy(array));
}
