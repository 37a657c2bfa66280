/**
 * Quantiles of one parameter given the others, against full conditionals in closed form.
 */
import { describe, expect, it } from "vitest";
import {
  conditionalModel,
  defineModel,
  dependent,
  dirichlet,
  mlpSummary,
  nbe,
  normal,
  simulate,
  train,
  uniform,
} from "../../src/index.js";

const N = 6;

/** μ ~ N(0, 1), y_i ~ N(μ, σ²), i = 1 .. n: given σ, μ is normal with precision 1 + n / σ² and mean Σy / (σ² + n). */
const model = defineModel({
  name: "normal",
  parameters: { mu: normal(0, 1), sigma: uniform(0.5, 3) },
  data: { y: [N] },
  simulate: ({ mu, sigma }, random) => ({
    y: Array.from({ length: N }, () => mu + sigma * random.normal()),
  }),
  units: { sigma: "m" },
});

const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe("a model in which some parameters are known", () => {
  it("has them among its data, with draws of their priors", async () => {
    const given = conditionalModel(model, ["sigma"]);
    expect(given.parameterNames).toEqual(["mu"]);
    expect(given.dataShapes).toEqual({ y: [N], sigma: [] });
    expect(given.units).toEqual({ sigma: "m" });
    const { data } = await simulate(given, { simulations: 2_000, seed: 1, workers: 0 });
    const mean = sumOf(data.sigma) / 2_000;
    // A uniform's standard deviation is 2.5 / √12.
    expect(Math.abs(mean - 1.75)).toBeLessThan((4 * 2.5) / Math.sqrt(12 * 2_000));
    expect(Math.min(...data.sigma)).toBeGreaterThan(0.5);
  });

  it("has full conditionals as posteriors, whose quantiles are learned", async () => {
    const given = conditionalModel(model, ["sigma"]);
    const method = nbe(given, {
      summary: mlpSummary({ hidden: [48, 48], outputs: 8 }),
      interval: 0.8,
    });
    const fitted = await train(method, {
      seed: 2,
      workers: 0,
      threads: 1,
      simulations: 20_000,
      epochs: 10,
      learningRate: 2e-3,
      weightDecay: 0.01,
    });
    const sets = 300;
    const { data } = await simulate(given, { simulations: sets, seed: "fresh", workers: 0 });
    const { mu } = await fitted.estimateBatch(data);
    const { lower, upper } = await fitted.intervalBatch(0.8, data);
    // In standard deviations of the full conditional: the 0.9 quantile of a normal is 1.2816 above its mean.
    const errors = [mu, lower.mu, upper.mu].map((found, k) => {
      const squares = Array.from(found, (value, i) => {
        const variance = (data.sigma[i] ?? NaN) ** 2;
        const [mean, sd] = [
          sumOf(data.y.subarray(i * N, (i + 1) * N)) / (variance + N),
          Math.sqrt(variance / (variance + N)),
        ];
        return ((value - mean) / sd - 1.2816 * ([0, -1, 1][k] ?? NaN)) ** 2;
      });
      return Math.sqrt(sumOf(squares) / sets);
    });
    // What training leaves. From σ = 0.5 to 3 the full conditional grows four times as wide.
    expect(errors[0]).toBeLessThan(0.25);
    expect(errors[1]).toBeLessThan(0.35);
    expect(errors[2]).toBeLessThan(0.35);
    await fitted.release();
  });

  it("takes vectors, and simulators that are asynchronous", async () => {
    const slow = defineModel({
      name: "slow",
      parameters: { share: dirichlet([1, 1]), level: normal(0, 1) },
      data: { y: [2] },
      simulate: async ({ share, level }) => {
        await Promise.resolve();
        return { y: share.map((x) => x + level) };
      },
    });
    const { data, parameters } = await simulate(conditionalModel(slow, ["share"]), {
      simulations: 3,
      seed: 1,
      workers: 0,
    });
    for (const at of [0, 1, 2, 3, 4, 5]) {
      expect(data.y[at]).toBeCloseTo((data.share[at] ?? 0) + (parameters[at >> 1] ?? 0), 5);
    }
  });

  it("refuses what cannot be known", () => {
    // @ts-expect-error -- names also come from files
    expect(() => conditionalModel(model, ["tau"])).toThrow(
      'there is no parameter "tau" to be known; the model "normal" has mu, sigma',
    );
    expect(() => conditionalModel(model, [])).toThrow(
      "none of the parameters mu, sigma would be known",
    );
    expect(() => conditionalModel(model, ["mu", "sigma"])).toThrow("all of the parameters");
    const funnel = defineModel({
      name: "funnel",
      parameters: {
        tau: uniform(0, 1),
        x: dependent(["tau"], normal(0, 1), ({ tau }) => ({ scale: tau })),
      },
      data: { y: [] },
      simulate: ({ x }) => ({ y: x }),
    });
    expect(() => conditionalModel(funnel, ["tau"])).toThrow(
      'the prior of "x" depends on other parameters',
    );
  });
});
