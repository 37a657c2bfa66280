/**
 * Normal targets with gradients, and what draws of them must be.
 */
import { expect } from "vitest";
import { independent, normal, type LogTarget } from "../../src/index.js";
import type { ChainResult } from "../../src/extend.js";
import type { Bijection } from "../../src/distributions/index.js";

/** One that several data sets share: precision [k, k], each data set with a mean of its own, [size, k]. */
export function normalTarget(precision: readonly (readonly number[])[], means: readonly number[]) {
  const k = precision.length;
  const size = means.length / k;
  const valueAndGradient: NonNullable<LogTarget["valueAndGradient"]> = (theta, start, end) => {
    const each = theta.length / k / (end - start);
    const value = new Float64Array(theta.length / k);
    const gradient = theta.map((_, at) => {
      const row = Math.floor(at / k);
      const set = start + Math.floor(row / each);
      const off = (j: number): number => (theta[row * k + j] ?? NaN) - (means[set * k + j] ?? NaN);
      const pull = (precision[at % k] ?? []).reduce((sum, entry, j) => sum + entry * off(j), 0);
      value[row] = (value[row] ?? NaN) - 0.5 * pull * off(at % k);
      return -pull;
    });
    return { value, gradient };
  };
  const target: LogTarget = {
    size,
    dimension: k,
    valueAndGradient,
    logDensity: async (theta, start, end) => (await valueAndGradient(theta, start, end)).value,
  };
  return target;
}

/** The space of k parameters that are bounded nowhere. */
export function wholeSpace(k: number): Bijection {
  return independent(Array.from({ length: k }, () => normal(0, 1))).bijection;
}

/** Precision of correlation ρ between all pairs, with standard deviations. */
export function equicorrelated(rho: number, sds: readonly number[]): number[][] {
  const k = sds.length;
  const [own, other] = [1 / (1 - rho), -rho / ((1 - rho) * (1 - rho + k * rho))];
  return sds.map((a, i) => sds.map((b, j) => ((i === j ? own : 0) + other) / (a * b)));
}

/** Draws of one parameter of one data set. */
export function marginal(
  { draws, each }: Pick<ChainResult, "draws" | "each">,
  { set, j, k }: { readonly set: number; readonly j: number; readonly k: number },
): Float64Array {
  return Float64Array.from({ length: each }, (_, i) => draws[(set * each + i) * k + j] ?? NaN);
}

/** Means and variances within four Monte Carlo standard errors of those of normals. */
export function expectNormal(
  result: ChainResult,
  means: readonly number[],
  sds: readonly number[],
): void {
  const k = sds.length;
  for (const [at, mean] of means.entries()) {
    const [set, j] = [Math.floor(at / k), at % k];
    const sd = sds[j] ?? NaN;
    const z = marginal(result, { set, j, k }).map((x) => (x - mean) / sd);
    const ess = Math.min(result.bulkEss[at] ?? NaN, result.tailEss[at] ?? NaN);
    expect(Math.abs(z.reduce((a, b) => a + b, 0) / z.length)).toBeLessThan(4 / Math.sqrt(ess));
    // A variance of n independent normals has the relative error √(2/n).
    const variance = z.reduce((a, b) => a + b * b, 0) / z.length;
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / ess));
  }
  for (const rHat of result.rHat) expect(rHat).toBeLessThan(1.02);
}
