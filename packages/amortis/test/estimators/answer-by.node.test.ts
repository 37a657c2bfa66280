/**
 * Answers of trained estimators by more than their networks.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  defineModel,
  gaussian,
  load,
  normal,
  npe,
  rawSummary,
  train,
  type PosteriorEstimator,
  uniform,
} from "../../src/index.js";

/** μ ~ N(3000, 1) sits on an offset; y_i ~ N(μ, 1). */
const REPLICATES = 4;
const away = defineModel({
  name: "away",
  parameters: { mu: normal(3000, 1) },
  data: { y: [REPLICATES] },
  simulate: ({ mu }, random) => ({
    y: Array.from({ length: REPLICATES }, () => mu + random.normal()),
  }),
  logLikelihood: ({ mu }, { y }) =>
    Array.from(y).reduce((sum, value) => sum - 0.5 * (value - mu) ** 2, 0),
});
const BATCH = Float64Array.of(2999.2, 2999.9, 3000.3, 2999.6, 3001.5, 3001.1, 3002, 3000.7);
const exactMeans = [0, 1].map(
  (i) => 3000 + BATCH.slice(4 * i, 4 * i + 4).reduce((sum, y) => sum + y - 3000, 0) / 5,
);
const sd = 1 / Math.sqrt(5);

let estimator: PosteriorEstimator<typeof away.parameters>;
beforeAll(async () => {
  const method = npe(away, { summary: rawSummary(), density: gaussian() });
  // Too few simulations and epochs to be right.
  const quick = {
    simulations: 300,
    epochs: 2,
    seed: 1,
    workers: 0,
    threads: 1,
    onWarning: () => {},
  };
  estimator = await train(method, quick);
});
afterAll(() => estimator.release());

describe("a badly trained estimator with the model's likelihood", () => {
  const labels = {
    importance: "corrected",
    refined: "corrected",
    mcmc: "exact",
    trusted: undefined,
  } as const;
  test.each(["importance", "refined", "mcmc", "trusted"] as const)(
    "is right by %s",
    async (answer) => {
      const posteriors = await estimator.givenBatch({ y: BATCH }, { answer, samples: 2000 });
      for (const [i, exact] of exactMeans.entries()) {
        expect(posteriors.answers[i]?.label).toBe(labels[answer] ?? posteriors.answers[i]?.label);
        // Worth 400 draws or more: the mean errs by 0.05 sd, the sd by 0.04 of itself.
        expect(Math.abs((posteriors.mean().mu[i] ?? 0) - exact) / sd).toBeLessThan(0.2);
        expect(Math.abs((posteriors.sd().mu[i] ?? 0) / sd - 1)).toBeLessThan(0.15);
      }
    },
  );

  test.each(["importance", "refined"] as const)("has its density by %s", async (answer) => {
    const posterior = await estimator.given({ y: BATCH.slice(0, 4) }, { answer });
    const density = await posterior.logDensity({ mu: exactMeans[0] ?? 0 });
    // The evidence by 1,250 proposals worth 400 or more errs by 0.05; a refined density within 0.08 of the posterior by little more.
    expect(Math.abs(density - (-0.5 * Math.log(2 * Math.PI) - Math.log(sd)))).toBeLessThan(0.2);
    expect(posterior.check?.effective).toBeGreaterThan(400);
  });

  test("answers replicates by the sum of their likelihoods", async () => {
    const options = { answer: "mcmc", replicates: "all", samples: 2000 } as const;
    const posterior = await estimator.given({ y: BATCH }, options);
    const exact = 3000 + BATCH.reduce((sum, y) => sum + y - 3000, 0) / 9;
    expect(Math.abs(posterior.mean().mu - exact) * 3).toBeLessThan(0.2);
    expect(Math.abs(posterior.sd().mu * 3 - 1)).toBeLessThan(0.15);
  });

  test("needs the model, and one with a likelihood", async () => {
    const alone = await load(await estimator.toBytes());
    const y = BATCH.slice(0, 4);
    await expect(
      (alone as typeof estimator).given({ y }, { answer: "importance" }),
    ).rejects.toThrow('answer "importance" needs the model\'s likelihood, but no model was given');
    await alone.release();
    const without = defineModel({
      name: "without",
      parameters: { mu: uniform(-1, 1) },
      data: { y: [1] },
      simulate: ({ mu }, random) => ({ y: [mu + random.normal()] }),
    });
    const quick = { simulations: 50, epochs: 1, workers: 0, threads: 1, onWarning: () => {} };
    const fitted = await train(npe(without, { density: gaussian(), summary: rawSummary() }), quick);
    await expect(fitted.given({ y: [0] }, { answer: "mcmc" })).rejects.toThrow(
      'the model "without" has no logLikelihood',
    );
    await fitted.release();
  });
});
