/**
 * Rejection sampling, against known posteriors; and that it ends.
 */
import { expect, it } from "vitest";
import { defineModel, modelPosterior, normal, uniform } from "../../src/index.js";

const n = 4;

/** θ ~ N(0, 1), y_i ~ N(θ, 1): the posterior is N(Σy / (n + 1), 1 / (n + 1)). */
const conjugate = defineModel({
  name: "conjugate",
  parameters: { theta: normal(0, 1) },
  data: { y: [n] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: n }, () => theta + random.normal()),
  }),
  logLikelihood: ({ theta }, { y }) =>
    Array.from(y).reduce((sum, each) => sum - (each - theta) ** 2 / 2, 0),
});

it("draws are the posterior's, with the share that the evidence says", async () => {
  const y = [0.2, 1.4, 0.9, 0.5];
  const sum = y.reduce((a, b) => a + b, 0);
  const posterior = (
    await modelPosterior(conjugate, { y }, { method: "rejection", samples: 4_000, seed: 1 })
  ).at(0);
  expect(posterior.status).toBe("rejection");
  // 4 standard errors of 4,000 independent draws.
  const error = 4 / Math.sqrt(5 * 4_000);
  expect(Math.abs(posterior.mean().theta - sum / 5)).toBeLessThan(error);
  expect(Math.abs(posterior.sd().theta - 1 / Math.sqrt(5))).toBeLessThan(error);
  // E p(y | θ) / max p(y | θ) = √(1 / 5) exp(-n ȳ² / 2 + n² ȳ² / 10): the share, within 4 binomial standard errors of 20,000.
  const exact = Math.sqrt(1 / 5) * Math.exp((-n * (sum / n) ** 2) / 2 + sum ** 2 / 10);
  const { acceptance = 0 } = posterior.check ?? {};
  expect(Math.abs(acceptance - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / 20_000));
  // The mean of the likelihoods normalises the density, within 4 of its own standard errors.
  const density = await posterior.logDensity({ theta: sum / 5 });
  expect(Math.abs(density - Math.log(Math.sqrt(5 / (2 * Math.PI))))).toBeLessThan(0.05);
});

it("the bound is the likelihood's maximum, not the largest of the prior's draws", async () => {
  // A peak that few of the prior's draws come near: sd 0.001 of a uniform on (0, 1), in two dimensions a few thousandths of a percent.
  const narrow = defineModel({
    name: "narrow",
    parameters: { a: uniform(0, 1), b: uniform(0, 1) },
    data: { y: [2] },
    simulate: ({ a, b }) => ({ y: [a, b] }),
    logLikelihood: ({ a, b }, { y }) =>
      -(((a - (y[0] ?? NaN)) / 0.02) ** 2 + ((b - (y[1] ?? NaN)) / 0.02) ** 2) / 2,
  });
  const posterior = (
    await modelPosterior(narrow, { y: [0.3, 0.6] }, { method: "rejection", samples: 400, seed: 1 })
  ).at(0);
  const { acceptance = 0 } = posterior.check ?? {};
  // 2π 0.02², within 4 standard errors of what 400 or more draws say.
  expect(Math.abs(acceptance / (2 * Math.PI * 0.02 ** 2) - 1)).toBeLessThan(4 / Math.sqrt(400));
  expect(Math.abs(posterior.mean().a - 0.3)).toBeLessThan((4 * 0.02) / Math.sqrt(400));
});

it("ends where hardly anything is accepted, and says what was", async () => {
  const sharp = defineModel({
    name: "sharp",
    parameters: { a: uniform(0, 1), b: uniform(0, 1) },
    data: { y: [] },
    simulate: ({ a }) => ({ y: a }),
    logLikelihood: ({ a, b }) => -(((a - 0.5) / 1e-5) ** 2 + ((b - 0.5) / 1e-5) ** 2) / 2,
  });
  await expect(
    modelPosterior(sharp, { y: 0 }, { method: "rejection", samples: 100, seed: 1 }),
  ).rejects.toThrow(/of 500000 draws of the prior \d+ are accepted.*much narrower than the prior/u);
});
