import { describe, expect, test } from "vitest";
import { UnsupportedError } from "@amortis/graph";
import {
  beta,
  categorical,
  dirichlet,
  discrete,
  distributionFromJSON,
  exponential,
  gamma,
  halfCauchy,
  halfNormal,
  independent,
  logNormal,
  logUniform,
  multivariateNormal,
  normal,
  pareto,
  truncatedNormal,
  uniform,
} from "../../src/distributions/index.js";
import { gaussLegendre, integrate, logNormalDensity, normalCdf } from "../../src/math/index.js";
import { stream } from "../../src/random/index.js";
import { chiSquareOfCounts, kolmogorovSmirnov, RARE, standardScore } from "../goodness-of-fit.js";
import { continuousScalars, counts, described, discretes, vectors } from "./cases.js";

const rule = gaussLegendre(40);

describe.each(described(continuousScalars))("%s", (_, distribution) => {
  const {
    bijection,
    support: { lower, upper },
  } = distribution;
  const [lo, hi] = [lower[0] ?? Number.NaN, upper[0] ?? Number.NaN];

  test("its density integrates to one, and to its distribution function", () => {
    // In unconstrained space, from one extreme quantile to another, in panels.
    const ends = [1e-9, 0.001, 0.05, 0.3, 0.7, 0.95, 0.999, 1 - 1e-9].map((p) => ({
      p,
      u: bijection.inverse([distribution.quantile(p)])[0] ?? Number.NaN,
    }));
    for (const [i, { p, u }] of ends.slice(1).entries()) {
      const from = ends[i] ?? { p: 0, u: 0 };
      const mass = integrate(
        (at) =>
          Math.exp(distribution.logDensity(bijection.forward([at])) + bijection.logJacobian([at])),
        from.u,
        u,
        rule,
      );
      expect(Math.abs(mass - (p - from.p))).toBeLessThan(1e-7);
    }
  });

  test("its draws follow its distribution function, within the bounds", () => {
    const random = stream(101)
      .split(distribution.name)
      .split(Math.round(Math.abs(distribution.quantile(0.3)) * 1000));
    const draws = Float64Array.from(
      { length: 20_000 },
      () => distribution.sample(random)[0] ?? Number.NaN,
    );
    expect(draws.every((x) => x > lo && x < hi)).toBe(true);
    expect(kolmogorovSmirnov(draws, (x) => distribution.cdf(x))).toBeGreaterThan(RARE);
  });

  test("its quantiles undo its distribution function", () => {
    for (const p of [1e-6, 0.01, 0.2, 0.5, 0.9, 0.9999]) {
      const x = distribution.quantile(p);
      expect(x).toBeGreaterThanOrEqual(lo);
      expect(x).toBeLessThanOrEqual(hi);
      // A quantile rounded by half an ulp changes the distribution function by that times the density.
      const rounding = 2.3e-16 * Math.abs(x) * Math.exp(distribution.logDensity([x]));
      expect(Math.abs(distribution.cdf(x) - p)).toBeLessThan(1e-11 * p + 1e-15 + rounding);
    }
    expect([distribution.quantile(0), distribution.quantile(1)]).toEqual([lo, hi]);
    expect([distribution.cdf(-Infinity), distribution.cdf(Infinity)]).toEqual([0, 1]);
  });

  test("outside the support the density is zero", () => {
    for (const x of [lo - 1, hi + 1, -Infinity, Infinity, Number.NaN]) {
      expect(distribution.logDensity([x])).toBe(-Infinity);
      expect(distribution.contains([x])).toBe(false);
    }
  });

  test("beside others it has the map that it has alone", () => {
    const three = independent([distribution, normal(0, 1), distribution]).bijection;
    for (const p of [0.001, 0.3, 0.99]) {
      const x = distribution.quantile(p);
      const [u = Number.NaN] = bijection.inverse([x]);
      expect([...three.inverse([x, 1, x])]).toEqual([u, 1, u]);
      expect(three.forward([u, 1, u])[2]).toBe(bijection.forward([u])[0]);
      expect(three.logJacobian([u, 0, u])).toBeCloseTo(2 * bijection.logJacobian([u]), 10);
    }
  });

  test("its bounds belong to it, as they are and in single precision", () => {
    for (const bound of [lo, hi].filter(Number.isFinite)) {
      expect(distribution.contains([bound])).toBe(true);
      expect(distribution.contains([Math.fround(bound)])).toBe(true);
      const [exact, rounded] = [bound, Math.fround(bound)].map((x) => distribution.logDensity([x]));
      expect(rounded === -Infinity).toBe(exact === -Infinity);
    }
    for (const p of [1e-6, 0.4, 0.999])
      expect(distribution.contains([distribution.quantile(p)])).toBe(true);
    expect(distribution.contains([])).toBe(false);
  });
});

describe("vectors", () => {
  test.each(described(vectors))(
    "%s: draws within the support, of finite density",
    (_, distribution) => {
      const random = stream(102);
      for (let i = 0; i < 500; i++) {
        const draw = distribution.sample(random);
        expect(draw).toHaveLength(distribution.size);
        expect(
          draw.every(
            (x, k) =>
              x > (distribution.support.lower[k] ?? 0) && x < (distribution.support.upper[k] ?? 0),
          ),
        ).toBe(true);
        expect(Number.isFinite(distribution.logDensity(draw))).toBe(true);
        expect(distribution.contains(draw)).toBe(true);
        expect(distribution.contains(Float32Array.from(draw))).toBe(true);
      }
    },
  );

  test("Dirichlet densities integrate to one over the triangle, and their draws have their means", () => {
    const distribution = dirichlet([0.7, 2, 3]);
    const { bijection } = distribution;
    const density = (u: readonly number[]): number =>
      Math.exp(distribution.logDensity(bijection.forward(u)) + bijection.logJacobian(u));
    const line = (f: (x: number) => number): number =>
      integrate(f, -40, -10, rule) + integrate(f, -10, 0, rule) + integrate(f, 0, 12, rule);
    expect(line((u1) => line((u2) => density([u1, u2])))).toBeCloseTo(1, 6);

    const random = stream(103);
    const draws = Array.from({ length: 20_000 }, () => distribution.sample(random));
    for (const [i, a] of [0.7, 2, 3].entries()) {
      // Each margin is Beta(a, total - a).
      const margin = Float64Array.from(draws, (x) => x[i] ?? Number.NaN);
      expect(kolmogorovSmirnov(margin, (x) => beta(a, 5.7 - a).cdf(x))).toBeGreaterThan(RARE);
    }
    const cross = draws.map((x) => (x[0] ?? 0) * (x[1] ?? 0));
    expect(Math.abs(standardScore(cross, (0.7 * 2) / (5.7 * 6.7)))).toBeLessThan(4);
  });

  test("a small-concentration Dirichlet stays within the simplex", () => {
    const distribution = dirichlet([1e-3, 1e-3, 1e-3]);
    const random = stream(104);
    for (let i = 0; i < 300; i++) {
      const x = distribution.sample(random);
      expect(x.every((one) => one > 0 && one < 1)).toBe(true);
      expect(Math.abs(x.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-15);
      expect(distribution.bijection.inverse(x).every(Number.isFinite)).toBe(true);
    }
  });

  test("multivariate normal draws, whitened, are standard normal", () => {
    const distribution = multivariateNormal(
      [1, -1],
      [
        [2, 0.8],
        [0.8, 1],
      ],
    );
    const random = stream(105);
    const draws = Array.from({ length: 20_000 }, () => distribution.sample(random));
    const x = draws.map((d) => (d[0] ?? 0) - 1);
    const y = draws.map((d) => (d[1] ?? 0) + 1);
    const rest = x.map((one, i) => ((y[i] ?? 0) - 0.4 * one) / Math.sqrt(1 - 0.32));
    const standard = normal(0, 1);
    expect(kolmogorovSmirnov(x, (v) => standard.cdf(v / Math.SQRT2))).toBeGreaterThan(RARE);
    expect(kolmogorovSmirnov(rest, (v) => standard.cdf(v))).toBeGreaterThan(RARE);
    expect(
      Math.abs(
        standardScore(
          rest.map((v, i) => v * (x[i] ?? 0)),
          0,
        ),
      ),
    ).toBeLessThan(4);
  });

  test("independent parts add up", () => {
    const [a, b] = [normal(0, 1), dirichlet([2, 3])];
    const both = independent([a, b]);
    expect(both.logDensity([0.3, 0.2, 0.8])).toBe(a.logDensity([0.3]) + b.logDensity([0.2, 0.8]));
    expect(both.logDensity([0.3, 0.2, 0.9])).toBe(-Infinity);
    expect([both.contains([0.3, 0.2, 0.8]), both.contains([0.3, 0.2, 0.9])]).toEqual([true, false]);
    // The first has infinite density where the second has none.
    expect(independent([gamma(0.5, 1), uniform(0, 1)]).logDensity([0, 2])).toBe(-Infinity);
    expect(independent([uniform(0, 1), gamma(0.5, 1)]).logDensity([2, 0])).toBe(-Infinity);
    expect([...both.sample(stream(3))]).toEqual([
      ...a.sample(stream(3)),
      ...both.sample(stream(3)).slice(1),
    ]);
  });
});

describe("discrete", () => {
  test.each(described(discretes))(
    "%s: draws, probabilities, distribution function",
    (_, distribution) => {
      const random = stream(106);
      const values = [...Array(1000).keys()].map((i) => distribution.quantile((i + 0.5) / 1000));
      const distinct = [...new Set(values)];
      const draws = Array.from({ length: 10_000 }, () =>
        distinct.indexOf(distribution.sample(random)[0] ?? Number.NaN),
      );
      expect(Math.min(...draws)).toBe(0);
      expect(
        chiSquareOfCounts(draws, distinct.length, (k) =>
          distribution.logDensity([distinct[k] ?? Number.NaN]),
        ),
      ).toBeGreaterThan(RARE);
      let total = 0;
      for (const value of distinct) {
        total += Math.exp(distribution.logDensity([value]));
        expect(distribution.contains([value]) && distribution.contains([Math.fround(value)])).toBe(
          true,
        );
        expect(distribution.cdf(value)).toBeCloseTo(total, 14);
        expect(distribution.logDensity([Math.fround(value)])).toBe(
          distribution.logDensity([value]),
        );
      }
      expect(total).toBeCloseTo(1, 14);
      expect(distribution.logDensity([0.25])).toBe(-Infinity);
      expect(distribution.contains([0.25])).toBe(false);
      expect(distribution.support.values).toEqual([distinct.toSorted((a, b) => a - b)]);
      expect(() => distribution.bijection).toThrow(UnsupportedError);
      expect(() => independent([normal(0, 1), distribution]).bijection).toThrow(
        /no unconstrained space/,
      );
    },
  );

  test("probabilities are normalised, and values of none are never drawn", () => {
    const distribution = discrete([5, 6, 7], [0, 3, 1]);
    expect(distribution.logDensity([6])).toBeCloseTo(Math.log(0.75), 15);
    expect(distribution.quantile(0)).toBe(6);
    expect(distribution.contains([5])).toBe(false);
    const random = stream(107);
    for (let i = 0; i < 1000; i++) expect(distribution.sample(random)[0]).toBeGreaterThan(5);
  });
});

describe.each(described(counts))("%s", (_, distribution) => {
  const values = distribution.support.values?.[0] ?? [];

  test("its probabilities add up to one, to its moments and its distribution function", () => {
    const probabilities = values.map((k) => Math.exp(distribution.logDensity([k])));
    const expectOf = (f: (k: number) => number): number =>
      values.reduce((total, k, i) => total + (probabilities[i] ?? 0) * f(k), 0);
    expect(expectOf(() => 1)).toBeCloseTo(1, 12);
    expect(expectOf((k) => k) / Math.max(1, distribution.mean)).toBeCloseTo(
      distribution.mean / Math.max(1, distribution.mean),
      12,
    );
    expect(expectOf((k) => (k - distribution.mean) ** 2)).toBeCloseTo(distribution.variance, 9);
    for (const p of [1e-9, 0.01, 0.3, 0.5, 0.99]) {
      const k = distribution.quantile(p);
      expect(distribution.cdf(k)).toBeGreaterThanOrEqual(p);
      expect(distribution.cdf(k - 1)).toBeLessThan(p);
    }
  });

  test("its draws have its mean, and belong to it", () => {
    const random = stream(109).split(JSON.stringify(distribution));
    const draws = Array.from({ length: 10_000 }, () => distribution.sample(random));
    expect(draws.every((draw) => distribution.contains(draw))).toBe(true);
    const mean = draws.reduce((total, [k = 0]) => total + k / draws.length, 0);
    // Four and a half standard errors.
    const error = Math.sqrt(distribution.variance / draws.length);
    expect(Math.abs(mean - distribution.mean)).toBeLessThan(4.5 * error + 1e-9);
    for (const k of [-1, 0.5, Infinity]) expect(distribution.contains([k])).toBe(false);
    expect(distributionFromJSON(distribution.toJSON()).toJSON()).toEqual(distribution.toJSON());
  });
});

describe.each(described(continuousScalars))("moments of %s", (_, distribution) => {
  test("are those of its quantiles", () => {
    const { mean, variance } = distribution;
    // In normal scores; where tails are powers, not all of a moment is within eight of them.
    if (!Number.isFinite(mean) || !Number.isFinite(variance)) return;
    const scores = (f: (theta: number) => number): number =>
      integrate(
        (z) => f(distribution.quantile(normalCdf(z))) * Math.exp(logNormalDensity(z)),
        -8,
        0,
        rule,
      ) +
      integrate(
        (z) => f(distribution.quantile(normalCdf(z))) * Math.exp(logNormalDensity(z)),
        0,
        8,
        rule,
      );
    const sd = Math.sqrt(variance);
    expect(Math.abs(scores((theta) => (theta - mean) / sd))).toBeLessThan(1e-3);
    expect(scores((theta) => ((theta - mean) / sd) ** 2)).toBeCloseTo(1, 1);
  });
});

describe("categorical", () => {
  test("has labels, by number", () => {
    const state = categorical(["healthy", "ill", "dead"], [6, 3, 1]);
    expect(state.labels).toEqual(["healthy", "ill", "dead"]);
    expect(state.logDensity([1])).toBeCloseTo(Math.log(0.3), 14);
    expect(distributionFromJSON(state.toJSON()).labels).toEqual(state.labels);
    expect(() => categorical(["a", "a"])).toThrow(/distinct labels/);
    expect(() => categorical(["a", "b"], [1])).toThrow(/2 probabilities/);
  });
});

test.each<readonly [() => unknown, string]>([
  [
    () => uniform(1, 1),
    "uniform(lower, upper): needs finite bounds with lower < upper, but was given 1, 1",
  ],
  [() => uniform(0, Infinity), "needs finite bounds"],
  [() => uniform(-1e308, 1.7e308), "needs finite bounds"],
  [() => normal(Number.NaN, 1), "normal(mean, sd): needs a finite mean, but was given NaN"],
  [() => normal(0, 0), "needs a positive sd, but was given 0"],
  [() => logNormal(0, -1), "needs a positive sigma, but was given -1"],
  [() => halfNormal(Infinity), "needs a positive sd, but was given Infinity"],
  [() => exponential(0), "needs a positive rate"],
  [() => gamma(-1, 1), "needs a shape from 1e-300 to 1e100, but was given -1"],
  [() => gamma(1, Number.NaN), "needs a positive rate, but was given NaN"],
  [() => halfCauchy(0), "halfCauchy(scale): needs a positive scale, but was given 0"],
  [() => pareto(0, 1), "needs a positive least value, but was given 0"],
  [() => pareto(1, -1), "needs a positive shape, but was given -1"],
  [() => logUniform(0, 1), "needs finite bounds with 0 < lower < upper, but was given 0, 1"],
  [() => beta(0, 1), "needs an a from 1e-300 to 1e100, but was given 0"],
  [() => beta(1, 0), "needs a b from 1e-300 to 1e100, but was given 0"],
  [() => truncatedNormal(0, 1, 2, 1), "needs lower < upper, but was given 2, 1"],
  [() => truncatedNormal(0, 1e-200, 1e200, Infinity), "within 1e308 standard deviations"],
  [
    () => multivariateNormal([0, 0], [[1, 0]]),
    "needs a covariance of 2 rows of 2, but was given [[1, 0]]",
  ],
  [
    () =>
      multivariateNormal(
        [0, 0],
        [
          [1, 2],
          [2, 1],
        ],
      ),
    "needs a positive definite covariance",
  ],
  [
    () =>
      multivariateNormal(
        [0, 0],
        [
          [1, 0.5],
          [0.4, 1],
        ],
      ),
    "needs a symmetric covariance",
  ],
  [() => dirichlet([1]), "needs at least two positive numbers, but was given [1]"],
  [() => dirichlet([1, 0]), "needs at least two positive numbers, but was given [1, 0]"],
  [() => discrete([]), "needs distinct finite values"],
  [() => discrete([1, 1]), "needs distinct finite values, but was given [1, 1]"],
  [() => discrete([1, 2], [1]), "needs 2 probabilities"],
  [() => discrete([1, 2], [0, 0]), "needs 2 probabilities"],
  [() => independent([]), "needs at least one distribution"],
  [
    () => normal(0, 1).logDensity([]),
    "normal: logDensity(value): needs an array of one number, but was given 0",
  ],
  [() => dirichlet([1, 1]).logDensity([1]), "needs 2 numbers, but was given 1"],
  [
    () => normal(0, 1).quantile(1.5),
    "normal: quantile(p): needs a probability within [0, 1], but was given 1.5",
  ],
])("what cannot be gets one clear error (%#)", (make, message) => {
  expect(make).toThrow(message);
});
