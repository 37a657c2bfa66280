/**
 * Likelihoods and ratios learned from simulations some of which fail: failing tells of θ.
 */
import { expect, test } from "vitest";
import { compile, constant, hostTensor, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import {
  defineModel,
  load,
  normal,
  npe,
  nre,
  rawSummary,
  syntheticLikelihood,
  train,
  uniform,
} from "../../src/index.js";

/** The solver fails with probability θ; else z = θ + 0.3 e. So p(θ | z, valid) ∝ (1 - θ) N(z; θ, 0.3²) on [0, 1]. */
const failing = defineModel({
  name: "failing",
  parameters: { theta: uniform(0, 1) },
  data: { z: [] },
  simulate: ({ theta }, random) => ({
    z: random.uniform() < theta ? Number.NaN : theta + 0.3 * random.normal(),
  }),
});

function exactMean(z: number): number {
  let [mass, sum] = [0, 0];
  for (let i = 0; i < 2000; i++) {
    const t = (i + 0.5) / 2000;
    const weight = (1 - t) * Math.exp(-0.5 * ((z - t) / 0.3) ** 2);
    mass += weight;
    sum += weight * t;
  }
  return sum / mass;
}

const zs = [0.2, 0.5, 0.8];
const small = { seed: 1, workers: 0, threads: 1, batch: 128, simulations: 6000, epochs: 15 };

function notes() {
  const lines: string[] = [];
  return { lines, onWarning: (line: string) => void lines.push(line) };
}

test("ratios have p(valid | θ), from their file too", async () => {
  const { lines, onWarning } = notes();
  const fitted = await train(nre(failing), { ...small, onWarning });
  expect(lines.join("\n")).toMatch(
    /train: \d+ of 6000 simulations were invalid .* nre learns from the others, and p\(valid \| parameters\) beside/,
  );
  const loaded = await load(await fitted.toBytes());
  if (loaded.kind !== "ratio") throw new Error("its kind is in the file");
  const answers = await loaded.givenBatch({ z: Float32Array.from(zs) });
  // Ignoring failures they are .318, .5, .682; the error of a network of 3,000 valid simulations is about .02.
  for (const [i, z] of zs.entries()) {
    expect(Math.abs((answers.mean()["theta"]?.[i] ?? 0) - exactMean(z))).toBeLessThan(0.05);
  }
  // log p(z, valid | θ) / p(z, valid): p(valid | θ) = 1 - θ, and half of all are valid.
  const { validity } = loaded.details.training;
  expect(validity?.simulations).toBe(6000);
  expect(validity?.loss).toBeLessThan((validity?.constantLoss ?? 0) - 0.1);
  await fitted.release();
  await loaded.release();
});

test("synthetic likelihoods have it, and so as a part of another graph", async () => {
  const fitted = await train(syntheticLikelihood(failing), { ...small, onWarning: () => {} });
  const answers = await fitted.givenBatch({ z: Float32Array.from(zs) });
  for (const [i, z] of zs.entries()) {
    expect(Math.abs((answers.mean().theta[i] ?? 0) - exactMean(z))).toBeLessThan(0.05);
  }
  // log p(z, valid | θ) itself: (1 - θ) N(z; θ, .3²).
  const thetas = [0.1, 0.3, 0.5, 0.7, 0.9];
  const values = await fitted.logLikelihood({ z: 0.5 }, thetas);
  for (const [i, theta] of thetas.entries()) {
    const exact =
      Math.log(1 - theta) -
      0.5 * ((0.5 - theta) / 0.3) ** 2 -
      Math.log(0.3 * Math.sqrt(2 * Math.PI));
    expect(Math.abs((values[i] ?? 0) - exact)).toBeLessThan(0.25);
  }
  const theta = input("theta", [1, thetas.length, 1]);
  const program = await compile(
    {
      name: "graph",
      inputs: { theta },
      outputs: { value: fitted.graph().logLikelihood({ z: constant([0.5], [1]) }, theta) },
    },
    nodeRuntime(),
  );
  const { value } = await program.run({
    theta: hostTensor(Float32Array.from(thetas), [1, thetas.length, 1]),
  });
  for (const [i, exact] of values.entries()) expect(value.data[i]).toBeCloseTo(exact, 4);
  await program.release();
  await fitted.release();
});

test("on the fly it is learned of all simulations, however few those are that training begins with", async () => {
  const fitted = await train(syntheticLikelihood(failing), {
    ...small,
    onTheFly: true,
    simulations: 12_000,
    epochs: 6,
    onWarning: () => {},
  });
  const { validity } = fitted.details.training;
  expect(validity?.simulations).toBeGreaterThan(12_000);
  const answers = await fitted.givenBatch({ z: Float32Array.from(zs) });
  for (const [i, z] of zs.entries()) {
    expect(Math.abs((answers.mean().theta[i] ?? 0) - exactMean(z))).toBeLessThan(0.05);
  }
  await fitted.release();
});

test("what fails by its data alone changes nothing", async () => {
  // y > 1 fails: p(θ | y, valid) is p(θ | y), N(y / 2, 1 / 2), although p(y | θ, valid) is cut off.
  const cut = defineModel({
    name: "cut",
    parameters: { theta: normal(0, 1) },
    data: { y: [] },
    simulate: ({ theta }, random) => {
      const y = theta + random.normal();
      return { y: y > 1 ? Number.NaN : y };
    },
  });
  const fitted = await train(nre(cut, { summary: rawSummary() }), {
    ...small,
    onWarning: () => {},
  });
  const y = [-1, 0, 0.8];
  const answers = await fitted.givenBatch({ y: Float32Array.from(y) });
  for (const [i, value] of y.entries()) {
    expect(Math.abs((answers.mean().theta[i] ?? 0) - value / 2)).toBeLessThan(0.12);
    expect(Math.abs((answers.sd().theta[i] ?? 0) - Math.SQRT1_2)).toBeLessThan(0.1);
  }
  await fitted.release();
});

test("what is learned directly says what its answers are given", async () => {
  const { lines, onWarning } = notes();
  const fitted = await train(npe(failing), { ...small, simulations: 200, epochs: 1, onWarning });
  expect(lines.join("\n")).toMatch(
    /npe learns from the others: its answers are those given that the data are valid/,
  );
  expect(fitted.details.training.validity).toBeUndefined();
  await fitted.release();
});
