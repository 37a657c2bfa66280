/**
 * Simulations that are drawn anew while networks learn, and what is kept with their parameters.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  gaussian,
  normal,
  npe,
  rawSummary,
  simulate,
  train,
  uniform,
} from "../../src/index.js";
import { stream } from "../../src/random/index.js";
import { trainingSchema } from "../../src/settings/training.js";
import { Refresher } from "../../src/training/refresh.js";
import { conjugateNormal } from "../conjugate.js";
import { method, quick } from "./quick.js";

/** y ~ N(θ, 1), which is invalid below a bound; counts how often the square of θ is computed. */
function counted(bound = -Infinity) {
  let computed = 0;
  const model = defineModel({
    name: "counted",
    parameters: { theta: normal(0, 1) },
    data: { y: [], square: [] },
    precompute: ({ theta }) => {
      computed++;
      return { square: theta ** 2 };
    },
    simulate: ({ theta }, random, _sizes, { square }) => {
      const y = theta + random.normal();
      if (y < bound) throw new Error("too small");
      return { y, square };
    },
  });
  return { model, computed: () => computed };
}

const settings = (given: object) => trainingSchema.parse({ batch: 16, ...given });

async function refresher(given: object, bound?: number) {
  const { model, computed } = counted(bound);
  const first = await simulate(model, { simulations: 200, seed: 3, workers: 0, onWarning() {} });
  const make = () => new Refresher(model, first, settings(given), stream(1), { workers: 0 });
  return { first, computed, make };
}

test("data are drawn anew as often as is asked, of the same parameters, which are computed once", async () => {
  const { first, computed, make } = await refresher({ refreshData: 2 });
  const before = computed();
  const own = make();
  const epochs = [];
  for (let epoch = 0; epoch < 6; epoch++) epochs.push(await own.at(epoch));
  expect(epochs[0]).toBe(first);
  expect(epochs[1]).toBe(first);
  expect(epochs[3]).toBe(epochs[2]);
  expect(epochs[5]).toBe(epochs[4]);
  const y = epochs.map(({ data }) => Array.from(data["y"] ?? []));
  expect(y[2]).not.toEqual(y[0]);
  expect(y[4]).not.toEqual(y[2]);
  for (const { parameters, data } of epochs) {
    expect(parameters).toEqual(first.parameters);
    const squares = parameters.map((theta) => Math.fround(theta ** 2));
    expect(Float64Array.from(data["square"] ?? [])).toEqual(squares);
  }
  // Once for each of 200, over two draws.
  expect(computed() - before).toBe(200);
});

test("parameters are drawn anew more rarely, and what an epoch has follows from its number alone", async () => {
  const { first, make } = await refresher({ refreshData: 1, refreshParameters: 3 });
  const own = make();
  const all = [];
  for (let epoch = 0; epoch < 8; epoch++) all.push(await own.at(epoch));
  expect(all[2]?.parameters).toEqual(first.parameters);
  expect(all[3]?.parameters).not.toEqual(first.parameters);
  expect(all[5]?.parameters).toEqual(all[3]?.parameters);
  expect(all[6]?.parameters).not.toEqual(all[3]?.parameters);
  expect(all[5]?.data).not.toEqual(all[4]?.data);
  // As after an interruption: nothing before was drawn.
  const resumed = await make().at(7);
  expect(resumed.parameters).toEqual(all[7]?.parameters);
  expect(resumed.data).toEqual(all[7]?.data);
});

test("an invalid fresh simulation leaves its place to a valid one of the same parameters", async () => {
  const { first, make } = await refresher({ refreshData: 1 }, -0.5);
  expect(first.invalid.length).toBeGreaterThan(0);
  const fresh = await make().at(1);
  expect(fresh.size).toBe(first.size);
  expect(fresh.parameters).toEqual(first.parameters);
  const [now, before] = [fresh, first].map(({ data }) => Array.from(data["y"] ?? []));
  expect(now?.every((y) => y >= -0.5)).toBe(true);
  const same = now?.filter((y, i) => y === before?.[i]).length ?? 0;
  // About three in ten are invalid: p(y < -0.5), y ~ N(0, 2), among those that were valid.
  expect(same).toBeGreaterThan(0);
  expect(same).toBeLessThan(first.size / 2);
});

test("of 80 parameters, a network learns more from fresh data than from the same again", async () => {
  const { model } = conjugateNormal(4);
  const own = npe(model, { summary: rawSummary(), density: gaussian() });
  const options = { ...quick, batch: 16, simulations: 80, epochs: 60, patience: 60 };
  const held = await simulate(model, { simulations: 500, seed: 99, workers: 0 });
  const losses = [];
  for (const more of [{}, { refreshData: 1 }, { refreshData: 1, refreshParameters: 1 }]) {
    const estimator = await train(own, { ...options, ...more, validation: held });
    losses.push(estimator.details.training.bestValidationLoss);
    await estimator.release();
  }
  const [same = 0, data = 0, all = 0] = losses;
  expect(data).toBeLessThan(same);
  expect(all).toBeLessThan(data);
});

test("refuses what cannot be drawn anew", async () => {
  const few = { ...quick, simulations: 64 };
  await expect(train(method, { ...few, onTheFly: true, refreshData: 1 })).rejects.toThrow(
    "train: refreshData would be read by nothing beside onTheFly, which draws each simulation once",
  );
  await expect(train(method, { ...few, refreshData: 0 })).rejects.toThrow(
    "train: refreshData must be at least 1, but is 0",
  );
  const { model } = conjugateNormal(2);
  await expect(
    train(npe(model, { emulations: 1000 }), { ...few, refreshParameters: 2 }),
  ).rejects.toThrow("refreshData and refreshParameters draw them anew");
  const wrong = { name: "wrong", parameters: { a: uniform(0, 1) }, data: { y: [] } } as const;
  expect(() =>
    // @ts-expect-error -- no function
    defineModel({ ...wrong, precompute: 3, simulate: () => ({ y: 0 }) }),
  ).toThrow("precompute must be a function of the parameters, but was given 3");
});
