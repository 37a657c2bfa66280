import { describe, expect, it } from "vitest";
import { pairLogDensity } from "../src/index.js";

const correlations = [-0.5, 0, 0.3, 0.9, 0.99];
const density = (x1: number, x2: number, rho: number): number =>
  Math.exp(pairLogDensity(x1, x2, rho).value);

/** P(X₁ > x₁, X₂ > x₂), from Schlather's formula on the scale of Y. */
function survival(x1: number, x2: number, rho: number): number {
  const [y1, y2] = [1 / x1, 1 / x2];
  const root = Math.sqrt(1 - (2 * (rho + 1) * y1 * y2) / (y1 + y2) ** 2);
  return Math.exp(-0.5 * (1 / y1 + 1 / y2) * (1 + root));
}

/** Simpson's rule on n (even) intervals. */
function integrate(f: (x: number) => number, a: number, b: number, n: number): number {
  const h = (b - a) / n;
  let sum = f(a) + f(b);
  for (let i = 1; i < n; i++) sum += (i % 2 === 1 ? 4 : 2) * f(a + i * h);
  return (sum * h) / 3;
}

describe("the density of a pair", () => {
  it.each(correlations)("integrates to one, ρ = %d", (rho) => {
    // x = s (w, 1 - w): the density is smooth in both, and has an area of s ds dw.
    const total = integrate(
      (w) => integrate((s) => s * density(s * w, s * (1 - w), rho), 1e-9, 70, 1_200),
      1e-9,
      1 - 1e-9,
      400,
    );
    expect(total).toBeCloseTo(1, 6);
  });

  it.each(correlations)("has unit exponential margins, ρ = %d", (rho) => {
    for (const x1 of [0.2, 1, 3]) {
      // x₂ = x₁ e^t spreads the ridge at x₂ = x₁ over a range of t.
      const f = (t: number): number => density(x1, x1 * Math.exp(t), rho) * x1 * Math.exp(t);
      expect(integrate(f, -25, 6, 4_000)).toBeCloseTo(Math.exp(-x1), 7);
    }
  });

  it.each(correlations)("is the mixed derivative of the distribution, ρ = %d", (rho) => {
    for (const [x1, x2] of [
      [0.3, 0.4],
      [1, 1.05],
      [2, 0.1],
      [0.01, 0.02],
    ] as const) {
      // Differences over a hundredth of the ridge's width, improved by Richardson.
      const step = 0.01 * Math.sqrt(1 - rho);
      const difference = (e: number): number => {
        const [d1, d2] = [e * x1, e * x2];
        const corner = (s: number, t: number): number => survival(x1 + s * d1, x2 + t * d2, rho);
        return (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (4 * d1 * d2);
      };
      const expected = (4 * difference(step / 2) - difference(step)) / 3;
      expect(density(x1, x2, rho) / expected).toBeCloseTo(1, 5);
    }
  });

  it.each(correlations)("has the slope of differences in ρ = %d", (rho) => {
    for (const [x1, x2] of [
      [0.3, 0.4],
      [1, 1],
      [2, 0.1],
      [1e-6, 3],
    ] as const) {
      const e = 1e-5 * (1 - rho);
      const [up, down] = [rho + e, rho - e].map((r) => pairLogDensity(x1, x2, r).value);
      const expected = ((up ?? 0) - (down ?? 0)) / (2 * e);
      const found = pairLogDensity(x1, x2, rho).correlation;
      expect(Math.abs(found - expected)).toBeLessThan(1e-6 * (1 + Math.abs(expected)));
    }
  });

  it("does not depend on the order of the two", () => {
    const [one, other] = [pairLogDensity(0.3, 0.7, 0.6), pairLogDensity(0.7, 0.3, 0.6)];
    expect(one.value).toBeCloseTo(other.value, 14);
    expect(one.correlation).toBeCloseTo(other.correlation, 14);
  });
});
