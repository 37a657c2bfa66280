import { describe, expect, it } from "vitest";
import {
  beta,
  custom,
  dirichlet,
  discrete,
  exponential,
  gamma,
  jointPrior,
  normal,
  uniform,
} from "../../src/distributions/index.js";
import { nearestValue } from "../../src/estimators/to-values.js";
import { trainedRegion } from "../../src/estimators/trained-region.js";

describe("the region of an estimator's training", () => {
  const prior = jointPrior({
    noise: uniform(0, 2),
    level: discrete([0, 0.1, 2]),
    shift: normal(0, 1),
    weights: dirichlet([1, 2]),
  });
  const region = trainedRegion(prior, 5_000);

  it("holds closed bounds, the smallest and largest values, and what single precision makes of them", () => {
    const points = [
      [0, 0, 0, 0.5, 0.5],
      [2, 2, 0, 0, 1],
      [1.99999995, 0.1, 0, 0.5, 0.5],
      [1, Math.fround(0.1), 5, 0.5, 0.5],
    ];
    expect([...region.ask(points.flat()).inside]).toEqual([1, 1, 1, 1]);
    expect(Math.fround(1.99999995)).toBe(2);
    // 0.6 is 0.6000000238 in single precision.
    const rounded = trainedRegion(jointPrior({ x: uniform(0, 0.6) }), 100);
    expect([...rounded.ask(Float32Array.of(0.6)).inside]).toEqual([1]);
  });

  it("leaves out what the prior cannot be", () => {
    const points = [
      [-1e-6, 0, 0, 0.5, 0.5],
      [1, 0.5, 0, 0.5, 0.5],
      [1, 0, Infinity, 0.5, 0.5],
      [1, 0, 0, 0.5, 0.4],
      [Number.NaN, 0, 0, 0.5, 0.5],
    ];
    const { inside, theta } = region.ask(points.flat());
    expect([...inside]).toEqual([0, 0, 0, 0, 0]);
    expect(theta.every(Number.isFinite)).toBe(true);
  });

  it("asks in a strip along a bound at its inner edge, and nowhere else elsewhere", () => {
    const asked = [0, 1e-9, 0.001, 0.008, 0.009, 1.5, 1.9995].map((noise) => [
      ...region.ask([noise, 2, 0, 0.5, 0.5]).theta,
    ]);
    // Twenty simulations of 5,000 are four thousandths of the prior: 0.008.
    const expected = [0.008, 0.008, 0.008, 0.008, 0.009, 1.5, 1.992];
    for (const [i, theta] of asked.entries()) expect(theta[0]).toBeCloseTo(expected[i] ?? 0, 7);
    // An unbounded side has no strip.
    expect(region.ask([1, 2, -40, 0.5, 0.5]).theta[2]).toBe(-40);
  });

  it("holds a likelihood no further in than the last simulation is expected", () => {
    const wide = trainedRegion(prior, 5_000, true);
    const asked = [0, 0.0001, 0.0005, 0.0079, 2].map((noise) => wide.ask([noise, 2, 0, 0.5, 0.5]));
    // One simulation of 5,000 is two ten-thousandths of the prior: 0.0004.
    const expected = [0.0004, 0.0004, 0.0005, 0.0079, 1.9996];
    for (const [i, { theta }] of asked.entries()) expect(theta[0]).toBeCloseTo(expected[i] ?? 0, 6);
  });

  it("takes an answer on to a bound by the prior's density", () => {
    const shiftOf = (one: Parameters<typeof jointPrior>[0][string], x: number): number =>
      trainedRegion(jointPrior({ one }), 1_000).ask([x]).shift[0] ?? Number.NaN;
    expect(shiftOf(uniform(0, 1), 0)).toBe(0);
    expect(shiftOf(exponential(2), 0)).toBeCloseTo(2 * exponential(2).quantile(0.005), 6);
    expect(shiftOf(gamma(3, 1), 0)).toBe(-Infinity);
    expect(shiftOf(beta(0.5, 1), 0)).toBe(Infinity);
    expect(shiftOf(exponential(2), 5)).toBe(0);
    const own = custom({ support: { lower: 0, upper: 1 }, sample: () => 0.5, logDensity: () => 0 });
    expect(shiftOf(own, 0)).toBe(0);
  });
});

describe("quantiles of a discrete parameter", () => {
  const values = [0, 1, 3];

  it("go to the nearest value, of two as near to the one away from the median", () => {
    const below = [-0.2, 0, 0.4, 0.5, 0.6, 1, 2, 2.01, 3.1].map((x) =>
      nearestValue(x, 0.05, values),
    );
    expect(below).toEqual([0, 0, 0, 0, 1, 1, 1, 3, 3]);
    const above = [-0.2, 0, 0.4, 0.5, 0.6, 1, 2, 1.99, 3.1].map((x) =>
      nearestValue(x, 0.95, values),
    );
    expect(above).toEqual([0, 0, 0, 1, 1, 1, 3, 1, 3]);
  });
});
