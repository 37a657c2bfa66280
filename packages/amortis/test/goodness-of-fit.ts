/**
 * Tests of draws against distributions. Thresholds are p-values: with fixed seeds a test that passes once passes always, and a right
 * sampler fails with the probability of the threshold when it is first written.
 */
import { incompleteGamma } from "../src/math/index.js";

/** What a p-value must exceed. */
export const RARE = 1e-4;

/** p-value of the Kolmogorov-Smirnov test of draws against a continuous distribution function (asymptotic, with Stephens' correction). */
export function kolmogorovSmirnov(draws: ArrayLike<number>, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(draws).toSorted();
  const n = sorted.length;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const f = cdf(sorted[i] ?? Number.NaN);
    const distance = Math.max(f - i / n, (i + 1) / n - f);
    if (!(distance <= largest)) largest = distance;
  }
  return kolmogorovTail((Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * largest);
}

function kolmogorovTail(x: number): number {
  if (Number.isNaN(x)) return 0;
  if (x < 0.3) return 1;
  let sum = 0;
  for (let k = 1; k < 50; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return sum;
}

/** p-value of the chi-square test of counts against expected counts; cells that expect fewer than 10 are pooled. */
export function chiSquare(counts: ArrayLike<number>, expected: ArrayLike<number>): number {
  let statistic = 0;
  let cells = 0;
  let [pooledCount, pooledExpected] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    pooledCount += counts[i] ?? 0;
    pooledExpected += expected[i] ?? 0;
    if (pooledExpected >= 10 || i === expected.length - 1) {
      if (pooledExpected > 0) statistic += (pooledCount - pooledExpected) ** 2 / pooledExpected;
      cells++;
      [pooledCount, pooledExpected] = [0, 0];
    }
  }
  return incompleteGamma((cells - 1) / 2, statistic / 2).upper;
}

/** p-value of the chi-square test of whole-number draws against a log-probability on 0, 1, ..., size - 1; the rest is one cell. */
export function chiSquareOfCounts(
  draws: ArrayLike<number>,
  size: number,
  logMass: (k: number) => number,
): number {
  const counts = new Float64Array(size + 1);
  for (let i = 0; i < draws.length; i++) {
    const k = Math.min(size, draws[i] ?? 0);
    counts[k] = (counts[k] ?? 0) + 1;
  }
  const expected = Float64Array.from(counts, (_, k) =>
    k < size ? draws.length * Math.exp(logMass(k)) : 0,
  );
  expected[size] = Math.max(0, draws.length - expected.reduce((a, b) => a + b, 0));
  return chiSquare(counts, expected);
}

/** (mean - expected) / standard error of n values. */
export function standardScore(values: ArrayLike<number>, expected: number): number {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (values[i] ?? 0) / n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += ((values[i] ?? 0) - mean) ** 2 / (n - 1);
  return (mean - expected) / Math.sqrt(variance / n);
}

/** n draws. */
export function drawMany(n: number, draw: () => number): Float64Array {
  return Float64Array.from({ length: n }, draw);
}

/** What differs from what was expected by more than a tolerance, in words; nothing where all is well. */
export function mismatches(
  found: readonly number[],
  expected: readonly number[],
  tolerance: (expected: number, i: number) => number,
): readonly string[] {
  if (found.length !== expected.length) {
    return [`${expected.length} values were expected, but ${found.length} found`];
  }
  return expected.flatMap((wanted, i) => {
    const value = found[i] ?? Number.NaN;
    const error = value === wanted ? 0 : Math.abs(value - wanted);
    const allowed = tolerance(wanted, i);
    return error <= allowed
      ? []
      : [`value ${i} should be ${wanted}, but is ${value}: off by ${error} > ${allowed}`];
  });
}
