/**
 * Training on simulations that stay on disk.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostTensor } from "@amortis/graph";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  gaussian,
  rawSummary,
  defineModel,
  normal,
  npe,
  readSimulations,
  simulateToDirectory,
  train,
} from "../../src/index.js";
import type { StoredDataSet } from "../../src/simulation/index.js";
import { stream } from "../../src/random/index.js";
import { cutStored } from "../../src/training/stored.js";
import { storedSource } from "../../src/training/stored-source.js";
import { quick } from "./quick.js";
import { stopAfter } from "./stop-after.js";

/** A mean with a normal prior, and the average of data around it: the posterior is normal. A tenth of the simulations is invalid. */
const model = defineModel({
  name: "mean",
  parameters: { mu: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ mu }, random) => {
    if (random.uniform() < 0.1) throw new Error("no luck");
    return { y: Array.from({ length: 4 }, () => mu + random.normal()) };
  },
});

const method = npe(model, { summary: rawSummary(), density: gaussian() });

let root = "";
let stored: StoredDataSet;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-stored-"));
  stored = await simulateToDirectory(model, join(root, "data"), {
    simulations: 4_000,
    seed: 3,
    shardSize: 100,
    workers: 0,
  });
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Numbers of the simulations of an epoch, minibatch by minibatch. */
async function epochOf(seed: number, epoch: number, buffer: number): Promise<number[]> {
  const cut = await cutStored(model, stored, 0.1, buffer);
  const source = storedSource(model, cut, { batch: 32 }, stream(seed), async ({ indices }) =>
    Promise.resolve({ index: hostTensor(Float32Array.from(indices), [indices.length]) }),
  );
  const seen: number[] = [];
  for await (const { data, indices } of source.epoch(epoch)) {
    expect(indices.length % 32).toBe(0);
    for (const row of indices) seen.push(Number(data["index"]?.data[row]));
  }
  expect(seen.length).toBe(32 * source.stepsPerEpoch);
  expect(source.stepsPerEpoch).toBe(Math.floor(cut.size / 32));
  return seen;
}

it("an epoch has each simulation once, in an order of the seed and the epoch alone", async () => {
  for (const buffer of [1, 700, 1e6]) {
    const [one, same, next] = [
      await epochOf(1, 0, buffer),
      await epochOf(1, 0, buffer),
      await epochOf(1, 1, buffer),
    ];
    expect(new Set(one).size).toBe(one.length);
    // The last tenth is held out.
    expect(Math.max(...one)).toBeLessThan(3_600);
    expect(same).toEqual(one);
    expect(next).not.toEqual(one);
  }
});

it("simulations are shuffled within the buffer, and between shards", async () => {
  const seen = await epochOf(5, 0, 700);
  const shardsOf = (numbers: readonly number[]): number =>
    new Set(numbers.map((index) => Math.floor(index / 100))).size;
  // Of seven shards at a time, and hardly fewer.
  expect(shardsOf(seen.slice(0, 32))).toBeGreaterThan(4);
  expect(shardsOf(seen.slice(0, 600))).toBe(7);
});

it("what is learned is the posterior, and as good as in memory", async () => {
  const settings = { ...quick, seed: 2, epochs: 12, batch: 64, learningRate: 3e-3 };
  const streamed = await train(method, { ...settings, data: stored, buffer: 800 });
  const whole = await train(method, { ...settings, data: await stored.read() });
  const { training } = streamed.details;
  expect(training.simulations).toBe(stored.size);
  expect(training.invalidSimulations).toBe(stored.info.invalid);
  expect(training.origin).toMatchObject({ first: 0, end: 4_000 });
  const y = [0.4, 1.2, 0.1, 0.9];
  // Of four numbers with unit noise under a normal(0, 1) prior: mean Σy/5, variance 1/5.
  for (const estimator of [streamed, whole]) {
    const posterior = await estimator.given({ y });
    const [mean, sd] = [posterior.mean().mu, posterior.sd().mu];
    expect(Math.abs(mean - 2.6 / 5)).toBeLessThan(0.1);
    expect(Math.abs(sd - Math.sqrt(1 / 5))).toBeLessThan(0.1);
    await estimator.release();
  }
  expect(training.bestValidationLoss).toBeLessThan(whole.details.training.bestValidationLoss + 0.1);
});

it("goes on after a stop with the same bits", async () => {
  const settings = { ...quick, seed: 4, epochs: 3, data: stored, buffer: 500 };
  const whole = await train(method, settings);
  const checkpoint = join(root, "checkpoint");
  await train(method, { ...settings, checkpoint, ...stopAfter(1) });
  const resumed = await train(method, { ...settings, checkpoint });
  expect(resumed.contents.weights).toEqual(whole.contents.weights);
});

it("refuses what cannot be", async () => {
  await expect(train(method, { data: await stored.read(), buffer: 10 })).rejects.toThrow(
    /buffer is of simulations on disk/u,
  );
  await expect(train(method, { data: stored, buffer: 0 })).rejects.toThrow(/from 1 on/u);
  const small = await simulateToDirectory(model, join(root, "small"), {
    simulations: 50,
    seed: 1,
    workers: 0,
  });
  const keeping = { ...method, keepsTable: true };
  await expect(train(keeping, { data: stored })).rejects.toThrow(/keeps all simulations/u);
  await expect(train(method, { data: small })).rejects.toThrow(/too few to hold some out/u);
  expect((await readSimulations(model, join(root, "small"))).size).toBe(small.size);
});
