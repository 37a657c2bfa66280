/**
 * DEFLATE, unpacked into room whose size is known beforehand: more than that is never written, whatever the packed bytes claim.
 *
 * Reference: Deutsch (1996), "DEFLATE Compressed Data Format Specification version 1.3", RFC 1951.
 */

const damaged = (): RangeError => new RangeError("it is not deflated as it should be");

/** Codes of a canonical Huffman tree by their next `bits` bits: the symbol, times 16, plus the bits that it takes; 0 where there is no code. */
interface Codes {
  readonly table: Uint16Array;
  readonly bits: number;
}

/** What a code stands for: a number from a first one on, by so many bits that follow. */
interface Range {
  readonly first: number;
  readonly extra: number;
}

/** Ranges one after another. */
function ranges(start: number, extras: readonly number[]): readonly Range[] {
  let next = start;
  return extras.map((extra) => {
    const first = next;
    next += 1 << extra;
    return { first, extra };
  });
}

/** Lengths of copies, of the symbols from 257 on; the last is 258 alone. */
const LENGTHS = [
  ...ranges(
    3,
    Array.from({ length: 28 }, (_, i) => Math.max(0, (i >> 2) - 1)),
  ),
  { first: 258, extra: 0 },
];

/** How far back copies are from. */
const DISTANCES = ranges(
  1,
  Array.from({ length: 30 }, (_, i) => Math.max(0, (i >> 1) - 1)),
);

/** In this order lengths of codes for lengths of codes are written. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The codes of symbols whose codes have these lengths, 0 for none. */
function codesOf(lengths: readonly number[]): Codes {
  const bits = Math.max(1, ...lengths);
  const table = new Uint16Array(1 << bits);
  let code = 0;
  for (let length = 1; length <= bits; length++) {
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      if (code >= 1 << length) throw damaged();
      for (let at = reversed(code, length); at < table.length; at += 1 << length)
        table[at] = (symbol << 4) | length;
      code++;
    }
    code <<= 1;
  }
  return { table, bits };
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let i = 0; i < length; i++) result |= ((code >> i) & 1) << (length - 1 - i);
  return result;
}

const repeated = (times: number, value: number): readonly number[] =>
  Array<number>(times).fill(value);

/** The codes of blocks that bring none. */
const FIXED = {
  literals: codesOf([
    ...repeated(144, 8),
    ...repeated(112, 9),
    ...repeated(24, 7),
    ...repeated(8, 8),
  ]),
  distances: codesOf(repeated(30, 5)),
};

/** Packed bytes, bit by bit. */
class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** At least 17 of the bits that follow. */
  #ahead(): number {
    const [bytes, at] = [this.#bytes, this.#at >> 3];
    const three = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    return three >> (this.#at & 7);
  }

  #pass(count: number): void {
    this.#at += count;
    if (this.#at > 8 * this.#bytes.length) throw damaged();
  }

  /** A number of so many bits. */
  take(count: number): number {
    const value = this.#ahead() & ((1 << count) - 1);
    this.#pass(count);
    return value;
  }

  symbol({ table, bits }: Codes): number {
    const found = table[this.#ahead() & ((1 << bits) - 1)] ?? 0;
    if (found === 0) throw damaged();
    this.#pass(found & 15);
    return found >> 4;
  }

  /** A number in one of the ranges. */
  within(among: readonly Range[], which: number): number {
    const range = among[which];
    if (range === undefined) throw damaged();
    return range.first + this.take(range.extra);
  }

  /** Whole bytes, from the next one on. */
  whole(count: number): Uint8Array {
    const start = (this.#at + 7) >> 3;
    this.#at = 8 * start;
    this.#pass(8 * count);
    return this.#bytes.subarray(start, start + count);
  }
}

/**
 * What packed bytes unpack to.
 *
 * @param size bytes of it.
 * @throws RangeError where they are damaged, or unpack to another size.
 */
export function inflate(packed: Uint8Array, size: number): Uint8Array {
  const bits = new Bits(packed);
  const file = new Uint8Array(size);
  let length = 0;
  for (let isLast = false; !isLast;) {
    isLast = bits.take(1) === 1;
    const kind = bits.take(2);
    if (kind === 3) throw damaged();
    length =
      kind === 0
        ? copyStored(bits, file, length)
        : unpackBlock(bits, kind === 1 ? FIXED : readCodes(bits), file, length);
  }
  if (length !== size) throw damaged();
  return file;
}

/** A block that is as it was. */
function copyStored(bits: Bits, file: Uint8Array, length: number): number {
  const [low = 0, high = 0, notLow = 0, notHigh = 0] = bits.whole(4);
  const count = low | (high << 8);
  if ((count ^ (notLow | (notHigh << 8))) !== 0xffff || length + count > file.length)
    throw damaged();
  file.set(bits.whole(count), length);
  return length + count;
}

/** The codes that a block brings. */
function readCodes(bits: Bits): typeof FIXED {
  const [literals, distances, kinds] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  const own = Array<number>(ORDER.length).fill(0);
  for (const place of ORDER.slice(0, kinds)) own[place] = bits.take(3);
  const codes = codesOf(own);
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const kind = bits.symbol(codes);
    if (kind < 16) lengths.push(kind);
    else if (kind > 16)
      lengths.push(...repeated(kind === 17 ? 3 + bits.take(3) : 11 + bits.take(7), 0));
    else lengths.push(...repeated(3 + bits.take(2), lengths.at(-1) ?? 0));
  }
  if (lengths.length > literals + distances) throw damaged();
  return {
    literals: codesOf(lengths.slice(0, literals)),
    distances: codesOf(lengths.slice(literals)),
  };
}

/** A block of bytes and copies of what was before. */
function unpackBlock(
  bits: Bits,
  { literals, distances }: typeof FIXED,
  file: Uint8Array,
  start: number,
): number {
  let length = start;
  for (;;) {
    const symbol = bits.symbol(literals);
    if (symbol === 256) return length;
    if (symbol < 256) {
      if (length === file.length) throw damaged();
      file[length++] = symbol;
      continue;
    }
    const end = length + bits.within(LENGTHS, symbol - 257);
    const distance = bits.within(DISTANCES, bits.symbol(distances));
    if (distance > length || end > file.length) throw damaged();
    for (; length < end; length++) file[length] = file[length - distance] ?? 0;
  }
}
