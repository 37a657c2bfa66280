/**
 * Random streams of all distributions that simulators and priors draw from, by uniform and normal numbers.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { binomial, poisson } from "./discrete.js";
import { beta, gamma } from "./gamma.js";
import { Noise, seedKey } from "./noise.js";

/** A stream of random numbers: reproducible to the bit, whatever the thread. */
export class Stream extends Noise {
  override split(key: string | number): Stream {
    return new Stream(this.keyOf(key));
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
  return new Stream(seedKey(seed));
}
