/**
 * Inverses of distribution functions against closed forms.
 */
import { expect, it, test } from "vitest";
import { beta, gamma, normal, type ScalarDistribution } from "../../src/index.js";
import { invert, type LogDensities } from "../../src/posterior/inversion.js";

const LEVELS = [1e-4, 0.01, 0.2, 0.5, 0.77, 0.99, 0.9999];

/** Log-densities of distributions, one a row, up to a constant of its own. */
function densitiesOf(all: readonly ScalarDistribution[], constant = 0): LogDensities {
  return async (rows, points, each) =>
    rows.flatMap((row, i) =>
      Array.from(
        points.subarray(i * each, (i + 1) * each),
        (x) => (all[row]?.logDensity([x]) ?? Number.NaN) + constant * (row + 1),
      ),
    );
}

test("quantiles and masses are those of the distribution, however narrow it is", async () => {
  const all = [normal(0.3, 1), normal(-2, 1e-5), normal(6.99, 0.01), normal(0, 3)];
  const found = await invert(all.length, [-40, 40], densitiesOf(all, 100));
  for (const [row, distribution] of all.entries()) {
    // Coefficients below 1e-4 of the largest density are left out: of a share of mass some 1e-6.
    const sd = Math.sqrt(distribution.variance);
    expect(found[row]?.logMass).toBeCloseTo(100 * (row + 1), 5);
    for (const u of LEVELS) {
      const error = (found[row]?.quantile(u) ?? 0) - distribution.quantile(u);
      expect(Math.abs(error) / sd).toBeLessThan(u > 0.001 && u < 0.999 ? 1e-4 : 1e-2);
    }
  }
});

test("densities that end at bounds, or have several modes", async () => {
  const [bounded, skewed] = [beta(1, 3), gamma(3, 2)];
  const [one] = await invert(1, [0, 1], densitiesOf([bounded]));
  const [two] = await invert(1, [1e-9, 60], densitiesOf([skewed]));
  const modes = [normal(-3, 0.05), normal(1, 0.4)];
  const mixture: LogDensities = async (_rows, points) =>
    points.map((x) =>
      Math.log(
        modes.reduce(
          (sum, mode, k) => sum + (k === 0 ? 0.3 : 0.7) * Math.exp(mode.logDensity([x])),
          0,
        ),
      ),
    );
  const [three] = await invert(1, [-8, 8], mixture);
  for (const u of LEVELS.slice(1, -1)) {
    expect(bounded.cdf(one?.quantile(u) ?? 0)).toBeCloseTo(u, 4);
    expect(skewed.cdf(two?.quantile(u) ?? 0)).toBeCloseTo(u, 4);
    const x = three?.quantile(u) ?? 0;
    expect(0.3 * (modes[0]?.cdf(x) ?? 0) + 0.7 * (modes[1]?.cdf(x) ?? 0)).toBeCloseTo(u, 4);
  }
});

it("says which densities it cannot invert", async () => {
  const rough: LogDensities = async (_rows, points) => points.map((x) => Math.sin(1e6 * x));
  const none: LogDensities = async (_rows, points) => points.map(() => -Infinity);
  const holes: LogDensities = async (_rows, points) => points.map((x) => (x > 0 ? Number.NaN : 0));
  for (const densities of [rough, none, holes]) {
    expect(await invert(1, [-1, 1], densities)).toEqual([undefined]);
  }
});
