/**
 * Neural likelihoods against closed forms: a conjugate normal model, counts, and mixed data whose likelihood is known.
 *
 * What a likelihood loses over the exact one, E[log p(Z | θ) - log q(Z | θ)], is never below zero, and of a family that holds the truth goes with one over the number of simulations. So of
 * sixteen times as many a third at most is left, and what is left bounds, by the chain rule, the mean divergence of its posteriors from the exact ones.
 */
import { describe, expect, it } from "vitest";
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
  simulate,
  train,
  uniform,
  type AnyModel,
  type NleOptions,
} from "../../src/index.js";
import { binomialLogMass, poissonLogMass } from "../../src/math/index.js";
import { conjugateNormal } from "../conjugate.js";

const [FEW, MANY] = [500, 8_000];
const STEPS = 2_400;
/** Of the default density, which is larger. */
const DEFAULT_STEPS = 800;
const BATCH = 128;

const density = affineAutoregressive({ layers: 2, hidden: [32] });
const network = mlp({ hidden: [32], activation: "silu" });

const logNormal = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

function learn(model: AnyModel, options: NleOptions, simulations: number) {
  const steps = Object.keys(options).length === 0 ? DEFAULT_STEPS : STEPS;
  const epochs = Math.round((steps * BATCH) / simulations);
  return train(nle(model, options), {
    seed: 7,
    workers: 0,
    threads: 1,
    batch: BATCH,
    learningRate: 2e-3,
    simulations,
    epochs,
    patience: epochs,
  });
}

type Likelihood = Awaited<ReturnType<typeof learn>>;

/** The exact log-likelihood of one data set. */
type Exact = (
  theta: readonly number[],
  data: Readonly<Record<string, readonly number[]>>,
) => number;

/** What a likelihood loses over the exact one, over fresh simulations, with its standard error. */
async function excess(fitted: Likelihood, model: AnyModel, exact: Exact) {
  const n = 2_000;
  const { data, parameters } = await simulate(model, {
    simulations: n,
    seed: "fresh",
    workers: 0,
  });
  const found = await fitted.logLikelihood(data, parameters);
  const row = (all: ArrayLike<number>, i: number) => {
    const width = all.length / n;
    return Array.from({ length: width }, (_, k) => all[i * width + k] ?? Number.NaN);
  };
  const losses = Array.from(found, (value, i) => {
    const own = Object.entries(data).map(([name, column]) => [name, row(column, i)] as const);
    return exact(row(parameters, i), Object.fromEntries(own)) - value;
  });
  const mean = sum(losses) / n;
  const squares = sum(losses.map((loss) => (loss - mean) ** 2));
  return { mean, error: Math.sqrt(squares / (n - 1) / n) };
}

/** The likelihood of many simulations, which lost what it should. */
async function converged(model: AnyModel, options: NleOptions, exact: Exact) {
  const few = await learn(model, options, FEW);
  const before = await excess(few, model, exact);
  await few.release();
  const fitted = await learn(model, options, MANY);
  const lost = await excess(fitted, model, exact);
  expect(before.mean).toBeGreaterThan(0);
  expect(lost.mean).toBeGreaterThan(-4 * lost.error);
  expect(lost.mean).toBeLessThan(before.mean / 3 + 4 * lost.error);
  return { fitted, lost };
}

describe.each([
  ["whole", { density }],
  ["trial by trial", { density, replicates: true }],
  ["whole, by the default density", {}],
] as const)("the density of normal data, %s", (_, options) => {
  const n = 4;
  const { model, exactSd, fresh } = conjugateNormal(n);

  it("loses less and less, and its posteriors are no farther from the exact ones", async () => {
    const { fitted, lost } = await converged(model, options, ([theta = 0], { y = [] }) =>
      sum(Array.from(y, (value) => logNormal(value, theta, 1))),
    );
    const samples = 1_000;
    const { y, exactMeans } = await fresh(100);
    const posteriors = await fitted.givenBatch({ y }, { samples });
    const sds = posteriors.sd()["theta"] ?? [];
    const divergences = Array.from(posteriors.mean()["theta"] ?? [], (mean, i) => {
      const ratio = exactSd / (sds[i] ?? Number.NaN);
      const shift = (mean - (exactMeans[i] ?? 0)) / (sds[i] ?? Number.NaN);
      return 0.5 * (ratio ** 2 + shift ** 2 - 1) - Math.log(ratio);
    });
    // Draws alone make a mean and a deviation that are off by 1/√samples and 1/√(2 samples) of it: 1/samples of divergence, of a few draws a cell of the grid more.
    expect(sum(divergences) / divergences.length).toBeLessThan(
      lost.mean + 4 * lost.error + 4 / samples,
    );
    expect(() => fitted.graph()).toThrow(/Gaussian given the parameters.*by nle/);
    await expect(fitted.bindingFunctions([0])).rejects.toThrow(/bindingFunctions.*by nle/);
    await fitted.release();
  });
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
    const { fitted } = await converged(
      model,
      { density, replicates: true },
      ([theta = 0], { y = [] }) =>
        sum(
          Array.from(y)
            .filter((value) => !Number.isNaN(value))
            .map((value) => logNormal(value, theta, 1)),
        ),
    );
    const terms = await Promise.all(
      [[0.3], [1.2], [-2], [0.3, 1.2, -2]].map((y) => fitted.logLikelihood({ y }, [0.5])),
    );
    const [a = NaN, b = NaN, c = NaN, all = NaN] = terms.map(([value]) => value);
    // In single precision.
    expect(all).toBeCloseTo(a + b + c, 4);
    const loaded = await load(await fitted.toBytes(), { model });
    if (loaded.kind !== "likelihood") throw new Error("its kind is in the file");
    const ragged = {
      y: [
        [1, 2],
        [1, 2, 0, 1],
      ],
    };
    const [before, after] = await Promise.all(
      [fitted, loaded].map((one) => one.givenBatch(ragged, { samples: 100 })),
    );
    expect(after?.draws).toEqual(before?.draws);
    await fitted.release();
    await loaded.release();
  },
);

describe("counts and categories", async () => {
  const model = defineModel({
    name: "counts",
    parameters: { rate: uniform(0.5, 12), share: beta(2, 2) },
    data: { events: [1], successes: [1] },
    simulate: ({ rate, share }, random) => ({
      events: [random.poisson(rate)],
      successes: [random.binomial(3, share)],
    }),
  });
  const options: NleOptions = { network, discrete: { events: "counts", successes: [0, 1, 2, 3] } };
  const { fitted } = await converged(
    model,
    options,
    ([rate = 0, share = 0], { events: [k = 0] = [], successes: [c = 0] = [] }) =>
      poissonLogMass(k, rate) + binomialLogMass(c, 3, share),
  );

  it("have probabilities that add up to one", async () => {
    for (const theta of [
      [1.5, 0.3],
      [4, 0.5],
      [9, 0.7],
    ]) {
      const pairs = Array.from({ length: 60 * 4 }, (_, i) => [Math.floor(i / 4), i % 4] as const);
      const logs = await fitted.logLikelihood(
        { events: pairs.map(([k]) => k), successes: pairs.map(([, c]) => c) },
        pairs.flatMap(() => theta),
      );
      expect(sum(logs.map(Math.exp))).toBeCloseTo(1, 3);
    }
  });

  it("have none of what is no count", async () => {
    expect((await fitted.logLikelihood({ events: [1.5], successes: [1] }, [2, 0.5]))[0]).toBe(
      -Infinity,
    );
  });

  it("are refused where simulations have others, before anything is trained", async () => {
    const quick = { simulations: 50, seed: 1, workers: 0, epochs: 1 } as const;
    await expect(
      train(nle(model, { discrete: { events: "counts", successes: [0, 1, 2] } }), quick),
    ).rejects.toThrow(/"successes" of simulation \d+ has 3, but .* among 0, 1, 2/);
    const halves = { ...model, simulate: () => ({ events: [0.5], successes: [0] }) };
    await expect(train(nle(halves, options), quick)).rejects.toThrow(
      /"events" of simulation 0 has 0.5, but .* counts/,
    );
  });
});

it("has densities of times given choices, of decisions", async () => {
  const model = defineModel({
    name: "decisions",
    parameters: { a: normal(0, 1) },
    data: { time: set(6), choice: set(6) },
    simulate: ({ a }, random) => {
      const choice = Array.from({ length: 6 }, () =>
        random.uniform() < 1 / (1 + Math.exp(-a)) ? 5 : 2,
      );
      return {
        choice,
        time: choice.map((c) => (c === 5 ? a + 0.5 * random.normal() : 3 + 0.2 * random.normal())),
      };
    },
  });
  const exact: Exact = ([a = 0], { time = [], choice = [] }) =>
    sum(
      choice.map((c, i) =>
        c === 5
          ? -Math.log1p(Math.exp(-a)) + logNormal(time[i] ?? 0, a, 0.5)
          : -Math.log1p(Math.exp(a)) + logNormal(time[i] ?? 0, 3, 0.2),
      ),
    );
  const options: NleOptions = {
    density,
    network,
    replicates: true,
    discrete: { choice: [2, 5] },
  };
  const { fitted, lost } = await converged(model, options, exact);
  // Divergences of its posteriors from the exact ones, on a grid: on average no more than what the likelihood loses.
  const n = 50;
  const { data } = await simulate(model, { simulations: n, seed: "other", workers: 0 });
  const grid = Array.from({ length: 161 }, (_, i) => (i - 80) / 20);
  const found = await fitted.logLikelihood(data, Array.from({ length: n }, () => grid).flat());
  const normalized = (logs: readonly number[]): readonly number[] => {
    const most = Math.max(...logs);
    const total = Math.log(sum(logs.map((log) => Math.exp(log - most))));
    return logs.map((log) => log - most - total);
  };
  const divergences = Array.from({ length: n }, (_, i) => {
    const own = (column: Float32Array | Float64Array) => [...column.subarray(6 * i, 6 * (i + 1))];
    const prior = (a: number): number => logNormal(a, 0, 1);
    const p = normalized(
      grid.map((a) => prior(a) + exact([a], { time: own(data.time), choice: own(data.choice) })),
    );
    const q = normalized(grid.map((a, k) => prior(a) + (found[i * grid.length + k] ?? NaN)));
    return sum(p.map((log, k) => Math.exp(log) * (log - (q[k] ?? NaN))));
  });
  const mean = sum(divergences) / n;
  const error = Math.sqrt(sum(divergences.map((d) => (d - mean) ** 2)) / (n - 1) / n);
  expect(mean).toBeLessThan(lost.mean + 4 * (lost.error + error));
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
  // A data set could have more of one than of the other.
  const apart = of({ y: set({ upTo: 3 }), x: set({ upTo: 3 }) });
  expect(() => nle(apart, { replicates: true })).toThrow(/one size by name/);
  expect(() => nle(of({ y: [2] }), { density: consistency() })).toThrow(/has no density/);
  expect(() => nle(of({ y: [65] }), { discrete: { y: "counts" } })).toThrow(/65 discrete numbers/);
});
