import { InvalidArgumentError } from "amortis";
import { describe, expect, it } from "vitest";
import { minimizeInBox, type Minimum, type Slope } from "../src/index.js";

function rosenbrock([x = 0, y = 0]: Float64Array): Slope {
  return {
    value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
  };
}

/** Where Rosenbrock's function is least along a line of constant y > 0, near √y: by Newton's method. */
function leastAlong(y: number): number {
  let x = Math.sqrt(y);
  for (let k = 0; k < 50; k++) {
    x -= (-2 * (1 - x) - 400 * x * (y - x * x)) / (2 - 400 * y + 1_200 * x * x);
  }
  return x;
}

function expectPoint({ point, converged }: Minimum, expected: readonly number[]): void {
  expect(converged).toBe(true);
  for (const [i, value] of expected.entries()) expect(point[i]).toBeCloseTo(value, 5);
}

describe("minimising in a box", () => {
  it.each([
    ["far from all bounds", [-5, -5], [5, 5], [1, 1]],
    ["without bounds", [-Infinity, -Infinity], [Infinity, Infinity], [1, 1]],
    ["against an upper bound", [-5, -5], [0.5, 5], [0.5, 0.25]],
    ["against the other upper bound", [-5, -5], [5, 0.5], [leastAlong(0.5), 0.5]],
    ["against a lower bound", [1.5, -5], [5, 5], [1.5, 2.25]],
    ["along a lower bound", [1.5, 3], [5, 5], [leastAlong(3), 3]],
    ["along an upper bound, near a corner", [-5, -5], [0.5, 0.1], [leastAlong(0.1), 0.1]],
    ["in a corner", [0, 0.5], [0.5, 5], [0.5, 0.5]],
    ["at the only point there is", [2, 3], [2, 3], [2, 3]],
  ] as const)("finds Rosenbrock's valley %s", (_, lower, upper, expected) => {
    for (const start of [
      [-1.2, 1],
      [4, -4],
      [0, 0],
    ]) {
      const found = minimizeInBox(rosenbrock, start, { lower, upper });
      expect(found.converged).toBe(true);
      for (const [i, value] of expected.entries()) expect(found.point[i]).toBeCloseTo(value, 3);
      expect(found.iterations).toBeLessThan(80);
    }
  });

  it("solves a quadratic program of six coordinates, of which four end at bounds", () => {
    // ½ (x - c)ᵀ D (x - c) with a rank-one coupling, against projected gradient steps taken to the end.
    const [c, d] = [
      [2, -3, 0.5, 0.2, 4, -0.1],
      [1, 10, 3, 0.5, 2, 30],
    ];
    const bowl = (x: Float64Array): Slope => {
      const off = Array.from(x, (value, i) => value - (c[i] ?? 0));
      const sum = off.reduce((a, b) => a + b, 0);
      const value = off.reduce((total, o, i) => total + 0.5 * (d[i] ?? 0) * o * o, 0.5 * sum * sum);
      return { value, gradient: off.map((o, i) => (d[i] ?? 0) * o + sum) };
    };
    const box = { lower: new Float64Array(6).fill(-1), upper: new Float64Array(6).fill(1) };
    const found = minimizeInBox(bowl, new Float64Array(6), { ...box, tolerance: 1e-9 });
    let x = new Float64Array(6);
    for (let k = 0; k < 5_000; k++) {
      const { gradient } = bowl(x);
      x = x.map((value, i) => Math.min(1, Math.max(-1, value - 0.02 * (gradient[i] ?? 0))));
    }
    expectPoint(found, [...x]);
    expect([...found.point].filter((value) => Math.abs(value) === 1)).toHaveLength(4);
  });

  it("clips its start, and evaluates within the box only", () => {
    const inside = (x: Float64Array): Slope => {
      expect(x.every((value) => value >= 0 && value <= 1)).toBe(true);
      return rosenbrock(x);
    };
    expectPoint(minimizeInBox(inside, [7, -7], { lower: [0, 0], upper: [1, 1] }), [1, 1]);
  });

  it("steps back from where the function is not finite", () => {
    const logarithm = ([x = 0]: Float64Array): Slope => ({
      value: x - Math.log(x),
      gradient: [1 - 1 / x],
    });
    const found = minimizeInBox(logarithm, [5], { lower: [-10], upper: [10], longestStep: 30 });
    expect(found.point[0]).toBeCloseTo(1, 5);
  });

  it("says that it stopped before the minimum", () => {
    const box = { lower: [-5, -5], upper: [5, 5] };
    const found = minimizeInBox(rosenbrock, [-1.2, 1], { ...box, iterations: 3 });
    expect(found).toMatchObject({ converged: false, iterations: 3 });
  });

  it("refuses bounds that cannot be, and a start that is not finite", () => {
    expect(() => minimizeInBox(rosenbrock, [0, 0], { lower: [0], upper: [1, 1] })).toThrow(
      InvalidArgumentError,
    );
    expect(() => minimizeInBox(rosenbrock, [0, 0], { lower: [2, 0], upper: [1, 1] })).toThrow(
      "those of coordinate 0 are 2 and 1",
    );
    const nowhere = (): Slope => ({ value: Number.NaN, gradient: [0] });
    expect(() => minimizeInBox(nowhere, [0], { lower: [0], upper: [1] })).toThrow("finite");
  });
});
