/**
 * Weights of draws of the prior by a likelihood (or a ratio).
 */
import type { Distribution } from "../distributions/index.js";
import type { Stream } from "../random/index.js";
import { describePoint, notANumber, nowhere } from "./target.js";

/** What weights say. */
export interface Weights {
  /** With sum one. */
  readonly weights: Float64Array;
  /** Logarithm of the mean of what they were. */
  readonly logMean: number;
  /** Of how many equal weights they are worth. */
  readonly effective: number;
}

/** Draws of a prior, [count, p]. */
export function drawPrior(
  prior: Pick<Distribution, "sample">,
  count: number,
  p: number,
  random: Stream,
): Float64Array {
  const draws = new Float64Array(count * p);
  for (let j = 0; j < count; j++) draws.set(prior.sample(random), j * p);
  return draws;
}

/**
 * Checks the terms of one data set at draws of the prior.
 *
 * @param theta the draws, [terms, p].
 * @throws UnsupportedError where a term is NaN or Infinity.
 */
export function requireNumbers(
  terms: Float64Array,
  dataSet: number,
  names: readonly string[],
  theta: ArrayLike<number>,
): void {
  const bad = terms.findIndex((term) => !(term < Infinity));
  if (bad < 0) return;
  const point = names.map((_, i) => theta[bad * names.length + i] ?? Number.NaN);
  throw notANumber(dataSet, { term: terms[bad] ?? Number.NaN }, describePoint(names, point));
}

/**
 * Weights from log terms, which may be tempered.
 *
 * @param power in (0, 1], of what is weighted by.
 * @throws UnsupportedError where all terms are -Infinity.
 */
export function weigh(terms: Float64Array, dataSet: number, power = 1): Weights {
  const largest = terms.reduce((a, b) => Math.max(a, b), -Infinity);
  if (largest === -Infinity) throw nowhere(dataSet, `at ${terms.length} draws of the prior`);
  const weights = terms.map((term) => Math.exp(power * (term - largest)));
  const sum = weights.reduce((a, b) => a + b, 0);
  for (const [i, weight] of weights.entries()) weights[i] = weight / sum;
  return {
    weights,
    logMean: power * largest + Math.log(sum / terms.length),
    effective: 1 / weights.reduce((total, weight) => total + weight ** 2, 0),
  };
}
