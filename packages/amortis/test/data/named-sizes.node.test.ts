/**
 * Data sets of named sizes, from the simulator to the answer: against the exact posterior, alone and in batches.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  defineModel,
  discreteUniform,
  gaussian,
  loadPosterior,
  mlpSummary,
  nbe,
  normal,
  npe,
  simulate,
  simulateToDirectory,
  train,
} from "../../src/index.js";

/** θ ~ N(0, 1), covariates x ~ N(0, 1), y ~ N(θ x, 1): θ | y, x ~ N(Σ x y / (1 + Σ x²), 1 / (1 + Σ x²)). */
const regression = defineModel({
  name: "regression",
  parameters: { theta: normal(0, 1) },
  sizes: { m: discreteUniform(1, 8) },
  data: { x: ["m"], y: ["m", 1] },
  simulate: ({ theta }, random, { m }) => {
    const x = Array.from({ length: m }, () => random.normal());
    return { x, y: x.map((value) => [theta * value + random.normal()]) };
  },
});

function exact(x: readonly number[], y: readonly number[]): { mean: number; sd: number } {
  const precision = 1 + x.reduce((sum, value) => sum + value ** 2, 0);
  const product = x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return { mean: product / precision, sd: precision ** -0.5 };
}

test("the posterior is that of the elements that are there, the same alone and in any batch", async () => {
  const root = await mkdtemp(join(tmpdir(), "amortis-sizes-"));
  const stored = await simulateToDirectory(regression, join(root, "sims"), {
    simulations: 6_000,
    seed: 1,
    workers: 0,
  });
  const estimator = await train(npe(regression, { density: gaussian() }), {
    data: await stored.read(),
    epochs: 20,
    seed: 1,
    threads: 1,
  });
  await rm(root, { recursive: true });
  const fresh = await simulate(regression, { simulations: 200, seed: 2, workers: 0 });
  const there = (values: ArrayLike<number>, i: number): number[] =>
    Array.from({ length: 8 }, (_, k) => values[8 * i + k] ?? 0).filter((v) => !Number.isNaN(v));
  const sets = Array.from({ length: fresh.size }, (_, i) => ({
    x: there(fresh.data.x, i),
    y: there(fresh.data.y, i),
  }));
  const batch = { x: sets.map(({ x }) => x), y: sets.map(({ y }) => y.map((value) => [value])) };
  const posteriors = await estimator.givenBatch(batch, { samples: 500, seed: 3 });
  const [means, sds] = [posteriors.mean().theta, posteriors.sd().theta];
  let [error, scale] = [0, 0];
  for (const [i, { x, y }] of sets.entries()) {
    const { mean, sd } = exact(x, y);
    error += ((means[i] ?? 0) - mean) ** 2 / sd ** 2 / sets.length;
    scale += (sds[i] ?? 0) / sd / sets.length;
  }
  // In posterior standard deviations: 0.045 is the error of 500 draws, the rest is training; covariates that go to other elements cost 0.5 and more.
  expect(Math.sqrt(error)).toBeLessThan(0.3);
  expect(Math.abs(scale - 1)).toBeLessThan(0.15);

  // Alone, in a batch of two, and padded as simulations are: the densities, which have no draws, differ by rounding alone.
  const values: number[] = [];
  for (const i of [0, 1, 2]) {
    const alone = await estimator.given({ x: batch.x[i] ?? [], y: batch.y[i] ?? [] });
    values.push(await alone.logDensity({ theta: 0.3 }));
    expect(alone.mean().theta).toBeCloseTo(means[i] ?? Number.NaN, 1);
  }
  const padded = await estimator.givenBatch({ x: fresh.data.x, y: fresh.data.y });
  const many = await padded.logDensity(new Float64Array(fresh.size).fill(0.3));
  for (const [i, value] of values.entries()) {
    expect(Math.abs((many[i] ?? Number.NaN) - value)).toBeLessThan(1e-5);
  }

  // More elements than were simulated are answered, and said to be many; the file knows its sizes.
  const warnings: string[] = [];
  const loaded = await loadPosterior(await estimator.toBytes(), {
    model: regression,
    onWarning: (message) => warnings.push(message),
  });
  const x = Array.from({ length: 12 }, (_, i) => Math.sin(i));
  await loaded.given({ x, y: x.map((value) => [value]) });
  expect(warnings[0]).toBe(
    'data sets have up to 12 elements of the size "m", but the simulations had 8 at most, so the answer is a guess',
  );
  await loaded.release();
  await estimator.release();
});

test("networks of vectors refuse a size that varies before anything is trained", async () => {
  const method = nbe(regression, { summary: mlpSummary() });
  await expect(train(method, { simulations: 64, epochs: 1, workers: 0 })).rejects.toThrow(
    '"x" has a size "m" that varies, so that it is no vector of fixed length: give it a network of sets, such as deepSet()',
  );
});
