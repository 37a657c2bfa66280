/** Smooth trends of numbers in parameters: what is left of simulations that a trend was learned from is what is left of others. */
import { describe, expect, it } from "vitest";
import { SmoothTrend } from "../../src/data/smooth-trend.js";
import { stream } from "../../src/index.js";

const NOISE = 0.1;
const n = 400;

/** Two parameters, and three numbers: one bent, one linear, one that says nothing. */
function simulated(name: string, rows = n) {
  const random = stream(name);
  const parameters = Float32Array.from({ length: 2 * rows }, () => random.normal());
  const numbers = Float64Array.from({ length: 3 * rows }, (_, i) => {
    const row = Math.floor(i / 3);
    const [a = 0, b = 0] = parameters.subarray(2 * row, 2 * row + 2);
    const mean = [50 + 10 * Math.sin(2 * a) * b, a - b, 0][i % 3] ?? 0;
    return mean + (i % 3 === 0 ? 10 * NOISE : 1) * random.normal();
  });
  return { parameters, numbers };
}

const sdOf = (values: Float64Array, column: number): number => {
  const own = values.filter((_, i) => i % 3 === column);
  return Math.sqrt(own.reduce((total, value) => total + value * value, 0) / own.length);
};

describe("a smooth trend", async () => {
  const known = simulated("known");
  const fresh = simulated("fresh");
  const trend = await SmoothTrend.learn(known.parameters, known.numbers, 3);
  const left = await trend?.leftOfKnown(known.parameters, known.numbers);
  const others = await trend?.leftOf(fresh.parameters, fresh.numbers);

  it("leaves little of what is bent, of simulations it was learned from as much as of others", () => {
    const [inside = 0, outside = 0] = [left, others].map((values) =>
      values === undefined ? Number.NaN : sdOf(values, 0),
    );
    // Its own spread is 10, its noise 1; where few parameters lie, more is left.
    expect(inside).toBeGreaterThan(1);
    expect(inside).toBeLessThan(3);
    // Two means of squares of which a few are large.
    expect(Math.abs(Math.log(inside / outside))).toBeLessThan(0.5);
  });

  it("leaves as they are what is linear, and what says nothing", () => {
    for (const column of [1, 2]) {
      expect(left?.filter((_, i) => i % 3 === column)).toEqual(
        known.numbers.filter((_, i) => i % 3 === column),
      );
    }
  });

  it("is what was taken off", async () => {
    const at = await trend?.at(fresh.parameters);
    const sum = others?.map((value, i) => value + (at?.[i] ?? 0));
    for (const [i, value] of fresh.numbers.entries()) expect(sum?.[i]).toBeCloseTo(value, 9);
  });
});

it("is none of few simulations, of many parameters, and where no number has one", async () => {
  const few = simulated("few", 20);
  expect(await SmoothTrend.learn(few.parameters, few.numbers, 3)).toBeUndefined();
  const { parameters, numbers } = simulated("known");
  const many = Float32Array.from({ length: 20 * n }, (_, i) => Math.sin(i));
  expect(await SmoothTrend.learn(many, numbers, 3)).toBeUndefined();
  const straight = numbers.filter((_, i) => i % 3 !== 0);
  expect(await SmoothTrend.learn(parameters, straight, 2)).toBeUndefined();
});
