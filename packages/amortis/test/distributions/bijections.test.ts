import { describe, expect, test } from "vitest";
import {
  intervalBijection,
  productBijection,
  simplexBijection,
  type Bijection,
} from "../../src/distributions/index.js";
import { neighbour } from "../../src/distributions/rounding.js";
import { stream } from "../../src/random/index.js";
import { finiteDifferences } from "./finite-differences.js";

const bijections: readonly (readonly [string, Bijection])[] = [
  ["real", intervalBijection(-Infinity, Infinity)],
  ["unit interval", intervalBijection(0, 1)],
  ["interval", intervalBijection(-3, 7)],
  ["positive", intervalBijection(0, Infinity)],
  ["above 2", intervalBijection(2, Infinity)],
  ["below -1", intervalBijection(-Infinity, -1)],
  ["negative", intervalBijection(-Infinity, 0)],
  [
    "mixed",
    intervalBijection([0, -1, -Infinity, 0, 0, -Infinity], [1, 1, Infinity, Infinity, 0.6, 2]),
  ],
  ["segment", simplexBijection(2)],
  ["triangle", simplexBijection(3)],
  ["simplex of 7", simplexBijection(7)],
  [
    "product",
    productBijection([
      intervalBijection(0, 1),
      intervalBijection(2, 5),
      simplexBijection(3),
      intervalBijection(0, Infinity),
      intervalBijection(-Infinity, Infinity, 2),
    ]),
  ],
];

/** Coordinates of θ whose density the Jacobian is for: all but the last of each simplex. */
function keptCoordinates(name: string, { size, unconstrainedSize }: Bijection): readonly number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  if (size === unconstrainedSize) return all;
  return name === "product" ? all.filter((i) => i !== 4) : all.slice(0, -1);
}

describe.each(bijections)("%s", (name, bijection) => {
  const random = stream(7).split(name);
  const points = Array.from({ length: 20 }, () =>
    Float64Array.from({ length: bijection.unconstrainedSize }, () => 2 * random.normal()),
  );

  test("the inverse undoes it", () => {
    for (const u of points) {
      const back = bijection.inverse(bijection.forward(u));
      for (const [i, value] of u.entries()) expect(back[i]).toBeCloseTo(value, 10);
    }
  });

  test("its log-Jacobian is that of finite differences", () => {
    const kept = keptCoordinates(name, bijection);
    for (const u of points) {
      expect(bijection.logJacobian(u)).toBeCloseTo(finiteDifferences(bijection, u, kept), 5);
    }
  });

  test("its single coordinates, where it has them, are the whole", () => {
    const { coordinates } = bijection;
    expect(coordinates === undefined).toBe(bijection.size !== bijection.unconstrainedSize);
    for (const u of points) {
      const whole = [...bijection.forward(u)];
      const each = coordinates?.map((map, i) => map.forward([u[i] ?? Number.NaN])[0]);
      expect(each ?? whole).toEqual(whole);
    }
  });

  test("extreme points stay strictly inside, with finite log-Jacobians and inverses", () => {
    const { bounds } = bijection;
    for (const extreme of [-1e4, -750, -40, 40, 750, 1e4]) {
      const u = new Float64Array(bijection.unconstrainedSize).fill(extreme);
      const theta = bijection.forward(u);
      expect(theta.every(Number.isFinite)).toBe(true);
      expect(
        theta.every(
          (x, i) => x > (bounds?.lower[i] ?? -Infinity) && x < (bounds?.upper[i] ?? Infinity),
        ),
      ).toBe(true);
      expect(Number.isFinite(bijection.logJacobian(u))).toBe(true);
      expect(bijection.inverse(theta).every(Number.isFinite)).toBe(true);
    }
  });
});

test("simplex points sum to one, stay inside, and zero is the centre", () => {
  const bijection = simplexBijection(4);
  expect([...bijection.forward([0, 0, 0])].map((x) => x.toFixed(15))).toEqual(
    Array(4).fill("0.250000000000000"),
  );
  for (const u of [
    [1, -3, 2],
    [900, 0, -900],
    [-900, -900, -900],
    [-40, 30, 800],
  ]) {
    const x = bijection.forward(u);
    expect(x.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
    expect(x.every((one) => one > 0 && one < 1)).toBe(true);
  }
});

test("log-Jacobians far out are exact", () => {
  expect(intervalBijection(0, 1).logJacobian([800])).toBe(-800);
  expect(intervalBijection(0, 1).logJacobian([-800])).toBe(-800);
  expect(intervalBijection(0, Infinity).logJacobian([-800])).toBe(-800);
});

test("precision at bounds: small values keep their digits", () => {
  const unit = intervalBijection(0, 1);
  expect(unit.inverse(unit.forward([-600]))[0]).toBeCloseTo(-600, 10);
  const negative = intervalBijection(-5, 0);
  expect(negative.inverse(negative.forward([600]))[0]).toBeCloseTo(600, 10);
});

test("inverse takes a bound for the number next to it, and anything outside for no number", () => {
  const bijection = intervalBijection(1, 2);
  const [low = 0] = bijection.inverse([1]);
  const [high = 0] = bijection.inverse([2]);
  expect(low).toBeLessThan(-35);
  expect(high).toBeGreaterThan(35);
  expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
  expect(bijection.inverse([0.99])[0]).toBeNaN();
  expect(bijection.inverse([2.01])[0]).toBeNaN();
  expect(bijection.inverse([Number.NaN])[0]).toBeNaN();
  expect(simplexBijection(2).inverse([-0.1, 1.1])[0]).toBeNaN();
  expect(Number.isFinite(simplexBijection(2).inverse([0, 1])[0])).toBe(true);
});

test("intervals that hold no numbers are refused", () => {
  expect(() => intervalBijection(1, 1 + 2 ** -52)).toThrow(
    /holds no float64 number.*rescale or shift/,
  );
  expect(() => intervalBijection([0, 1], [1])).toThrow(/2 lower and 1 upper bounds/);
  expect(() => simplexBijection(1)).toThrow(/two coordinates or more/);
});

test("neighbouring numbers", () => {
  expect(neighbour(1, 1, "float64")).toBe(1 + 2 ** -52);
  expect(neighbour(1, -1, "float64")).toBe(1 - 2 ** -53);
  expect(neighbour(-1, 1, "float32")).toBe(-1 + 2 ** -24);
  expect(neighbour(0.1, 1, "float32")).toBe(Math.fround(0.1) + 2 ** -27);
  expect(neighbour(0, 1, "float32")).toBe(2 ** -126);
  expect(neighbour(0, -1, "float64")).toBe(-(2 ** -1022));
  expect(neighbour(Infinity, -1, "float32")).toBe(3.4028234663852886e38);
  expect(neighbour(-Infinity, 1, "float64")).toBe(-Number.MAX_VALUE);
  expect(neighbour(1e300, -1, "float32")).toBe(3.4028234663852886e38);
  expect(neighbour(1e300, -1, "float64")).toBeLessThan(1e300);
});
