/**
 * Synthetic likelihoods of Gaussian summaries, whose mean, covariance and posterior are known.
 */
import { mean as average, slice } from "@amortis/graph";
import { expect, it } from "vitest";
import {
  defineModel,
  expertSummary,
  gaussian,
  load,
  mlp,
  simulate,
  syntheticLikelihood,
  train,
  uniform,
  variational,
} from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";

const quick = { seed: 5, workers: 0, threads: 1, batch: 128 } as const;

/** y ~ N((a, a²), L Lᵀ) with L = [[1/2, 0], [a / 2, 1/4 + |b|]], in units a hundred times as small. */
const bent = defineModel({
  name: "bent",
  parameters: { a: uniform(-1, 1), b: uniform(0, 1) },
  data: { y: [2] },
  simulate: ({ a, b }, random) => {
    const [x, e] = [random.normal(), random.normal()];
    return { y: [100 * (a + 0.5 * x), 100 * (a * a + 0.5 * a * x + (0.25 + b) * e)] };
  },
});

it("learns mean and covariance of a summary, in its own units", async () => {
  const fitted = await train(syntheticLikelihood(bent), {
    ...quick,
    simulations: 20_000,
    epochs: 8,
  });
  const grid = [-0.8, -0.4, 0, 0.4, 0.8].flatMap((a) => [0.1, 0.5, 0.9].map((b) => [a, b]));
  const { size, mean, covariance } = await fitted.bindingFunctions(grid.flat());
  expect(size).toBe(2);
  for (const [i, [a = 0, b = 0]] of grid.entries()) {
    const scale = 0.25 + b;
    // Errors of a network of 20,000 draws: a few per cent of the deviations.
    expect(Math.abs((mean[2 * i] ?? 0) / 100 - a)).toBeLessThan(0.08);
    expect(Math.abs((mean[2 * i + 1] ?? 0) / 100 - a * a)).toBeLessThan(0.12 * (1 + scale));
    const exact = [0.25, 0.25 * a, 0.25 * a, 0.25 * a * a + scale ** 2];
    for (const [j, value] of exact.entries()) {
      const found = (covariance[4 * i + j] ?? 0) / 1e4;
      expect(Math.abs(found - value)).toBeLessThan(0.06 + 0.12 * (exact[j === 0 ? 0 : 3] ?? 1));
    }
  }
  // log N(y; μ, Σ) from its own functions: the density is normalised in the units of y.
  const at = [30, 20];
  const [logLikelihood = 0] = await fitted.logLikelihood({ y: at }, [0.4, 0.5]);
  const row = 10;
  const [m0 = 0, m1 = 0] = mean.subarray(2 * row, 2 * row + 2);
  const [s00 = 0, s01 = 0, , s11 = 0] = covariance.subarray(4 * row, 4 * row + 4);
  const determinant = s00 * s11 - s01 ** 2;
  const [d0, d1] = [30 - m0, 20 - m1];
  const form = (s11 * d0 * d0 - 2 * s01 * d0 * d1 + s00 * d1 * d1) / determinant;
  expect(logLikelihood).toBeCloseTo(
    -0.5 * (form + Math.log(determinant)) - Math.log(2 * Math.PI),
    3,
  );
  expect(await fitted.logLikelihood({ y: at }, [2, 0.5])).toEqual(Float64Array.of(Number.NaN));
  // Two parameters: a grid of cells.
  const posterior = await fitted.given({ y: [40, 16] }, { samples: 2000 });
  const draws = posterior.draws;
  expect(draws.every((x, i) => x > (i % 2 === 0 ? -1 : 0) && x < 1)).toBe(true);
  expect(Math.abs(posterior.mean().a - 0.4)).toBeLessThan(0.25);
  // The same by sampling both at once: standard errors of .01 for draws worth 1,000, of posteriors with deviations of .3.
  for (const sampler of ["mcmc", "importance"] as const) {
    const other = await fitted.given({ y: [40, 16] }, { samples: 4000, method: sampler });
    for (const name of ["a", "b"] as const) {
      expect(Math.abs(other.mean()[name] - posterior.mean()[name])).toBeLessThan(0.04);
      expect(Math.abs(other.sd()[name] - posterior.sd()[name])).toBeLessThan(0.04);
    }
  }
  await fitted.release();
});

const REPLICATES = 8;

const { model: conjugate } = conjugateNormal(REPLICATES);

/** The mean of half of the data, S ~ N(θ, 2/n), so that p(θ | S) = N(S n / (n + 2), 2 / (n + 2)): less than is known of all. */
const half = expertSummary(conjugate, "half", 1, ({ y }) =>
  average(slice(y, 1, 0, REPLICATES, 2), { axes: [1], keepDims: true }),
);
const SETS = 200;
const fresh = await simulate(conjugate, { simulations: SETS, seed: "fresh", workers: 0 });
const exactSd = Math.sqrt(2 / (REPLICATES + 2));
const exactMeans = Array.from({ length: SETS }, (_, i) => {
  const y = fresh.data.y.subarray(i * REPLICATES, (i + 1) * REPLICATES);
  const total = (y[0] ?? 0) + (y[2] ?? 0) + (y[4] ?? 0) + (y[6] ?? 0);
  return ((total / 4) * REPLICATES) / (REPLICATES + 2);
});

function rootMeanSquare(values: Float64Array, exact: (i: number) => number): number {
  return Math.sqrt(values.reduce((sum, value, i) => sum + (value - exact(i)) ** 2, 0) / SETS);
}

it("gives the posterior of the summary, on a grid and by variational inference, from its file too", async () => {
  const method = syntheticLikelihood(conjugate, { transform: half });
  const fitted = await train(method, { ...quick, simulations: 10_000, epochs: 6 });
  const posteriors = await fitted.givenBatch({ y: fresh.data.y }, { samples: 1000 });
  expect(rootMeanSquare(posteriors.mean().theta, (i) => exactMeans[i] ?? 0)).toBeLessThan(0.06);
  expect(rootMeanSquare(posteriors.sd().theta, () => exactSd)).toBeLessThan(0.04);
  const density = await posteriors.at(0).logDensity({ theta: exactMeans[0] ?? 0 });
  expect(Math.abs(density + Math.log(exactSd * Math.sqrt(2 * Math.PI)))).toBeLessThan(0.08);

  // The target of a sampler is the same up to a constant.
  const target = await fitted.target({ y: fresh.data.y });
  const [here = 0, there = 0, outside] = await target.logDensity(
    Float64Array.of(0.2, 0.7, Infinity),
    0,
    1,
  );
  const difference = await Promise.all(
    [0.7, 0.2].map((theta) => posteriors.at(0).logDensity({ theta })),
  );
  expect(there - here).toBeCloseTo((difference[0] ?? 0) - (difference[1] ?? 0), 3);
  expect(outside).toBe(-Infinity);

  const loaded = await load(await fitted.toBytes(), { model: conjugate });
  if (loaded.kind !== "likelihood") throw new Error("its kind is in the file");
  const again = await loaded.givenBatch({ y: fresh.data.y }, { samples: 1000 });
  expect(again.draws).toEqual(posteriors.draws);

  const likelihood = loaded.graph({ transform: half });
  for (const transform of [half, undefined]) {
    const inference = variational(conjugate, {
      ...(transform && { transform }),
      density: gaussian(),
      likelihood,
    });
    const trained = await train(inference, { ...quick, batch: 64, simulations: 8000, epochs: 6 });
    const answers = await trained.givenBatch({ y: fresh.data.y }, { samples: 1000 });
    expect(rootMeanSquare(answers.mean().theta, (i) => exactMeans[i] ?? 0)).toBeLessThan(0.1);
    expect(rootMeanSquare(answers.sd().theta, () => exactSd)).toBeLessThan(0.08);
    await trained.release();
  }
  await fitted.release();
  await loaded.release();
});

it("is refused as part of another graph with another summary", async () => {
  const method = syntheticLikelihood(conjugate, { transform: half });
  const fitted = await train(method, { ...quick, simulations: 1000, epochs: 1 });
  expect(() => fitted.graph()).toThrow('of the summary {"kind":"expertSummary"');
  expect(() => variational(conjugate, { likelihood: fitted })).toThrow("give it the transform");
  expect(() => fitted.graph({ transform: half, network: mlp() })).toThrow("with the network");
  await expect(fitted.bindingFunctions([])).rejects.toThrow("must be [n, 1]");
  await fitted.release();
  const wide = defineModel({ ...conjugate, data: { y: [200] }, simulate: () => ({ y: [] }) });
  expect(() => syntheticLikelihood(wide)).toThrow("has 200 numbers (y)");
});
