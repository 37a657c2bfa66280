import { describe, expect, it, test } from "vitest";
import {
  affineCoupling,
  defineModel,
  dirichlet,
  gaussian,
  gaussianMixture,
  normal,
  npe,
  rawSummary,
  simulate,
  splineCoupling,
  train,
  uniform,
} from "../../src/index.js";

/** y = X β + ε, β ~ N(0, I), ε ~ N(0, ½² I): β | y ~ N(C Xᵀ y / ½², C), C = (I + Xᵀ X / ½²)⁻¹. Columns of X are correlated. */
const NOISE = 0.5;
const X = [-0.2, 0.1, 0.4, 0.7, 1, 1.3].map((x) => [1, x, x * x] as const);
const regression = defineModel({
  name: "regression",
  parameters: { intercept: normal(0, 1), slope: normal(0, 1), curvature: normal(0, 1) },
  data: { y: [X.length] },
  simulate: ({ intercept, slope, curvature }, random) => ({
    y: X.map(([a, b, c]) => a * intercept + b * slope + c * curvature + NOISE * random.normal()),
  }),
});

/** The inverse of a positive definite matrix, by Gauss-Jordan elimination. */
function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let k = 0; k < n; k++) {
    const pivot = rows[k]?.[k] ?? NaN;
    rows[k] = (rows[k] ?? []).map((value) => value / pivot);
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]?.[k] ?? NaN;
      rows[i] = (rows[i] ?? []).map((value, j) => value - factor * (rows[k]?.[j] ?? NaN));
    }
  }
  return rows.map((row) => row.slice(n));
}

const covariance = inverse(
  [0, 1, 2].map((i) =>
    [0, 1, 2].map(
      (j) =>
        Number(i === j) +
        X.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0) / NOISE ** 2,
    ),
  ),
);
const exactMean = (y: ArrayLike<number>): number[] => {
  const projected = [0, 1, 2].map(
    (j) => X.reduce((sum, row, i) => sum + (row[j] ?? 0) * (y[i] ?? 0), 0) / NOISE ** 2,
  );
  return covariance.map((row) => row.reduce((sum, c, j) => sum + c * (projected[j] ?? 0), 0));
};
const sdOf = (i: number): number => Math.sqrt(covariance[i]?.[i] ?? NaN);

const quick = { seed: 4, workers: 0, threads: 1, batch: 64 } as const;

describe("npe of several parameters", () => {
  test.each([
    ["a Gaussian", gaussian()],
    ["a mixture", gaussianMixture({ components: 3 })],
    ["an affine flow", affineCoupling({ hidden: [48, 48] })],
    ["a spline flow", splineCoupling({ hidden: [48, 48] })],
  ] as const)("finds a correlated posterior by %s", async (_, density) => {
    const method = npe(regression, { summary: rawSummary(), density });
    const fitted = await train(method, {
      ...quick,
      simulations: 12_000,
      epochs: 10,
      learningRate: 2e-3,
      weightDecay: 0.01,
    });
    const { data } = await simulate(regression, { simulations: 100, seed: "fresh", workers: 0 });
    const draws = 1_000;
    const posteriors = await fitted.givenBatch({ y: data.y }, { samples: draws });
    const names = ["intercept", "slope", "curvature"] as const;
    const means = names.map((name) => posteriors.mean()[name]);
    const errors = [0, 0, 0];
    const moments = [0, 1, 2].map(() => [0, 0, 0]);
    for (let i = 0; i < 100; i++) {
      const exact = exactMean(data.y.subarray(i * X.length, (i + 1) * X.length));
      for (let j = 0; j < 3; j++) {
        errors[j] =
          (errors[j] ?? 0) + (((means[j]?.[i] ?? NaN) - (exact[j] ?? NaN)) / sdOf(j)) ** 2;
      }
      for (let d = 0; d < draws; d++) {
        const at = (i * draws + d) * 3;
        const centred = means.map(
          (mean, j) => (posteriors.draws[at + j] ?? NaN) - (mean[i] ?? NaN),
        );
        for (const [j, row] of moments.entries()) {
          for (let k = 0; k < 3; k++)
            row[k] = (row[k] ?? 0) + ((centred[j] ?? NaN) * (centred[k] ?? NaN)) / (100 * draws);
        }
      }
    }
    for (let j = 0; j < 3; j++) {
      // A mean of 1,000 draws errs by 0.03 sd; the rest is training.
      expect(Math.sqrt((errors[j] ?? NaN) / 100)).toBeLessThan(0.15);
      expect(Math.sqrt(moments[j]?.[j] ?? NaN) / sdOf(j)).toBeGreaterThan(0.9);
      expect(Math.sqrt(moments[j]?.[j] ?? NaN) / sdOf(j)).toBeLessThan(1.12);
    }
    const correlation = (m: readonly (readonly number[])[], j: number, k: number): number =>
      (m[j]?.[k] ?? NaN) / Math.sqrt((m[j]?.[j] ?? NaN) * (m[k]?.[k] ?? NaN));
    for (const [j, k] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      expect(Math.abs(correlation(moments, j, k) - correlation(covariance, j, k))).toBeLessThan(
        0.08,
      );
    }
    await fitted.release();
  });

  it("keeps simplices and bounded parameters side by side: Dirichlet and multinomial are conjugate", async () => {
    const n = 20;
    const model = defineModel({
      name: "shares",
      parameters: { shares: dirichlet([1, 2, 1]), scale: uniform(0, 1) },
      data: { counts: [3], z: [] },
      simulate: ({ shares, scale }, random) => {
        const counts = [0, 0, 0];
        for (let i = 0; i < n; i++) {
          const u = random.uniform();
          const [a = 0, b = 0] = shares;
          const which = u < a ? 0 : u < a + b ? 1 : 2;
          counts[which] = (counts[which] ?? 0) + 1;
        }
        return { counts, z: scale + 0.1 * random.normal() };
      },
    });
    const fitted = await train(npe(model, { summary: rawSummary() }), {
      ...quick,
      simulations: 12_000,
      epochs: 8,
      learningRate: 2e-3,
      weightDecay: 0.01,
    });
    for (const counts of [
      [10, 5, 5],
      [2, 16, 2],
    ]) {
      const posterior = await fitted.given({ counts, z: 0.5 }, { samples: 4_000 });
      const means = posterior.mean();
      const sds = posterior.sd();
      for (const [j, count] of counts.entries()) {
        const alpha = count + ([1, 2, 1][j] ?? NaN);
        const mean = alpha / (n + 4);
        const sd = Math.sqrt((mean * (1 - mean)) / (n + 5));
        expect(Math.abs((means.shares[j] ?? NaN) - mean) / sd).toBeLessThan(0.25);
        expect(Math.abs((sds.shares[j] ?? NaN) / sd - 1)).toBeLessThan(0.2);
      }
      expect(Math.abs(means.scale - 0.5) / 0.1).toBeLessThan(0.25);
      for (let d = 0; d < 200; d++) {
        const [a = NaN, b = NaN, c = NaN, scale = NaN] = posterior.draws.subarray(4 * d, 4 * d + 4);
        expect(a + b + c).toBeCloseTo(1, 5);
        expect(Math.min(a, b, c, scale)).toBeGreaterThan(0);
        expect(scale).toBeLessThan(1);
      }
    }
    await fitted.release();
  });
});
