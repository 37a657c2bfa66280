import { expect, test } from "vitest";
import {
  defineModel,
  load,
  metropolis,
  normal,
  nre,
  parameterBijection,
  rawSummary,
  simulate,
  train,
} from "../../src/index.js";

const model = defineModel({
  name: "conjugate",
  parameters: { theta: normal(0, 1) },
  data: { y: [2] },
  simulate: ({ theta }, random) => ({ y: [theta + random.normal(), theta + random.normal()] }),
});

const settings = { simulations: 12_000, epochs: 12, seed: 2, workers: 0, threads: 1 } as const;
const options = { summary: rawSummary(), hidden: [32, 32] };

test("nre finds the conjugate posterior, on a grid and by MCMC, from its file too", async () => {
  const fitted = await train(nre(model, options), { ...settings, learningRate: 2e-3 });
  const { data } = await simulate(model, { simulations: 100, seed: "fresh", workers: 0 });
  const exact = Array.from({ length: 100 }, (_, i) => {
    const y = data.y.subarray(2 * i, 2 * i + 2);
    return y.reduce((a, b) => a + b, 0) / 3;
  });
  const posteriors = await fitted.givenBatch({ y: data.y }, { samples: 2000 });
  const [means, sds] = [posteriors.mean().theta, posteriors.sd().theta];
  const rms = Math.sqrt(exact.reduce((s, m, i) => s + ((means[i] ?? 0) - m) ** 2, 0) / 100);
  expect(rms).toBeLessThan(0.1);
  expect(sds.reduce((a, b) => a + b, 0) / 100).toBeCloseTo(1 / Math.sqrt(3), 1);

  const loaded = await load(await fitted.toBytes(), { model });
  if (loaded.kind !== "ratio") throw new Error("nre answers with ratios");
  const theta = [0, 0.5, 1];
  const one = { y: [0.5, 1.2] };
  expect(await loaded.logRatio(one, theta)).toEqual(await fitted.logRatio(one, theta));
  // log p(Z | θ) / p(Z), with Z ~ N(0, I + 1 1ᵀ) marginally.
  const logRatio = (t: number): number =>
    -0.5 * ((0.5 - t) ** 2 + (1.2 - t) ** 2) +
    0.5 * (0.25 + 1.44 - (1.7 * 1.7) / 3) +
    0.5 * Math.log(3);
  for (const [i, value] of (await loaded.logRatio(one, theta)).entries()) {
    expect(Math.abs(value - logRatio(theta[i] ?? NaN))).toBeLessThan(0.25);
  }
  const target = await loaded.target(one);
  const chains = await metropolis(target, {
    bijection: parameterBijection(model),
    start: new Float64Array(4),
    iterations: 1500,
    seed: 4,
  });
  const grid = await loaded.given(one, { samples: 4000 });
  const walked = chains.draws.reduce((a, b) => a + b, 0) / chains.each;
  expect(Math.abs(walked - grid.mean().theta)).toBeLessThan(0.1);
  await fitted.release();
  await loaded.release();
});

test("the balanced classifier is balanced, and bad settings are refused", async () => {
  const fitted = await train(nre(model, { ...options, balanced: true }), {
    ...settings,
    epochs: 4,
  });
  const { data, parameters } = await simulate(model, { simulations: 2000, seed: "b", workers: 0 });
  const others = Float64Array.from(parameters, (_, i) => parameters[(i + 1) % 2000] ?? 0);
  const sum = (values: Float64Array): number =>
    values.reduce((total, value) => total + 1 / (1 + Math.exp(-value)), 0) / 2000;
  const joint = sum(await fitted.logRatio({ y: data.y }, parameters));
  const product = sum(await fitted.logRatio({ y: data.y }, others));
  // The error of a mean of 2,000 numbers in [0, 1] is below 0.012, of two together below 0.016.
  expect(Math.abs(joint + product - 1)).toBeLessThan(0.05);
  await fitted.release();
  expect(() => nre(model, { hidden: [] })).toThrow("at least one hidden layer");
  await expect(train(nre(model, { ...options, negatives: 64 }), settings)).rejects.toThrow(
    "64 negatives need batches of more than 64 examples",
  );
});
