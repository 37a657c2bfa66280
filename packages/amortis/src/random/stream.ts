/**
 * Random streams that split.
 *
 * A stream is a key; its draws are the images of 0, 1, 2, ... Splitting makes another key from a name or a number, by a part of
 * the counter space that draws never reach: a child does not depend on how much its parent has drawn, nor on the order of
 * splits. So simulation i can use `root.split("simulation").split(i)` on any thread.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { binomial, poisson } from "./discrete.js";
import { beta, gamma } from "./gamma.js";
import { threefry } from "./threefry.js";
import { EDGE, INNER, TAIL } from "./ziggurat.js";

const TWO_53 = 2 ** -53;
const SPLIT_BY_NUMBER = 0x80000000;
const SPLIT_BY_NAME = 0xc0000000;

const scratch = new Uint32Array(2);

/** Room for blocks made ahead, which whoever makes them draws to the end: 64, 16 or 4 of them. */
const AHEAD = [128, 32, 8].map((words) => new Uint32Array(words));

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

/** A stream of random numbers: reproducible to the bit, whatever the thread. */
export class Stream {
  readonly #k0: number;
  readonly #k1: number;
  readonly #out = new Uint32Array(2);
  /** Where blocks are drawn from, and the place of the next one. */
  #words = this.#out;
  #at = 2;
  #low = 0;
  #high = 0;
  #spare = -1;

  /** Streams are made by `stream` and `split`. */
  constructor(k0: number, k1: number) {
    this.#k0 = k0 | 0;
    this.#k1 = k1 | 0;
  }

  /**
   * A stream of its own for a name or a number; the same key gives the same stream, and draws of the parent do not matter.
   *
   * @throws InvalidArgumentError where a number is negative or not whole.
   * @example stream(1).split("simulation").split(41)
   */
  split(key: string | number): Stream {
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
    return new Stream(scratch[0] ?? 0, scratch[1] ?? 0);
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

  /** An exponential draw of mean one. */
  exponential(): number {
    return -Math.log(this.positive());
  }

  /**
   * A whole number in [0, n), each equally likely (by rejection).
   *
   * @throws InvalidArgumentError unless n is whole, from 1 to 2^32.
   */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new InvalidArgumentError(
        `integer(n) needs a whole n from 1 to 2^32, but ${n} was given`,
      );
    }
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const value = this.uint32();
      if (value < limit) return value % n;
    }
  }

  /**
   * 0, ..., n - 1 in random order (Fisher & Yates).
   *
   * @throws InvalidArgumentError unless n is whole, from 0 to 2^32 - 1.
   */
  permutation(n: number): Uint32Array {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 32) {
      throw new InvalidArgumentError(
        `permutation(n) needs a whole n from 0 to 2^32 - 1, but ${n} was given`,
      );
    }
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
    return order;
  }

  /**
   * A gamma draw of a shape and unit scale (Marsaglia & Tsang 2000). It underflows to zero for shapes below about 0.01.
   *
   * @throws InvalidArgumentError unless the shape is positive and finite.
   */
  gamma(shape: number): number {
    return gamma(this, shape);
  }

  /**
   * A beta draw; where a shape is small it may round to 0 or 1.
   *
   * @throws InvalidArgumentError unless both shapes are positive and finite.
   */
  beta(a: number, b: number): number {
    return beta(this, a, b);
  }

  /**
   * A Poisson draw.
   *
   * @throws InvalidArgumentError unless the mean is finite and at least 0.
   */
  poisson(mean: number): number {
    return poisson(this, mean);
  }

  /**
   * A binomial draw: successes in n trials of probability p.
   *
   * @throws InvalidArgumentError unless n is whole and at least 0, and p within [0, 1].
   */
  binomial(n: number, p: number): number {
    return binomial(this, n, p);
  }

  /**
   * An index with probability proportional to its weight.
   *
   * @throws InvalidArgumentError unless the weights are at least 0 and add up to a positive number.
   */
  categorical(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i] ?? Number.NaN;
      if (!(weight >= 0)) {
        throw new InvalidArgumentError(`weights must be at least 0, but weight ${i} is ${weight}`);
      }
      total += weight;
    }
    if (!(total > 0 && Number.isFinite(total))) {
      throw new InvalidArgumentError(
        `weights must add up to a positive number, but they add up to ${total}`,
      );
    }
    let left = this.uniform() * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i] ?? 0;
      if (weight > 0) last = i;
      left -= weight;
      if (left < 0 && weight > 0) return i;
    }
    return last;
  }

  /**
   * A multivariate normal draw.
   *
   * @param mean [d]
   * @param factor lower Cholesky factor of the covariance, [d, d] row-major.
   * @throws InvalidArgumentError where the factor does not fit the mean.
   */
  multivariateNormal(mean: ArrayLike<number>, factor: ArrayLike<number>): Float64Array {
    const d = mean.length;
    if (factor.length !== d * d) {
      throw new InvalidArgumentError(
        `multivariateNormal: a mean of ${d} needs a factor of ${d * d} values, but ${factor.length} were given`,
      );
    }
    const z = new Float64Array(d);
    this.fillNormal(z);
    const result = new Float64Array(d);
    for (let i = 0; i < d; i++) {
      let value = mean[i] ?? 0;
      for (let j = 0; j <= i; j++) value += (factor[i * d + j] ?? 0) * (z[j] ?? 0);
      result[i] = value;
    }
    return result;
  }
}

/**
 * The root stream of a seed.
 *
 * @throws InvalidArgumentError where a number is negative or not whole.
 * @example
 * const random = stream(1);
 * random.normal();
 */
export function stream(seed: number | bigint | string): Stream {
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
  return new Stream(scratch[0] ?? 0, scratch[1] ?? 0);
}
