/**
 * R-hat and effective sizes: what ArviZ says of them, and what is said of chains that do not vary.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { stream } from "../../src/index.js";
import { convergence } from "../../src/diagnostics/index.js";

const golden = JSON.parse(
  readFileSync(new URL("../fixtures/convergence-golden.json", import.meta.url), "utf8"),
) as readonly {
  readonly name: string;
  readonly chains: readonly number[][];
  /** Of a single chain ArviZ has none. */
  readonly rHat: number | null;
  readonly bulkEss: number;
  readonly tailEss: number;
}[];

describe("convergence", () => {
  test.each(golden)("of $name chains is what ArviZ says", ({ chains, rHat, bulkEss, tailEss }) => {
    const found = convergence(chains);
    expect(found.rHat).toBeCloseTo(rHat ?? found.rHat, 9);
    expect(found.bulkEss / bulkEss).toBeCloseTo(1, 9);
    expect(found.tailEss / tailEss).toBeCloseTo(1, 9);
  });

  const chain = (seed: number, correlation: number, n = 4000): Float64Array => {
    const random = stream(seed);
    let x = random.normal();
    return Float64Array.from(
      { length: n },
      () => (x = correlation * x + Math.sqrt(1 - correlation ** 2) * random.normal()),
    );
  };

  test("of independent draws is perfect", () => {
    const { rHat, bulkEss, tailEss } = convergence([1, 2, 3, 4].map((seed) => chain(seed, 0)));
    expect(rHat).toBeLessThan(1.002);
    expect(Math.abs(bulkEss / 16_000 - 1)).toBeLessThan(0.15);
    expect(Math.abs(tailEss / 16_000 - 1)).toBeLessThan(0.15);
  });

  test("knows the effective size of an autoregression, n (1 - φ) / (1 + φ)", () => {
    const { bulkEss } = convergence([1, 2, 3, 4].map((seed) => chain(seed, 0.8)));
    // The estimate's own error is some 10 %.
    expect(bulkEss / ((16_000 * 0.2) / 1.8)).toBeGreaterThan(0.75);
    expect(bulkEss / ((16_000 * 0.2) / 1.8)).toBeLessThan(1.25);
  });

  test("sees chains apart, and chains of different spread", () => {
    const chains = [1, 2, 3, 4].map((seed) => chain(seed, 0, 500));
    const apart = chains.map((values, i) => values.map((x) => x + (i === 0 ? 2 : 0)));
    expect(convergence(apart).rHat).toBeGreaterThan(1.2);
    const wide = chains.map((values, i) => values.map((x) => x * (i === 0 ? 4 : 1)));
    expect(convergence(wide).rHat).toBeGreaterThan(1.1);
  });

  const stuck = (...values: readonly number[]): Float64Array[] =>
    values.map((value) => new Float64Array(101).fill(value));

  test("of chains stuck at different values is infinite, and each is worth one draw", () => {
    // The first two have |x - median| in common; tenths are not exact, and their rounding is no variance.
    for (const chains of [stuck(0, 1), stuck(0.1, 0.2, 0.3), stuck(0.1, 0.1, 0.1, 0.7)]) {
      const { rHat, bulkEss } = convergence(chains);
      expect(rHat).toBe(Infinity);
      expect(bulkEss).toBeLessThan(2 * chains.length);
    }
  });

  test("of draws that are all one value is unknown", () => {
    for (const count of [1, 4]) {
      const found = convergence(stuck(...Array.from({ length: count }, () => 0.1)));
      expect(found).toEqual({ rHat: NaN, bulkEss: 100 * count, tailEss: 100 * count });
    }
  });

  test("of two values in equal numbers is that of their ranks", () => {
    // |x - 1/2| is the same throughout. Each half of a chain has 50 draws of either value, in random order.
    const balanced = [1, 2, 3, 4].map((seed) => {
      const random = stream(seed);
      return [...random.permutation(50), ...random.permutation(50)].map((place) => place % 2);
    });
    const { rHat, bulkEss, tailEss } = convergence(balanced);
    // The halves' means agree to the digit: √((n - 1) / n), n = 50.
    expect(rHat).toBeCloseTo(Math.sqrt(49 / 50), 12);
    for (const size of [bulkEss, tailEss]) expect(size).toBeGreaterThan(200);
  });

  test("of a draw that is no number is unknown", () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const chains = [1, 2].map((seed) => chain(seed, 0, 101));
      // The middle draw belongs to neither half.
      chains[1]?.fill(bad, 50, 51);
      expect(convergence(chains)).toEqual({ rHat: NaN, bulkEss: NaN, tailEss: NaN });
    }
  });

  test("refuses chains that are too short", () => {
    expect(() => convergence([[1, 2, 3]])).toThrow("chains of one length of 4 or more");
  });
});
