/**
 * Settings of training that suit data of few numbers, where the user says nothing else.
 */
import { mul, square, squeeze, sub } from "@amortis/graph";
import { expect, it } from "vitest";
import {
  affineCoupling,
  cnn,
  defineModel,
  discreteUniform,
  distanceCorrelationSummary,
  grid,
  mutualInformationSummary,
  nbe,
  npe,
  nre,
  posteriorMomentsSummary,
  rankPosterior,
  rawSummary,
  simulate,
  syntheticLikelihood,
  telescoping,
  train,
  uniform,
  variational,
  type TrainOptions,
} from "../../src/index.js";
import { plannedTraining } from "../../src/training/planned.js";

const sd = 0.05;
const bounded = defineModel({
  name: "beside a bound",
  parameters: { theta: uniform(-1, 1) },
  data: { x: [] },
  simulate: ({ theta }, random) => ({ x: theta + sd * random.normal() }),
  graphLogLikelihood: ({ theta }, { x }) =>
    mul(square(sub(x, squeeze(theta, [-1]))), -0.5 / (sd * sd)),
});
const counted = defineModel({
  name: "of a count",
  parameters: { count: discreteUniform(0, 3) },
  data: { x: [] },
  simulate: ({ count }, random) => ({ x: count + random.normal() }),
});
const image = defineModel({
  name: "image",
  parameters: { theta: uniform(-1, 1) },
  data: { z: grid(16, 16) },
  simulate: ({ theta }, random) => ({
    z: Float32Array.from({ length: 256 }, () => theta + random.normal()),
  }),
});

it.each([
  nbe,
  nre,
  rankPosterior,
  telescoping,
  syntheticLikelihood,
  variational,
  posteriorMomentsSummary,
  mutualInformationSummary,
  distanceCorrelationSummary,
  (model: typeof bounded) => npe(model, { density: affineCoupling() }),
  (model: typeof bounded) => npe(model, { summary: rawSummary() }),
  () => npe(counted),
])(
  "%o learns fast and long from few numbers, and as the user says where that is said",
  (method) => {
    const planned = plannedTraining(method(bounded), {}, 2_000);
    expect(planned).toMatchObject({
      learningRate: 2e-3,
      averaging: 0.99,
      epochs: 200,
      patience: 40,
    });
    const said = plannedTraining(method(bounded), { learningRate: 1e-4, epochs: 3 }, 2_000);
    expect(said).toMatchObject({ learningRate: 1e-4, averaging: 0.99, epochs: 3 });
  },
);

it("keeps to general settings for images, and for simulations that are made on the fly", () => {
  const general = { learningRate: 5e-4, averaging: 0, weightDecay: 0.5 };
  expect(plannedTraining(nbe(image), {}, 2_000)).toMatchObject(general);
  expect(plannedTraining(npe(image, { summary: cnn() }), {}, 2_000)).toMatchObject(general);
  expect(plannedTraining(nre(bounded), { onTheFly: true }, 2_000)).toMatchObject(general);
  const named = npe(bounded, { summary: rawSummary() });
  expect(plannedTraining(named, { onTheFly: true }, 2_000)).toMatchObject(general);
});

it("holds ratios back the more the fewer simulations there are, and estimates always", () => {
  const decays = [1_000, 10_000].map((simulations) => [
    plannedTraining(nre(bounded), {}, simulations).weightDecay,
    plannedTraining(nbe(bounded), {}, simulations).weightDecay,
  ]);
  expect(decays).toEqual([
    [1, 0.5],
    [0.1, 0.5],
  ]);
});

it("so estimates means that a bound cuts off better than by general settings", async () => {
  const data = await simulate(bounded, { simulations: 2_000, seed: 1, workers: 0 });
  const fresh = await simulate(bounded, { simulations: 4_000, seed: 2, workers: 0 });
  const losses = async (settings: TrainOptions): Promise<readonly number[]> => {
    const estimator = await train(nbe(bounded), {
      ...settings,
      data,
      seed: 1,
      workers: 0,
      calibrate: false,
      onWarning: () => {},
    });
    const { theta } = await estimator.estimateBatch(fresh.data);
    await estimator.release();
    return Array.from(theta, (value, i) => (value - (fresh.parameters[i] ?? 0)) ** 2);
  };
  const [now, general] = await Promise.all([
    losses({}),
    losses({ learningRate: 5e-4, averaging: 0, epochs: 60, patience: 15 }),
  ]);
  const differences = general.map((loss, i) => loss - (now[i] ?? 0));
  const mean = differences.reduce((a, b) => a + b, 0) / differences.length;
  const variance =
    differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / differences.length;
  expect(mean / Math.sqrt(variance / differences.length)).toBeGreaterThan(4);
});
