/**
 * Neural likelihoods against closed forms: a conjugate normal model, counts, and mixed data whose likelihood is known.
 */
import { expect, it } from "vitest";
import {
  affineAutoregressive,
  beta,
  consistency,
  defineModel,
  discreteUniform,
  load,
  missing,
  mlp,
  nle,
  normal,
  set,
  train,
  uniform,
  type AnyModel,
} from "../../src/index.js";
import { binomialLogMass, poissonLogMass } from "../../src/math/index.js";
import { conjugateNormal } from "../conjugate.js";

const quick = { seed: 7, workers: 0, threads: 1, batch: 128, learningRate: 2e-3 } as const;
const density = affineAutoregressive({ layers: 2, hidden: [32] });
const network = mlp({ hidden: [32], activation: "silu" });

function rootMeanSquare(values: ArrayLike<number>, exact: (i: number) => number): number {
  const squares = Array.from(values, (value, i) => (value - exact(i)) ** 2);
  return Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
}

const logNormal = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

it("is the density of the data, whole or trial by trial, and gives the exact posterior", async () => {
  const n = 8;
  const { model, exactSd, fresh } = conjugateNormal(n);
  const { y, rows, exactMeans } = await fresh(20);
  for (const replicates of [false, true]) {
    const fitted = await train(nle(model, { density, replicates }), {
      ...quick,
      simulations: replicates ? 5_000 : 10_000,
      epochs: 20,
    });
    const thetas = [-1, 0, 1];
    const found = await fitted.logLikelihood(
      { y },
      Array.from({ length: 20 }, () => thetas).flat(),
    );
    const exact = rows.flatMap((row) =>
      thetas.map((theta) =>
        Array.from(row).reduce((sum, value) => sum + logNormal(value, theta, 1), 0),
      ),
    );
    // Of 10,000 draws a network of some hundred free numbers is .01 nats off on average, more a few deviations from the posterior.
    expect(rootMeanSquare(found, (i) => exact[i] ?? 0)).toBeLessThan(0.5);
    const posteriors = await fitted.givenBatch({ y }, { samples: 2_000 });
    expect(rootMeanSquare(posteriors.mean().theta, (i) => exactMeans[i] ?? 0)).toBeLessThan(0.08);
    expect(rootMeanSquare(posteriors.sd().theta, () => exactSd)).toBeLessThan(0.04);
    await fitted.release();
  }
});

const trialModel = {
  "up to a most": defineModel({
    name: "trials",
    parameters: { theta: normal(0, 1) },
    data: { y: set({ upTo: 6 }) },
    simulate: ({ theta }, random) => ({
      y: Array.from({ length: 1 + random.integer(6) }, () => theta + random.normal()),
    }),
  }),
  "by a named size": defineModel({
    name: "trials",
    parameters: { theta: normal(0, 1) },
    sizes: { m: discreteUniform(1, 6) },
    data: { y: ["m"] },
    simulate: ({ theta }, random, { m }) => ({
      y: Array.from({ length: m }, () => theta + random.normal()),
    }),
  }),
};

it.each(["up to a most", "by a named size"] as const)(
  "adds up as many trials as there are, %s, from its file too",
  async (sizes) => {
    const model: AnyModel = trialModel[sizes];
    const fitted = await train(nle(model, { density, replicates: true }), {
      ...quick,
      simulations: 6_000,
      epochs: 20,
    });
    const one = await fitted.logLikelihood({ y: [0.3] }, [0.5]);
    const three = await fitted.logLikelihood({ y: [0.3, 0.3, 0.3] }, [0.5]);
    expect(three[0]).toBeCloseTo(3 * (one[0] ?? Number.NaN), 4);
    expect(Math.abs((one[0] ?? NaN) - logNormal(0.3, 0.5, 1))).toBeLessThan(0.1);
    const loaded = await load(await fitted.toBytes(), { model });
    if (loaded.kind !== "likelihood") throw new Error("its kind is in the file");
    // Data sets of different sizes in one batch.
    const both = await loaded.givenBatch(
      {
        y: [
          [1, 2],
          [1, 2, 0, 1],
        ],
      },
      { samples: 4_000 },
    );
    // N(Σ y / (m + 1), 1 / (m + 1)); errors of networks about .05.
    for (const [i, [mean, size]] of [
      [1, 2],
      [0.8, 4],
    ].entries()) {
      expect(Math.abs((both.mean()["theta"]?.[i] ?? NaN) - (mean ?? 0))).toBeLessThan(0.1);
      expect(
        Math.abs((both.sd()["theta"]?.[i] ?? NaN) - 1 / Math.sqrt((size ?? 0) + 1)),
      ).toBeLessThan(0.06);
    }
    await fitted.release();
    await loaded.release();
  },
);

it("has probabilities of counts and of categories, which add up to one", async () => {
  const model = defineModel({
    name: "counts",
    parameters: { rate: uniform(0.5, 12), share: beta(2, 2) },
    data: { events: [1], successes: [1] },
    simulate: ({ rate, share }, random) => ({
      events: [random.poisson(rate)],
      successes: [random.binomial(3, share)],
    }),
  });
  const fitted = await train(
    nle(model, { network, discrete: { events: "counts", successes: [0, 1, 2, 3] } }),
    { ...quick, simulations: 20_000, epochs: 20 },
  );
  for (const [rate, share] of [
    [1.5, 0.3],
    [4, 0.5],
    [9, 0.7],
  ] as const) {
    const pairs = Array.from({ length: 60 * 4 }, (_, i) => [Math.floor(i / 4), i % 4] as const);
    const logs = await fitted.logLikelihood(
      { events: pairs.map(([k]) => k), successes: pairs.map(([, c]) => c) },
      pairs.flatMap(() => [rate, share]),
    );
    const found = logs.map(Math.exp);
    const exact = pairs.map(([k, c]) =>
      Math.exp(poissonLogMass(k, rate) + binomialLogMass(c, 3, share)),
    );
    expect(found.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
    const distance = found.reduce((sum, p, i) => sum + Math.abs(p - (exact[i] ?? 0)), 0) / 2;
    // Total variation of a network from 20,000 draws: a few per cent.
    expect(distance).toBeLessThan(0.06);
  }
  // A count that is none, and a category that is not there.
  const off = await fitted.logLikelihood({ events: [1.5], successes: [1] }, [2, 0.5]);
  expect(off[0]).toBe(-Infinity);
  await fitted.release();
});

it("has densities of times given choices, of decisions", async () => {
  const model = defineModel({
    name: "decisions",
    parameters: { a: normal(0, 1) },
    data: { time: set(6), choice: set(6) },
    simulate: ({ a }, random) => {
      const choices = Array.from({ length: 6 }, () =>
        random.uniform() < 1 / (1 + Math.exp(-a)) ? 5 : 2,
      );
      return {
        choice: choices,
        time: choices.map((c) => (c === 5 ? a + 0.5 * random.normal() : 3 + 0.2 * random.normal())),
      };
    },
  });
  const fitted = await train(
    nle(model, { density, network, replicates: true, discrete: { choice: [2, 5] } }),
    { ...quick, simulations: 6_000, epochs: 20 },
  );
  const data = { choice: [5, 2, 5, 5, 2, 5], time: [0.9, 3.1, 0.2, 1.3, 2.9, 0.6] };
  const exact = (a: number): number =>
    data.choice.reduce((sum, c, i) => {
      const t = data.time[i] ?? 0;
      return (
        sum +
        (c === 5
          ? -Math.log1p(Math.exp(-a)) + logNormal(t, a, 0.5)
          : -Math.log1p(Math.exp(a)) + logNormal(t, 3, 0.2))
      );
    }, 0);
  const found = await fitted.logLikelihood(data, [0.4, 0.8, 1.2]);
  expect(rootMeanSquare(found, (i) => exact([0.4, 0.8, 1.2][i] ?? 0))).toBeLessThan(0.6);
  // The posterior by quadrature: its deviation is about .24, and a network's error a fifth of that.
  const grid = Array.from({ length: 4001 }, (_, i) => -4 + i / 500);
  const weights = grid.map((a) => Math.exp(exact(a) - 0.5 * a * a));
  const total = weights.reduce((x, w) => x + w, 0);
  const mean = grid.reduce((x, a, i) => x + a * (weights[i] ?? 0), 0) / total;
  const posterior = await fitted.given(data, { samples: 4_000 });
  expect(Math.abs(posterior.mean().a - mean)).toBeLessThan(0.05);
  await fitted.release();
});

it("refuses what it has no likelihood of", () => {
  const of = (data: Parameters<typeof defineModel>[0]["data"]) =>
    defineModel({ name: "m", parameters: { a: normal(0, 1) }, data, simulate: () => ({ y: [0] }) });
  expect(() => nle(of({ y: [2] }), { discrete: { z: "counts" } })).toThrow(
    /no array "z".*there are y/,
  );
  expect(() => nle(of({ y: missing([2]) }))).toThrow(/may be missing.*npe/);
  expect(() => nle(of({ y: set({ upTo: 3 }) }))).toThrow(/replicates: true/);
  expect(() => nle(of({ y: [2], x: [3] }), { replicates: true })).toThrow(/x 3, y 2/);
  expect(() => nle(of({ y: [2] }), { density: consistency() })).toThrow(/has no density/);
  expect(() => nle(of({ y: [65] }), { discrete: { y: "counts" } })).toThrow(/65 discrete numbers/);
});
