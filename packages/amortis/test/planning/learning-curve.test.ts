/**
 * Learning curves: those that points lie on are found, and what follows from them.
 */
import { describe, expect, it } from "vitest";
import { learningCurve, simulationsFor } from "../../src/index.js";
import { gapAt } from "../../src/planning/learning-curve.js";
import { lineOf } from "../../src/planning/line.js";

const points = (limit: number, factor: number, rate: number) =>
  [500, 1000, 2000].map((simulations) => ({
    simulations,
    loss: limit + factor * simulations ** -rate,
  }));

describe("learning curves", () => {
  it.each([
    [1.2, 60, 0.8],
    [-3, 900, 1.1],
    [0.4, 30, 0.6],
  ])("of limit %d, factor %d and rate %d", (limit, factor, rate) => {
    const curve = learningCurve(points(limit, factor, rate));
    // Drawn to the usual rate by what losses leave open: of gaps of tenths of nats, little.
    expect(Math.abs(curve.rate - rate)).toBeLessThan(0.12);
    expect(Math.abs(curve.limit - limit)).toBeLessThan(0.06);
    const exact = (factor / 0.05) ** (1 / rate);
    const found = simulationsFor(curve, 0.05);
    expect(Math.max(found / exact, exact / found)).toBeLessThan(2);
    expect(gapAt(curve, found)).toBeCloseTo(0.05, 10);
  });

  it("that do not fall need no more simulations", () => {
    const flat = learningCurve([
      { simulations: 500, loss: 1 },
      { simulations: 1000, loss: 1.01 },
      { simulations: 2000, loss: 1.02 },
    ]);
    expect(flat.factor).toBe(0);
    expect(simulationsFor(flat, 0.05)).toBe(0);
  });

  it("of two points are none", () => {
    expect(() => learningCurve(points(1, 1, 1).slice(1))).toThrow(/three trainings .* there are 2/);
  });
});

describe("seconds by steps", () => {
  it("are a line that neither falls nor begins below zero", () => {
    const line = lineOf([100, 200, 400], [3, 5, 9]);
    expect(line.intercept).toBeCloseTo(1, 10);
    expect(line.slope).toBeCloseTo(0.02, 10);
    // All the same number of steps, of which small trainings leave out some; and a line that would begin below zero.
    expect(lineOf([400, 400, 400], [5, 6, 8])).toEqual({ intercept: 0, slope: 0.02 });
    expect(lineOf([100, 200, 400], [1, 3, 8])).toEqual({ intercept: 0, slope: 0.02 });
  });
});
