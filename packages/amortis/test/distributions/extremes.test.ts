/**
 * Priors far in their tails, at their bounds, and where numbers overflow.
 */
import { describe, expect, test } from "vitest";
import {
  beta,
  dirichlet,
  gamma,
  logNormal,
  multivariateNormal,
  normal,
  truncatedNormal,
  uniform,
} from "../../src/distributions/index.js";
import { stream } from "../../src/random/index.js";
import { kolmogorovSmirnov, RARE } from "../goodness-of-fit.js";

describe("at the extremes", () => {
  test("a truncated normal far in the tail is exact, and draws at once", () => {
    // Beyond a = 1000 it is exponential of rate a, to 1e-6.
    const far = truncatedNormal(0, 1, 1000, Infinity);
    const random = stream(108);
    const draws = Float64Array.from({ length: 5000 }, () => far.sample(random)[0] ?? Number.NaN);
    expect(draws.every((x) => x > 1000)).toBe(true);
    expect(kolmogorovSmirnov(draws, (x) => -Math.expm1(-1000 * (x - 1000)))).toBeGreaterThan(RARE);
    expect(far.logDensity([1000])).toBeCloseTo(Math.log(1000), 5);
    // The ends of what can be written down.
    for (const extreme of [
      truncatedNormal(0, 1, 1e150, Infinity),
      truncatedNormal(0, 1, -Infinity, -1e8),
      truncatedNormal(0, 1e-300, 0, 1),
      truncatedNormal(0, 1e300, 0, 1),
      truncatedNormal(1e10, 1, 1e10, 1e10 + 1e-5),
    ]) {
      const [x = Number.NaN] = extreme.sample(random);
      expect(x).toBeGreaterThan(extreme.support.lower[0] ?? 0);
      expect(x).toBeLessThan(extreme.support.upper[0] ?? 0);
      expect(extreme.logDensity([x])).not.toBeNaN();
    }
    // Held to a short interval, it is uniform.
    expect(truncatedNormal(0, 1e300, 0, 1).logDensity([0.3])).toBeCloseTo(0, 12);
  });

  test("densities at the bounds, and where terms overflow", () => {
    expect(beta(1, 1).logDensity([0])).toBeCloseTo(0, 15);
    expect(beta(2, 1).logDensity([1])).toBeCloseTo(Math.LN2, 15);
    expect(beta(2, 1).logDensity([0])).toBe(-Infinity);
    expect(beta(0.5, 1).logDensity([0])).toBe(Infinity);
    expect(gamma(1, 2).logDensity([0])).toBeCloseTo(Math.LN2, 15);
    expect(gamma(3, 2).logDensity([0])).toBe(-Infinity);
    expect(gamma(30, 2).logDensity([0])).toBe(-Infinity);
    expect(gamma(0.5, 2).logDensity([1e308])).toBe(-Infinity);
    expect(logNormal(0, 1).logDensity([0])).toBe(-Infinity);
    expect(logNormal(0, 1).logDensity([5e-324])).toBeLessThan(-200_000);
    expect(normal(0, 1e-300).logDensity([1])).toBe(-Infinity);
    expect(dirichlet([0.5, 2]).logDensity([0, 1])).toBe(Infinity);
    expect(dirichlet([0.5, 2, 0.5]).logDensity([0, 0, 1])).toBe(-Infinity);
    expect(dirichlet([1, 1, 1]).logDensity([0, 0.5, 0.5])).toBeCloseTo(Math.LN2, 14);
    expect(multivariateNormal([0], [[1]]).logDensity([Number.NaN])).toBe(-Infinity);
  });

  test("draws that would round onto a bound, or overflow, do not", () => {
    const random = stream(109);
    for (const distribution of [
      beta(0.01, 0.01),
      gamma(1e-3, 1),
      logNormal(1000, 1),
      logNormal(-1000, 1),
      uniform(1, 1 + 1e-15),
    ]) {
      for (let i = 0; i < 200; i++) {
        const [x = Number.NaN] = distribution.sample(random);
        expect(
          x > (distribution.support.lower[0] ?? 0) && x < (distribution.support.upper[0] ?? 0),
        ).toBe(true);
        expect(distribution.logDensity([x])).not.toBeNaN();
        expect(Number.isFinite(distribution.bijection.inverse([x])[0])).toBe(true);
      }
    }
  });

  test("uniform draws stay within the bounds in single precision", () => {
    const distribution = uniform(1, 2);
    // Numbers so near to the bounds that single precision would round onto them.
    for (const u of [0, 1e-12, 1 - 2 ** -53]) {
      const random = Object.assign(Object.create(stream(0)) as ReturnType<typeof stream>, {
        uniform: () => u,
      });
      const x = Math.fround(distribution.sample(random)[0] ?? Number.NaN);
      expect(x > 1 && x < 2).toBe(true);
    }
  });
});
