/** Ensembles of methods that are not npe: their answer is the mean, or the mixture, of what their members say. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  load,
  mlp,
  nbe,
  nre,
  rawSummary,
  syntheticLikelihood,
  train,
  variational,
  type Estimator,
  type EstimatorOf,
} from "../../src/index.js";
import type { BindingValues } from "../../src/estimators/index.js";
import { openEstimator } from "../../src/estimators/load.js";
import { methodOf, readConfiguration } from "../../src/extend.js";
import { conjugateNormal } from "../conjugate.js";
import { quick, temporaryFolder } from "../training/quick.js";

const inFolder = temporaryFolder();
const { model, exactSd, fresh } = conjugateNormal(2);
type Parameters = (typeof model)["parameters"];
const settings = { ...quick, simulations: 1_500, epochs: 4, learningRate: 3e-3 } as const;
const network = mlp({ hidden: [16], activation: "silu" });
const three = { members: 3 } as const;

/** An estimator whose members all have the weights of one. */
async function allAs<E extends Estimator>(fitted: E, member: number): Promise<E> {
  const { contents } = fitted;
  const places = new Map<string, number>();
  let at = 0;
  for (const { name, shape } of contents.details.variables) {
    places.set(name, at);
    at += shape.reduce((a, b) => a * b, 1);
  }
  const weights = contents.weights.slice();
  for (const { name, shape } of contents.details.variables) {
    const from = places.get(name.replace(/member\d/u, `member${member}`)) ?? Number.NaN;
    const size = shape.reduce((a, b) => a * b, 1);
    weights.set(contents.weights.subarray(from, from + size), places.get(name));
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the same kind
  return (await openEstimator({ ...contents, weights }, { model })) as unknown as E;
}

/** What an estimator says, and what it would say by each of its members alone. */
async function apart<E extends Estimator>(
  fitted: E,
  ask: (estimator: E) => Promise<ArrayLike<number>>,
): Promise<{ readonly whole: ArrayLike<number>; readonly each: readonly ArrayLike<number>[] }> {
  const each: ArrayLike<number>[] = [];
  for (const k of [0, 1, 2]) {
    const alone = await allAs(fitted, k);
    each.push(await ask(alone));
    await alone.release();
  }
  return { whole: await ask(fitted), each };
}

/** log Σ_k w_k exp(x_k), for each of several numbers. */
function logMixture(
  each: readonly ArrayLike<number>[],
  weights: readonly number[] = [1 / 3, 1 / 3, 1 / 3],
): readonly number[] {
  return Array.from(each[0] ?? [], (_, i) =>
    Math.log(each.reduce((total, x, k) => total + (weights[k] ?? 0) * Math.exp(x[i] ?? 0), 0)),
  );
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, digits = 4): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i] ?? NaN, digits);
}

describe("nbe", () => {
  const method = nbe(model, { ...three, summary: rawSummary(), head: network, interval: 0.8 });
  let fitted: EstimatorOf<"point", Parameters>;
  beforeAll(async () => {
    fitted = await train(method, settings);
  });

  it("answers by the mean, whose risk is below that of its members", async () => {
    const { y, parameters } = await fresh(500);
    const points = await apart(fitted, async (e) => (await e.estimateBatch({ y })).theta);
    const mean = Array.from(y.subarray(0, 500), (_, i) =>
      points.each.reduce((total, one) => total + (one[i] ?? 0) / 3, 0),
    );
    expectClose(points.whole, mean, 5);
    const risk = (found: ArrayLike<number>): number =>
      parameters.reduce((total, theta, i) => total + (theta - (found[i] ?? 0)) ** 2, 0) / 500;
    const risks = points.each.map(risk);
    // By Jensen's inequality, whatever was learned; and less, where they differ.
    expect(risk(points.whole)).toBeLessThan(risks.reduce((a, b) => a + b, 0) / 3);
    expect(new Set(risks).size).toBe(3);
    const upper = await apart(fitted, async (e) => (await e.quantilesBatch({ y }))[1]?.theta ?? []);
    expect(upper.whole[7]).toBeCloseTo(
      upper.each.reduce((total, one) => total + (one[7] ?? 0) / 3, 0),
      5,
    );
  });

  it("says of each member how it was trained", () => {
    const { members = [], bestValidationLoss } = fitted.details.training;
    expect(members.map(({ weight, epochs }) => [weight, epochs])).toEqual([
      [1 / 3, 4],
      [1 / 3, 4],
      [1 / 3, 4],
    ]);
    const losses = members.map((member) => member.bestValidationLoss);
    expect(bestValidationLoss).toBeCloseTo(losses.reduce((a, b) => a + b, 0) / 3, 12);
    expect(fitted.details.description).toMatchObject({ members: 3 });
  });

  it("has no mean of modes", () => {
    expect(() => nbe(model, { ...three, loss: "mode" })).toThrow(
      /mean of several modes is no mode/,
    );
  });
});

describe("nre", () => {
  const method = nre(model, { ...three, hidden: [16] });
  let fitted: EstimatorOf<"ratio", Parameters>;
  beforeAll(async () => {
    fitted = await train(method, settings);
  });
  const theta = Float64Array.from({ length: 9 }, (_, i) => (i - 4) / 2);

  it("answers by the mean of the ratios", async () => {
    const { whole, each } = await apart(fitted, (e) => e.logRatio({ y: [0.5, 1.5] }, theta));
    expectClose(whole, logMixture(each));
    const posterior = await fitted.given({ y: [0.5, 1.5] }, { samples: 2_000 });
    // A budget of a test's: half of the posterior's sd.
    expect(Math.abs(posterior.mean().theta - 2 / 3)).toBeLessThan(0.5 * exactSd);
  });

  it("goes on after a stop within its second network, and answers by one where it was stopped in the first", async () => {
    const checkpoint = inFolder("nre.checkpoint");
    const stopIn = (which: number) => {
      const stop = new AbortController();
      return {
        signal: stop.signal,
        onProgress: ({ network: at, epoch }: { network?: number; epoch: number }) => {
          if (at === which && epoch === 2) stop.abort();
        },
      };
    };
    const part = await train(method, { ...settings, checkpoint, ...stopIn(2) });
    expect(part.details.training.members?.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
    const resumed = await train(method, { ...settings, checkpoint });
    expect(resumed.contents.weights).toEqual(fitted.contents.weights);
    const first = await train(method, { ...settings, ...stopIn(1) });
    expect(first.details.training.members).toBeUndefined();
    const [value = NaN] = await first.logRatio({ y: [0.5, 1.5] }, [0.5]);
    expect(Number.isFinite(value)).toBe(true);
  });

  it("answers from its file as before", async () => {
    const again = await load(await fitted.toBytes(), { model });
    if (again.kind !== "ratio") throw new Error("a ratio is expected");
    const data = { y: [0.5, 1.5] };
    expect(await again.logRatio(data, theta)).toEqual(await fitted.logRatio(data, theta));
    await again.release();
  });
});

describe("synthetic likelihoods", () => {
  const method = syntheticLikelihood(model, { ...three, network });
  let fitted: EstimatorOf<"likelihood", Parameters>;
  beforeAll(async () => {
    fitted = await train(method, settings);
  });
  const theta = Float64Array.from({ length: 9 }, (_, i) => (i - 4) / 2);
  const weightsOf = (): readonly number[] =>
    (fitted.details.training.members ?? []).map(({ weight }) => weight);

  it("answer by the mixture, weighted by stacking", async () => {
    const { whole, each } = await apart(fitted, (e) => e.logLikelihood({ y: [0.5, 1.5] }, theta));
    expectClose(whole, logMixture(each, weightsOf()));
    const { members = [], bestValidationLoss } = fitted.details.training;
    const losses = members.map((member) => member.bestValidationLoss);
    expect(bestValidationLoss).toBeLessThan(Math.min(...losses) + 0.01);
  });

  it("have the mixture's mean and covariance", async () => {
    const each: BindingValues[] = [];
    for (const k of [0, 1, 2]) each.push(await (await allAs(fitted, k)).bindingFunctions([0.7]));
    const { mean, covariance } = await fitted.bindingFunctions([0.7]);
    const weights = weightsOf();
    const sum = (of: (k: number) => number): number =>
      weights.reduce((total, weight, k) => total + weight * of(k), 0);
    const [m0 = NaN, m1 = NaN] = mean;
    expect(m0).toBeCloseTo(
      sum((k) => each[k]?.mean[0] ?? NaN),
      5,
    );
    const off = (k: number, i: number, m: number): number => (each[k]?.mean[i] ?? NaN) - m;
    const cross = sum((k) => (each[k]?.covariance[1] ?? NaN) + off(k, 0, m0) * off(k, 1, m1));
    expect(covariance[1]).toBeCloseTo(cross, 4);
  });

  it("are part of another graph, and variational posteriors by them are mixtures too", async () => {
    const options = { ...three, likelihood: fitted.graph(), summary: rawSummary() };
    const learned = await train(variational(model, options), settings);
    const grid = Float32Array.from({ length: 401 }, (_, i) => -4 + 0.02 * i);
    const { whole, each } = await apart(learned, async (e) =>
      (await e.givenBatch({ y: [0.5, 1.5] }, { samples: 10 })).logDensity(grid),
    );
    expectClose(
      Float64Array.from(whole, Math.exp),
      logMixture(each).map((log) => Math.exp(log)),
    );
    const posterior = await learned.given({ y: [0.5, 1.5] }, { samples: 2_000 });
    expect(Math.abs(posterior.mean().theta - 2 / 3)).toBeLessThan(0.5 * exactSd);
    await learned.release();
  });
});

it("members come from configurations, and one is what there was before", async () => {
  const read = readConfiguration({ method: "nre", members: 2 });
  const method = await methodOf(read, model);
  expect(method.ensemble?.members).toHaveLength(2);
  expect(nre(model, { members: 1 }).description).toEqual(nre(model).description);
  expect(nre(model).description).not.toHaveProperty("members");
  expect(() => nre(model, { members: 0 })).toThrow(/members must be/);
});

it("is not trained on simulations made on the fly", async () => {
  const failed = train(nre(model, three), { ...quick, simulations: 20_000, onTheFly: true });
  await expect(failed).rejects.toThrow(/nre: 3 members are trained on the same simulations/);
});
