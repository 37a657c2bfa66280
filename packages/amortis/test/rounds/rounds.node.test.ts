import { expect, test } from "vitest";
import {
  defineModel,
  gaussian,
  likelihoodRounds,
  nle,
  normal,
  npe,
  truncatedRounds,
  uniform,
  type RoundReport,
} from "../../src/index.js";

/** θ ~ N(0, 1), y_i ~ N(θ, ½²), i = 1 .. 4: θ | y ~ N(16 ȳ / 17, 1 / 17). */
const model = defineModel({
  name: "conjugate",
  parameters: { theta: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ theta }, random) => ({
    y: Array.from({ length: 4 }, () => theta + 0.5 * random.normal()),
  }),
});
const OBSERVED = [1.4, 1.1, 0.9, 1.8];
const EXACT = { mean: (16 * 1.3) / 17, sd: Math.sqrt(1 / 17) };
const QUIET = { workers: 0, threads: 1, progress: false, onWarning: () => {} };

/** What two thousand draws say of mean and sd beside the exact ones, in exact sds. */
function errorsOf(posterior: { mean(): { theta: number }; sd(): { theta: number } }) {
  return [
    (posterior.mean().theta - EXACT.mean) / EXACT.sd,
    posterior.sd().theta / EXACT.sd - 1,
  ] as const;
}

/**
 * Four standard errors of what is learned from n simulations and seen by 2,000 draws, in exact sds. What is learned is a regression on four numbers, whose prediction has the variance 5 / n where
 * data are about as far out as most; an sd is known to 1 / √(2n).
 */
function sampling(n: number): { readonly mean: number; readonly sd: number } {
  return {
    mean: 4 * Math.sqrt(5 / n + 1 / 2_000),
    sd: 4 * Math.sqrt(1 / (2 * n) + 1 / 4_000),
  };
}

test("truncated rounds end at the exact posterior, and propose what the prior has within its mass", async () => {
  const heard: RoundReport[] = [];
  const { estimator, simulations, rounds } = await truncatedRounds(
    npe(model, { density: gaussian() }),
    OBSERVED,
    {
      simulations: 1_500,
      rounds: 3,
      seed: 4,
      workers: 0,
      training: { ...QUIET, epochs: 30 },
      onRound: (round) => heard.push(round),
    },
  );
  expect(heard).toEqual(rounds);
  expect(rounds.map(({ simulations: n, invalid }) => [n, invalid])).toEqual([
    [500, 0],
    [500, 0],
    [500, 0],
  ]);
  // The region of 1 - 10⁻⁴ of the exact posterior is its mean ± 3.89 sd, which has 0.379 of the prior.
  const accepted = rounds.at(-1)?.accepted ?? 0;
  expect(accepted).toBeGreaterThan(0.379 * 0.7);
  expect(accepted).toBeLessThan(0.379 * 1.4);
  const last = simulations.parameters.subarray(1_000);
  expect(Math.min(...last)).toBeGreaterThan(EXACT.mean - 6 * EXACT.sd);
  expect(Math.max(...last)).toBeLessThan(EXACT.mean + 6 * EXACT.sd);
  const [mean, sd] = errorsOf(await estimator.given(OBSERVED, { samples: 2_000 }));
  // A tenth of the simulations is held out.
  expect(Math.abs(mean)).toBeLessThan(sampling(1_350).mean);
  expect(Math.abs(sd)).toBeLessThan(sampling(1_350).sd);
});

test("likelihood rounds end at the exact posterior, from parameters that the posterior proposes", async () => {
  const { estimator, simulations } = await likelihoodRounds(
    nle(model, { density: gaussian() }),
    OBSERVED,
    { simulations: 900, rounds: 3, seed: 4, workers: 0, training: { ...QUIET, epochs: 30 } },
  );
  const last = simulations.parameters.subarray(600);
  const spread = Math.sqrt(
    last.reduce((sum, theta) => sum + (theta - EXACT.mean) ** 2, 0) / last.length,
  );
  expect(spread).toBeLessThan(2 * EXACT.sd);
  const [mean, sd] = errorsOf(await estimator.given(OBSERVED, { samples: 2_000 }));
  // A tenth of the simulations is held out.
  expect(Math.abs(mean)).toBeLessThan(sampling(810).mean);
  expect(Math.abs(sd)).toBeLessThan(sampling(810).sd);
});

test("proposals leave out what fails", async () => {
  const failing = defineModel({
    name: "failing",
    parameters: { a: uniform(-1, 1), b: uniform(-1, 1) },
    data: { y: [2] },
    simulate: ({ a, b }, random) => ({
      y: b > 0 ? [Number.NaN, 0] : [a + random.normal(), b + random.normal()],
    }),
  });
  const asked = {
    simulations: 600,
    rounds: 2,
    seed: 1,
    workers: 0,
    training: { ...QUIET, epochs: 2 },
  };
  const { rounds } = await truncatedRounds(npe(failing), [0, -0.5], asked);
  const [first, second] = rounds.map(({ invalid }) => invalid);
  // Of 300 draws of the prior half fail: 150 ± 9.
  expect(first).toBeGreaterThan(110);
  expect(second).toBeLessThan(60);
});

test("what cannot be is refused in one sentence", async () => {
  const method = npe(model, { density: gaussian() });
  await expect(truncatedRounds(method, OBSERVED, { simulations: 30, rounds: 3 })).rejects.toThrow(
    /20 simulations or more each, but 30 simulations in 3 rounds/,
  );
  await expect(truncatedRounds(method, OBSERVED, { epsilon: 0 })).rejects.toThrow(
    /epsilon must lie/,
  );
  const two = { simulations: 100, rounds: 2, workers: 0, training: { ...QUIET, epochs: 1 } };
  await expect(truncatedRounds(method, [OBSERVED, OBSERVED], two)).rejects.toThrow(
    /rounds are for one data set, but 2 were given/,
  );
});
