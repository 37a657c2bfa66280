/**
 * `npe` with densities that are learned by regression, from no trend on: to the posteriors N(Σy / (n + 1), 1 / (n + 1)).
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  consistency,
  diffusion,
  flowMatching,
  load,
  meanFlow,
  modulatedResidual,
  npe,
  rawSummary,
  train,
} from "../../src/index.js";
import type { ConditionalDensity } from "../../src/densities/index.js";
import { conjugateNormal } from "../conjugate.js";

const { model, exactSd, fresh } = conjugateNormal(4);

const field = modulatedResidual({ width: 24, blocks: 1, embedding: 12 });
const families: readonly (readonly [string, ConditionalDensity])[] = [
  ["flow matching", flowMatching({ field, steps: 5 })],
  ["EDM diffusion", diffusion({ field, steps: 5 })],
  [
    "VP diffusion, by its stochastic equation",
    diffusion({ field, schedule: "vp", sampler: "sde", stochasticSteps: 32, steps: 5 }),
  ],
  ["VE diffusion", diffusion({ field, schedule: "ve", steps: 5 })],
  ["mean flow", meanFlow({ field, steps: 5 })],
  ["consistency", consistency({ field })],
];

/** How far means may be from the exact ones, in standard deviations: those of few steps, whose targets move, are learned less fast. */
const FURTHER: Readonly<Record<string, number>> = { meanFlow: 0.5, consistency: 0.5 };

const training = {
  simulations: 1_500,
  epochs: 50,
  learningRate: 3e-3,
  averaging: 0.99,
  weightDecay: 0,
  workers: 0,
  seed: 3,
  onWarning: () => {},
} as const;

function trained(density: ConditionalDensity, members = 1) {
  return train(npe(model, { density, summary: rawSummary(), trend: "none", members }), training);
}

/** Estimators, each trained once. */
const estimators = new Map<string, ReturnType<typeof trained>>();

function trainedOnce(name: string, density: ConditionalDensity): ReturnType<typeof trained> {
  const estimator = estimators.get(name) ?? trained(density);
  estimators.set(name, estimator);
  return estimator;
}

afterAll(async () => {
  await Promise.all([...estimators.values()].map(async (estimator) => (await estimator).release()));
});

describe.each(families)("%s", (name, density) => {
  let estimator: Awaited<ReturnType<typeof trained>>;
  beforeAll(async () => {
    estimator = await trainedOnce(name, density);
  }, 120_000);

  test("learns means and spreads, and validation losses that fall", async () => {
    const { y, exactMeans } = await fresh(150);
    const batch = await estimator.givenBatch({ y }, { samples: 300 });
    const { theta: means } = batch.mean();
    const { theta: sds } = batch.sd();
    const off = exactMeans.map((mean, i) => ((means[i] ?? 0) - mean) / exactSd);
    const rmse = Math.sqrt(off.reduce((sum, z) => sum + z * z, 0) / off.length);
    // The prior's mean is 2 off, 300 draws leave .06; the rest is of 1,000 steps on 1,350 simulations.
    expect(rmse).toBeLessThan(FURTHER[density.kind] ?? 0.35);
    const spread = sds.reduce((sum, sd) => sum + sd / exactSd, 0) / sds.length;
    expect(Math.abs(spread - 1)).toBeLessThan(density.kind in FURTHER ? 0.15 : 0.1);
    const losses = estimator.details.training.history.map(({ validationLoss }) => validationLoss);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
  });

  test("answers as its file does", async () => {
    const again = await load(await estimator.toBytes());
    expect(again.details.description).toEqual(estimator.details.description);
    await again.release();
  });
});

const withDensity = families.filter(([, density]) => density.withoutDensity !== true);
describe.each(withDensity)("%s", (name, density) => {
  test("has log-densities near the exact ones", async () => {
    const estimator = await trainedOnce(name, density);
    const { y, exactMeans, parameters } = await fresh(100);
    const batch = await estimator.givenBatch({ y }, { samples: 1 });
    const logs = await batch.logDensity(parameters);
    const off = exactMeans.map((mean, i) => {
      const away = ((parameters[i] ?? 0) - mean) / exactSd;
      return (logs[i] ?? 0) + 0.5 * away ** 2 + Math.log(exactSd * Math.sqrt(2 * Math.PI));
    });
    expect(Math.abs(off.reduce((sum, value) => sum + value, 0) / off.length)).toBeLessThan(0.06);
  });
});

/** A stochastic sampler errs by its steps, of which more are taken here; a consistency model's draws are too narrow, which training says (docs/densities.md). */
const keeping: typeof families = [
  ...families
    .filter(([, { kind }]) => kind !== "consistency")
    .filter(([name]) => !name.includes("stochastic")),
  [
    "VP diffusion, by many steps of its stochastic equation",
    diffusion({ field, schedule: "vp", sampler: "sde", stochasticSteps: 128 }),
  ],
];

test.each(keeping)("%s, from the linear trend on, keeps what is exact", async (_, density) => {
  const estimator = await train(npe(model, { density, summary: rawSummary() }), training);
  const { y, exactMeans } = await fresh(150);
  const batch = await estimator.givenBatch({ y }, { samples: 300 });
  const { theta: means } = batch.mean();
  const { theta: sds } = batch.sd();
  const squares = exactMeans.map((mean, i) => (((means[i] ?? 0) - mean) / exactSd) ** 2);
  // Sampling: 1 / 300 of the draws' variance, and 5 / 1,350 of a regression on four numbers and a constant; half as much again for training.
  const sampling = Math.sqrt(1 / 300 + 5 / 1_350);
  expect(Math.sqrt(squares.reduce((a, b) => a + b, 0) / 150)).toBeLessThan(1.5 * sampling);
  const spread = sds.reduce((sum, sd) => sum + sd / exactSd, 0) / sds.length;
  // The residual sd of 1,350 examples is known to 1 / √2,700 = 1.9 %.
  expect(Math.abs(spread - 1)).toBeLessThan(3 / Math.sqrt(2 * 1_350));
  await estimator.release();
});

test("a consistency model says in training that its draws are too narrow", async () => {
  const said: string[] = [];
  const method = npe(model, { density: consistency({ field }), summary: rawSummary() });
  const estimator = await train(method, {
    ...training,
    simulations: 100,
    epochs: 1,
    onWarning: (line) => said.push(line),
  });
  expect(said.join()).toContain("tend to be too narrow");
  await estimator.release();
});

test("a consistency model says that it has no density", async () => {
  const estimator = await trainedOnce("consistency", consistency({ field }));
  const posterior = await estimator.given({ y: [0, 0, 0, 0] }, { samples: 2 });
  await expect(posterior.logDensity({ theta: 0 })).rejects.toThrow("has no density");
});

test("members count alike, since their losses are no log-densities", async () => {
  const both = await train(
    npe(model, {
      density: flowMatching({ field, steps: 4 }),
      summary: rawSummary(),
      members: 2,
    }),
    { ...training, simulations: 300, epochs: 2 },
  );
  expect(both.details.training.members?.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
  const { theta } = (await both.given({ y: [0, 0, 0, 0] }, { samples: 10 })).mean();
  expect(theta).toBeLessThan(1);
  await both.release();
});
