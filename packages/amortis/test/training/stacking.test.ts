import { describe, expect, test } from "vitest";
import { stream } from "../../src/random/index.js";
import { mixtureLoss, sparseWeights, stackingWeights } from "../../src/training/stacking.js";

const normalLoss = (mean: number, sd: number) => (x: number) =>
  0.5 * ((x - mean) / sd) ** 2 + Math.log(sd) + 0.5 * Math.log(2 * Math.PI);

describe("stacking", () => {
  const n = 4_000;
  const random = stream("stacking");
  const x = Array.from({ length: n }, () => (random.uniform() < 0.7 ? 0 : 3) + random.normal());
  const members = [normalLoss(0, 1), normalLoss(3, 1), normalLoss(-9, 1)].map((loss) =>
    x.map(loss),
  );

  test("finds the shares of a mixture of its members", () => {
    const weights = stackingWeights(members);
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    // The share is known to √(.7 · .3 / n), and a little less for the components' overlap.
    expect(Math.abs((weights[0] ?? 0) - 0.7)).toBeLessThan(4 * 1.2 * Math.sqrt(0.21 / n));
    expect(weights[2]).toBeLessThan(0.002);
  });

  test("is no worse than any member or equal shares", () => {
    const best = mixtureLoss(members, stackingWeights(members));
    for (const weights of [
      [1, 0, 0],
      [0, 1, 0],
      [1 / 3, 1 / 3, 1 / 3],
      [0.5, 0.5, 0],
    ]) {
      expect(best).toBeLessThan(mixtureLoss(members, weights) + 1e-3);
    }
  });

  test("leaves out members that add nothing, and weighs the others anew", () => {
    const weights = sparseWeights(members);
    expect(weights[2]).toBe(0);
    expect(weights.slice(0, 2)).toEqual(stackingWeights(members.slice(0, 2)));
    expect(sparseWeights([[1], [1], [1]])).toEqual([0, 0, 1]);
    expect(sparseWeights([[1]])).toEqual([1]);
  });

  test("leaves a member out only where that is known to cost little", () => {
    // Two that are right about a half of the examples each: together they are worth ln 2 less 1/2, however many examples there are.
    const halves = (n: number): number[][] =>
      [0, 1].map((k) => Array.from({ length: n }, (_, i) => (i % 2 === k ? 0 : 1)));
    expect(sparseWeights(halves(400)).every((weight) => weight > 0)).toBe(true);
    // Each is better by .2 in turn: together they are worth .2²/8 = .005, known to .1/√n. Many examples tell that one of them will do; few do not.
    const inTurn = (n: number): number[][] =>
      [1, -1].map((sign) => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 0.1 : -0.1) * sign));
    expect(sparseWeights(inTurn(10)).every((weight) => weight > 0)).toBe(true);
    expect(sparseWeights(inTurn(1_000)).filter((weight) => weight > 0)).toHaveLength(1);
  });

  test("leaves equal members equal shares, however few the examples", () => {
    expect(stackingWeights([[1], [1], [1]])).toEqual([1 / 3, 1 / 3, 1 / 3]);
    const few = stackingWeights([
      [1, 1, 1],
      [1.2, 1.1, 1.3],
    ]);
    expect(few[1]).toBeGreaterThan(0.4);
  });

  test("bears members whose densities vanish or are no numbers", () => {
    const weights = stackingWeights([
      [1, 2, 1e4],
      [Number.NaN, Infinity, Number.NaN],
    ]);
    expect(weights[0]).toBeGreaterThan(0.75);
    expect(
      mixtureLoss(
        [
          [1, 1e4],
          [Number.NaN, 2],
        ],
        [0.5, 0.5],
      ),
    ).toBeCloseTo(1.5 + Math.LN2, 10);
  });
});
