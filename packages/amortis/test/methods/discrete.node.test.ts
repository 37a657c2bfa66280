/**
 * Discrete parameters through every method that takes them, and densities at bounds: membership is the prior's to say.
 */
import { expect, it } from "vitest";
import {
  defineModel,
  discrete,
  nbe,
  npe,
  nre,
  simulate,
  syntheticLikelihood,
  train,
  uniform,
} from "../../src/index.js";

const quick = { seed: 1, workers: 0, threads: 1 } as const;

/** z = k + 0.7 e. */
const steps = defineModel({
  name: "steps",
  parameters: { k: discrete([0, 1, 2, 3]) },
  data: { z: [] },
  simulate: ({ k }, random) => ({ z: k + 0.7 * random.normal() }),
});

/** Its posterior probabilities. */
function exact(z: number): readonly number[] {
  const weights = [0, 1, 2, 3].map((k) => Math.exp(-0.5 * ((z - k) / 0.7) ** 2));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** From the quantile at one end of a central interval to that at the other. */
function widthOf(probabilities: readonly number[], level: number): number {
  const quantile = (q: number): number => {
    let total = 0;
    return probabilities.findIndex((probability) => (total += probability) >= q);
  };
  return quantile((1 + level) / 2) - quantile((1 - level) / 2);
}

it.each([
  ["a ratio", nre(steps)],
  ["a synthetic likelihood", syntheticLikelihood(steps)],
])("%s gives every value its probability, smallest and largest too", async (_, method) => {
  const fitted = await train(method, { ...quick, simulations: 4_000, epochs: 20 });
  for (const options of [{}, { method: "importance" }] as const) {
    const posteriors = await fitted.givenBatch({ z: [0.2, 2.5] }, options);
    for (const [i, z] of [0.2, 2.5].entries()) {
      const { draws } = posteriors.at(i);
      for (const [k, probability] of exact(z).entries()) {
        const share = draws.filter((one) => one === k).length / draws.length;
        // 1,000 draws, stratified, and 4,000 simulations of a classifier: about .02.
        expect(Math.abs(share - probability)).toBeLessThan(0.08);
      }
    }
  }
  expect((await (await fitted.given({ z: 0.2 })).map()).k).toBe(0);
  await fitted.release();
});

it("intervals of a discrete parameter are of its values, and cover what they say", async () => {
  const fitted = await train(nbe(steps, { interval: 0.9, quantiles: [0.5] }), {
    ...quick,
    simulations: 4_000,
    epochs: 20,
  });
  const fresh = await simulate(steps, { simulations: 2_000, seed: 77, workers: 0 });
  const { lower, upper } = await fitted.intervalBatch(0.9, { z: fresh.data.z });
  const [, median] = await fitted.quantilesBatch({ z: fresh.data.z });
  const values = new Set([0, 1, 2, 3]);
  let [covered, wide, needed] = [0, 0, 0];
  for (const [i, k] of fresh.parameters.entries()) {
    const [from, middle, to] = [lower, median, upper].map((ends) => ends?.k[i] ?? NaN);
    expect([from, middle, to].every((end) => values.has(end ?? NaN))).toBe(true);
    if (k >= (from ?? NaN) && k <= (to ?? NaN)) covered++;
    wide += (to ?? NaN) - (from ?? NaN);
    needed += widthOf(exact(fresh.data.z[i] ?? NaN), 0.9);
  }
  // Discrete intervals cover too much rather than too little; .9 less four standard errors of 2,000.
  expect(covered / 2_000).toBeGreaterThan(0.9 - 4 * Math.sqrt(0.09 / 2_000));
  // A network of 4,000 simulations errs by a third of a value; rounded outwards it was .8.
  expect(wide / 2_000 - needed / 2_000).toBeLessThan(0.5);
  await fitted.release();
});

it("a density at and near a closed bound is its limit from inside", async () => {
  const model = defineModel({
    name: "edge",
    parameters: { theta: uniform(0, 1) },
    data: { z: [] },
    simulate: ({ theta }, random) => ({ z: theta + 0.2 * random.normal() }),
  });
  const fitted = await train(npe(model, { members: 1 }), {
    ...quick,
    simulations: 4_000,
    epochs: 15,
  });
  const posterior = await fitted.given({ z: -0.3 });
  const [limit, ...near] = await Promise.all(
    [0, 1e-9, 1e-6, 1e-4].map((theta) => posterior.logDensity({ theta })),
  );
  for (const density of near) expect(density).toBeCloseTo(limit ?? NaN, 4);
  // A normal about -0.3 of sd 0.2, cut off at 0: 2.27 there. 4,000 simulations err by some tenths of a nat.
  expect(Math.abs((limit ?? NaN) - 2.27)).toBeLessThan(1);
  expect(await posterior.logDensity({ theta: 1 })).toBeGreaterThan(-Infinity);
  expect(await posterior.logDensity({ theta: -1e-3 })).toBe(-Infinity);
  // Single precision takes it for the bound.
  expect(Number.isFinite(await posterior.logDensity({ theta: 1 - 1e-8 }))).toBe(true);
  await fitted.release();
});
