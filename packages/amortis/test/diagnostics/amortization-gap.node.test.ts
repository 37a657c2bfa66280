/**
 * The amortization gap and its parts, held against divergences in closed form and by quadrature.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  defineModel,
  flowMatching,
  gaussian,
  modelPosterior,
  normal,
  npe,
  rawSummary,
  train,
  type PosteriorEstimator,
} from "../../src/index.js";
import { densityFamily } from "../../src/corrections/density-family.js";
import { amortizationGap } from "../../src/diagnostics/index.js";

const quick = { seed: 1, workers: 0, threads: 1, onWarning: () => {} };

/** θ ~ N(0, 1), y_i ~ N(θ, 1): the posterior is N(Σ y / 5, 1 / 5), of the family. */
const mean = defineModel({
  name: "mean",
  parameters: { theta: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ theta }, random) => ({ y: [0, 1, 2, 3].map(() => theta + random.normal()) }),
  logLikelihood: ({ theta }, { y }) =>
    Array.from(y).reduce((sum, value) => sum - 0.5 * (value - theta) ** 2, 0),
});

/** y ~ N(θ², 0.2²): for y = 1 the posterior has its modes near ±1, which no normal distribution has. */
const square = defineModel({
  name: "square",
  parameters: { theta: normal(0, 1) },
  data: { y: [1] },
  simulate: ({ theta }, random) => ({ y: [theta ** 2 + 0.2 * random.normal()] }),
  logLikelihood: ({ theta }, { y }) => -0.5 * (((y[0] ?? 0) - theta ** 2) / 0.2) ** 2,
});

/** KL(p ‖ N(m, s²)) of an unnormalised density, by quadrature. */
function divergence(log: (theta: number) => number, m: number, s: number): number {
  const [points, width] = [4000, 10 / 4000];
  const theta = Float64Array.from({ length: points }, (_, i) => -5 + (i + 0.5) * width);
  const total = theta.reduce((sum, x) => sum + Math.exp(log(x)) * width, 0);
  return theta.reduce((sum, x) => {
    const logP = log(x) - Math.log(total);
    const logQ = -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
    return sum + Math.exp(logP) * width * (logP - logQ);
  }, 0);
}

describe("the amortization gap of a family that has the posterior", () => {
  let estimator: PosteriorEstimator<typeof mean.parameters>;
  beforeAll(async () => {
    const method = npe(mean, { summary: rawSummary(), density: gaussian(), trend: "none" });
    // Too few simulations to be right.
    estimator = await train(method, { ...quick, simulations: 200, epochs: 3 });
  });
  afterAll(() => estimator.release());

  test("is of amortization alone, and what closed forms say", async () => {
    const y = [
      [0.5, 1, -0.2, 0.3],
      [-2, -1, -1.5, -0.5],
    ] as const;
    const data = { y: Float64Array.from(y.flat()) };
    const gap = await amortizationGap(estimator, data, await modelPosterior(mean, data), {
      model: mean,
    });
    const answers = await estimator.givenBatch(data, { samples: 20_000 });
    for (const [i, row] of y.entries()) {
      const [m, s] = [answers.mean().theta[i] ?? NaN, answers.sd().theta[i] ?? NaN];
      const exact = row.reduce((a, b) => a + b, 0) / 5;
      const log = (theta: number): number => -2.5 * (theta - exact) ** 2;
      const total = divergence(log, m, s);
      const { kl, reverse, variation } = gap;
      // 2,000 draws: log p - log q has a standard deviation of about √(2 KL).
      const tolerance = 0.01 + 4 * Math.sqrt((2 * total) / 2000);
      expect(total).toBeGreaterThan(0.02);
      expect(Math.abs((kl.total.each[i] ?? NaN) - total)).toBeLessThan(tolerance);
      expect(Math.abs(kl.family.each[i] ?? NaN)).toBeLessThan(0.01);
      expect(Math.abs(reverse.family.each[i] ?? NaN)).toBeLessThan(0.02);
      const backwards = Math.log(Math.sqrt(0.2) / s) + (s ** 2 + (m - exact) ** 2) / 0.4 - 0.5;
      expect(Math.abs((reverse.total.each[i] ?? NaN) - backwards)).toBeLessThan(
        0.02 + 4 * Math.sqrt((2 * backwards) / 2000),
      );
      // Pinsker.
      expect(variation.total.each[i]).toBeLessThan(Math.sqrt(total / 2) + 0.05);
      expect(variation.family.each[i]).toBeLessThan(0.05);
    }
    const known = (await modelPosterior(mean, data, { samples: 1200 })).draws;
    const without = await amortizationGap(estimator, data, { size: 2, draws: known });
    expect(without.kl.total.value).toBeNaN();
    expect(Math.abs(without.kl.amortization.value - gap.kl.amortization.value)).toBeLessThan(0.1);
  });

  test("refuses densities that are not learned by their logarithm", () => {
    const { details } = estimator.contents;
    const description = { density: flowMatching().describe() };
    expect(() => densityFamily({ details: { ...details, description } })).toThrow(
      /a density "flowMatching" is not learned by its log-density/,
    );
    expect(() => densityFamily({ details: { ...details, description: {} } })).toThrow(
      /there is no density to refine/,
    );
  });

  test("refuses references of other data sets", async () => {
    await expect(
      amortizationGap(estimator, { y: [0, 0, 0, 0] }, { size: 2, draws: new Float32Array(600) }),
    ).rejects.toThrow("there are 1 data sets, but 2 exact posteriors");
  });
});

test("a family that has not the posterior loses what the best normal distribution loses", async () => {
  const method = npe(square, { summary: rawSummary(), density: gaussian(), trend: "none" });
  const estimator = await train(method, { ...quick, simulations: 1000, epochs: 20 });
  const data = { y: [1] };
  const { kl } = await amortizationGap(estimator, data, await modelPosterior(square, data));
  const log = (theta: number): number => -0.5 * theta ** 2 - 0.5 * ((1 - theta ** 2) / 0.2) ** 2;
  // Maximum likelihood in a normal family matches moments: the mean is zero, and the variance E θ².
  const theta = Float64Array.from({ length: 4000 }, (_, i) => -5 + (i + 0.5) / 400);
  const total = theta.reduce((sum, x) => sum + Math.exp(log(x)), 0);
  const variance = theta.reduce((sum, x) => sum + Math.exp(log(x)) * x * x, 0) / total;
  const best = divergence(log, 0, Math.sqrt(variance));
  // log p - log q* has a standard deviation of about 0.5 here: 2,000 draws err by 0.011.
  expect(Math.abs(kl.family.value - best)).toBeLessThan(0.05);
  expect(kl.amortization.value).toBeGreaterThan(-0.01);
  await estimator.release();
});
