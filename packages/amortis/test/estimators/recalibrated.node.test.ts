/**
 * Recalibrated estimators: overconfident ones by held-out simulations, and a simulator that is not quite right by a few real data sets.
 */
import { expect, test } from "vitest";
import { gaussian, load, npe, rawSummary, simulate, train } from "../../src/index.js";
import { diagnose, fractionalRanks, rankScores } from "../../src/diagnostics/index.js";
import { stream } from "../../src/random/index.js";
import { conjugateNormal } from "../conjugate.js";

const { model } = conjugateNormal(4);
const networks = { summary: rawSummary(), density: gaussian({ hidden: [64] }), members: 1 };
const brief = { workers: 0, threads: 1, batch: 32, weightDecay: 0, onWarning: () => {} } as const;

test("what has learned its simulations by heart is calibrated by others, and its file knows it", async () => {
  const { origin: _, ...data } = await simulate(model, { simulations: 60, seed: 1, workers: 0 });
  const known = { data, validation: data, epochs: 300, patience: 300, learningRate: 5e-3 };
  const estimator = await train(npe(model, { ...networks, trend: "none" }), { ...brief, ...known });
  const held = await simulate(model, { simulations: 1000, seed: "held out", workers: 0 });
  const better = await estimator.recalibrated(held);
  const asked = { simulations: 400, samples: 99, workers: 0 };
  const spread = async (one: typeof estimator) =>
    (await diagnose(one, model, asked)).parameters[0]?.rankScores.scale ?? Number.NaN;
  expect(await spread(estimator)).toBeGreaterThan(1.3);
  // One, ± 4 standard errors of 400 scores, and what two numbers cannot put right.
  expect(Math.abs((await spread(better)) - 1)).toBeLessThan(0.2);
  const bytes = await better.toBytes();
  const again = await load(bytes, { model });
  if (again.kind !== "posterior") throw new TypeError("it answers with posteriors");
  const [own, other] = await Promise.all(
    [better, again].map((one) => one.given({ y: [1, 0, 1, 0] }, { samples: 50 })),
  );
  expect(own?.draws).toEqual(other?.draws);
  expect(Number.isFinite(await own?.logDensity({ theta: 0.3 }))).toBe(true);
  await Promise.all([estimator, better, again].map((one) => one.release()));
});

test("real data that are off by a constant are put right by twenty of known parameters", async () => {
  const estimator = await train(npe(model, networks), {
    ...brief,
    simulations: 2000,
    epochs: 8,
    learningRate: 3e-3,
  });
  const real = async (simulations: number, seed: string) => {
    const { data, parameters } = await simulate(model, { simulations, seed, workers: 0 });
    return { data: { y: data.y.map((x) => x + 1) }, parameters };
  };
  const better = await estimator.recalibrated(await real(20, "few"));
  const test = await real(500, "many");
  const shiftOf = async (one: typeof estimator) => {
    const { draws } = await one.givenBatch(test.data, { samples: 99 });
    return rankScores(fractionalRanks(draws, test.parameters, stream(1))).mean;
  };
  // Means are 4/5 too high, 1.8 posterior standard deviations; twenty pairs know it to 1/√20.
  expect(await shiftOf(estimator)).toBeLessThan(-1.3);
  expect(Math.abs(await shiftOf(better))).toBeLessThan(0.6);
  await Promise.all([estimator, better].map((one) => one.release()));
});

test("simulations that were trained on, and parameters that do not fit, are errors", async () => {
  const estimator = await train(npe(model, networks), {
    ...brief,
    simulations: 200,
    epochs: 1,
    seed: 1,
  });
  const seen = await simulate(model, { simulations: 20, seed: 1, workers: 0 });
  await expect(estimator.recalibrated(seen)).rejects.toThrow(
    /20 of 20 simulations were trained on, which it may know by heart/,
  );
  const few = { data: seen.data, parameters: seen.parameters.slice(0, 7) };
  await expect(estimator.recalibrated(few)).rejects.toThrow(
    /must be \[20, 1\], but 7 values were given/,
  );
  await estimator.release();
});
