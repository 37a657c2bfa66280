import { describe, expect, test } from "vitest";
import {
  DataError,
  defineModel,
  modelPosterior,
  normal,
  simulate,
  uniform,
} from "../../src/index.js";

const PRIOR_SD = 2;

/** μ ~ N(0, 2²), y_i ~ N(μ, 1), i = 1..n: the posterior is Gaussian. */
const replicates = 5;
const mean = defineModel({
  name: "mean",
  parameters: { mu: normal(0, PRIOR_SD) },
  data: { y: [replicates] },
  simulate: ({ mu }, random) => ({
    y: Array.from({ length: replicates }, () => mu + random.normal()),
  }),
  logLikelihood: ({ mu }, { y }) =>
    Array.from(y).reduce((sum, value) => sum - 0.5 * (value - mu) ** 2, 0),
});
const precision = replicates + 1 / PRIOR_SD ** 2;
const exactMean = (y: ArrayLike<number>): number =>
  Array.from(y).reduce((a, b) => a + b, 0) / precision;

/** A line: intercept and slope with flat priors far wider than the posterior, which is Gaussian by least squares. */
const xs = [-1, -0.5, 0, 0.5, 1];
const line = defineModel({
  name: "line",
  parameters: { intercept: uniform(-20, 20), slope: uniform(-20, 20) },
  data: { y: [xs.length] },
  simulate: ({ intercept, slope }, random) => ({
    y: xs.map((x) => intercept + slope * x + random.normal()),
  }),
  logLikelihood: ({ intercept, slope }, { y }) =>
    xs.reduce((sum, x, i) => sum - 0.5 * ((y[i] ?? 0) - intercept - slope * x) ** 2, 0),
});

const rows = (y: Float32Array, n: number): Float32Array[] =>
  Array.from({ length: y.length / n }, (_, i) => y.subarray(i * n, (i + 1) * n));

describe("the posterior under a model's own likelihood", () => {
  test("on a grid of one unbounded parameter is the conjugate one", async () => {
    const { data } = await simulate(mean, { simulations: 4, seed: 3, workers: 0 });
    const posteriors = await modelPosterior(mean, { y: data.y }, { samples: 4000 });
    const means = posteriors.mean().mu;
    const sds = posteriors.sd().mu;
    const sd = 1 / Math.sqrt(precision);
    for (const [i, y] of rows(data.y, replicates).entries()) {
      // 4,000 draws: the mean errs by 0.016 sd, the sd by 0.011.
      expect(Math.abs((means[i] ?? 0) - exactMean(y)) / sd).toBeLessThan(0.07);
      expect(Math.abs((sds[i] ?? 0) / sd - 1)).toBeLessThan(0.05);
      const at = exactMean(y) + 0.7 * sd;
      const expected = -0.5 * 0.49 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
      expect(await posteriors.at(i).logDensity({ mu: at })).toBeCloseTo(expected, 2);
    }
  });

  test("on a grid of two bounded parameters is that of least squares", async () => {
    const { data } = await simulate(line, {
      parameters: Float64Array.of(1, -2),
      seed: 5,
      workers: 0,
    });
    const posterior = (
      await modelPosterior(line, { y: data.y }, { points: 400, samples: 4000 })
    ).at(0);
    const y = Array.from(data.y);
    const [n, sxx] = [xs.length, xs.reduce((a, x) => a + x * x, 0)];
    const intercept = y.reduce((a, b) => a + b, 0) / n;
    const slope = y.reduce((a, b, i) => a + b * (xs[i] ?? 0), 0) / sxx;
    const means = posterior.mean();
    const sds = posterior.sd();
    expect(Math.abs(means.intercept - intercept) * Math.sqrt(n)).toBeLessThan(0.07);
    expect(Math.abs(means.slope - slope) * Math.sqrt(sxx)).toBeLessThan(0.07);
    expect(Math.abs(sds.intercept * Math.sqrt(n) - 1)).toBeLessThan(0.05);
    expect(Math.abs(sds.slope * Math.sqrt(sxx) - 1)).toBeLessThan(0.05);
    const peak = 0.5 * Math.log(n * sxx) - Math.log(2 * Math.PI);
    expect(await posterior.logDensity({ intercept, slope })).toBeCloseTo(peak, 2);
  });

  test.each(["mcmc", "importance"] as const)("by %s agrees with the grid", async (method) => {
    const { data } = await simulate(mean, { simulations: 2, seed: 8, workers: 0 });
    const posteriors = await modelPosterior(mean, { y: data.y }, { method, samples: 4000 });
    const sd = 1 / Math.sqrt(precision);
    for (const [i, y] of rows(data.y, replicates).entries()) {
      // Chains are worth a few hundred independent draws at least: the mean errs by 0.05 sd.
      expect(Math.abs((posteriors.mean().mu[i] ?? 0) - exactMean(y)) / sd).toBeLessThan(0.2);
      expect(Math.abs((posteriors.sd().mu[i] ?? 0) / sd - 1)).toBeLessThan(0.15);
    }
  });

  test("refuses models without a likelihood, and data that do not fit", async () => {
    const bare = defineModel({
      name: "bare",
      parameters: { mu: normal(0, 1) },
      data: { y: [1] },
      simulate: ({ mu }, random) => ({ y: [mu + random.normal()] }),
    });
    await expect(modelPosterior(bare, { y: [1] })).rejects.toThrow(/"bare" has no logLikelihood/);
    await expect(modelPosterior(mean, { y: [1, 2] })).rejects.toThrow(DataError);
  });
});
