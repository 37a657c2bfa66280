import { describe, expect, it } from "vitest";
import { dirichlet } from "../../src/index.js";
import { findModes, type LogDensities } from "../../src/posterior/mode.js";
import { stream } from "../../src/random/index.js";

/** Rows of [n, m, p] parameters by a log-density of a row and the number of its data set. */
function each(
  p: number,
  n: number,
  logDensity: (row: Float64Array, i: number) => number,
): LogDensities {
  return (parameters) => {
    const rows = parameters.length / p;
    return Promise.resolve(
      Float64Array.from({ length: rows }, (_, k) =>
        logDensity(parameters.subarray(k * p, (k + 1) * p), Math.floor((k * n) / rows)),
      ),
    );
  };
}

const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN;

describe("modes", () => {
  it("of normal posteriors are their means, for each data set", async () => {
    const [n, m, p] = [3, 500, 2];
    const mean = (i: number, j: number): number => 10 * i + j;
    const sd = (i: number, j: number): number => (i + 1) * (j + 0.01);
    const random = stream(1);
    const draws = Float64Array.from({ length: n * m * p }, (_, k) => {
      const i = Math.floor(k / (m * p));
      return mean(i, k % p) + sd(i, k % p) * random.normal();
    });
    const z = (row: Float64Array, i: number, j: number): number =>
      (at(row, j) - mean(i, j)) / sd(i, j);
    const modes = await findModes(
      draws,
      m,
      p,
      each(p, n, (row, i) => -0.5 * (z(row, i, 0) ** 2 + z(row, i, 1) ** 2)),
    );
    for (let i = 0; i < n; i++) {
      for (const j of [0, 1]) {
        expect(Math.abs(at(modes, i * p + j) - mean(i, j))).toBeLessThan(0.01 * sd(i, j));
      }
    }
  });

  it("of skewed posteriors are their highest points", async () => {
    // Gamma(3, 2): the mode is at 1, the mean at 1.5.
    const random = stream(2);
    const draws = Float64Array.from({ length: 1000 }, () => random.gamma(3) / 2);
    const [mode] = await findModes(
      draws,
      1000,
      1,
      each(1, 1, (row) => (at(row, 0) > 0 ? 2 * Math.log(at(row, 0)) - 2 * at(row, 0) : -Infinity)),
    );
    expect(mode).toBeCloseTo(1, 2);
  });

  it("lie at the edge of the support where the density is highest there", async () => {
    const random = stream(3);
    const draws = Float64Array.from({ length: 1000 }, () => random.exponential());
    const [mode = Number.NaN] = await findModes(
      draws,
      1000,
      1,
      each(1, 1, (row) => (at(row, 0) > 0 ? -at(row, 0) : -Infinity)),
    );
    expect(mode).toBeGreaterThan(0);
    expect(mode).toBeLessThan(2e-3);
  });

  it("of correlated posteriors in five dimensions are found", async () => {
    // An autoregression: x₀ ~ N(0, 1), x_j = 0.9 x_(j-1) + N(0, 1 - 0.81).
    const [m, p] = [1000, 5];
    const noise = Math.sqrt(1 - 0.81);
    const random = stream(4);
    const draws = new Float64Array(m * p);
    for (let k = 0; k < m * p; k++) {
      draws[k] = k % p === 0 ? random.normal() : 0.9 * at(draws, k - 1) + noise * random.normal();
    }
    const logDensity = (row: Float64Array): number => {
      let total = -0.5 * at(row, 0) ** 2;
      for (let j = 1; j < p; j++) total -= 0.5 * ((at(row, j) - 0.9 * at(row, j - 1)) / noise) ** 2;
      return total;
    };
    const modes = await findModes(draws, m, p, each(p, 1, logDensity));
    // As good as the mode: far nearer to it than any draw.
    expect(logDensity(Float64Array.from(modes))).toBeGreaterThan(-0.02);
  });

  it("are draws where the density is of no use", async () => {
    const modes = await findModes(
      Float64Array.from([4, 5]),
      2,
      1,
      each(1, 1, () => Number.NaN),
    );
    expect([...modes]).toEqual([4]);
  });

  it("of posteriors of shares add up to one", async () => {
    const concentration = [4, 2.5, 8, 3];
    const prior = dirichlet(concentration);
    const random = stream(3);
    const draws = Float32Array.from(
      Array.from({ length: 400 }, () => [random.normal(), ...prior.sample(random)]).flat(),
    );
    const modes = await findModes(
      draws,
      400,
      5,
      each(5, 1, (row) => prior.logDensity(row.subarray(1)) - 0.5 * at(row, 0) ** 2),
      [[1, 5]],
    );
    // (a - 1) / (Σ a - d)
    for (const [i, a] of concentration.entries()) {
      expect(at(modes, 1 + i)).toBeCloseTo((a - 1) / 13.5, 2);
    }
    expect(Math.abs(modes.subarray(1).reduce((a, b) => a + b) - 1)).toBeLessThan(1e-15);
    expect(at(modes, 0)).toBeCloseTo(0, 2);
  });
});
