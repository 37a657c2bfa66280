/**
 * Two simulators of the same parameters and data: a cheap one that is wrong in something, on which networks learn first, and a dear one.
 */
import { expect, test } from "vitest";
import {
  defineModel,
  logNormal,
  modelPosterior,
  npe,
  simulate,
  splineCoupling,
  train,
  uniform,
  type Model,
} from "../../src/index.js";

const TIMES = [1, 2, 3, 4, 5, 6, 7, 8];
const NOISE = 0.05;
const START = 0.1;

/** Growth to a capacity K at a rate r, du/dt = r u (1 - u / K), as it is. */
function exact(r: number, k: number): readonly number[] {
  return TIMES.map((t) => k / (1 + (k / START - 1) * Math.exp(-r * t)));
}

/** The same by Euler's steps of one, which lag behind. */
function coarse(r: number, k: number): readonly number[] {
  let u = START;
  return TIMES.map(() => (u += r * u * (1 - u / k)));
}

function growth(name: string, path: typeof exact) {
  return defineModel({
    name,
    parameters: { r: uniform(0.3, 1.5), k: logNormal(0, 0.3) },
    data: { y: [TIMES.length] },
    simulate: ({ r, k }, random) => ({ y: path(r, k).map((u) => u + NOISE * random.normal()) }),
    logLikelihood: ({ r, k }, { y }) =>
      path(r, k).reduce((total, u, i) => total - 0.5 * (((y[i] ?? 0) - u) / NOISE) ** 2, 0),
  });
}

const cheap = growth("coarse-growth", coarse);
const dear = growth("growth", exact);
const method = (model: Model) =>
  npe(model, { members: 1, density: splineCoupling({ hidden: [32, 32], layers: 3 }) });
const common = { seed: 1, workers: 0, threads: 1 };
const FRESH = 200;

/** Mean and standard error of differences. */
function paired(a: ArrayLike<number>, b: ArrayLike<number>) {
  const all = Array.from(a, (value, i) => value - (b[i] ?? Number.NaN));
  const mean = all.reduce((x, y) => x + y, 0) / all.length;
  const square = all.reduce((total, one) => total + (one - mean) ** 2, 0);
  return { mean, error: Math.sqrt(square) / all.length };
}

test("a network that learned from a cheap simulator needs few simulations of a dear one", async () => {
  const before = await train(method(cheap), { ...common, simulations: 2000 });
  const few = { ...common, seed: 2, simulations: 200 };
  const on = await train(method(dear), { ...few, from: before });
  const anew = await train(method(dear), few);
  const fresh = await simulate(dear, { simulations: FRESH, seed: "fresh", workers: 0 });
  const scores = async (estimator: typeof on) =>
    (await estimator.givenBatch({ ...fresh.data }, { samples: 10 })).logDensity(fresh.parameters);
  const [cheapOnly, both, dearOnly] = [await scores(before), await scores(on), await scores(anew)];
  const exactly = await modelPosterior(
    dear,
    { ...fresh.data },
    {
      method: "grid",
      points: 80,
      samples: 10,
    },
  );
  const known = await exactly.logDensity(fresh.parameters);
  // Better than either alone, by more than four standard errors of the difference.
  const [gain, mended] = [paired(both, dearOnly), paired(both, cheapOnly)];
  expect(gain.mean).toBeGreaterThan(4 * gain.error);
  expect(mended.mean).toBeGreaterThan(4 * mended.error);
  // And nearer to the exact posterior than to what is learned anew.
  const lost = paired(known, both);
  expect(lost.mean).toBeGreaterThan(-4 * lost.error);
  expect(lost.mean).toBeLessThan(gain.mean);
  // What was met is what either simulator made.
  const upper = ({ details }: typeof on): number =>
    Math.max(...(details.standardization.data["y"]?.range?.upper ?? []));
  expect(upper(on)).toBeGreaterThanOrEqual(Math.max(upper(before), upper(anew)) - 1e-6);
  expect(on.details.training.from).toEqual({ model: "coarse-growth", simulations: 2000 });
  expect(on.details.model.name).toBe("growth");
  expect(anew.details.training.from).toBeUndefined();
  await Promise.all([before, on, anew].map((estimator) => estimator.release()));
});

test("refuses what is of other parameters, priors or data before anything is simulated", async () => {
  const before = await train(method(cheap), {
    ...common,
    simulations: 100,
    epochs: 1,
  });
  let simulated = 0;
  const simulateOne = () => {
    simulated++;
    return { y: TIMES };
  };
  const { parameters, data } = dear;
  const rest = { name: "other", simulate: simulateOne };
  const others = [
    defineModel({ ...rest, parameters: { rate: uniform(0.3, 1.5), k: logNormal(0, 0.3) }, data }),
    defineModel({ ...rest, parameters: { ...parameters, r: uniform(0.3, 2) }, data }),
    defineModel({ ...rest, parameters, data: { y: [TIMES.length + 1] } }),
  ];
  for (const other of others) {
    await expect(
      train(method(other as Model), { ...common, simulations: 100, from: before }),
    ).rejects.toThrow(/train: "from" was trained (for the model "coarse-growth"|with the prior)/u);
  }
  expect(simulated).toBe(0);
  // By default there are as many networks as suit the number of simulations.
  await expect(
    train(npe(dear), { ...common, simulations: 100, epochs: 1, from: before }),
  ).rejects.toThrow("train both with members: 1");
  await before.release();
});
