import { describe, expect, test, vi } from "vitest";
import { UnsupportedError } from "@amortis/graph";
import {
  DataError,
  defineModel,
  discrete,
  modelPosterior,
  normal,
  simulate,
  uniform,
  zeroInflated,
} from "../../src/index.js";

const PRIOR_SD = 2;

/** μ ~ N(0, 2²), y_i ~ N(μ, 1), i = 1..n: the posterior is Gaussian. */
const replicates = 5;
const mean = defineModel({
  name: "mean",
  parameters: { mu: normal(0, PRIOR_SD) },
  data: { y: [replicates] },
  simulate: ({ mu }, random) => ({
    y: Array.from({ length: replicates }, () => mu + random.normal()),
  }),
  logLikelihood: ({ mu }, { y }) =>
    Array.from(y).reduce((sum, value) => sum - 0.5 * (value - mu) ** 2, 0),
});
const precision = replicates + 1 / PRIOR_SD ** 2;
const exactMean = (y: ArrayLike<number>): number =>
  Array.from(y).reduce((a, b) => a + b, 0) / precision;

/** A line: intercept and slope with flat priors far wider than the posterior, which is Gaussian by least squares. */
const xs = [-1, -0.5, 0, 0.5, 1];
const line = defineModel({
  name: "line",
  parameters: { intercept: uniform(-20, 20), slope: uniform(-20, 20) },
  data: { y: [xs.length] },
  simulate: ({ intercept, slope }, random) => ({
    y: xs.map((x) => intercept + slope * x + random.normal()),
  }),
  logLikelihood: ({ intercept, slope }, { y }) =>
    xs.reduce((sum, x, i) => sum - 0.5 * ((y[i] ?? 0) - intercept - slope * x) ** 2, 0),
});

const rows = (y: Float32Array | Float64Array, n: number): (Float32Array | Float64Array)[] =>
  Array.from({ length: y.length / n }, (_, i) => y.subarray(i * n, (i + 1) * n));

/** θ is zero or N(0, 1), each with probability 1/2, and y ~ N(θ, 0.4²). */
const perhaps = defineModel({
  name: "perhaps",
  parameters: { theta: zeroInflated(0.5, normal(0, 1)) },
  data: { y: [] },
  simulate: ({ theta }, random) => ({ y: theta + 0.4 * random.normal() }),
  logLikelihood: ({ theta }, { y }) => -0.5 * (((y[0] ?? 0) - theta) / 0.4) ** 2,
});

describe("the posterior under a model's own likelihood", () => {
  test.each([undefined, "importance", "rejection"] as const)(
    "has the share of zeros of a parameter that may be exactly zero: %s",
    async (method) => {
      const y = [0, 0.5, 1.2];
      const posteriors = await modelPosterior(
        perhaps,
        { y },
        { samples: 4000, ...(method && { method }) },
      );
      const logNormal = (x: number, variance: number): number =>
        -0.5 * (x ** 2 / variance + Math.log(variance));
      for (const [i, value] of y.entries()) {
        const odds = Math.exp(logNormal(value, 1.16) - logNormal(value, 0.16));
        const { draws } = posteriors.at(i);
        const share = draws.filter((theta) => theta === 0).length / draws.length;
        // Five standard errors of 20,000 weighted draws of the prior, 4,000 of which are drawn: 0.01 at most.
        expect(Math.abs(share - 1 / (1 + odds))).toBeLessThan(0.05);
      }
    },
  );

  test("on a grid of one unbounded parameter is the conjugate one", async () => {
    const { data } = await simulate(mean, { simulations: 4, seed: 3, workers: 0 });
    const posteriors = await modelPosterior(mean, { y: data.y }, { samples: 4000 });
    const means = posteriors.mean().mu;
    const sds = posteriors.sd().mu;
    const sd = 1 / Math.sqrt(precision);
    for (const [i, y] of rows(data.y, replicates).entries()) {
      // 4,000 draws: the mean errs by 0.016 sd, the sd by 0.011.
      expect(Math.abs((means[i] ?? 0) - exactMean(y)) / sd).toBeLessThan(0.07);
      expect(Math.abs((sds[i] ?? 0) / sd - 1)).toBeLessThan(0.05);
      const at = exactMean(y) + 0.7 * sd;
      const expected = -0.5 * 0.49 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
      expect(await posteriors.at(i).logDensity({ mu: at })).toBeCloseTo(expected, 2);
    }
  });

  test("on a grid of two bounded parameters is that of least squares", async () => {
    const { data } = await simulate(line, {
      parameters: Float64Array.of(1, -2),
      seed: 5,
      workers: 0,
    });
    const posterior = (
      await modelPosterior(line, { y: data.y }, { points: 400, samples: 4000 })
    ).at(0);
    const y = Array.from(data.y);
    const [n, sxx] = [xs.length, xs.reduce((a, x) => a + x * x, 0)];
    const intercept = y.reduce((a, b) => a + b, 0) / n;
    const slope = y.reduce((a, b, i) => a + b * (xs[i] ?? 0), 0) / sxx;
    const means = posterior.mean();
    const sds = posterior.sd();
    expect(Math.abs(means.intercept - intercept) * Math.sqrt(n)).toBeLessThan(0.07);
    expect(Math.abs(means.slope - slope) * Math.sqrt(sxx)).toBeLessThan(0.07);
    expect(Math.abs(sds.intercept * Math.sqrt(n) - 1)).toBeLessThan(0.05);
    expect(Math.abs(sds.slope * Math.sqrt(sxx) - 1)).toBeLessThan(0.05);
    const peak = 0.5 * Math.log(n * sxx) - Math.log(2 * Math.PI);
    expect(await posterior.logDensity({ intercept, slope })).toBeCloseTo(peak, 2);
  });

  test.each(["mcmc", "importance"] as const)("by %s agrees with the grid", async (method) => {
    const { data } = await simulate(mean, { simulations: 2, seed: 8, workers: 0 });
    const posteriors = await modelPosterior(mean, { y: data.y }, { method, samples: 4000 });
    const sd = 1 / Math.sqrt(precision);
    for (const [i, y] of rows(data.y, replicates).entries()) {
      // Chains are worth a few hundred independent draws at least: the mean errs by 0.05 sd.
      expect(Math.abs((posteriors.mean().mu[i] ?? 0) - exactMean(y)) / sd).toBeLessThan(0.2);
      expect(Math.abs((posteriors.sd().mu[i] ?? 0) / sd - 1)).toBeLessThan(0.15);
    }
  });

  test("by importance has a density that does not depend on what was drawn before", async () => {
    const y = [0.3, -0.2, 0.5, 0.1, 0.4];
    const of = async (seed: number): Promise<number> => {
      const posterior = (
        await modelPosterior(mean, { y }, { method: "importance", samples: 10, seed })
      ).at(0);
      await posterior.sample(10, seed + 1);
      return posterior.logDensity({ mu: 0.2 });
    };
    const density = await of(1);
    expect(density).toBe(await of(2));
    const variance = 1 / precision;
    const exact = -0.5 * ((0.2 - exactMean(y)) ** 2 / variance + Math.log(2 * Math.PI * variance));
    // 20,000 draws of the prior are worth more than 5,000 of the posterior: its evidence errs by about 1 %.
    expect(Math.abs(density - exact)).toBeLessThan(0.05);
  });

  test("answers each data set of a batch by what will do for it, and says what and why", async () => {
    // The data say how a and b add up: a ridge of unit length, and as thin as the data's sd.
    const sum = defineModel({
      name: "sum",
      parameters: { a: normal(0, 1), b: normal(0, 1) },
      data: { y: [], sd: [] },
      simulate: ({ a, b }, random) => ({ y: a + b + 0.5 * random.normal(), sd: 0.5 }),
      logLikelihood: ({ a, b }, { y: { 0: y = 0 }, sd: { 0: sd = 0 } }) =>
        -0.5 * ((y - a - b) / sd) ** 2 - Math.log(sd),
    });
    const y = [0.4, 0.4, 1, -0.5];
    const sds = [0.5, 0.005, Number.NaN, 1];
    const data = { y: Float64Array.from(y), sd: Float64Array.from(sds, (sd) => sd || -1) };
    const posteriors = await modelPosterior(sum, data, { samples: 2000 });
    expect(posteriors.answers.map(({ status }) => status)).toEqual([
      "grid",
      "mcmc",
      "refused",
      "grid",
    ]);
    expect(posteriors.at(0).note).toBeUndefined();
    expect(posteriors.at(1).note).toMatch(
      /^by Markov chains, since .*data set 1 is too narrow for/,
    );
    expect(posteriors.at(2).note).toMatch(/log-likelihood .* of data set 2 is NaN at a = /);
    for (const i of [0, 1, 3]) {
      const precision = 1 + 2 / (sds[i] ?? 1) ** 2;
      const exact = (y[i] ?? 0) / (sds[i] ?? 1) ** 2 / precision;
      const sd = Math.sqrt((1 / precision + 1) / 2);
      expect(Math.abs((posteriors.mean().a[i] ?? NaN) - exact) / sd).toBeLessThan(0.2);
      expect(Math.abs((posteriors.sd().b[i] ?? NaN) / sd - 1)).toBeLessThan(0.2);
    }
    expect(() => posteriors.at(2).mean()).toThrow(/data set 2 is NaN/);
    // Precision I + 11ᵀ / sd²: at its mean the density is √(1 + 2 / sd²) / 2π. What chains were offered says it to some 7 %.
    const sharp = 0.005;
    const top = 0.4 / sharp ** 2 / (1 + 2 / sharp ** 2);
    const density = await posteriors.at(1).logDensity({ a: top, b: top });
    const exact = 0.5 * Math.log(1 + 2 / sharp ** 2) - Math.log(2 * Math.PI);
    expect(Math.abs(density - exact)).toBeLessThan(0.25);
    const densities = await posteriors.logDensity(new Float32Array(8));
    expect([...densities].map(Number.isNaN)).toEqual([false, false, true, false]);
    const narrow = { y: [0.4], sd: [0.005] };
    await expect(modelPosterior(sum, narrow, { method: "grid" })).rejects.toThrow("too narrow");
  });

  test("of a discrete parameter is the exact probabilities of its values, by importance their estimates", async () => {
    const model = defineModel({
      name: "which",
      parameters: { level: discrete([0, 1, 2], [0.5, 0.3, 0.2]) },
      data: { y: [] },
      simulate: ({ level }, random) => ({ y: level + random.normal() }),
      logLikelihood: ({ level }, { y }) => -0.5 * ((y[0] ?? 0) - level) ** 2,
    });
    const found = modelPosterior(model, { y: [1.25] }, { method: "mcmc" });
    await expect(found).rejects.toThrow(UnsupportedError);
    await expect(found).rejects.toThrow(/level is discrete: ask for method "importance"/);
    const weights = [0.5, 0.3, 0.2].map((q, level) => q * Math.exp(-0.5 * (1.25 - level) ** 2));
    const total = weights.reduce((a, b) => a + b, 0);
    const samples = 10_000;
    const exact = (await modelPosterior(model, { y: [1.25] }, { samples })).at(0);
    const estimated = (
      await modelPosterior(model, { y: [1.25] }, { method: "importance", samples })
    ).at(0);
    for (const [level, weight] of weights.entries()) {
      const share = ({ draws }: { readonly draws: ArrayLike<number> }): number =>
        Array.from(draws).filter((x) => x === level).length / samples;
      // Draws are stratified: a share is off by one draw or two.
      expect(Math.abs(share(exact) - weight / total)).toBeLessThan(3 / samples);
      expect(await exact.logDensity({ level })).toBeCloseTo(Math.log(weight / total), 12);
      // 20,000 draws of the prior: a standard error of about .004.
      expect(Math.abs(share(estimated) - weight / total)).toBeLessThan(0.02);
      expect(
        Math.abs((await estimated.logDensity({ level })) - Math.log(weight / total)),
      ).toBeLessThan(0.05);
    }
    expect(await exact.logDensity({ level: 0.5 })).toBe(-Infinity);
    expect((await exact.map()).level).toBe(1);
  });

  test("of several discrete parameters is that of all their combinations", async () => {
    const model = defineModel({
      name: "pair",
      parameters: { a: discrete([0, 1]), b: discrete([-1, 0.1, 3], [0.2, 0.3, 0.5]) },
      data: { y: [] },
      simulate: ({ a, b }, random) => ({ y: a * b + random.normal() }),
      logLikelihood: ({ a, b }, { y }) => -0.5 * ((y[0] ?? 0) - a * b) ** 2,
    });
    const posteriors = await modelPosterior(model, { y: [2.5, -1] }, { samples: 1_000 });
    for (const [i, y] of [2.5, -1].entries()) {
      const joint = [0, 1].flatMap((a) =>
        [-1, 0.1, 3].map((b, k) => ({
          a,
          b,
          weight: ([0.2, 0.3, 0.5][k] ?? 0) * Math.exp(-0.5 * (y - a * b) ** 2),
        })),
      );
      const total = joint.reduce((sum, { weight }) => sum + weight, 0);
      for (const { a, b, weight } of joint) {
        const density = await posteriors.at(i).logDensity({ a, b });
        expect(density).toBeCloseTo(Math.log(weight / total), 12);
      }
    }
  });

  test("of a discrete and a continuous parameter comes by importance", async () => {
    const model = defineModel({
      name: "mixed",
      parameters: { k: discrete([0, 1]), mu: normal(0, 1) },
      data: { y: [] },
      simulate: ({ k, mu }, random) => ({ y: k + mu + random.normal() }),
      logLikelihood: ({ k, mu }, { y }) => -0.5 * ((y[0] ?? 0) - k - mu) ** 2,
    });
    const posterior = (await modelPosterior(model, { y: [2] })).at(0);
    // y | k is normal about k with variance 2.
    const odds = Math.exp((2 ** 2 - 1 ** 2) / 4);
    expect(Math.abs(posterior.mean().k - odds / (1 + odds))).toBeLessThan(0.03);
    await expect(modelPosterior(model, { y: [2] }, { method: "grid" })).rejects.toThrow(
      /one of k, mu is discrete: ask for method "importance"/,
    );
  });

  test.each(["mcmc", "importance"] as const)(
    "by %s names a likelihood that is no number",
    async (method) => {
      const model = (value: number) =>
        defineModel({
          name: "broken",
          parameters: { a: normal(0, 1), b: normal(0, 1), c: normal(0, 1) },
          data: { y: [] },
          simulate: (_, random) => ({ y: random.normal() }),
          logLikelihood: ({ a }) => (a > 0.5 ? value : -Infinity),
        });
      await expect(modelPosterior(model(Number.NaN), { y: [1] }, { method })).rejects.toThrow(
        /log-likelihood \(or log ratio\) of data set 0 is NaN at a = \S+, b = \S+, c = /,
      );
      await expect(modelPosterior(model(-Infinity), { y: [1] }, { method })).rejects.toThrow(
        /posterior of data set 0 has no mass at \d+ draws of the prior/,
      );
    },
  );

  test.each(["grid", "mcmc", "importance"] as const)(
    "by %s says how far it is, and can be interrupted",
    async (method) => {
      // A clock that every look at it moves on by 1 ms: the event loop turns after a hundred evaluations.
      let clock = 0;
      const now = vi.spyOn(performance, "now").mockImplementation(() => (clock += 1));
      try {
        const seen: (readonly [number, number])[] = [];
        const onProgress = (done: number, total: number): void => {
          seen.push([done, total]);
        };
        const y = [0.3, -0.2, 0.5, 0.1, 0.4];
        const options = { method, samples: 10, onProgress };
        const posteriors = await modelPosterior(mean, { y }, options);
        expect(seen.length).toBeGreaterThan(5);
        expect(seen.every(([done, total]) => done <= total)).toBe(true);
        expect(seen.every(([done], i) => done >= (seen[i - 1]?.[0] ?? 1))).toBe(true);
        const [done, total] = seen.at(-1) ?? [0, 1];
        expect(done).toBe(total);
        // What is asked for later has another time.
        const heard = seen.length;
        await posteriors.sample(10);
        expect(seen.length).toBe(heard);
        const controller = new AbortController();
        setTimeout(() => {
          controller.abort();
        }, 0);
        const stopped = modelPosterior(mean, { y }, { ...options, signal: controller.signal });
        await expect(stopped).rejects.toThrow("abort");
        expect(seen.at(-1)?.[0]).toBeLessThan(total);
      } finally {
        now.mockRestore();
      }
    },
  );

  test("refuses models without a likelihood, and data that do not fit", async () => {
    const bare = defineModel({
      name: "bare",
      parameters: { mu: normal(0, 1) },
      data: { y: [1] },
      simulate: ({ mu }, random) => ({ y: [mu + random.normal()] }),
    });
    await expect(modelPosterior(bare, { y: [1] })).rejects.toThrow(/"bare" has no logLikelihood/);
    await expect(modelPosterior(mean, { y: [1, 2] })).rejects.toThrow(DataError);
  });
});

test("a grid of more cells than can be evaluated is refused", async () => {
  const one = defineModel({
    name: "one",
    parameters: { a: normal(0, 1) },
    data: { y: [] },
    simulate: ({ a }, random) => ({ y: a + random.normal() }),
    logLikelihood: ({ a }, { y }) => -0.5 * ((y[0] ?? 0) - a) ** 2,
  });
  await expect(modelPosterior(one, { y: [0] }, { points: 1e12 })).rejects.toThrow(
    "a grid of 1000000000000 points along its axis has more than 16777216 cells, each an evaluation: ask for 16777216 points at most",
  );
});
