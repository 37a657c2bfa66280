import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { besselK, besselKOfOrder, besselKScaled } from "../../src/math/index.js";

/** Order, argument, e^x K(x); see bessel_golden.py. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the script
const golden = JSON.parse(
  readFileSync(new URL("../fixtures/bessel-golden.json", import.meta.url), "utf8"),
) as readonly (readonly [number, number, number])[];

describe("the modified Bessel function K", () => {
  it("has its golden values, to 1e-14", () => {
    const errors = golden.map(([order, x, value]) => besselKScaled(order, x) / value - 1);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1e-14);
  });

  it("is the scaled function times e^{-x}", () => {
    for (const [order, x, value] of golden) {
      const expected = Math.exp(-x) * value;
      // Math.exp may be off by an ulp.
      expect(Math.abs(besselK(order, x) - expected)).toBeLessThanOrEqual(1e-14 * expected);
    }
  });

  it("is elementary at half-integer orders", () => {
    for (const x of [1e-6, 0.2, 1.9, 2.1, 40, 700]) {
      const first = Math.sqrt(Math.PI / (2 * x));
      expect(besselKScaled(0.5, x) / first).toBeCloseTo(1, 14);
      expect(besselKScaled(1.5, x) / (first * (1 + 1 / x))).toBeCloseTo(1, 14);
      expect(besselKScaled(2.5, x) / (first * (1 + 3 / x + 3 / x ** 2))).toBeCloseTo(1, 14);
    }
  });

  it("is continuous where the series hands over to the fraction", () => {
    for (const order of [0, 0.3, 0.5, 1.2, 2.75, 5]) {
      const k = besselKOfOrder(order);
      const [below, above] = [k.value(2), k.value(2 + 1e-15)];
      expect(Math.abs(above / below - 1)).toBeLessThan(1e-14);
    }
  });

  it("is even in its order", () => {
    expect(besselK(-1.3, 0.7)).toBe(besselK(1.3, 0.7));
  });

  it("has its limits at the ends", () => {
    expect(besselK(1, 0)).toBe(Infinity);
    expect(besselK(5, 1e-200)).toBe(Infinity);
    for (const order of [0.7, 1, 2, 5]) expect(besselK(order, 1e-320)).toBeGreaterThan(1e200);
    // -log(x/2) - γ, γ Euler's constant.
    expect(besselK(0, 2 ** -1070)).toBeCloseTo(1071 * Math.LN2 - 0.5772156649015329, 10);
    expect(besselK(1, 1e4)).toBe(0);
    expect(besselK(1, Infinity)).toBe(0);
    expect(besselKScaled(1, 1e4)).toBeCloseTo(Math.sqrt(Math.PI / 2e4), 5);
    for (const [order, x] of [
      [1, -1],
      [1, Number.NaN],
      [Number.NaN, 1],
      [Infinity, 1],
    ] as const) {
      expect(besselK(order, x)).toBeNaN();
    }
  });
});
