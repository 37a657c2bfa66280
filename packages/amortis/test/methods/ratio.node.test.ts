/**
 * Ratio estimation on a conjugate model, whose ratio and posterior are known.
 */
import { expect, it } from "vitest";
import { compile, constant, mul, Scope } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import {
  balancedLoss,
  crossEntropyLoss,
  custom,
  defineModel,
  load,
  metropolis,
  mlpSummary,
  normal,
  nre,
  type NreOptions,
  stream,
  train,
} from "../../src/index.js";
import { conjugateNormal } from "../conjugate.js";
import { weightsByName } from "../../src/estimators/contents.js";
import { type Standardization } from "../../src/data/standardization.js";
import { standardizeAll } from "../../src/data/standardization-graph.js";

const REPLICATES = 8;

const SETS = 100;
const { model: conjugate, exactSd, fresh: freshData } = conjugateNormal(REPLICATES);
const fresh = await freshData(SETS);
const { exactMeans } = fresh;

function rootMeanSquare(values: ArrayLike<number>, exact: (i: number) => number): number {
  const squares = Array.from(values, (value, i) => (value - exact(i)) ** 2);
  return Math.sqrt(squares.reduce((a, b) => a + b, 0) / values.length);
}

const summary = mlpSummary({ hidden: [32], outputs: 4, activation: "silu" });
const quick = { seed: 3, workers: 0, threads: 1, batch: 128, simulations: 10_000, epochs: 10 };

it("gives the exact posterior, by a grid and by Markov chains, from its file too", async () => {
  const fitted = await train(nre(conjugate, { summary }), quick);
  const posteriors = await fitted.givenBatch({ y: fresh.y }, { samples: 1000 });
  // Errors of a network of 10,000 draws, against a posterior sd of 0.33.
  expect(rootMeanSquare(posteriors.mean().theta, (i) => exactMeans[i] ?? 0)).toBeLessThan(0.1);
  expect(rootMeanSquare(posteriors.sd().theta, () => exactSd)).toBeLessThan(0.06);

  // log p(θ | y) - log p(θ) at the posterior mean of the first data set.
  const at = exactMeans[0] ?? 0;
  const [logRatio = 0] = await fitted.logRatio({ y: fresh.y.slice(0, REPLICATES) }, [at]);
  expect(Math.abs(logRatio - (-Math.log(exactSd) + at ** 2 / 2))).toBeLessThan(0.3);

  // The same posterior by chains: the sampling error of an effective size of some hundreds.
  const some = 10;
  const chains = 4;
  const target = await fitted.target({ y: fresh.y.slice(0, some * REPLICATES) });
  const start = stream("start");
  const { draws, each, rHat } = await metropolis(target, {
    bijection: conjugate.prior.bijection,
    start: Float64Array.from(
      { length: some * chains },
      (_, i) => (exactMeans[Math.floor(i / chains)] ?? 0) + 0.3 * start.normal(),
    ),
    chains,
    iterations: 1500,
    seed: 1,
  });
  expect(Math.max(...rHat)).toBeLessThan(1.05);
  const means = Array.from({ length: some }, (_, i) => {
    return draws.subarray(i * each, (i + 1) * each).reduce((a, b) => a + b, 0) / each;
  });
  const grid = posteriors.mean().theta;
  expect(rootMeanSquare(means, (i) => grid[i] ?? 0)).toBeLessThan(0.03);

  const loaded = await load(await fitted.toBytes(), { model: conjugate });
  if (loaded.kind !== "ratio") throw new Error("its kind is in the file");
  const again = await loaded.givenBatch({ y: fresh.y }, { samples: 1000 });
  expect(again.draws).toEqual(posteriors.draws);
  await fitted.release();
  await loaded.release();
});

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

it("pairs each data set with its own parameters and with all others', and balances the two", async () => {
  const fitted = await train(nre(conjugate, { summary }), { ...quick, epochs: 1 });
  const n = 4;
  const theta = [-1, -0.2, 0.3, 1.2];
  const y = fresh.y.slice(0, n * REPLICATES);
  // f of every pair: a quarter of the rows have the data set's own parameters.
  const f = await fitted.logRatio({ y }, Array.from({ length: n }, () => theta).flat());
  const pairs = Array.from(f, (value, at) => ({ value, own: Math.floor(at / n) === at % n }));
  const average = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0) / values.length;
  const own = pairs.flatMap((pair) => (pair.own ? [pair.value] : []));
  const others = pairs.flatMap((pair) => (pair.own ? [] : [pair.value]));
  const plain = average(own.map((x) => softplus(-x))) + average(others.map(softplus));
  const balance = average(own.map(sigmoid)) + average(others.map(sigmoid)) - 1;

  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same but for `undefined` in optional members
  const standardization = fitted.details.standardization as Standardization;
  const {
    mean: [mean = 0],
    sd: [sd = 1],
  } = standardization.parameters;
  const parameters = constant(
    theta.map((value) => (value - mean) / sd),
    [n, 1],
  );
  const raw = { y: constant(y, [n, REPLICATES]) };
  const all: readonly (readonly [NreOptions, number])[] = [
    [{}, 0],
    [{ loss: balancedLoss(7) }, 7],
    [{ loss: balancedLoss() }, 100],
    [{ loss: (joint, product) => mul(crossEntropyLoss(joint, product), 1) }, 0],
    // As earlier versions said it.
    [{ balanced: 7 }, 7],
    [{ balanced: true }, 100],
  ];
  for (const [options, penalty] of all) {
    const method = nre(conjugate, { summary, ...options, negatives: n - 1 });
    const losses = method.losses({
      scope: Scope.frozen(weightsByName(fitted.contents)),
      standardization,
      raw,
      transformed: raw,
      data: standardizeAll(raw, standardization, conjugate.dataSpecs),
      parameters,
      parametersSeen: parameters,
      unconstrained: () => parameters,
      host: () => parameters,
    });
    const program = await compile({ inputs: {}, outputs: { losses } }, nodeRuntime());
    const { losses: values } = await program.run({});
    expect(average(Array.from(values.data, Number))).toBeCloseTo(plain + penalty * balance ** 2, 4);
    await program.release();
  }
  await fitted.release();
});

it("refuses what cannot be paired or weighed", async () => {
  expect(() => nre(conjugate, { hidden: [] })).toThrow(
    "hidden must be a list of at least 1, but is []",
  );
  expect(() => nre(conjugate, { balanced: -1 })).toThrow("balanced must be at least 0, but is -1");
  expect(() => balancedLoss(-1)).toThrow("weight must be at least 0, but is -1");
  expect(() => nre(conjugate, { balanced: true, loss: balancedLoss() })).toThrow("but not both");
  // What earlier versions wrote of a loss is what this one writes.
  const said = (options: NreOptions) => nre(conjugate, options).description;
  expect(said({})).toMatchObject({ balanced: 0 });
  expect(said({ loss: balancedLoss() })).toEqual(said({ balanced: true }));
  expect(said({ loss: balancedLoss() })).toMatchObject({ balanced: 100 });
  expect(said({ loss: (joint) => joint })).toMatchObject({ loss: "custom" });
  expect(() => nre(conjugate, { negatives: 0 })).toThrow("negatives must be at least 1, but is 0");
  const wide = nre(conjugate, { summary, negatives: 32 });
  await expect(train(wide, { ...quick, simulations: 200, batch: 32 })).rejects.toThrow(
    "32 negatives need batches of more than 32",
  );
});

it("knows a prior that is code by the model, or by an option", async () => {
  const standard = custom({
    sample: (random) => random.normal(),
    logDensity: ({ 0: theta = 0 }) => -0.5 * (theta ** 2 + Math.log(2 * Math.PI)),
  });
  const model = defineModel({
    name: "conjugate with a prior of one's own",
    parameters: { theta: standard },
    data: { y: [REPLICATES] },
    simulate: ({ theta }, random) => ({
      y: Array.from({ length: REPLICATES }, () => theta + random.normal()),
    }),
  });
  const fitted = await train(nre(model, { summary }), { ...quick, epochs: 5 });
  const y = fresh.y.slice(0, 10 * REPLICATES);
  const posteriors = await fitted.givenBatch({ y }, { samples: 1000 });
  expect(rootMeanSquare(posteriors.mean().theta, (i) => exactMeans[i] ?? 0)).toBeLessThan(0.12);

  const bytes = await fitted.toBytes();
  const alone = await load(bytes);
  const together = await load(bytes, { model });
  if (alone.kind !== "ratio" || together.kind !== "ratio")
    throw new Error("its kind is in the file");
  await expect(alone.givenBatch({ y })).rejects.toThrow(
    'the prior of "theta" is a custom distribution, which is code and so not in the file: load the file with its model',
  );
  const told = await alone.givenBatch({ y }, { samples: 1000, prior: { theta: normal(0, 1) } });
  const known = await together.givenBatch({ y }, { samples: 1000 });
  expect(known.draws).toEqual(posteriors.draws);
  const means = known.mean().theta;
  expect(rootMeanSquare(told.mean()["theta"] ?? [], (i) => means[i] ?? 0)).toBeLessThan(1e-3);
  for (const each of [fitted, alone, together]) await each.release();
});

it("gives one posterior by a grid, by Markov chains and by importance, and under another prior", async () => {
  const fitted = await train(nre(conjugate, { summary }), quick);
  const y = fresh.y.slice(0, 10 * REPLICATES);
  const grid = await fitted.givenBatch({ y }, { samples: 2000, points: 750 });
  for (const method of ["mcmc", "importance"] as const) {
    const other = await fitted.givenBatch({ y }, { samples: 2000, method });
    const [means, sds] = [grid.mean().theta, grid.sd().theta];
    // Draws worth some 500 or more: a standard error of a twentieth of the posterior's sd, 0.33.
    expect(rootMeanSquare(other.mean().theta, (i) => means[i] ?? 0)).toBeLessThan(0.03);
    expect(rootMeanSquare(other.sd().theta, (i) => sds[i] ?? 0)).toBeLessThan(0.03);
    const again = await fitted.givenBatch({ y }, { samples: 2000, method });
    expect(again.draws).toEqual(other.draws);
  }
  const at = grid.mean().theta[0] ?? 0;
  const weighted = await fitted.given(
    { y: y.slice(0, REPLICATES) },
    { samples: 100, method: "importance" },
  );
  const exactly = await grid.at(0).logDensity({ theta: at });
  expect(Math.abs((await weighted.logDensity({ theta: at })) - exactly)).toBeLessThan(0.05);
  const chains = await fitted.given(
    { y: y.slice(0, REPLICATES) },
    { samples: 100, method: "mcmc" },
  );
  // By the weights of what chains were offered: a thousand of them, worth several hundred.
  expect(Math.abs((await chains.logDensity({ theta: at })) - exactly)).toBeLessThan(0.2);
  // θ ~ N(1/2, 1/4): the precision is 8 + 4, and the mean (Σy + 4 / 2) / 12.
  for (const method of ["grid", "mcmc", "importance"] as const) {
    const prior = { theta: normal(0.5, 0.5) };
    const posteriors = await fitted.givenBatch({ y }, { samples: 2000, method, prior });
    const exact = (i: number): number => ((exactMeans[i] ?? 0) * (REPLICATES + 1) + 2) / 12;
    expect(rootMeanSquare(posteriors.mean().theta, exact)).toBeLessThan(0.1);
    expect(rootMeanSquare(posteriors.sd().theta, () => Math.sqrt(1 / 12))).toBeLessThan(0.06);
  }
  await expect(fitted.givenBatch({ y }, { prior: { sigma: normal(0, 1) } })).rejects.toThrow(
    'no parameter "sigma"',
  );
  await expect(fitted.givenBatch({ y }, { points: 1 })).rejects.toThrow("from 2 on");
  await fitted.release();
});
