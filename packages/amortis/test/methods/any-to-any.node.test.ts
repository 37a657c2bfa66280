/**
 * One estimator of everything given anything, against the closed forms of a Gaussian: θ ~ N(0, 1), y_i ~ N(θ, s²), i = 0, 1.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerSheet } from "../../src/extend.js";
import {
  anyToAny,
  defineModel,
  dirichlet,
  discrete,
  JointEstimator,
  load,
  normal,
  train,
  transformer,
} from "../../src/index.js";
import { stream } from "../../src/random/index.js";

const S = 0.7;

const pair = defineModel({
  name: "pair",
  parameters: { theta: normal(0, 1) },
  data: { y: [2] },
  simulate: ({ theta }, random) => ({
    y: [theta + S * random.normal(), theta + S * random.normal()],
  }),
});

type Pair = (typeof pair)["parameters"];

const network = transformer({ width: 16, blocks: 2, heads: 2 });

/** Data sets that no training saw. */
const SETS = 20;
const DRAWS = 100;

function fresh(): Float64Array {
  const y = new Float64Array(2 * SETS);
  for (let i = 0; i < SETS; i++) {
    const random = stream("fresh").split(i);
    const theta = random.normal();
    for (const j of [0, 1]) y[2 * i + j] = theta + S * random.normal();
  }
  return y;
}

/** Root mean square, of errors of means in exact sds for instance. */
function rms(errors: ArrayLike<number>): number {
  return Math.sqrt(Array.from(errors).reduce((sum, e) => sum + e * e, 0) / errors.length);
}

function logNormal(x: number, mean: number, variance: number): number {
  return -0.5 * ((x - mean) ** 2 / variance + Math.log(2 * Math.PI * variance));
}

describe("any-to-any", () => {
  let joint: JointEstimator<Pair>;
  const y = fresh();
  const first = Array.from({ length: SETS }, (_, i) => y[2 * i] ?? 0);
  const second = Array.from({ length: SETS }, (_, i) => y[2 * i + 1] ?? 0);
  const lacking = y.map((value, i) => (i % 2 === 1 ? Number.NaN : value));

  beforeAll(async () => {
    const settings = { simulations: 10_000, epochs: 25, learningRate: 3e-3, seed: 1 };
    joint = await train(anyToAny(pair, { network }), { ...settings, workers: 0, threads: 1 });
  }, 300_000);

  afterAll(() => joint.release());

  /** Means and sds against exact ones: sampling errors are 1/√100 = 0.1 and 0.07 / √20 of an sd; the rest is training, of a small network for a few seconds. */
  function expectClose(
    found: { readonly mean: ArrayLike<number>; readonly sd: ArrayLike<number> },
    exact: { readonly mean: readonly number[]; readonly sd: number },
  ): void {
    const { sd } = exact;
    expect(rms(exact.mean.map((mean, i) => ((found.mean[i] ?? 0) - mean) / sd))).toBeLessThan(0.3);
    const average = Array.from(found.sd).reduce((a, b) => a + b, 0) / found.sd.length;
    expect(Math.abs(average / sd - 1)).toBeLessThan(0.15);
  }

  test("gives the posterior", async () => {
    const posteriors = await joint.givenBatch({ y }, { samples: DRAWS });
    const variance = 1 / (1 + 2 / S ** 2);
    const mean = first.map((a, i) => (variance * (a + (second[i] ?? 0))) / S ** 2);
    const found = { mean: posteriors.mean().theta, sd: posteriors.sd().theta };
    expectClose(found, { mean, sd: Math.sqrt(variance) });
    const logs = await posteriors.logDensity(Float64Array.from(mean, (m) => m + 0.3));
    const exact = logNormal(0.3, 0, variance);
    expect(rms(logs.map((log) => log - exact))).toBeLessThan(0.25);
  });

  test("gives it where data are missing, and the missing data", async () => {
    const posteriors = await joint.givenBatch({ y: lacking }, { samples: DRAWS });
    const shrink = 1 / (1 + S ** 2);
    const found = { mean: posteriors.mean().theta, sd: posteriors.sd().theta };
    expectClose(found, { mean: first.map((a) => a * shrink), sd: S * Math.sqrt(shrink) });
    const whole = await joint.conditionalBatch({ y: lacking }, { samples: DRAWS });
    expect(whole.parameterNames).toEqual(["theta", "y[0]", "y[1]"]);
    const mean = whole.mean()["y"] ?? new Float64Array();
    const sd = whole.sd()["y"] ?? new Float64Array();
    const odd = (values: ArrayLike<number>): number[] =>
      Array.from({ length: SETS }, (_, i) => values[2 * i + 1] ?? 0);
    const predicted = { mean: odd(mean), sd: odd(sd) };
    const exactSd = Math.sqrt(1 + S ** 2 - shrink);
    expectClose(predicted, { mean: first.map((a) => a * shrink), sd: exactSd });
    // What is known is as it was given.
    for (const [i, a] of first.entries()) expect(mean[2 * i]).toBeCloseTo(a, 5);
    const correlation = whole.correlation().data;
    const exact = (shrink * S ** 2) / Math.sqrt(shrink * S ** 2 * exactSd ** 2);
    const average = first.reduce((sum, _, i) => sum + (correlation[9 * i + 2] ?? 0), 0) / SETS;
    expect(Math.abs(average - exact)).toBeLessThan(0.1);
  });

  test("predicts data, the joint distribution, and conditionals of single numbers", async () => {
    const theta = Float64Array.from({ length: SETS }, (_, i) => i / 20 - 1.5);
    const predictive = await joint.conditionalBatch({ theta }, { samples: DRAWS });
    expect(predictive.parameterNames).toEqual(["y[0]", "y[1]"]);
    const found = { mean: predictive.mean()["y"] ?? [], sd: predictive.sd()["y"] ?? [] };
    expectClose(found, { mean: Array.from(theta).flatMap((t) => [t, t]), sd: S });
    const everything = await joint.conditional({}, { samples: 1000 });
    // Standard errors of an sd from 1,000 draws are 2.2 %.
    expect(Math.abs(Number(everything.sd()["theta"]) - 1)).toBeLessThan(0.12);
    const ofData = everything.sd()["y"] as Float64Array;
    expect(Math.abs((ofData[0] ?? 0) / Math.sqrt(1 + S ** 2) - 1)).toBeLessThan(0.12);
    // Given θ the other number of the data says nothing.
    const near = Float64Array.from(first, (a) => 0.7 * a + 0.2);
    const last = await joint.conditionalBatch({ theta: near, y: lacking }, { samples: DRAWS });
    const mean = Array.from({ length: SETS }, (_, i) => last.mean()["y"]?.[2 * i + 1] ?? 0);
    const sd = Array.from({ length: SETS }, (_, i) => last.sd()["y"]?.[2 * i + 1] ?? 0);
    expectClose({ mean, sd }, { mean: Array.from(near), sd: S });
  });

  test("has a likelihood, with its error, of what is there of the data", async () => {
    const theta = Float64Array.from(first, (a, i) => 0.4 * (a + (second[i] ?? 0)) + 0.2);
    const { value, error } = await joint.logLikelihood({ y }, theta);
    const exact = first.map(
      (a, i) =>
        logNormal(a, theta[i] ?? 0, S ** 2) + logNormal(second[i] ?? 0, theta[i] ?? 0, S ** 2),
    );
    expect(rms(exact.map((log, i) => (value[i] ?? 0) - log))).toBeLessThan(0.5);
    expect(Math.max(...error)).toBeLessThan(0.1);
    const part = await joint.logLikelihood({ y: lacking }, theta);
    const ofFirst = first.map((a, i) => logNormal(a, theta[i] ?? 0, S ** 2));
    expect(rms(part.value.map((log, i) => log - (ofFirst[i] ?? 0)))).toBeLessThan(0.4);
  });

  test("comes back from its file, and answers as one that gives posteriors", async () => {
    const loaded = await load(await joint.toBytes(), { model: pair });
    if (!(loaded instanceof JointEstimator)) throw new Error("it is a joint distribution");
    const one = { y: [0.5, Number.NaN] };
    const ask = { samples: 20, seed: 3 };
    expect((await loaded.given(one, ask)).draws).toEqual((await joint.given(one, ask)).draws);
    const { document, shape } = await answerSheet(loaded, { y }, { samples: 10 });
    expect(shape).toEqual([SETS, 10, 1]);
    expect(document.datasets[0]?.mean?.["theta"]).toBeTypeOf("number");
    await loaded.release();
  });

  test("says what cannot be asked", async () => {
    await expect(joint.conditional({ phi: 1 })).rejects.toThrow(
      'there is no parameter or data array "phi"; there are theta, y',
    );
    await expect(joint.conditional({ theta: 1, y: [1, 2] })).rejects.toThrow(
      "all parameters and data are known",
    );
    await expect(joint.conditional({ theta: [1, 2, 3], y: [1, 2] })).rejects.toThrow(
      'the parameter "theta" has 1 value(s), but 3 were given',
    );
    await expect(joint.given({ y: [Number.NaN, Number.NaN] })).rejects.toThrow(
      "all of the data are missing",
    );
    await expect(joint.given({ y: [Infinity, 1] })).rejects.toThrow("must be finite numbers");
    await expect(joint.given({ y })).rejects.toThrow("use givenBatch");
  });
});

test("data of thousands of numbers are refused, with what to do; discrete parameters too", () => {
  const large = defineModel({
    name: "large",
    parameters: { w: dirichlet([1, 1]) },
    data: { z: [40, 40] },
    simulate: () => ({ z: new Float64Array(1600) }),
  });
  expect(() => anyToAny(large)).toThrow(
    'parameters and data of the model "large" are 1601 numbers, but each is a token of a transformer, which takes 256 at most: give the model summaries as its data, or train npe',
  );
  const coin = defineModel({
    name: "coin",
    parameters: { k: discrete([0, 1]) },
    data: { z: [] },
    simulate: ({ k }) => ({ z: k }),
  });
  expect(() => anyToAny(coin)).toThrow("discrete");
});
