/**
 * What is known of data sets by denoisers, E[w | x, Z_i] of noisy parameters x = cos φ · w + sin φ · z, and how they are asked.
 */

/** A normal distribution by its precision [d, d] and its mean times that, [d]. */
export interface NormalTerms {
  readonly precision: Float64Array;
  readonly weighted: Float64Array;
}

/** What is known of data sets under noise. */
export interface Denoisers {
  /** Data sets m. */
  readonly size: number;
  readonly dimension: number;
  /**
   * E[w | x, Z_i] of some data sets at points of their own.
   *
   * @param which their numbers, k of them.
   * @param points [k, n, d]
   * @param angle the level φ, between 0 and π/2.
   * @returns [k, n, d]
   */
  means(which: readonly number[], points: Float32Array, angle: number): Promise<Float32Array>;
}

/** Values of denoisers that are asked for at once. */
const TOGETHER = 32_768;

/** The numbers below `size`, so many at a time that each with `points` points makes no more than are asked for at once. */
export function* parts(size: number, points: number): Generator<number[]> {
  const step = Math.max(1, Math.floor(TOGETHER / points));
  for (let from = 0; from < size; from += step) {
    yield Array.from({ length: Math.min(step, size - from) }, (_, i) => from + i);
  }
}

/** Values so many times. */
export function repeated(values: Float32Array, times: number): Float32Array {
  const all = new Float32Array(times * values.length);
  for (let i = 0; i < times; i++) all.set(values, i * values.length);
  return all;
}
