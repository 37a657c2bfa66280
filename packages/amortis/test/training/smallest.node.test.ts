/**
 * The smallest budgets: batches of what there is, and answers that are no surer than so few simulations can be.
 */
import { describe, expect, it } from "vitest";
import {
  defineModel,
  mutualInformationSummary,
  nbe,
  nle,
  normal,
  npe,
  nre,
  rankPosterior,
  simulate,
  telescoping,
  train,
  uniform,
} from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";

const { model: conjugate } = conjugateNormal(4);
const quick = { seed: 1, workers: 0, onProgress: () => {} } as const;

/** A line of as many points as a user's first model has, which are more than the simulations. */
const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0, 2) },
  data: { y: [20] },
  simulate: ({ slope, noise }, random) => ({
    y: Array.from({ length: 20 }, (_, i) => (slope * i) / 20 + noise * random.normal()),
  }),
});

const METHODS = { npe, nbe, nle, nre, rankPosterior, telescoping, mutualInformationSummary };

const small = { ...quick, epochs: 1 } as const;

describe.each(Object.entries(METHODS))("%s", (_, method) => {
  it.each([4, 5, 10, 20])("is trained on %i simulations", async (simulations) => {
    const estimator = await train(method(conjugate), { ...small, simulations });
    expect(estimator.details.training.simulations).toBe(simulations);
    expect(estimator.history.every(({ validationLoss }) => Number.isFinite(validationLoss))).toBe(
      true,
    );
    await estimator.release();
  });
});

it("two simulations do, where none is paired with another; else it is said how many do", async () => {
  const two = { ...small, simulations: 2, onWarning: () => {} };
  for (const method of [npe(conjugate), nle(conjugate)]) {
    const estimator = await train(method, two);
    const posterior = await estimator.given({ y: [0, 0, 0, 0] });
    expect(Number.isFinite(posterior.mean().theta)).toBe(true);
    await estimator.release();
  }
  for (const method of [nre(conjugate), telescoping(conjugate)]) {
    await expect(train(method, two)).rejects.toThrow(
      "but a batch has one example: give 4 simulations or more, and batches of 2 or more",
    );
  }
});

it("of data made before it is said that one is too few", async () => {
  const data = await simulate(conjugate, { simulations: 1, seed: 1, workers: 0 });
  await expect(train(npe(conjugate), { ...small, data })).rejects.toThrow(
    "train: data must hold 2 simulations at least, one of which is held out, but has 1",
  );
});

it.each([10, 20])("%i simulations of twenty numbers each give no sure answer", async (n) => {
  const estimator = await train(npe(line), { ...quick, simulations: n, seed: 1 });
  const { data } = await simulate(line, { simulations: 50, seed: "fresh", workers: 0 });
  const sds = (await estimator.givenBatch({ y: data["y"] ?? [] })).sd().slope;
  // With the noise that it has, the sd of a slope is .3 on average of that of the prior, given the model itself.
  expect(Math.min(...sds)).toBeGreaterThan(0.05);
  await estimator.release();
});
