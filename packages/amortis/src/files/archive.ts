/**
 * ZIP archives from strangers: opened within bounds, and checked by the checksums they carry.
 */
import { strFromU8, unzipSync } from "fflate";

/** Largest size of all files of an archive together, unpacked, unless told: a few kilobytes can claim to hold terabytes. */
const LARGEST = 2 ** 30;

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

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

interface Entry {
  readonly name: string;
  readonly checksum: number;
  readonly size: number;
}

/** What an archive's directory says it holds. */
function readDirectory(bytes: Uint8Array): readonly Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END_OF_DIRECTORY) end--;
  if (end < 0) throw new RangeError("it is no archive");
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== DIRECTORY_ENTRY) {
      throw new RangeError("its directory cannot be read");
    }
    const length = view.getUint16(at + 28, true);
    // As the files are named when unpacked: what does not say that it is UTF-8 is Latin-1.
    const isUtf8 = (view.getUint16(at + 8, true) & 0x800) !== 0;
    entries.push({
      name: strFromU8(bytes.subarray(at + 46, at + 46 + length), !isUtf8),
      checksum: view.getUint32(at + 16, true),
      size: view.getUint32(at + 24, true),
    });
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/**
 * The files of an archive, by name.
 *
 * @param largest bytes that it may unpack to.
 * @throws Error with a few words on what is wrong: too large, or damaged.
 */
export function openArchive(
  bytes: Uint8Array,
  largest = LARGEST,
): Readonly<Record<string, Uint8Array>> {
  const entries = readDirectory(bytes);
  const size = entries.reduce((total, entry) => total + entry.size, 0);
  if (size > largest) {
    throw new RangeError(`it unpacks to ${(size / 2 ** 30).toFixed(1)} GiB, more than any should`);
  }
  const files = unzipSync(bytes);
  for (const { name, checksum } of entries) {
    const file = files[name];
    if (file === undefined || crc32(file) !== checksum) {
      throw new RangeError(`its file "${name}" is changed`);
    }
  }
  return files;
}
