import { describe, expect, it } from "vitest";
import { OdeError, solveOde, type Slope } from "../../src/math/index.js";

const range = (from: number, to: number, n: number): number[] =>
  Array.from({ length: n + 1 }, (_, i) => from + ((to - from) * i) / n);

const oscillator: Slope = (_t, y, out) => {
  out[0] = y[1] ?? 0;
  out[1] = -(y[0] ?? 0);
};

/** Largest |found - exact| over all times and coordinates. */
function largestError(
  found: Float64Array,
  times: readonly number[],
  exact: (t: number) => readonly number[],
): number {
  const wanted = times.flatMap((t) => [...exact(t)]);
  return Math.max(...wanted.map((value, i) => Math.abs((found[i] ?? Number.NaN) - value)));
}

describe("solving ordinary differential equations", () => {
  it("turns in a circle, between steps too", () => {
    const times = range(0, 20, 333);
    const found = solveOde(oscillator, [1, 0], times, { relative: 1e-10, absolute: 1e-10 });
    const error = largestError(found, times, (t) => [Math.cos(t), -Math.sin(t)]);
    expect(error).toBeLessThan(2e-8);
  });

  it("is of fifth order: a tolerance 100 times smaller gives an error about as much smaller", () => {
    const errorAt = (tolerance: number): number => {
      const found = solveOde(oscillator, [1, 0], [0, 10], {
        relative: tolerance,
        absolute: tolerance,
      });
      return largestError(found, [0, 10], (t) => [Math.cos(t), -Math.sin(t)]);
    };
    const orders = [1e-4, 1e-6, 1e-8].map((from) =>
      Math.log10(errorAt(from) / errorAt(from / 100)),
    );
    // The global error follows the tolerance by a power near one.
    for (const order of orders) expect(Math.abs(order - 2)).toBeLessThan(0.5);
  });

  it("is exact for polynomials of degree four, interpolated too", () => {
    const times = range(-1, 3, 17);
    const found = solveOde((t, _y, out) => void (out[0] = 5 * t ** 3 - 2 * t), [0], times);
    const integral = (t: number): number => (5 / 4) * t ** 4 - t ** 2;
    const error = largestError(found, times, (t) => [integral(t) - integral(-1)]);
    expect(error).toBeLessThan(1e-12);
  });

  it("follows logistic growth through a million", () => {
    const times = range(0, 40, 40);
    const found = solveOde(
      (_t, y, out) => {
        const share = (y[0] ?? 0) / 1e6;
        out[0] = 0.8 * (y[0] ?? 0) * (1 - share);
      },
      [1],
      times,
      { relative: 1e-9, absolute: 1e-9 },
    );
    for (const [i, t] of times.entries()) {
      const exact = 1e6 / (1 + (1e6 - 1) * Math.exp(-0.8 * t));
      expect(Math.abs((found[i] ?? 0) / exact - 1)).toBeLessThan(1e-7);
    }
  });

  it("returns to where Arenstorf's orbit began", () => {
    // The restricted three-body problem of Hairer, Nørsett and Wanner, II.0: step sizes range over three orders of magnitude.
    const mu = 0.012277471;
    const period = 17.06521656015796;
    const orbit: Slope = (_t, y, out) => {
      const [x = 0, z = 0, u = 0, v = 0] = y;
      const near = ((x + mu) ** 2 + z ** 2) ** 1.5;
      const far = ((x - 1 + mu) ** 2 + z ** 2) ** 1.5;
      out[0] = u;
      out[1] = v;
      out[2] = x + 2 * v - ((1 - mu) * (x + mu)) / near - (mu * (x - 1 + mu)) / far;
      out[3] = z - 2 * u - ((1 - mu) * z) / near - (mu * z) / far;
    };
    const initial = [0.994, 0, 0, -2.00158510637908];
    const found = solveOde(orbit, initial, [0, period], { relative: 1e-11, absolute: 1e-11 });
    const error = largestError(found.subarray(4), [period], () => initial);
    expect(error).toBeLessThan(2e-3);
  });

  it("says when a solution runs away, or takes too many steps", () => {
    const blowUp: Slope = (_t, y, out) => void (out[0] = (y[0] ?? 0) ** 2);
    expect(() => solveOde(blowUp, [1], [0, 2])).toThrow(OdeError);
    expect(() => solveOde(oscillator, [1, 0], [0, 1e6], { maxSteps: 100 })).toThrow(
      /more than 100 steps/,
    );
    expect(() => solveOde(oscillator, [1, 0], [0, 1, 1])).toThrow(/times that rise/);
    expect(() => solveOde(oscillator, [1, 0], [0, 1], { relative: 0 })).toThrow(/positive/);
  });
});
