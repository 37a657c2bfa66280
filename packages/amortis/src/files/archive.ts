/**
 * ZIP archives from strangers: what is unpacked is what was checked, within bounds, and by the checksums that they carry.
 */
import { inflate } from "./inflate.js";
import { readDirectory, type Entry, type Strictness } from "./zip-directory.js";

/** Largest size of all files of an archive together, unpacked, unless told: a few kilobytes can claim to hold terabytes. */
export const LARGEST_ARCHIVE = 2 ** 30;

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = (c & 1) === 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of bytes, as ZIP has it. */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = (table[(c ^ byte) & 255] ?? 0) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** How an archive is opened. */
export interface ArchiveOptions extends Partial<Strictness> {
  /** Bytes that all its files may unpack to together; 1 GiB by default. */
  readonly largest?: number;
}

/** The files of an archive, unpacked when they are asked for. */
export interface Archive {
  /** Bytes of each file, by name. */
  readonly sizes: ReadonlyMap<string, number>;
  /**
   * A file's bytes.
   *
   * @throws RangeError with a few words on what is wrong: there is none, or it is changed.
   */
  read(name: string): Uint8Array;
}

/**
 * Opens an archive, and unpacks nothing yet.
 *
 * @throws RangeError with a few words on what is wrong: too large, or damaged.
 */
export function openArchive(
  bytes: Uint8Array,
  { largest = LARGEST_ARCHIVE, plain = false }: ArchiveOptions = {},
): Archive {
  const entries = new Map(readDirectory(bytes, { plain }).map((entry) => [entry.name, entry]));
  const sizes = new Map([...entries].map(([name, { size }]) => [name, size]));
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);
  if (total > largest) {
    throw new RangeError(
      `it unpacks to ${inWords(total)}, and ${inWords(largest)} are the most that is read`,
    );
  }
  return {
    sizes,
    read: (name) => {
      const entry = entries.get(name);
      if (entry === undefined) throw new RangeError(`it has no file ${JSON.stringify(name)}`);
      return unpack(entry);
    },
  };
}

/** A number of bytes as people read it. */
function inWords(bytes: number): string {
  const [unit, size] = bytes >= 2 ** 30 ? (["GiB", 2 ** 30] as const) : (["MiB", 2 ** 20] as const);
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}

function unpack({ name, checksum, size, packed, deflated }: Entry): Uint8Array {
  const file = deflated ? inflated(packed, size) : packed;
  if (file?.length === size && crc32(file) === checksum) return file;
  throw new RangeError(`its file ${JSON.stringify(name)} is changed`);
}

/** What packed bytes unpack to; undefined where that is not `size` bytes. */
function inflated(packed: Uint8Array, size: number): Uint8Array | undefined {
  try {
    return inflate(packed, size);
  } catch {
    return undefined;
  }
}
