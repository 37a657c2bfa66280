/**
 * The verdict on networks that were broken on purpose: what it says of each, and what it advises.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  gaussian,
  mlpSummary,
  normal,
  npe,
  rawSummary,
  simulate,
  train,
  uniform,
  type AnyModel,
  type ScalarDistribution,
  type SimulatedData,
  type TrainOptions,
} from "../../src/index.js";
import { diagnose } from "../../src/diagnostics/index.js";
import { stream } from "../../src/random/index.js";

const SCALE = 0.5;

/** Two locations, each seen twice. */
const modelOf = (prior: ScalarDistribution, name = "locations") =>
  defineModel({
    name,
    parameters: { a: prior, b: prior },
    data: { y: [4] },
    simulate: ({ a, b }, random) => ({ y: [a, a, b, b].map((x) => x + SCALE * random.normal()) }),
  });

const model = modelOf(normal(0, 1));
const brief = { seed: 1, workers: 0, threads: 1, batch: 32, weightDecay: 0 } as const;
const raw = { summary: rawSummary(), density: gaussian({ hidden: [32] }), members: 1 } as const;

/** Simulations of any model as its own are seen by another, which says nothing of where they came from. */
async function simulationsOf(from: AnyModel, simulations: number): Promise<SimulatedData> {
  const { origin: _, ...data } = await simulate(from, { simulations, seed: 1, workers: 0 });
  return data;
}

/** What is said of an estimator by 500 simulations of a model. */
async function saidOf(
  options: TrainOptions,
  networks: Parameters<typeof npe>[1] = raw,
  truth: AnyModel = model,
  trained: AnyModel = model,
): Promise<string> {
  const estimator = await train(npe(trained, networks), { ...brief, ...options });
  const { verdict, calibrated } = await diagnose(estimator, truth, {
    simulations: 500,
    samples: 63,
    workers: 0,
  });
  await estimator.release();
  expect(calibrated).toBe(false);
  expect(verdict[0]).toMatch(/^not calibrated: /);
  expect(verdict.at(-1)).toMatch(/^what to do: /);
  return verdict.join("\n");
}

test("overtrained: simulations learned by heart", async () => {
  const data = await simulationsOf(model, 60);
  // What it was trained on chooses its weights.
  const said = await saidOf(
    { data, validation: data, epochs: 400, patience: 400, learningRate: 5e-3 },
    { ...raw, density: gaussian({ hidden: [128, 128] }), trend: "none" },
  );
  expect(said).toMatch(/^not calibrated: a is overconfident.*, b is overconfident/);
  expect(said).toMatch(/as if its standard deviations were about 0\.\d+ times what they should be/);
  expect(said).toMatch(/more simulations help most against overconfidence/);
});

test("undertrained: a few steps", async () => {
  const said = await saidOf({ simulations: 400, epochs: 1 }, { ...raw, trend: "none" });
  expect(said).toMatch(
    /the data say more of the parameters than the posteriors know|is underconfident/,
  );
  expect(said).not.toMatch(/overconfident/);
  expect(said).toMatch(/a longer training/);
});

test("wrong prior: trained under another than that of what is asked", async () => {
  const settled = { simulations: 3000, epochs: 20, learningRate: 5e-3 };
  const said = await saidOf(settled, raw, modelOf(normal(1, 1)));
  expect(said).toMatch(/^not calibrated: a is biased/);
  expect(said).toMatch(/a is biased downwards, by about 0\.\d+ posterior standard deviations/);
  expect(said).toMatch(/posteriors believe another prior than that of these simulations/);
  expect(said).toMatch(/train with the prior that is meant/);
});

test("leaked support: a density on the whole line, of parameters that have bounds", async () => {
  const bounded = modelOf(uniform(-1, 1), "bounded");
  const data = await simulationsOf(bounded, 3000);
  const said = await saidOf(
    { data, epochs: 20, learningRate: 5e-3, allowOtherPrior: true },
    raw,
    bounded,
  );
  expect(said).toMatch(/^not calibrated: draws lie where the prior has no mass/);
  expect(said).toMatch(/leaks: \d[.\d]* % of draws lie outside the prior's support/);
  expect(said).toMatch(/learn in unconstrained space/);
});

test("shuffled labels: data that belong to other parameters", async () => {
  const data = await simulationsOf(model, 2000);
  const order = stream("shuffle").permutation(data.size);
  const parameters = Float64Array.from(
    data.parameters,
    (_, at) => data.parameters[2 * (order[Math.floor(at / 2)] ?? 0) + (at % 2)] ?? 0,
  );
  const said = await saidOf({ data: { ...data, parameters }, epochs: 5 });
  expect(said).toMatch(/the data say more of the parameters than the posteriors know/);
  expect(said).toMatch(/a is as wide as its prior \(contraction/);
  expect(said).toMatch(/check that rows of data and of parameters belong together/);
});

test("too small a summary: one number for two parameters", async () => {
  const said = await saidOf(
    { simulations: 3000, epochs: 20, learningRate: 5e-3 },
    { summary: mlpSummary({ hidden: [32], outputs: 1 }), density: gaussian(), trend: "none" },
  );
  expect(said).toMatch(/the data say more of the parameters than the posteriors know/);
  expect(said).toMatch(/a larger summary network with more outputs/);
  expect(said).not.toMatch(/overconfident/);
});
