/**
 * NumPy's .npz files: ZIP archives of .npy files.
 */
import { zipSync } from "fflate";
import { openArchive } from "./archive.js";
import type { ArrayData } from "../data/array-data.js";
import { FileError } from "./container.js";
import { encodeNpy, parseNpy } from "./npy.js";

/** Bytes that an archive of data may unpack to, unless told: a small file must not fill all memory. */
const LARGEST = 2 ** 32;

/**
 * Reads a .npz archive: its arrays by name. NumPy, Julia, R and others write them in several ways; all are read but those of more than
 * 4 GiB.
 *
 * @param largest bytes that it may unpack to; 4 GiB by default.
 * @throws FileError where the bytes are no such archive, or damaged.
 * @example const { z } = parseNpz(bytes);
 */
export function parseNpz(
  bytes: Uint8Array,
  what = "the .npz file",
  largest = LARGEST,
): Readonly<Record<string, ArrayData>> {
  const arrays = unpackArrays(bytes, what, largest);
  if (arrays.length === 0) throw new FileError(`${what} holds no arrays`);
  return Object.fromEntries(
    arrays.map(([file, content]) => {
      const name = file.slice(0, -".npy".length);
      return [name, parseNpy(content, `the array "${name}" of ${what}`)];
    }),
  );
}

function unpackArrays(
  bytes: Uint8Array,
  what: string,
  largest: number,
): readonly (readonly [string, Uint8Array])[] {
  try {
    const archive = openArchive(bytes, { largest });
    const names = [...archive.sizes.keys()].filter((name) => name.endsWith(".npy"));
    return names.map((name) => [name, archive.read(name)] as const);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(`${what} is damaged, or no .npz file: ${detail}`, { cause });
  }
}

/**
 * Arrays as a .npz archive, float32 or float64 each.
 *
 * @throws FileError where a shape does not fit its numbers.
 * @example await writeBytes("draws.npz", encodeNpz({ mu: { shape: [2], data: Float64Array.of(0.1, 0.2) } }));
 */
export function encodeNpz(arrays: Readonly<Record<string, ArrayData>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]);
  return zipSync(Object.fromEntries(files) as Record<string, Uint8Array>, { level: 1 });
}
