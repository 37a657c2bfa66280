/**
 * Random streams that split, of uniform and normal numbers; streams of other distributions are in `stream.ts`.
 *
 * A stream is a key; its draws are the images of 0, 1, 2, ... Splitting makes another key from a name or a number, by a part of
 * the counter space that draws never reach: a child does not depend on how much its parent has drawn, nor on the order of
 * splits. So simulation i can use `root.split("simulation").split(i)` on any thread.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { threefry } from "./threefry.js";
import { EDGE, INNER, TAIL } from "./ziggurat.js";

const TWO_53 = 2 ** -53;
const SPLIT_BY_NUMBER = 0x80000000;
const SPLIT_BY_NAME = 0xc0000000;

const scratch = new Uint32Array(2);

/** Room for blocks made ahead, which whoever makes them draws to the end: 64, 16 or 4 of them. */
const AHEAD = [128, 32, 8].map((words) => new Uint32Array(words));

/** What a stream is: two words of 32 bits. */
export type Key = readonly [number, number];

/** A 62-bit hash of text, by chaining blocks of the generator itself. */
function hashText(text: string): readonly [number, number] {
  let h0 = 0x6a09e667;
  let h1 = text.length;
  for (let i = 0; i < text.length; i++) {
    threefry(h0, h1, text.charCodeAt(i), i, scratch);
    h0 = (scratch[0] ?? 0) | 0;
    h1 = (scratch[1] ?? 0) | 0;
  }
  return [h0, h1];
}

function checkIndex(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError(
      `${what} must be a whole number from 0 to 2^53 - 1, or text, but ${value} was given`,
    );
  }
}

/** The number in [0, 1) of 53 bits of a block. */
function toUniform(a: number, b: number): number {
  return ((a >>> 5) * 67108864 + (b >>> 6)) * TWO_53;
}

/** The ziggurat's layer, by bits that the uniform number leaves over. */
function layerOf(a: number, b: number): number {
  return (a & 31) | ((b & 3) << 5);
}

/** A stream of uniform and normal numbers: reproducible to the bit, whatever the thread. */
export class Noise {
  readonly #k0: number;
  readonly #k1: number;
  readonly #out = new Uint32Array(2);
  /** Where blocks are drawn from, and the place of the next one. */
  #words = this.#out;
  #at = 2;
  #low = 0;
  #high = 0;
  #spare = -1;

  /** Streams are made of seeds, and by `split`. */
  constructor([k0, k1]: Key) {
    this.#k0 = k0 | 0;
    this.#k1 = k1 | 0;
  }

  /**
   * A stream of its own for a name or a number; the same key gives the same stream, and draws of the parent do not matter.
   *
   * @throws InvalidArgumentError where a number is negative or not whole.
   * @example stream(1).split("simulation").split(41)
   */
  split(key: string | number): Noise {
    return new Noise(this.keyOf(key));
  }

  /** The key of a stream that splits off. */
  protected keyOf(key: string | number): Key {
    let c0: number;
    let c1: number;
    if (typeof key === "string") {
      const [h0, h1] = hashText(key);
      c0 = h0;
      c1 = h1 | SPLIT_BY_NAME;
    } else {
      checkIndex(key, "a key to split by");
      c0 = key | 0;
      c1 = Math.floor(key / 2 ** 32) | SPLIT_BY_NUMBER;
    }
    threefry(this.#k0, this.#k1, c0, c1, scratch);
    return [scratch[0] ?? 0, scratch[1] ?? 0];
  }

  /** The place in `#words` of the next block. */
  #block(): number {
    if (this.#at === this.#words.length) this.#makeBlocks(this.#out);
    const at = this.#at;
    this.#at = at + 2;
    return at;
  }

  #makeBlocks(words: Uint32Array<ArrayBuffer>): void {
    threefry(this.#k0, this.#k1, this.#low, this.#high, words);
    const blocks = words.length / 2;
    this.#low = (this.#low + blocks) | 0;
    if (this.#low >>> 0 < blocks) this.#high++;
    this.#words = words;
    this.#at = 0;
  }

  /** A whole number in [0, 2^32). */
  uint32(): number {
    if (this.#spare >= 0) {
      const value = this.#spare;
      this.#spare = -1;
      return value;
    }
    const at = this.#block();
    this.#spare = this.#words[at + 1] ?? 0;
    return this.#words[at] ?? 0;
  }

  /** A number in [0, 1), of 53 random bits. */
  uniform(): number {
    const at = this.#block();
    return toUniform(this.#words[at] ?? 0, this.#words[at + 1] ?? 0);
  }

  /** A number in (0, 1): safe to take the logarithm of. */
  positive(): number {
    for (;;) {
      const u = this.uniform();
      if (u > 0) return u;
    }
  }

  /** A standard normal draw, by the ziggurat. */
  normal(): number {
    const at = this.#block();
    return this.#normalOf(this.#words[at] ?? 0, this.#words[at + 1] ?? 0);
  }

  /** A standard normal draw from a block and, where it is turned down, those after it. */
  #normalOf(a: number, b: number): number {
    for (;;) {
      const u = 2 * toUniform(a, b) - 1;
      const layer = layerOf(a, b);
      const edge = EDGE[layer] ?? 0;
      if (Math.abs(u) < (INNER[layer] ?? 0)) return u * edge;
      if (layer === 0) return this.#tail(u < 0);
      const x = u * edge;
      const next = EDGE[layer + 1] ?? 0;
      const f0 = Math.exp(-0.5 * (edge * edge - x * x));
      const f1 = Math.exp(-0.5 * (next * next - x * x));
      if (f1 + this.uniform() * (f0 - f1) < 1) return x;
      const at = this.#block();
      a = this.#words[at] ?? 0;
      b = this.#words[at + 1] ?? 0;
    }
  }

  /** Beyond the last layer (Marsaglia 1964). */
  #tail(negative: boolean): number {
    for (;;) {
      const x = Math.log(this.positive()) / TAIL;
      const y = Math.log(this.positive());
      if (-2 * y >= x * x) return negative ? x - TAIL : TAIL - x;
    }
  }

  /**
   * Fills an array with uniform numbers in [0, 1): the same as so many calls of `uniform`, of which single precision keeps the 24
   * leading bits, so that it stays below 1.
   */
  fillUniform(values: Float32Array | Float64Array): void {
    const single = values instanceof Float32Array;
    for (let i = 0; i < values.length; i++) {
      const u = this.uniform();
      // Rounding to single precision could give 1: keep the 24 leading bits instead.
      values[i] = single ? Math.floor(u * 16777216) / 16777216 : u;
    }
  }

  /** Fills an array with standard normal draws: the same as so many calls of `normal`. */
  fillNormal(values: Float32Array | Float64Array): void {
    let i = 0;
    while (i < values.length) {
      const left = values.length - i;
      // A number takes one block or more, so that none of those made ahead is left over.
      const words = AHEAD.find(({ length }) => length <= 2 * left);
      if (words === undefined || this.#at < this.#words.length) values[i++] = this.normal();
      else i = this.#fillFrom(words, values, i);
    }
  }

  /** Fills from place i on with the blocks that fit `words`; the place after. Nearly all numbers are found here, without a call. */
  #fillFrom(
    words: Uint32Array<ArrayBuffer>,
    values: Float32Array | Float64Array,
    i: number,
  ): number {
    this.#makeBlocks(words);
    for (let at = 0; at < words.length && this.#words === words; i++) {
      const a = words[at] ?? 0;
      const b = words[at + 1] ?? 0;
      at += 2;
      const u = 2 * toUniform(a, b) - 1;
      const layer = layerOf(a, b);
      if (Math.abs(u) < (INNER[layer] ?? 0)) values[i] = u * (EDGE[layer] ?? 0);
      else {
        this.#at = at;
        values[i] = this.#normalOf(a, b);
        at = this.#at;
      }
    }
    this.#words = this.#out;
    this.#at = 2;
    return i;
  }
}

/**
 * The key of a seed.
 *
 * @throws InvalidArgumentError where a number is negative or not whole.
 */
export function seedKey(seed: number | bigint | string): Key {
  if (typeof seed === "string") {
    const [h0, h1] = hashText(seed);
    threefry(0x3c6ef372, 0x54ff53a5, h0, h1, scratch);
  } else if (typeof seed === "bigint") {
    if (seed < 0n || seed >= 2n ** 64n) {
      throw new InvalidArgumentError(`a seed must be from 0 to 2^64 - 1, but ${seed} was given`);
    }
    threefry(0x243f6a88, 0x05a308d3, Number(seed & 0xffffffffn), Number(seed >> 32n), scratch);
  } else {
    checkIndex(seed, "a seed");
    threefry(0x243f6a88, 0x05a308d3, seed | 0, Math.floor(seed / 2 ** 32), scratch);
  }
  return [scratch[0] ?? 0, scratch[1] ?? 0];
}
