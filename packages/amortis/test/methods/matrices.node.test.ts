/**
 * Posteriors of a covariance matrix with a conjugate prior: Σ ~ IW(ν, Ψ), S = Σ_k x_k x_kᵀ of n draws x ~ N(0, Σ), so Σ | S ~ IW(ν + n, Ψ + S).
 */
import { expect, it } from "vitest";
import {
  defineModel,
  inverseWishart,
  nbe,
  npe,
  simulate,
  splineCoupling,
  stream,
  train,
} from "../../src/index.js";

const [DEGREES, DRAWS] = [15, 20];
const SCALE = [
  [12, 2],
  [2, 10],
];

const model = defineModel({
  name: "a covariance",
  parameters: { covariance: inverseWishart(DEGREES, SCALE) },
  data: { scatter: [3] },
  simulate: ({ covariance: [a = 1, b = 0, c = 1] }, random) => {
    const [first, slope] = [Math.sqrt(a), b / Math.sqrt(a)];
    const rest = Math.sqrt(c - slope ** 2);
    const scatter = [0, 0, 0];
    for (let k = 0; k < DRAWS; k++) {
      const [x, e] = [random.normal(), random.normal()];
      const [one, two] = [first * x, slope * x + rest * e];
      for (const [i, value] of [one * one, one * two, two * two].entries()) {
        scatter[i] = (scatter[i] ?? 0) + value / DRAWS;
      }
    }
    return { scatter };
  },
});

/** The exact posterior of a scatter matrix. */
const exactOf = (s: ArrayLike<number>) => {
  const at = (i: number, prior: number): number => prior + DRAWS * (s[i] ?? 0);
  return inverseWishart(DEGREES + DRAWS, [
    [at(0, 12), at(1, 2)],
    [at(1, 2), at(2, 10)],
  ]);
};

const quick = { seed: 3, workers: 0, threads: 1, batch: 128, simulations: 8000, epochs: 12 };
const SETS = 30;

it("are those of the inverse Wishart distribution, by npe, and estimates are covariances", async () => {
  const fitted = await train(npe(model, { density: splineCoupling(), members: 1 }), quick);
  const { data } = await simulate(model, { simulations: SETS, seed: "fresh", workers: 0 });
  const posteriors = await fitted.givenBatch(data, { samples: 500 });
  const [means, sds] = [posteriors.mean().covariance, posteriors.sd().covariance];
  let [off, ratio] = [0, 0];
  for (let i = 0; i < SETS; i++) {
    const exact = exactOf(data.scatter.subarray(3 * i, 3 * i + 3));
    const random = stream(i);
    const draws = Array.from({ length: 2000 }, () => exact.sample(random));
    for (let k = 0; k < 3; k++) {
      const values = draws.map((draw) => draw[k] ?? 0);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
      off += (((means[3 * i + k] ?? 0) - mean) / sd) ** 2 / (3 * SETS);
      ratio += Math.log((sds[3 * i + k] ?? 1) / sd) ** 2 / (3 * SETS);
    }
  }
  // Sampling errors are 0.05 of an sd; the networks, of 8,000 simulations, err by more.
  expect(Math.sqrt(off)).toBeLessThan(0.25);
  expect(Math.sqrt(ratio)).toBeLessThan(0.2);
  for (let i = 0; i < posteriors.draws.length; i += 3) {
    const [a = 0, b = 0, c = 0] = posteriors.draws.subarray(i, i + 3);
    if (!(a > 0 && a * c > b * b)) throw new Error(`draw ${i / 3} is no covariance`);
  }
  // The density against the exact one, where the posterior has its mass.
  const one = data.scatter.slice(0, 3);
  const exact = exactOf(one);
  const posterior = await fitted.given({ scatter: one }, { samples: 10 });
  const random = stream(1);
  const draws = Array.from({ length: 20 }, () => exact.sample(random));
  const gaps = await Promise.all(
    draws.map(
      async (draw) =>
        exact.logDensity(draw) - (await posterior.logDensity({ covariance: [...draw] })),
    ),
  );
  // Their mean is the divergence from the exact posterior, about.
  expect(Math.abs(gaps.reduce((x, y) => x + y, 0) / gaps.length)).toBeLessThan(0.3);
  await fitted.release();
});

it("have point estimates and marginal quantiles", async () => {
  const fitted = await train(nbe(model, { interval: 0.9 }), { ...quick, epochs: 2 });
  const { data } = await simulate(model, { simulations: 5, seed: "fresh", workers: 0 });
  const estimates = (await fitted.estimateBatch(data)).covariance;
  for (let i = 0; i < 5; i++) {
    const [a = 0, b = 0, c = 0] = estimates.subarray(3 * i, 3 * i + 3);
    expect(a * c).toBeGreaterThan(b * b);
  }
  await fitted.release();
});
