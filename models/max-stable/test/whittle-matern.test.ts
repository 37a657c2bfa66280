import { InvalidArgumentError } from "amortis";
import { describe, expect, it } from "vitest";
import { whittleMatern, whittleMaternSlopes } from "../src/index.js";

const distances = [1e-12, 1e-4, 0.05, 1 / 15, 0.2, 0.7, Math.SQRT2];

describe("the Whittle-Matérn correlation", () => {
  it.each([
    [0.5, () => 1],
    [1.5, (x: number) => 1 + x],
    [2.5, (x: number) => 1 + x + x ** 2 / 3],
  ] as const)("is elementary at smoothness %d", (smoothness, polynomial) => {
    for (const range of [0.01, 0.2, 0.6, 5]) {
      const rho = whittleMatern({ range, smoothness });
      for (const h of distances) {
        expect(rho(h)).toBeCloseTo(polynomial(h / range) * Math.exp(-h / range), 13);
      }
    }
  });

  it("is one at the origin, white noise at range zero, and never more than one", () => {
    expect(whittleMatern({ range: 0.3, smoothness: 1.2 })(0)).toBe(1);
    expect(whittleMatern({ range: 0, smoothness: 1.2 })(0)).toBe(1);
    for (const range of [0, 1e-300, 1e-5]) {
      expect(whittleMatern({ range, smoothness: 1.2 })(1 / 15)).toBe(0);
    }
    for (const h of [1e-320, 1e-200, 1e-20, 1e-8]) {
      for (const smoothness of [0.5, 1.3, 3]) {
        const value = whittleMatern({ range: 0.6, smoothness })(h);
        expect(value).toBeLessThanOrEqual(1);
        expect(value).toBeGreaterThan(1 - 2e-8);
      }
    }
  });

  it.each([
    [0.05, 0.5],
    [0.2, 1.4],
    [0.6, 3],
  ])("has the slopes of differences, range %d, smoothness %d", (range, smoothness) => {
    const slopes = whittleMaternSlopes({ range, smoothness });
    for (const h of distances) {
      const found = slopes(h);
      const along = (change: object): number => whittleMatern({ range, smoothness, ...change })(h);
      expect(found.value).toBe(along({}));
      const e = 1e-5;
      const byRange = along({ range: range + e * range }) - along({ range: range - e * range });
      expect(found.range).toBeCloseTo(byRange / (2 * e * range), 8);
      const [up, down] = [{ smoothness: smoothness + e }, { smoothness: smoothness - e }];
      expect(found.smoothness).toBeCloseTo((along(up) - along(down)) / (2 * e), 8);
    }
  });

  it("has no slopes at the origin, nor in white noise", () => {
    expect(whittleMaternSlopes({ range: 0.3, smoothness: 1 })(0)).toEqual({
      value: 1,
      range: 0,
      smoothness: 0,
    });
    expect(whittleMaternSlopes({ range: 0, smoothness: 1 })(0.1)).toEqual({
      value: 0,
      range: 0,
      smoothness: 0,
    });
  });

  it("says which parameter cannot be", () => {
    const invalid = [
      { range: -0.1, smoothness: 1 },
      { range: Infinity, smoothness: 1 },
      { range: 0.1, smoothness: 0 },
      { range: 0.1, smoothness: Number.NaN },
    ];
    for (const parameters of invalid) {
      expect(() => whittleMatern(parameters)).toThrow(InvalidArgumentError);
      expect(() => whittleMaternSlopes(parameters)).toThrow(InvalidArgumentError);
    }
    expect(() => whittleMatern({ range: 0.1, smoothness: -1 })).toThrow(
      "smoothness of a field must be a number > 0, but is -1",
    );
  });
});
