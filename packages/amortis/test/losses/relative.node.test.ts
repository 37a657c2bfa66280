/**
 * Answers of parameters over decades.
 */
import { compile, constant, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { expect, test } from "vitest";
import {
  beta,
  custom,
  defineModel,
  gamma,
  halfCauchy,
  logNormal,
  nbe,
  nre,
  stream,
  syntheticLikelihood,
  train,
  type ScalarDistribution,
} from "../../src/index.js";
import { relativeLoss } from "../../src/losses/relative-loss.js";

const [center, width, middle, spread] = [2, 0.01, 0.5, 3];
const tails = { center: [center], width: [width], mean: [middle], sd: [spread] };
const seen = (theta: number): number => (Math.asinh((theta - center) / width) - middle) / spread;

test.each([
  ["of one side", (e: number) => center + Math.exp(2 * e)],
  ["of both sides", (e: number) => center + Math.sign(e) * Math.exp(Math.abs(2 * e)) * 0.05 + 0.2],
])("a posterior %s has the mean for its best estimate", async (_, draw) => {
  const n = 4001;
  const random = stream(8);
  const draws = Float64Array.from({ length: n }, () => draw(random.normal()));
  const mean = draws.reduce((a, b) => a + b, 0) / n;
  const unused = input("unused", [1]);
  const filled = (f: (i: number) => number) =>
    constant(
      Float64Array.from({ length: n }, (_x, i) => f(i)),
      [n, 1],
      "float64",
    );
  const risk = async (at: number): Promise<number> => {
    const y = relativeLoss(
      filled(() => seen(at)),
      filled((i) => seen(draws[i] ?? 0)),
      tails,
    );
    const program = await compile({ inputs: { unused }, outputs: { y } }, nodeRuntime());
    const values = Array.from((await program.run({ unused: [0] })).y.data, Number);
    await program.release();
    return values.reduce((a, b) => a + b, 0) / n;
  };
  const least = await risk(mean);
  const far = Math.abs(mean - center);
  for (const step of [-0.05, 0.05, -0.9, 3]) {
    expect(await risk(mean + step * far)).toBeGreaterThan(least);
  }
});

const small = { simulations: 8000, epochs: 20, seed: 1, workers: 0, threads: 1 };

/** y_i = scale (1 + .2 e_i): scale | y is about ȳ, with a 90 % interval of ȳ [.86, 1.16]. */
function scaleModel(prior: ScalarDistribution) {
  return defineModel({
    name: "scale",
    parameters: { scale: prior },
    data: { y: [5] },
    simulate: ({ scale }, random) => ({
      y: Array.from({ length: 5 }, () => scale * (1 + 0.2 * random.normal())),
    }),
  });
}

const TYPICAL = [0.9, 1.1, 1.05, 0.95, 1];
const atLevels = (levels: readonly number[]): Float32Array =>
  Float32Array.from(levels.flatMap((level) => TYPICAL.map((value) => value * level)));

/** The largest error of estimates, and of the ends of 90 % intervals, as logarithms beside what is right, 1 and [.86, 1.16]. */
function worstError(
  levels: readonly number[],
  scale: ArrayLike<number>,
  interval?: { readonly lower: ArrayLike<number>; readonly upper: ArrayLike<number> },
): number {
  const errors = levels.flatMap((level, i) => {
    const off = (value: number | undefined, right: number): number =>
      Math.abs(Math.log((value ?? 0) / level / right));
    const ends = interval && [off(interval.lower[i], 0.86), off(interval.upper[i], 1.16)];
    return [off(scale[i], 1), ...(ends ?? [])];
  });
  return Math.max(...errors);
}

test("means, medians and intervals are learned at every level of ten decades", async () => {
  const levels = [1e-3, 1e-1, 1, 10, 1e3];
  const y = atLevels(levels);
  for (const loss of ["squared", "absolute"] as const) {
    const fitted = await train(nbe(scaleModel(logNormal(0, 3)), { loss, interval: 0.9 }), small);
    const { scale } = await fitted.estimateBatch({ y });
    const { lower, upper } = await fitted.intervalBatch(0.9, { y });
    expect(worstError(levels, scale, { lower: lower.scale, upper: upper.scale })).toBeLessThan(
      0.06,
    );
    await fitted.release();
  }
});

// Forty decades, and numbers half of which are nothing to single precision: two thousand simulations tell the ends of intervals to about a tenth.
test.each([
  ["forty decades", { interval: 0.9 }, logNormal(0, 20)],
  ["forty decades", { loss: "absolute" }, logNormal(0, 20)],
  ["three hundred", { interval: 0.9 }, gamma(0.01, 1)],
  ["three hundred", { loss: "absolute", interval: 0.9 }, gamma(0.01, 1)],
] as const)("a parameter over %s is found where it is (%j)", async (_, options, prior) => {
  const quick = { ...small, simulations: 2000, epochs: 8 };
  const fitted = await train(nbe(scaleModel(prior), options), quick);
  const levels = [1e-3, 1e-1, 1];
  const y = atLevels(levels);
  const { scale } = await fitted.estimateBatch({ y });
  const asked =
    "interval" in options ? await fitted.intervalBatch(options.interval, { y }) : undefined;
  const ends = asked && { lower: asked.lower.scale, upper: asked.upper.scale };
  expect(worstError(levels, scale, ends)).toBeLessThan(0.12);
  await fitted.release();
});

// Of so few the ends of intervals are known to about .06; estimates were held within the largest value that was simulated, and of a half-Cauchy prior decades wide.
test.each([
  ["three hundred simulations over three hundred decades", gamma(0.01, 1), 300, [1e-3, 0.1, 1]],
  ["a thousand of a half-Cauchy prior", halfCauchy(1), 1000, [0.1, 1, 10]],
] as const)(
  "intervals of %s hold the truth at every level",
  async (_, prior, simulations, levels) => {
    const fitted = await train(nbe(scaleModel(prior), { interval: 0.9 }), {
      seed: 1,
      workers: 0,
      threads: 1,
      simulations,
    });
    const y = atLevels(levels);
    const { scale } = await fitted.estimateBatch({ y });
    const { lower, upper } = await fitted.intervalBatch(0.9, { y });
    expect(worstError(levels, scale, { lower: lower.scale, upper: upper.scale })).toBeLessThan(
      0.12,
    );
    await fitted.release();
  },
);

test("the mode of a parameter over decades is sought at every level", async () => {
  const fitted = await train(nbe(scaleModel(logNormal(0, 3)), { loss: "mode" }), small);
  const levels = [1e-3, 1, 1e3];
  const { scale } = await fitted.estimateBatch({ y: atLevels(levels) });
  expect(worstError(levels, scale)).toBeLessThan(0.1);
  await fitted.release();
});

test("scales above a bound that is not zero keep to it, at every distance", async () => {
  const above = custom({
    support: { lower: 5 },
    sample: (random) => 5 + Math.exp(3 * random.normal()),
    logDensity: ({ 0: x = 5 }) => -Math.log(x - 5) - 0.5 * (Math.log(x - 5) / 3) ** 2,
  });
  const model = defineModel({
    name: "above",
    parameters: { scale: above },
    data: { y: [5] },
    simulate: ({ scale }, random) => ({
      y: Array.from({ length: 5 }, () => 5 + (scale - 5) * (1 + 0.2 * random.normal())),
    }),
  });
  const fitted = await train(nbe(model, { interval: 0.9 }), small);
  for (const distance of [0.05, 1, 100]) {
    const y = TYPICAL.map((value) => 5 + distance * value);
    const { scale } = await fitted.estimate({ y });
    expect(Math.abs(Math.log((scale - 5) / distance))).toBeLessThan(0.25);
    const [lower, upper] = (await fitted.interval(0.9, { y })).scale;
    expect(lower).toBeGreaterThan(5);
    expect(upper).toBeGreaterThan(5 + distance);
  }
  await fitted.release();
});

test("a mean between two ends is found, where the prior's link is a step", async () => {
  // θ is nearly 0 or nearly 1: y = θ + e has P(θ near 1 | y) = 1 / (1 + exp(½ - y)) for its posterior mean.
  const model = defineModel({
    name: "switch",
    parameters: { theta: beta(0.01, 0.01) },
    data: { y: [] },
    simulate: ({ theta }, random) => ({ y: theta + random.normal() }),
  });
  const fitted = await train(nbe(model), { ...small, epochs: 12 });
  for (const y of [-1, 0.5, 1, 2]) {
    const { theta } = await fitted.estimate({ y });
    // 8,000 draws tell it to .015 in the middle; the rest is training.
    expect(Math.abs(theta - 1 / (1 + Math.exp(0.5 - y)))).toBeLessThan(0.06);
  }
  await fitted.release();
});

// Likelihoods a thousandth as wide as what networks see: they were found decades wide, and the largest values outside their intervals.
test.each([
  ["forty decades", logNormal(0, 20)],
  ["three hundred", gamma(0.01, 1)],
] as const)("likelihoods and ratios over %s are as narrow as they are", async (_, prior) => {
  const model = scaleModel(prior);
  for (const method of [syntheticLikelihood(model), nre(model)]) {
    const fitted = await train<typeof model, "likelihood" | "ratio">(method, {
      ...small,
      simulations: 4000,
    });
    const levels = [1e-3, 1e-1, 1];
    const posteriors = await fitted.givenBatch({ y: atLevels(levels) }, { samples: 2000 });
    const { scale } = posteriors.quantile(0.5);
    const [lower, upper] = [posteriors.quantile(0.05), posteriors.quantile(0.95)];
    const ends = { lower: lower.scale, upper: upper.scale };
    expect(worstError(levels, scale, ends)).toBeLessThan(0.12);
    await fitted.release();
  }
});
