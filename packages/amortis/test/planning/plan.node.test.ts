/**
 * A plan of a small training: what it says follows from what it measured.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  gaussian,
  mlpSummary,
  nbe,
  normal,
  npe,
  planTraining,
  simulationsFor,
} from "../../src/index.js";

const model = defineModel({
  name: "planned",
  parameters: { theta: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ theta }, random) => ({ y: [0, 1, 2, 3].map(() => theta + random.normal()) }),
  logLikelihood: ({ theta }, { y }) =>
    Array.from(y).reduce((sum, own) => sum - (own - theta) ** 2 / 2 - Math.log(2 * Math.PI) / 2, 0),
});
const networks = { summary: mlpSummary({ hidden: [16], outputs: 2 }), density: gaussian() };

test("of a model with a likelihood", async () => {
  const words: string[] = [];
  const training = { epochs: 4, learningRate: 5e-3, threads: 1 };
  const plan = await planTraining(npe(model, networks), {
    target: 0.01,
    pilot: 800,
    training,
    workers: 0,
    onProgress: (line) => words.push(line),
  });
  expect(plan.pilots.map(({ simulations }) => simulations)).toEqual([200, 400, 800]);
  // Four epochs of minibatches of 64, a tenth held out.
  expect(plan.pilots.map(({ steps }) => steps)).toEqual([8, 20, 44]);
  // No posterior does better than the exact one, whose entropy is ½ log(2πe/5); its loss errs by √(1/2 / 200).
  const exact = 0.5 * Math.log((2 * Math.PI * Math.E) / 5);
  for (const { loss } of plan.pilots) expect(loss).toBeGreaterThan(exact - 0.2);
  expect(plan.simulations).toBe(Math.max(800, Math.ceil(simulationsFor(plan.curve, 0.01))));
  expect(plan.simulatingSeconds).toBeCloseTo(plan.secondsEach * plan.simulations, 10);
  expect(plan.bytes).toBeGreaterThan(10e6);
  const { secondsEach = 0, dataSets = 0 } = plan.likelihood ?? {};
  expect(secondsEach).toBeGreaterThan(0);
  const once = plan.simulatingSeconds + plan.trainingSeconds;
  const each = Math.max(1e-9, secondsEach - plan.answerSeconds);
  expect(dataSets).toBe(Math.max(1, Math.ceil(once / each)));
  expect(words).toContain("training with 400 simulations");
});

test("is of methods that learn posteriors, and of numbers that mean something", async () => {
  const method = npe(model, networks);
  await expect(planTraining(method, { target: 0 })).rejects.toThrow(/target above 0 nats/);
  await expect(planTraining(method, { pilot: 10 })).rejects.toThrow(/pilot of 200 simulations/);
  const misspelt: object = { targte: 1 };
  await expect(planTraining(method, misspelt)).rejects.toThrow(/no option "targte"/);
  const points: unknown = nbe(model);
  await expect(planTraining(points as typeof method)).rejects.toThrow(
    /methods that learn posteriors, such as npe, but nbe learns something else/,
  );
});
