import { InvalidArgumentError, stream } from "amortis";
import { describe, expect, it } from "vitest";
import {
  compositeLogLikelihood,
  factorSchlather,
  invertedSchlather,
  maximizeCompositeLikelihood,
  pairLogDensity,
  sampleInverse,
  whittleMatern,
  type WhittleMatern,
} from "../src/index.js";

/** Independent fields after one another. */
function fields(parameters: WhittleMatern, n: number, seed: string): Float64Array {
  const factor = factorSchlather(parameters);
  const random = stream(seed);
  const all = new Float64Array(n * 256);
  for (let k = 0; k < n; k++) all.set(sampleInverse(factor, random), k * 256);
  return all;
}

const truth = { range: 0.2, smoothness: 1.4 };

describe("the composite log-likelihood", () => {
  it.each([
    [0.2, 2_610],
    [0.1, 930],
    [2, 32_640],
  ])("adds up all pairs closer than %d", (cutoff, count) => {
    const x = fields(truth, 1, "pairs");
    const rho = whittleMatern(truth);
    let [expected, pairs] = [0, 0];
    for (let s = 0; s < 256; s++) {
      for (let t = 0; t < s; t++) {
        const h = Math.hypot(Math.floor(s / 16) - Math.floor(t / 16), (s % 16) - (t % 16)) / 15;
        if (h >= cutoff) continue;
        expected += pairLogDensity(x[s] ?? 0, x[t] ?? 0, rho(h)).value;
        pairs++;
      }
    }
    expect(pairs).toBe(count);
    const { value } = compositeLogLikelihood(truth, x, { cutoff });
    expect(value / expected).toBeCloseTo(1, 12);
  });

  it("takes pairs closer than 0.2 unless told otherwise", () => {
    const x = fields(truth, 1, "pairs");
    expect(compositeLogLikelihood(truth, x)).toEqual(
      compositeLogLikelihood(truth, x, { cutoff: 0.2 }),
    );
  });

  it("adds up independent fields", () => {
    const x = fields(truth, 3, "sum");
    const parts = [0, 1, 2].map(
      (k) => compositeLogLikelihood(truth, x.subarray(k * 256, (k + 1) * 256)).value,
    );
    expect(compositeLogLikelihood(truth, x).value).toBeCloseTo(
      parts.reduce((a, b) => a + b, 0),
      7,
    );
  });

  it.each([
    [0.05, 0.5],
    [0.05, 1.5],
    [0.2, 1.4],
    [0.4, 2.2],
    [0.6, 3],
  ])("has the gradient of differences, range %d, smoothness %d", (range, smoothness) => {
    const x = fields(truth, 1, "gradient");
    const found = compositeLogLikelihood({ range, smoothness }, x);
    for (const name of ["range", "smoothness"] as const) {
      const e = 1e-4 * (name === "range" ? range : 1);
      const along = (steps: number): number => {
        const parameters = { range, smoothness };
        return compositeLogLikelihood({ ...parameters, [name]: parameters[name] + steps * e }, x)
          .value;
      };
      const expected = (8 * (along(1) - along(-1)) - (along(2) - along(-2))) / (12 * e);
      expect(Math.abs(found[name] - expected)).toBeLessThan(1e-6 * (100 + Math.abs(expected)));
    }
  });

  it("is finite in white noise and at every end of the prior", () => {
    const x = fields({ range: 0.6, smoothness: 3 }, 1, "ends");
    for (const range of [0, 1e-4, 0.6]) {
      for (const smoothness of [0.5, 3]) {
        const { value, ...gradient } = compositeLogLikelihood({ range, smoothness }, x);
        for (const number of [value, gradient.range, gradient.smoothness]) {
          expect(Number.isFinite(number)).toBe(true);
        }
      }
    }
  });

  it("refuses fields of another size, and a cutoff below the spacing", () => {
    expect(() => compositeLogLikelihood(truth, new Float64Array(255))).toThrow(
      InvalidArgumentError,
    );
    expect(() => maximizeCompositeLikelihood([])).toThrow(InvalidArgumentError);
    expect(() => compositeLogLikelihood(truth, new Float64Array(256), { cutoff: 0.05 })).toThrow(
      "no two sites are closer than 0.05",
    );
  });
});

describe("its maximum", () => {
  it.each([
    [0.05, 1.5],
    [0.2, 1.4],
    [0.4, 2.2],
  ])("is near the truth with many fields, range %d, smoothness %d", (range, smoothness) => {
    const groups = 12;
    const each = 256 * 12;
    const x = fields({ range, smoothness }, groups * 12, "truth");
    const estimates = Array.from({ length: groups }, (_, k) =>
      maximizeCompositeLikelihood(x.subarray(k * each, (k + 1) * each)),
    );
    expect(estimates.every(({ converged }) => converged)).toBe(true);
    const pooled = maximizeCompositeLikelihood(x);
    // Pairs tell the correlations of close sites; with a short range many pairs of parameters have the same ones.
    const quantities: readonly ((at: WhittleMatern) => number)[] = [
      (at) => whittleMatern(at)(1 / 15),
      (at) => whittleMatern(at)(2 / 15),
      ...(range > 0.1
        ? [(at: WhittleMatern) => at.range, (at: WhittleMatern) => at.smoothness]
        : []),
    ];
    for (const quantity of quantities) {
      const expected = quantity({ range, smoothness });
      const values = estimates.map(quantity);
      const mean = values.reduce((a, b) => a + b, 0) / groups;
      const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (groups - 1);
      const error = Math.sqrt(variance / groups);
      // Groups tell the error of the estimate from all fields together.
      expect(Math.abs(quantity(pooled) - expected)).toBeLessThan(4 * error);
      expect(error).toBeLessThan(0.15 * expected);
    }
  });

  it("is no lower than anywhere on a grid of the prior's box", () => {
    const random = stream("grid");
    for (const range of [0.01, 0.05, 0.2, 0.5]) {
      const x = invertedSchlather({ range, smoothness: 1.7 }, random);
      const found = maximizeCompositeLikelihood(x);
      expect(found.value).toBeCloseTo(compositeLogLikelihood(found, x).value, 7);
      for (const a of [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6]) {
        for (const b of [0.5, 0.8, 1.2, 1.8, 2.4, 3]) {
          const { value } = compositeLogLikelihood({ range: a, smoothness: b }, x);
          expect(value).toBeLessThanOrEqual(found.value + 1e-3);
        }
      }
    }
  });

  it("stays within the prior", () => {
    const random = stream("prior");
    for (let k = 0; k < 40; k++) {
      const parameters = {
        range: 0.6 * random.uniform(),
        smoothness: 0.5 + 2.5 * random.uniform(),
      };
      const found = maximizeCompositeLikelihood(invertedSchlather(parameters, random));
      expect(found.converged).toBe(true);
      expect(found.range).toBeGreaterThanOrEqual(0);
      expect(found.range).toBeLessThanOrEqual(0.6);
      expect(found.smoothness).toBeGreaterThanOrEqual(0.5);
      expect(found.smoothness).toBeLessThanOrEqual(3);
    }
  });
});
