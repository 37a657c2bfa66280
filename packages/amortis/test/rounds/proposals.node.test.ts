import { expect, test } from "vitest";
import { defineModel, normal, simulate, stream, uniform, validRegion } from "../../src/index.js";
import { informationGain } from "../../src/rounds/information-gain.js";
import { allKeep, drawKept, type Keeps } from "../../src/rounds/restricted-prior.js";

const above =
  (least: number): Keeps =>
  async (theta) =>
    Uint8Array.from(theta, (value) => Number(value > least));

test("a prior is drawn where something holds, and nowhere else", async () => {
  // Of N(0, 1) above 1: share 1 - Φ(1), mean φ(1) / (1 - Φ(1)), variance 1 + mean - mean².
  const [tail, mean] = [0.158655, 1.525135];
  const n = 20_000;
  const { theta, share } = await drawKept(normal(0, 1), n, above(1), stream(5));
  expect(theta.every((value) => value > 1)).toBe(true);
  const average = theta.reduce((a, b) => a + b, 0) / n;
  const deviation = Math.sqrt(1 + mean - mean ** 2);
  expect(Math.abs(average - mean)).toBeLessThan((4 * deviation) / Math.sqrt(n));
  // About n / tail draws were tried.
  expect(Math.abs(share - tail)).toBeLessThan(4 * tail * Math.sqrt((1 - tail) / n));
});

test("where hardly anything is kept, that is said", async () => {
  const drawn = drawKept(normal(0, 1), 10, above(20), stream(1));
  await expect(drawn).rejects.toThrow(/of \d+ draws of the prior 0 lie where proposals are to be/);
});

test("what must hold together is asked in turn, of what is left", async () => {
  const asked: number[] = [];
  const counted: Keeps = async (theta) => {
    asked.push(theta.length / 2);
    return Uint8Array.from({ length: theta.length / 2 }, (_, i) =>
      Number((theta[2 * i + 1] ?? 0) > 0),
    );
  };
  const first: Keeps = async (theta) =>
    Uint8Array.from({ length: theta.length / 2 }, (_, i) => Number((theta[2 * i] ?? 0) > 0));
  const kept = await allKeep(2, [first, counted])(Float64Array.of(1, 1, -1, 1, 1, -1, -1, -1));
  expect([...kept]).toEqual([1, 0, 0, 0]);
  expect(asked).toEqual([2]);
});

test("the region of valid simulations is found, and undefined where all are valid", async () => {
  const model = defineModel({
    name: "failing",
    parameters: { a: uniform(-1, 1), b: uniform(-1, 1) },
    data: { y: [] },
    // Half of the square fails.
    simulate: ({ a, b }, random) => ({ y: a + b > 0 ? Number.NaN : random.normal() }),
  });
  const quiet = { seed: 2, workers: 0, onWarning: () => {} };
  const simulations = await simulate(model, { simulations: 2_000, ...quiet });
  const region = await validRegion(model, simulations);
  expect(region?.avoided).toBeGreaterThan(0.9);
  const fresh = await simulate(model, { simulations: 2_000, ...quiet, firstIndex: 2_000 });
  const valid = (await region?.keeps(fresh.parameters)) ?? new Uint8Array();
  const share = valid.reduce((sum, one) => sum + one, 0) / fresh.size;
  // It may lose one in a hundred of those that it learned from; of fresh ones a few more.
  expect(share).toBeGreaterThan(0.97);
  const easy = defineModel({
    ...model,
    name: "easy",
    simulate: (_, random) => ({ y: random.normal() }),
  });
  const all = await simulate(easy, { simulations: 50, ...quiet });
  expect(await validRegion(easy, all)).toBeUndefined();
});

test("the gain of a linear design under its exact posterior is ½ log(1 + ξ²)", async () => {
  for (const design of [0.3, 1, 3]) {
    const model = defineModel({
      name: "linear",
      parameters: { theta: normal(0, 1) },
      data: { y: [] },
      simulate: ({ theta }, random) => ({ y: design * theta + random.normal() }),
    });
    const simulations = await simulate(model, { simulations: 4_000, seed: 3, workers: 0 });
    const variance = 1 / (1 + design ** 2);
    const exact = {
      prior: async () => model.prior,
      givenBatch: async () => ({
        logDensity: async (theta: ArrayLike<number>) =>
          Float64Array.from(theta, (value, i) => {
            const mean = design * (simulations.data.y[i] ?? 0) * variance;
            return -0.5 * Math.log(2 * Math.PI * variance) - (value - mean) ** 2 / (2 * variance);
          }),
      }),
    };
    const { gain, standardError } = await informationGain(exact, simulations);
    expect(Math.abs(gain - 0.5 * Math.log(1 + design ** 2))).toBeLessThan(4 * standardError);
    expect(standardError).toBeLessThan(0.02);
  }
});

test("parameters that are not the estimator's are refused", async () => {
  const prior = defineModel({
    name: "one",
    parameters: { theta: normal(0, 1) },
    data: { y: [] },
    simulate: () => ({ y: 0 }),
  }).prior;
  const never = { prior: async () => prior, givenBatch: () => Promise.reject(new Error("asked")) };
  const simulations = {
    size: 2,
    parameters: new Float64Array(3),
    data: { y: new Float32Array(2) },
  };
  await expect(informationGain(never, simulations)).rejects.toThrow(
    /two simulations or more of 1 parameters each, but was given 2 and 3 numbers/,
  );
});
