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
import { weightsByName } from "../../src/estimators/contents.js";

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

test("keeps the weights of parts that are frozen, and replaces parts that begin anew", async () => {
  const first = await train(method(), { ...quick, epochs: 2 });
  const weightsOf = async (options: object, other = method()) => {
    const estimator = await train(other, { ...quick, seed: 2, epochs: 2, from: first, ...options });
    const { contents } = estimator;
    await estimator.release();
    return weightsByName(contents);
  };
  const before = weightsByName(first.contents);
  const [frozen, wider] = [
    await weightsOf({ freeze: ["summary"] }),
    await weightsOf(
      { anew: ["summary"], freeze: ["density"] },
      npe(model, {
        summary: mlpSummary({ hidden: [24, 24], outputs: 4 }),
        density: gaussian(),
        trend: "none",
      }),
    ),
  ];
  const kept = (weights: typeof before, part: string): boolean[] =>
    Object.keys(before)
      .filter((name) => name.startsWith(part))
      .map((name) => String(weights[name]?.data) === String(before[name]?.data));
  expect(kept(frozen, "summary/")).not.toContain(false);
  expect(kept(frozen, "density/")).not.toContain(true);
  expect(kept(wider, "density/")).not.toContain(false);
  expect(Object.keys(wider).filter((name) => name.startsWith("summary/")).length).toBeGreaterThan(
    Object.keys(before).filter((name) => name.startsWith("summary/")).length,
  );
  await first.release();
});

test("refuses parts that are not there, or cannot be", async () => {
  const first = await train(method(), { ...quick, epochs: 1 });
  const on = (options: object, other = method()) =>
    train(other, { ...quick, epochs: 1, from: first, ...options });
  await expect(on({ freeze: ["sumary"] })).rejects.toThrow(
    'freeze names "sumary", but the networks of this estimator have summary and density',
  );
  await expect(on({ freeze: ["summary"], anew: ["summary"] })).rejects.toThrow(
    '"summary" cannot keep its weights and begin anew',
  );
  await expect(on({ freeze: ["summary", "density"] })).rejects.toThrow("nothing is left to learn");
  await expect(train(method(), { ...quick, freeze: ["summary"] })).rejects.toThrow(
    "freeze names parts of the networks of another estimator, but there is none: give from as well",
  );
  const longer = npe(model, {
    summary: mlpSummary({ hidden: [16], outputs: 6 }),
    density: gaussian(),
    trend: "none",
  });
  await expect(on({ anew: ["summary"] }, longer)).rejects.toThrow('add "density" to anew');
  await first.release();
});
