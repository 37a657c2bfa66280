/**
 * Values that are missing, and data sets of different sizes, from the simulator to the answer: against the exact posterior of what is there.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  gaussian,
  load,
  missing,
  normal,
  npe,
  series,
  set,
  simulate,
  train,
} from "../../src/index.js";
import { specsOf } from "../../src/data/index.js";

test.each([
  ["missing values", missing([4])],
  ["fewer elements", set({ upTo: 4 })],
] as const)("the posterior of %s is that of what is there", async (what, y) => {
  // θ ~ N(0, 1), each of the k values that are there N(θ, 1): N(Σ y / (k + 1), 1 / (k + 1)).
  const model = defineModel({
    name: "gaps",
    parameters: { theta: normal(0, 1) },
    data: { y },
    simulate: ({ theta }, random) => {
      const count = 1 + Math.floor(4 * random.uniform());
      const values = Array.from({ length: count }, () => theta + random.normal());
      const lacking = Array.from({ length: 4 - count }, () => Number.NaN);
      return { y: what === "missing values" ? [...values, ...lacking] : values };
    },
  });
  const quick = { simulations: 6000, epochs: 20, seed: 1, workers: 0, threads: 1 };
  const estimator = await train(npe(model, { density: gaussian() }), quick);
  const fresh = await simulate(model, { simulations: 200, seed: 2, workers: 0 });
  const posteriors = await estimator.givenBatch({ y: fresh.data.y }, { samples: 500 });
  const [means, sds] = [posteriors.mean().theta, posteriors.sd().theta];
  let [error, scale] = [0, 0];
  for (let i = 0; i < fresh.size; i++) {
    const there = Array.from(fresh.data.y.subarray(4 * i, 4 * i + 4)).filter(
      (v) => !Number.isNaN(v),
    );
    const k = there.length + 1;
    error += (((means[i] ?? 0) - there.reduce((a, b) => a + b, 0) / k) ** 2 * k) / fresh.size;
    scale += ((sds[i] ?? 0) * Math.sqrt(k)) / fresh.size;
  }
  // In posterior standard deviations: 0.045 is the error of 500 draws, the rest is training; a mask that is not seen costs 0.5 and more.
  expect(Math.sqrt(error)).toBeLessThan(0.3);
  expect(Math.abs(scale - 1)).toBeLessThan(0.15);
  const alone = await estimator.given({ y: fresh.data.y.subarray(0, 4) }, { samples: 500 });
  expect(alone.mean().theta).toBeCloseTo(means[0] ?? Number.NaN, 5);
  // The model is known again by what its arrays are, and another is not.
  const loaded = await load(await estimator.toBytes(), { model });
  await loaded.release();
  const other = { ...model, dataSpecs: specsOf({ y: series(4) }) };
  await expect(load(await estimator.toBytes(), { model: other })).rejects.toThrow(
    /was trained for the model "gaps" \(parameters theta; data y .*\), not for "gaps" \(parameters theta; data y series \[4\]\)/,
  );
  await estimator.release();
});
