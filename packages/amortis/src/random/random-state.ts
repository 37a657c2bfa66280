/**
 * NumPy's `RandomState`, for what others have defined by its seeds: fixed designs of benchmarks, folds of a published score.
 *
 * The Mersenne Twister MT19937 seeded by a whole number, uniform numbers of 53 bits, normals by the polar method, and shuffles with masked
 * rejection; the same numbers as NumPy's, to the bit but for normals, whose logarithm may differ in the last digit. Randomness of our own comes
 * from `Stream`.
 *
 * References: Matsumoto and Nishimura (1998), "Mersenne Twister", ACM TOMACS 8; Marsaglia and Bray (1964), the polar method.
 */
import { InvalidArgumentError } from "@amortis/graph";

const SIZE = 624;
const SHIFT = 397;

/** A generator that gives what `numpy.random.RandomState(seed)` gives. */
export class RandomState {
  readonly #state = new Uint32Array(SIZE);
  #at = SIZE;
  #spare: number | undefined;

  /**
   * @param seed a whole number from 0 to 2^32 - 1.
   * @throws InvalidArgumentError where it is not.
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new InvalidArgumentError(
        `a RandomState needs a whole seed from 0 to 2^32 - 1, but ${seed} was given`,
      );
    }
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const before = state[i - 1] ?? 0;
      state[i] = Math.imul(before ^ (before >>> 30), 1812433253) + i;
    }
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const y = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % SIZE] ?? 0) & 0x7fffffff);
      state[i] = (state[(i + SHIFT) % SIZE] ?? 0) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }

  /** A whole number in [0, 2^32). */
  uint32(): number {
    if (this.#at === SIZE) this.#twist();
    let y = this.#state[this.#at++] ?? 0;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** A number in [0, 1), of 53 random bits: `random_sample`. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    return (high * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** A standard normal number: `standard_normal`. */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = factor * x;
      return factor * y;
    }
  }

  /** n standard normal numbers: `randn(n)`. */
  normals(n: number): Float64Array {
    return Float64Array.from({ length: n }, () => this.normal());
  }

  /** A whole number in [0, greatest], by rejection of masked bits. */
  #upTo(greatest: number): number {
    const mask = 0xffffffff >>> Math.clz32(greatest);
    for (;;) {
      const value = (this.uint32() & mask) >>> 0;
      if (value <= greatest) return value;
    }
  }

  /** A whole number in [0, n), n ≤ 2^32: `randint(n)`. */
  integer(n: number): number {
    return this.#upTo(n - 1);
  }

  /** Puts values in random order, in place: `shuffle`. */
  shuffle(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.#upTo(i);
      const kept = values[i] ?? 0;
      values[i] = values[j] ?? 0;
      values[j] = kept;
    }
  }

  /** 0, ..., n - 1 in random order: `permutation(n)`. */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    this.shuffle(order);
    return order;
  }
}
