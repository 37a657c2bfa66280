/**
 * Training that goes on from a trained estimator, with simulations that it has not seen.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  gaussian,
  mlpSummary,
  nbe,
  normal,
  npe,
  simulate,
  train,
} from "../../src/index.js";

const model = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ slope }, random) => ({
    y: [1, 2, 3, 4].map((x) => slope * x + random.normal()),
  }),
});
const method = () =>
  npe(model, {
    summary: mlpSummary({ hidden: [16], outputs: 4 }),
    density: gaussian(),
    trend: "none",
  });
const quick = { simulations: 1000, seed: 1, workers: 0, threads: 1 };

test("begins where the other ended, and ends lower", async () => {
  const first = await train(method(), { ...quick, epochs: 4 });
  const more = await simulate(model, { simulations: 3000, seed: 7, workers: 0 });
  const options = {
    data: more,
    seed: 1,
    threads: 1,
    epochs: 4,
    validation: await simulate(model, { simulations: 500, seed: 8, workers: 0 }),
  };
  const [on, anew] = [
    await train(method(), { ...options, from: first }),
    await train(method(), options),
  ];
  const loss = (estimator: typeof on, epoch: number): number =>
    estimator.history[epoch]?.validationLoss ?? Number.NaN;
  // After one epoch what was learned before is still there: further than what begins anew.
  expect(loss(on, 0)).toBeLessThan(loss(anew, 0));
  expect(on.details.training.bestValidationLoss).toBeLessThan(loss(on, 0) + 1e-9);
  expect(on.details.standardization.parameters.mean).toEqual(
    first.details.standardization.parameters.mean,
  );
  await expect(train(nbe(model), { ...options, from: first })).rejects.toThrow(
    "train goes on from an estimator of the same method with the same networks",
  );
  await Promise.all([first, on, anew].map((estimator) => estimator.release()));
});
