/**
 * The maps between numbers and variables: inverse to each other, with the slopes that finite differences have.
 */
import { expect, test } from "vitest";
import { JointSpace } from "../../src/estimators/joint-space.js";
import { dirichlet, jointPrior, normal, uniform } from "../../src/distributions/index.js";
import { specsOf } from "../../src/data/array-spec.js";

const prior = jointPrior({
  day: normal(2_450_000, 1),
  share: dirichlet([1, 1, 1]),
  rate: uniform(0, 2),
});

const space = new JointSpace(prior, specsOf({ z: [], y: [2] }), {
  data: {
    y: { mean: [1, -1], sd: [2, 0.5], offset: [1000, 0] },
    z: { mean: [0], sd: [1], tails: { center: [0.5], width: [0.1], mean: [2], sd: [3] } },
  },
  parameters: { mean: [0, 0, 0, 0, 0], sd: [1, 1, 1, 1, 1] },
  unconstrained: { mean: [0.1, 0.2, -0.3, 0], sd: [1, 2, 0.5, 1.5] },
});

const numbers = Float64Array.of(2_450_001.25, 0.2, 0.5, 0.3, 1.2, 1003, -0.5, 40);

test("numbers come back from their variables", () => {
  expect([space.p, space.k, space.n, space.variables]).toEqual([5, 4, 3, 7]);
  expect(space.arrays.map(({ name, offset }) => [name, offset])).toEqual([
    ["y", 5],
    ["z", 7],
  ]);
  const back = space.toNumbers(space.toVariables(numbers));
  for (const [i, x] of numbers.entries()) expect(back[i]).toBeCloseTo(x, 9);
});

test("log slopes are those of finite differences, of what is asked alone", () => {
  const u = space.toVariables(numbers);
  const h = 1e-6;
  const column = (j: number): Float64Array => {
    const [up, down] = [h, -h].map((step) => space.toNumbers(u.with(j, (u[j] ?? 0) + step)));
    return Float64Array.from(numbers, (_, i) => ((up?.[i] ?? 0) - (down?.[i] ?? 0)) / (2 * h));
  };
  const slopes = Array.from(u, (_, j) => column(j));
  const at = (j: number, i: number): number => slopes[j]?.[i] ?? 0;
  const asking = (...places: number[]): Uint8Array =>
    Uint8Array.from(u, (_, j) => Number(places.includes(j)));
  const logSlope = (...places: number[]): number => space.logSlope(numbers, u, asking(...places));
  // A step of single precision's offset in double precision leaves nine digits.
  expect(logSlope(0)).toBeCloseTo(Math.log(at(0, 0)), 3);
  const ofShares = at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1);
  expect(logSlope(1, 2)).toBeCloseTo(Math.log(Math.abs(ofShares)), 5);
  expect(logSlope(3)).toBeCloseTo(Math.log(at(3, 4)), 6);
  expect(logSlope(4, 5)).toBeCloseTo(Math.log(at(4, 5) * at(5, 6)), 6);
  expect(logSlope(6)).toBeCloseTo(Math.log(at(6, 7)), 6);
  expect(logSlope(3, 6)).toBeCloseTo(logSlope(3) + logSlope(6), 12);
});

test("numbers of one variable are marked together, and given together", () => {
  expect([...space.spreadOver([0, 1, 1, 1, 0, 1, 0, 0])]).toEqual([0, 1, 1, 0, 1, 0, 0]);
  expect(Number.isNaN(space.toVariables(numbers.with(4, Number.NaN))[3])).toBe(true);
  expect(Number.isNaN(space.toVariables(numbers.with(4, 5))[3])).toBe(true);
  expect(() => space.requireWhole(numbers.with(2, Number.NaN))).toThrow(
    "share[0], share[1], share[2] depend on each other in their prior, and are known together or not at all, but 2 of 3 were given",
  );
  space.requireWhole(numbers.with(0, Number.NaN));
});
