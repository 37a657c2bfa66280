/**
 * Priors on an offset: θ less the offset has the same density, and what answers of θ is as sharp as if it had none.
 */
import { describe, expect, test } from "vitest";
import {
  custom,
  defineModel,
  exponential,
  gamma,
  independent,
  modelPosterior,
  multivariateNormal,
  nbe,
  normal,
  npe,
  nre,
  train,
  truncatedNormal,
  uniform,
} from "../../src/index.js";
import { jointPrior } from "../../src/distributions/index.js";
import { lessOffset, offsetOf } from "../../src/distributions/centred.js";
import { stream } from "../../src/random/index.js";

describe("a prior less its offset", () => {
  test.each([
    ["uniform", uniform(2_459_000, 2_459_010), [2_459_005]],
    ["uniform by probit", uniform(2_459_000, 2_459_010, { link: "probit" }), [2_459_005]],
    ["normal", normal(-1e9, 2), [-1e9]],
    ["truncatedNormal", truncatedNormal(1e6, 1, 1e6 - 1, Infinity), [expect.closeTo(1e6 + 0.2, 0)]],
    [
      "multivariateNormal",
      multivariateNormal(
        [1e7, 3],
        [
          [4, 1],
          [1, 4],
        ],
      ),
      [1e7, 0],
    ],
    ["independent", independent([normal(0, 1), uniform(1e6, 1e6 + 1)]), [0, 1e6 + 0.5]],
  ])("%s has the same density, and draws that are as many apart", (_, prior, expected) => {
    const offset = offsetOf(prior);
    expect(offset).toEqual(expected);
    const left = lessOffset(prior, offset);
    const [a, b] = [stream(1), stream(1)];
    for (let i = 0; i < 20; i++) {
      const theta = prior.sample(a);
      const rest = theta.map((x, j) => x - (offset[j] ?? 0));
      expect(left.logDensity(rest)).toBeCloseTo(prior.logDensity(theta), 5);
      const drawn = left.sample(b);
      for (const [j, x] of rest.entries())
        expect(Math.abs((drawn[j] ?? 0) - x)).toBeLessThan(
          1e-6 * (1 + Math.abs(offset[j] ?? 0) * 0.3),
        );
    }
    expect(offsetOf(left).every((value) => value === 0)).toBe(true);
  });

  test.each([
    ["normal(5, 1)", normal(5, 1)],
    ["exponential(1)", exponential(1)],
    ["gamma(1e8, 1e4), which cannot be moved", gamma(1e8, 1e4)],
    ["one of code", custom({ sample: () => 1e9, logDensity: () => 0 })],
  ])("%s has none", (_, prior) => {
    expect(offsetOf(prior)).toEqual([0]);
    expect(jointPrior({ x: prior }).centred.bijection).toBe(
      jointPrior({ x: prior }).centred.bijection,
    );
  });

  test("of another family keeps its density on the host", () => {
    const prior = gamma(4, 2);
    const left = lessOffset(prior, [1000]);
    expect(left.logDensity([-998])).toBe(prior.logDensity([2]));
    expect(left.support.lower).toEqual([-1000]);
    expect(left.contains([-1001])).toBe(false);
  });
});

/** y = jd - 2459000 + .1 e: the posterior of a date is y ± .1, and its days are 2.4 million from zero, where a float32 tells quarters apart. */
const date = defineModel({
  name: "date",
  parameters: { jd: uniform(2_459_000, 2_459_002) },
  data: { y: [] },
  simulate: ({ jd }, random) => ({ y: jd - 2_459_000 + 0.1 * random.normal() }),
  logLikelihood: ({ jd }, { y }) => -0.5 * (((y[0] ?? 0) - (jd - 2_459_000)) / 0.1) ** 2,
});
const y = [0.6, 0.7, 1.3];

describe("dates", () => {
  test.each(["grid", "mcmc", "importance"] as const)(
    "under the model's likelihood, by %s",
    async (method) => {
      const posteriors = await modelPosterior(date, { y }, { method });
      for (const [i, value] of y.entries()) {
        const posterior = posteriors.at(i);
        expect(Math.abs(posterior.mean().jd - 2_459_000 - value)).toBeLessThan(0.02);
        expect(Math.abs(posterior.sd().jd - 0.1)).toBeLessThan(0.015);
        expect(new Set(posterior.draws).size).toBeGreaterThan(300);
        const at = await posterior.logDensity({ jd: 2_459_000 + value });
        const off = await posterior.logDensity({ jd: 2_459_000 + value + 0.3 });
        expect(Math.abs(at - off - 4.5)).toBeLessThan(0.01);
      }
    },
  );

  const small = { simulations: 4000, epochs: 20, seed: 1, workers: 0, threads: 1 };

  test.each([
    ["npe", npe(date)],
    ["nre", nre(date)],
  ] as const)("by %s", async (_, method) => {
    const warnings: string[] = [];
    const fitted = await train<typeof date, "posterior" | "ratio">(method, {
      ...small,
      onWarning: (line) => void warnings.push(line),
    });
    expect(warnings).toEqual([]);
    const posteriors = await fitted.givenBatch({ y: Float32Array.from(y) });
    for (const [i, value] of y.entries()) {
      // Errors of a network of 4,000 simulations; steps of a quarter would show.
      expect(Math.abs((posteriors.mean().jd[i] ?? 0) - 2_459_000 - value)).toBeLessThan(0.05);
      expect(Math.abs((posteriors.sd().jd[i] ?? 0) - 0.1)).toBeLessThan(0.04);
      expect(new Set(posteriors.at(i).draws).size).toBeGreaterThan(500);
    }
    await fitted.release();
  });

  test("by nbe", async () => {
    const fitted = await train(nbe(date, { interval: 0.9 }), small);
    const { jd } = await fitted.estimateBatch({ y: Float32Array.from(y) });
    for (const [i, value] of y.entries()) {
      expect(Math.abs((jd[i] ?? 0) - 2_459_000 - value)).toBeLessThan(0.06);
    }
    await fitted.release();
  });
});
