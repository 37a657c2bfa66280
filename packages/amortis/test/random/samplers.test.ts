import { describe, expect, test } from "vitest";
import {
  binomialLogMass,
  incompleteBeta,
  incompleteGamma,
  poissonLogMass,
} from "../../src/math/index.js";
import { logGammaDraw } from "../../src/random/gamma.js";
import { stream } from "../../src/random/index.js";
import {
  chiSquare,
  chiSquareOfCounts,
  drawMany,
  kolmogorovSmirnov,
  RARE,
  standardScore,
} from "../goodness-of-fit.js";

const N = 30_000;

test("exponential draws", () => {
  const random = stream(1);
  const draws = drawMany(N, () => random.exponential());
  expect(kolmogorovSmirnov(draws, (x) => -Math.expm1(-x))).toBeGreaterThan(RARE);
});

test.each([0.05, 0.4, 1, 1.7, 12, 5000])("gamma draws of shape %d", (shape) => {
  const random = stream(2).split(Math.round(shape * 100));
  const draws = drawMany(N, () => random.gamma(shape));
  expect(kolmogorovSmirnov(draws, (x) => incompleteGamma(shape, x).lower)).toBeGreaterThan(RARE);
});

test("logarithms of gamma draws of small shape, which themselves underflow", () => {
  const random = stream(3);
  const shape = 1e-3;
  const draws = drawMany(N, () => logGammaDraw(random, shape));
  expect(draws.every(Number.isFinite)).toBe(true);
  // P(X ≤ eʸ) = e^{shape y} / Γ(shape + 1) far below one.
  const cdf = (y: number): number =>
    y < -600 ? Math.exp(shape * y) * 1.00057638 : incompleteGamma(shape, Math.exp(y)).lower;
  expect(kolmogorovSmirnov(draws, cdf)).toBeGreaterThan(RARE);
});

test.each([
  [0.02, 0.03],
  [0.1, 0.5],
  [0.5, 0.5],
  [1, 3],
  [40, 7],
  [0.3, 60],
] as const)("beta draws of shapes %d and %d", (a, b) => {
  const random = stream(4)
    .split(Math.round(a * 100))
    .split(Math.round(b * 100));
  const draws = drawMany(N, () => random.beta(a, b));
  expect(draws.every((x) => x >= 0 && x <= 1)).toBe(true);
  // A small second shape puts mass closer to one than double precision reaches: there, the first two moments alone.
  const fit = b < 0.5 ? 1 : kolmogorovSmirnov(draws, (x) => incompleteBeta(a, b, x).lower);
  expect(fit).toBeGreaterThan(RARE);
  const mean = a / (a + b);
  expect(Math.abs(standardScore(draws, mean))).toBeLessThan(4);
  const second = (mean * (a + 1)) / (a + b + 1);
  expect(
    Math.abs(
      standardScore(
        draws.map((x) => x * x),
        second,
      ),
    ),
  ).toBeLessThan(4);
});

test.each([0.01, 0.8, 5, 9.99, 10, 13.5, 60])("Poisson draws of mean %d", (mean) => {
  const random = stream(5).split(Math.round(mean * 100));
  const draws = drawMany(N, () => random.poisson(mean));
  expect(chiSquareOfCounts(draws, 150, (k) => poissonLogMass(k, mean))).toBeGreaterThan(RARE);
});

test.each([
  [1, 0.3],
  [12, 0.1],
  [30, 0.5],
  [45, 0.9],
  [200, 0.03],
  [200, 0.4],
] as const)("binomial draws of %d trials of probability %d", (n, p) => {
  const random = stream(6)
    .split(n)
    .split(Math.round(p * 100));
  const draws = drawMany(N, () => random.binomial(n, p));
  expect(chiSquareOfCounts(draws, n + 1, (k) => binomialLogMass(k, n, p))).toBeGreaterThan(RARE);
});

test("huge counts: moments, where plain formulae would have lost all digits", () => {
  const random = stream(7);
  const mean = 1e14;
  const poissons = drawMany(N, () => (random.poisson(mean) - mean) / Math.sqrt(mean));
  const [n, p] = [1e15, 0.2];
  const binomials = drawMany(N, () => (random.binomial(n, p) - n * p) / Math.sqrt(n * p * (1 - p)));
  for (const scores of [poissons, binomials]) {
    for (const [power, moment] of [
      [1, 0],
      [2, 1],
      [4, 3],
    ] as const) {
      expect(
        Math.abs(
          standardScore(
            scores.map((z) => z ** power),
            moment,
          ),
        ),
      ).toBeLessThan(4);
    }
  }
});

test("degenerate counts", () => {
  const random = stream(8);
  expect([
    random.poisson(0),
    random.binomial(0, 0.5),
    random.binomial(7, 0),
    random.binomial(7, 1),
  ]).toEqual([0, 0, 0, 7]);
  expect(random.binomial(1e6, 1e-320)).toBe(0);
});

describe("whole numbers", () => {
  test("are equally likely, also where 2^32 is no multiple of n", () => {
    const random = stream(9);
    for (const n of [1, 3, 10, 64]) {
      const draws = drawMany(N, () => random.integer(n));
      expect(chiSquareOfCounts(draws, n, () => -Math.log(n))).toBeGreaterThan(n === 1 ? -1 : RARE);
    }
    // 3 · 2^30: by the remainder alone, the lowest third would be drawn half of the time.
    const large = drawMany(N, () => Math.floor(random.integer(3 * 2 ** 30) / 2 ** 30));
    expect(chiSquareOfCounts(large, 3, () => -Math.log(3))).toBeGreaterThan(RARE);
  });

  test("permutations are equally likely", () => {
    const random = stream(10);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const key = random.permutation(4).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const values = [...counts.values()];
    expect(values).toHaveLength(24);
    expect(
      chiSquare(
        values,
        values.map(() => 1000),
      ),
    ).toBeGreaterThan(RARE);
    expect(random.permutation(0)).toHaveLength(0);
  });

  test("categorical draws follow their weights, and never one of weight zero", () => {
    const random = stream(11);
    const weights = [0, 2, 1, 0, 5, 0];
    const draws = drawMany(N, () => random.categorical(weights));
    expect(chiSquareOfCounts(draws, 6, (k) => Math.log((weights[k] ?? 0) / 8))).toBeGreaterThan(
      RARE,
    );
    expect(new Set(draws)).toEqual(new Set([1, 2, 4]));
  });
});

test("multivariate normal draws have the mean and covariance", () => {
  const random = stream(12);
  const factor = [2, 0, 0.6, 0.8];
  const draws = Array.from({ length: N }, () => random.multivariateNormal([1, -2], factor));
  const x = draws.map((d) => (d[0] ?? 0) - 1);
  const y = draws.map((d) => (d[1] ?? 0) + 2);
  expect(Math.abs(standardScore(x, 0))).toBeLessThan(4);
  expect(Math.abs(standardScore(y, 0))).toBeLessThan(4);
  expect(
    Math.abs(
      standardScore(
        x.map((v) => v * v),
        4,
      ),
    ),
  ).toBeLessThan(4);
  expect(
    Math.abs(
      standardScore(
        y.map((v) => v * v),
        1,
      ),
    ),
  ).toBeLessThan(4);
  expect(
    Math.abs(
      standardScore(
        x.map((v, i) => v * (y[i] ?? 0)),
        1.2,
      ),
    ),
  ).toBeLessThan(4);
});

test("arguments out of range get one clear error", () => {
  const random = stream(13);
  expect(() => random.gamma(0)).toThrow("the shape of a gamma distribution must be positive");
  expect(() => random.gamma(Infinity)).toThrow("finite, but Infinity was given");
  expect(() => random.beta(1, -2)).toThrow(
    "the second shape of a beta distribution must be positive",
  );
  expect(() => random.poisson(-1)).toThrow("the mean of a Poisson distribution must be at least 0");
  expect(() => random.poisson(Number.NaN)).toThrow("NaN was given");
  expect(() => random.binomial(2.5, 0.5)).toThrow("binomial trials must be whole");
  expect(() => random.binomial(2, 1.5)).toThrow("within [0, 1], but 1.5 was given");
  expect(() => random.categorical([0, 0])).toThrow("they add up to 0");
  expect(() => random.categorical([1, -1])).toThrow("weight 1 is -1");
  expect(() => random.integer(0)).toThrow("whole n from 1 to 2^32");
  expect(() => random.permutation(-1)).toThrow("whole n from 0 to 2^32 - 1");
  expect(() => random.multivariateNormal([0, 0], [1])).toThrow(
    "a factor of 4 values, but 1 were given",
  );
});
