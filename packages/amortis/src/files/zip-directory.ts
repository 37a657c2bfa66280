/**
 * The directory of a ZIP archive, and what its local headers say, which must be the same: readers that believe the one are not to be shown
 * other files than readers that believe the other.
 *
 * Reference: PKWARE, APPNOTE.TXT, ".ZIP File Format Specification", 6.3.10.
 */

/** A file of an archive, whose directory and local header agree. */
export interface Entry {
  readonly name: string;
  readonly checksum: number;
  /** Bytes unpacked. */
  readonly size: number;
  /** Its bytes as they are packed. */
  readonly packed: Uint8Array;
  readonly deflated: boolean;
}

/** How strict an archive is looked at. */
export interface Strictness {
  /**
   * Whether it must be as plain as this library writes it: files end to end from the first byte to the directory, and nothing else, with
   * sizes in their headers. NumPy and others write 64-bit sizes into local headers, or sizes after the files.
   */
  readonly plain: boolean;
}

const END = { signature: 0x06054b50, bytes: 22 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const ZIP64_LOCATOR = { signature: 0x07064b50, bytes: 20 };

const UTF8 = 0x800;
const SIZES_AFTER = 0x8;
/** How well it was deflated, which nobody needs to know. */
const DEFLATE_LEVEL = 0x6;
const ALL_ONES = 0xffffffff;

const problem = (message: string): RangeError => new RangeError(message);

/**
 * The files of an archive, in the order of its directory.
 *
 * @throws RangeError with a few words on what is wrong.
 */
export function readDirectory(bytes: Uint8Array, { plain }: Strictness): readonly Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  const locator = end - ZIP64_LOCATOR.bytes;
  if (locator >= 0 && view.getUint32(locator, true) === ZIP64_LOCATOR.signature) {
    throw problem("it is an archive of more than 4 GiB or 65,535 files (ZIP64)");
  }
  if (view.getUint32(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    throw problem("it is part of an archive of several");
  }
  if (end + END.bytes + view.getUint16(end + 20, true) !== bytes.length) {
    throw problem("its end is not where its directory says");
  }
  if (plain && end + END.bytes !== bytes.length) throw problem("it has a comment");
  if (start + size !== end) throw problem("its directory is not where it says");
  const found = readEntries(view, start, end, count, plain);
  requireApart(found, start, plain);
  return found.map((one) => one.entry);
}

/** Where the end record begins: the last place that looks like one. */
function findEnd(view: DataView): number {
  // Its comment is of 65,535 bytes at most.
  const least = Math.max(0, view.byteLength - END.bytes - 0xffff);
  for (let at = view.byteLength - END.bytes; at >= least; at--) {
    if (view.getUint32(at, true) === END.signature) return at;
  }
  throw problem("it is no archive");
}

/** An entry, and the bytes [from, to) that it takes with its header. */
interface Found {
  readonly entry: Entry;
  readonly from: number;
  readonly to: number;
  /** Whether its sizes follow it, which takes bytes that no header counts. */
  readonly open: boolean;
  /** Bytes of further fields and comments, in the directory and in its header. */
  readonly extra: number;
}

function readEntries(
  view: DataView,
  start: number,
  end: number,
  count: number,
  plain: boolean,
): readonly Found[] {
  const found: Found[] = [];
  const names = new Set<string>();
  let at = start;
  while (at < end) {
    const next = readCentral(view, at, end, start);
    const { name } = next.found.entry;
    if (plain && next.found.extra > 0) {
      throw problem(`its file ${JSON.stringify(name)} has fields beside it`);
    }
    if (names.has(name)) throw problem(`it holds ${JSON.stringify(name)} twice`);
    names.add(name);
    found.push(next.found);
    at = next.at;
  }
  if (found.length !== count) {
    throw problem(`its directory has ${found.length} files, but says it has ${count}`);
  }
  return found;
}

/** One record of the directory, with the local header that it points to. */
function readCentral(
  view: DataView,
  at: number,
  end: number,
  start: number,
): { readonly found: Found; readonly at: number } {
  if (at + CENTRAL.bytes > end || view.getUint32(at, true) !== CENTRAL.signature) {
    throw problem("its directory cannot be read");
  }
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const packedSize = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const nameLength = view.getUint16(at + 28, true);
  const fields = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  const next = at + CENTRAL.bytes + nameLength + fields;
  if (next > end) throw problem("its directory cannot be read");
  const named = bytesAt(view, at + CENTRAL.bytes, nameLength);
  const name = nameOf(named, (flags & UTF8) !== 0);
  const file = `its file ${JSON.stringify(name)}`;
  if ((flags & ~(UTF8 | SIZES_AFTER | DEFLATE_LEVEL)) !== 0) throw problem(`${file} is encrypted`);
  if (method !== 0 && method !== 8) throw problem(`${file} is packed by method ${method}`);
  if (method === 0 && size !== packedSize) throw problem(`${file} has two sizes`);
  const from = view.getUint32(at + 42, true);
  if (from + LOCAL.bytes > start || view.getUint32(from, true) !== LOCAL.signature) {
    throw problem(`${file} is not where its directory says`);
  }
  const body = checkLocal(view, from, at, named, file);
  const to = body + packedSize;
  if (to > start) throw problem(`${file} does not end before the directory`);
  const entry: Entry = {
    name,
    checksum: view.getUint32(at + 16, true),
    size,
    packed: bytesAt(view, body, packedSize),
    deflated: method === 8,
  };
  const extra = fields + view.getUint16(from + 28, true);
  return { found: { entry, from, to, open: (flags & SIZES_AFTER) !== 0, extra }, at: next };
}

/** A name of bytes: in UTF-8, or else each a letter of Latin-1. */
function nameOf(bytes: Uint8Array, isUnicode: boolean): string {
  return isUnicode ? new TextDecoder().decode(bytes) : String.fromCharCode(...bytes);
}

function bytesAt(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

/**
 * Where a file begins, after a local header that says the same as the directory.
 *
 * @param at of the header; `central` of the directory's record.
 */
function checkLocal(
  view: DataView,
  at: number,
  central: number,
  named: Uint8Array,
  file: string,
): number {
  const nameLength = view.getUint16(at + 26, true);
  const extraLength = view.getUint16(at + 28, true);
  const body = at + LOCAL.bytes + nameLength + extraLength;
  if (body > central) throw problem(`${file} does not end before the directory`);
  const same =
    view.getUint32(at + 6, true) === view.getUint32(central + 8, true) &&
    nameLength === named.length &&
    bytesAt(view, at + LOCAL.bytes, nameLength).every((byte, i) => byte === named[i]);
  if (!same) throw problem(`${file} is another in its own header`);
  if ((view.getUint16(at + 6, true) & SIZES_AFTER) !== 0) return body;
  const [checksum, packed, size] = [14, 18, 22].map((offset) => view.getUint32(at + offset, true));
  const wide =
    packed === ALL_ONES && size === ALL_ONES
      ? wideSizes(view, at + LOCAL.bytes + nameLength, body)
      : { packed, size };
  const agrees =
    checksum === view.getUint32(central + 16, true) &&
    wide?.packed === view.getUint32(central + 20, true) &&
    wide.size === view.getUint32(central + 24, true);
  if (!agrees) throw problem(`${file} has another size or checksum in its own header`);
  return body;
}

/** Sizes of 64 bits among the extra fields [at, end) of a local header, as NumPy writes them. */
function wideSizes(
  view: DataView,
  at: number,
  end: number,
): { readonly packed: number; readonly size: number } | undefined {
  while (at + 4 <= end) {
    const [kind, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (kind === 1 && length >= 16 && at + 4 + length <= end) {
      return {
        size: Number(view.getBigUint64(at + 4, true)),
        packed: Number(view.getBigUint64(at + 12, true)),
      };
    }
    at += 4 + length;
  }
  return undefined;
}

/** @throws RangeError where files share bytes, or bytes that must be plain are of no file. */
function requireApart(found: readonly Found[], start: number, plain: boolean): void {
  let last = 0;
  for (const { entry, from, to, open } of found.toSorted((a, b) => a.from - b.from)) {
    const file = `its file ${JSON.stringify(entry.name)}`;
    if (from < last) throw problem(`${file} lies within another`);
    if (plain && (from > last || open))
      throw problem(`there are bytes of no file before or after ${file}`);
    last = to;
  }
  if (plain && last !== start) throw problem("there are bytes of no file before its directory");
}
