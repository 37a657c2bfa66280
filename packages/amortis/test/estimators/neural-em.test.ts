/**
 * Neural EM against the exact mode of the posterior of what is there: with an estimator that is known, and with one that was trained.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  nbe,
  neuralEm,
  normal,
  stream,
  train,
  type Estimating,
  type Stream,
} from "../../src/index.js";

/** θ ~ N(0, 1), y_1 .. y_10 ~ N(θ, 1): the mode given those that are there is Σ y / (n + 1), and that of complete data Σ y / 11. */
const SIZE = 10;
const model = defineModel({
  name: "incomplete",
  parameters: { theta: normal(0, 1) },
  data: { y: [SIZE] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: SIZE }, () => theta + random.normal()),
  }),
});

/** y with draws of those that are missing. */
function filled(there: readonly number[]) {
  return ({ theta }: { readonly theta: number }, random: Stream) => ({
    y: [...there, ...Array.from({ length: SIZE - there.length }, () => theta + random.normal())],
  });
}

const exactMode: Pick<Estimating<(typeof model)["parameters"]>, "slots" | "estimateBatch"> = {
  slots: model.prior.slots,
  estimateBatch: (data) => {
    const { y } = data as { readonly y: readonly number[] };
    const total = y.reduce((a, b) => a + b, 0);
    return Promise.resolve({ theta: Float64Array.of(total / (SIZE + 1)) });
  },
};

test.each([9, 5, 1])("settles about the mode of %i values that are there", async (n) => {
  const random = stream(n);
  const there = Array.from({ length: n }, () => 1.5 + random.normal());
  const options = { complete: filled(there), start: { theta: -3 }, iterations: 2200, burnIn: 200 };
  const { estimate, error, path } = await neuralEm(exactMode, options);
  // θ ← (Σ y + k θ + √k e) / 11 with k missing: means of 2,000 have the standard error √k / (11 - k) / √2000, and 200 iterations forget the start.
  const k = SIZE - n;
  const standard = Math.sqrt(k) / (SIZE + 1 - k) / Math.sqrt(2000);
  const mode = there.reduce((a, b) => a + b, 0) / (n + 1);
  expect(Math.abs(estimate.theta - mode)).toBeLessThan(4 * standard);
  // By ten batches the error is known to a factor of √(χ²₉ / 9), within 0.4 and 1.8 but once in a thousand times.
  expect(error.theta / standard).toBeGreaterThan(0.4);
  expect(error.theta / standard).toBeLessThan(1.8);
  expect(path).toHaveLength(2200);
});

test("does so with a trained estimator", async () => {
  const quick = { simulations: 4000, epochs: 20, seed: 1, workers: 0, threads: 1 };
  const estimator = await train(nbe(model), quick);
  const there = [0.4, 1.9, 1.1, 0.2, 1.4];
  const { estimate, error } = await neuralEm(estimator, {
    complete: filled(there),
    start: { theta: 0 },
    iterations: 420,
  });
  const mode = 5 / 6;
  // Posterior standard deviation 0.41: an estimator that errs by 2 % of it, with half the values missing, settles within 5 %.
  expect(Math.abs(estimate.theta - mode)).toBeLessThan(0.05 * 0.41 + 4 * error.theta);
  await estimator.release();
});

test("needs iterations after its burn-in", async () => {
  const few = { complete: filled([1]), start: { theta: 0 }, iterations: 25 };
  await expect(neuralEm(exactMode, few)).rejects.toThrow(
    "needs at least 10 iterations after the burn-in, but has 25 of which 20 are left out",
  );
});
