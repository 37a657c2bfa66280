/**
 * Draws of posteriors by composed denoisers, of models whose denoisers are known.
 */
import { describe, expect, it } from "vitest";
import { levelGrid } from "../../src/densities/probability-flow.js";
import {
  choleskyFactor,
  congruent,
  invertLower,
  plusDiagonal,
  product,
  transpose,
} from "../../src/math/index.js";
import { stream } from "../../src/random/index.js";
import { composedDraws } from "../../src/samplers/composed-denoisers.js";
import type { Denoisers } from "../../src/samplers/denoisers.js";

const levels = (steps: number): readonly number[] =>
  levelGrid(steps, 0.002, Math.atan(80)).toReversed();

const standard = { precision: Float64Array.of(1), weighted: Float64Array.of(0) };

function inverse(matrix: Float64Array, d: number): Float64Array {
  const lower = invertLower(choleskyFactor(matrix, d) ?? new Float64Array(d * d), d);
  return congruent(transpose(lower, d), plusDiagonal(new Float64Array(d * d), 1, d), d);
}

function momentsOf(values: ArrayLike<number>): { readonly mean: number; readonly sd: number } {
  const all = Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return { mean, sd: Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length) };
}

/** Mean and standard deviation of f(w) under a density on a grid. */
function exact(
  log: (w: number) => number,
  f: (w: number) => number,
): { readonly mean: number; readonly sd: number } {
  const grid = Array.from({ length: 12_001 }, (_, i) => (i - 6000) / 1000);
  const top = Math.max(...grid.map(log));
  const weights = grid.map((w) => Math.exp(log(w) - top));
  const mass = weights.reduce((a, b) => a + b, 0);
  const mean = grid.reduce((sum, w, i) => sum + ((weights[i] ?? 0) * f(w)) / mass, 0);
  const variance = grid.reduce(
    (sum, w, i) => sum + ((weights[i] ?? 0) * (f(w) - mean) ** 2) / mass,
    0,
  );
  return { mean, sd: Math.sqrt(variance) };
}

/** w ~ N(0, 1); denoisers by quadrature, of data sets with such log-likelihoods. */
function quadrature(likelihoodOf: (set: number) => (w: number) => number, size: number): Denoisers {
  /** With the prior, w given x is N(cos φ · x, sin² φ). */
  const mean = (log: (w: number) => number, x: number, angle: number): number => {
    let [mass, sum] = [0, 0];
    for (let z = -6; z <= 6; z += 0.5) {
      const w = Math.cos(angle) * x + Math.sin(angle) * z;
      const weight = Math.exp(log(w) - (z * z) / 2);
      mass += weight;
      sum += weight * w;
    }
    return sum / mass;
  };
  return {
    size,
    dimension: 1,
    means: (which, points, angle) => {
      const n = points.length / which.length;
      const found = points.map((x, at) =>
        mean(likelihoodOf(which[Math.floor(at / n)] ?? 0), x, angle),
      );
      return Promise.resolve(found);
    },
  };
}

/** Denoisers of one number by what they find at x, with the cosine and the sine of the level, of a data set. */
function denoisersOf(
  size: number,
  find: (x: number, cos: number, sin: number, set: number) => number,
): Denoisers {
  return {
    size,
    dimension: 1,
    means: (which, points, angle) => {
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const each = points.length / which.length;
      const found = points.map((x, at) => find(x, cos, sin, which[Math.floor(at / each)] ?? 0));
      return Promise.resolve(found);
    },
  };
}

describe("composed denoisers", () => {
  it("have normal posteriors right with few levels", async () => {
    // w ~ N(S₀⁻¹ η₀, S₀⁻¹), y_i ~ N(w, N⁻¹): of w given x and y_i, all is known.
    const prior = {
      precision: Float64Array.of(1, 0.3, 0.3, 0.5),
      weighted: Float64Array.of(0.2, -0.4),
    };
    const noise = Float64Array.of(0.8, -0.2, -0.2, 0.6);
    const y = Array.from({ length: 10 }, (_, i) => [Math.sin(i) + 0.7, Math.cos(2 * i) - 0.4]);
    const told = y.map((one) => product(noise, one, 2));
    const sumOf = (...all: readonly Float64Array[]): Float64Array =>
      all.reduce((a, b) => a.map((value, k) => value + (b[k] ?? 0)));
    const denoisers: Denoisers = {
      size: y.length,
      dimension: 2,
      means: (which, points, angle) => {
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
        const spread = inverse(plusDiagonal(sumOf(noise, prior.precision), (cos / sin) ** 2, 2), 2);
        const each = points.length / which.length;
        const found = new Float32Array(points.length);
        for (let at = 0; at < points.length; at += 2) {
          const x = Float64Array.from(points.subarray(at, at + 2), (v) => (v * cos) / sin ** 2);
          const data = told[which[Math.floor(at / each)] ?? 0] ?? x;
          found.set(product(spread, sumOf(data, prior.weighted, x), 2), at);
        }
        return Promise.resolve(found);
      },
    };
    const draws = 2000;
    const options = { draws, levels: levels(5), random: stream(1), evaluations: 20_000 };
    const { draws: x } = await composedDraws(denoisers, prior, options);
    const covariance = inverse(
      noise.map((value, k) => value * y.length + (prior.precision[k] ?? 0)),
      2,
    );
    const mean = product(covariance, sumOf(...told, prior.weighted), 2);
    const column = (k: number): number[] =>
      Array.from({ length: draws }, (_, i) => (x[2 * i + k] ?? 0) - (mean[k] ?? 0));
    const sds = [0, 1].map((k) => Math.sqrt(covariance[3 * k] ?? 0));
    for (const [k, sd] of sds.entries()) {
      const found = momentsOf(column(k));
      expect(Math.abs(found.mean / sd)).toBeLessThan(4 / Math.sqrt(draws));
      expect(Math.abs(found.sd / sd - 1)).toBeLessThan(4 / Math.sqrt(2 * draws));
    }
    const [first, second] = [column(0), column(1)] as const;
    const correlation =
      first.reduce((sum, value, i) => sum + value * (second[i] ?? 0), 0) /
      (draws * (sds[0] ?? 1) * (sds[1] ?? 1));
    const right = (covariance[1] ?? 0) / ((sds[0] ?? 1) * (sds[1] ?? 1));
    expect(Math.abs(correlation - right)).toBeLessThan(4 / Math.sqrt(draws));
  });

  it("have both modes of data that do not tell a sign", async () => {
    // y_i ~ N(w², 1): ten of them know |w| well, and nothing of its sign.
    const log = (w: number): number => -((0.9 - w * w) ** 2) / 2;
    const draws = 300;
    const { draws: x } = await composedDraws(
      quadrature(() => log, 10),
      standard,
      { draws, levels: levels(48), random: stream(2) },
    );
    const size = exact((w) => 10 * log(w) - (w * w) / 2, Math.abs);
    const found = momentsOf(x.map(Math.abs));
    expect(Math.abs(found.mean - size.mean)).toBeLessThan(4 * (size.sd / Math.sqrt(draws)) + 0.02);
    expect(found.sd / size.sd).toBeGreaterThan(0.8);
    expect(found.sd / size.sd).toBeLessThan(1.25);
    const positive = x.filter((w) => w > 0).length / draws;
    expect(Math.abs(positive - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / draws));
  });

  it("take two modes of many data sets for settled", async () => {
    // As above, of 120 data sets: each mode is far narrower than both are apart.
    const log = (w: number): number => -((0.9 - w * w) ** 2) / 2;
    const draws = 200;
    const { draws: x, excess } = await composedDraws(
      quadrature(() => log, 120),
      standard,
      { draws, levels: levels(24), random: stream(8), evaluations: 10_000 },
    );
    const size = exact((w) => 120 * log(w) - (w * w) / 2, Math.abs);
    const found = momentsOf(x.map(Math.abs));
    expect(Math.abs(found.mean - size.mean)).toBeLessThan(4 * (size.sd / Math.sqrt(draws)));
    expect(Math.abs(found.sd / size.sd - 1)).toBeLessThan(4 / Math.sqrt(2 * draws));
    expect(excess).toBeLessThan(1.3);
  });

  it("stay with the posterior where data sets are many and say little", async () => {
    // Yes or no with odds e^w, a third of them yes.
    const yes = (w: number): number => -Math.log1p(Math.exp(-w));
    const no = (w: number): number => -Math.log1p(Math.exp(w));
    const draws = 200;
    const { draws: x } = await composedDraws(
      quadrature((i) => (i % 3 === 0 ? yes : no), 900),
      standard,
      { draws, levels: levels(12), random: stream(3), evaluations: 5000 },
    );
    const right = exact(
      (w) => 300 * yes(w) + 600 * no(w) - (w * w) / 2,
      (w) => w,
    );
    const found = momentsOf(x);
    expect(Math.abs(found.mean - right.mean)).toBeLessThan(0.4 * right.sd);
    expect(found.sd / right.sd).toBeGreaterThan(0.75);
    expect(found.sd / right.sd).toBeLessThan(1.3);
  });

  it("are stable for 10,000 data sets, each of whose denoisers errs", async () => {
    // w ~ N(0, 1), y_i ~ N(w, 1); each denoiser is off by up to a fiftieth of the noise.
    const m = 10_000;
    const noise = stream(4);
    const y = Float64Array.from({ length: m }, () => 0.6 + noise.normal());
    const off = Float64Array.from({ length: m }, () => 0.04 * noise.uniform() - 0.02);
    const denoisers = denoisersOf(m, (x, cos, sin, set) => {
      const precision = 2 + (cos / sin) ** 2;
      return ((y[set] ?? 0) + (cos / sin ** 2) * x) / precision + sin * (off[set] ?? 0);
    });
    const draws = 200;
    const options = { draws, levels: levels(12), random: stream(5), evaluations: 5000 };
    const { draws: x, excess } = await composedDraws(denoisers, standard, options);
    expect(excess).toBeGreaterThan(0.8);
    expect(excess).toBeLessThan(1.3);
    const sd = 1 / Math.sqrt(m + 1);
    const mean = y.reduce((a, b) => a + b, 0) / (m + 1);
    const found = momentsOf(x);
    // Errors of the sets average; four standard errors of the draws beside them.
    expect(Math.abs(found.mean - mean) / sd).toBeLessThan(0.2 + 4 / Math.sqrt(draws));
    expect(found.sd / sd).toBeGreaterThan(0.8);
    expect(found.sd / sd).toBeLessThan(1.25);
  });

  it.each([20, 2_000])("say where draws of %d are held at the ends of the prior", async (size) => {
    // Each denoiser finds w a little farther from zero than x: the sum of them runs away.
    const denoisers = denoisersOf(size, (x, cos, sin) => x / cos + 0.5 * sin * Math.sign(x));
    const { draws: x, excess } = await composedDraws(denoisers, standard, {
      draws: 100,
      levels: levels(12),
      random: stream(7),
      evaluations: 5000,
    });
    expect(excess).toBe(Infinity);
    for (const value of x) expect(Math.abs(value)).toBeLessThanOrEqual(8);
  });

  it("say where draws still move farther than what many data sets say", async () => {
    // Each denoiser errs by waves of x that are wider than what 2,000 data sets leave of w.
    const denoisers = denoisersOf(2_000, (x, cos, sin) => {
      const precision = 2 + (cos / sin) ** 2;
      return (0.6 + (cos / sin ** 2) * x) / precision + 0.3 * sin * Math.sin(x / sin);
    });
    const { excess } = await composedDraws(denoisers, standard, {
      draws: 200,
      levels: levels(12),
      random: stream(6),
      evaluations: 5000,
    });
    expect(excess).toBeGreaterThan(1.5);
  });
});
