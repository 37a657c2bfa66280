/**
 * Posteriors by the samplers that are asked for: of models with gradients, and of estimators, whose networks are differentiated.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { div, neg, square, sub, sum } from "@amortis/graph";
import {
  affineAutoregressive,
  defineModel,
  dirichlet,
  ensemble,
  gamma,
  hmc,
  independent,
  modelPosterior,
  multivariateNormal,
  nle,
  normal,
  nuts,
  randomWalk,
  sliceSampler,
  stream,
  train,
  uniform,
  type ChainSampler,
  type LikelihoodEstimator,
} from "../../src/index.js";
import { priorSlope } from "../../src/posterior/prior-slope.js";

const NOISE = 0.5;
const P = 3;

/** y_j ~ N(θ_j, 0.5²), θ_j ~ N(0, 1): the posterior is N(0.8 y, 0.2). */
const parameters = { theta: independent([normal(0, 1), normal(0, 1), normal(0, 1)]) };
const definition = {
  name: "three means",
  parameters,
  data: { y: [P] },
  simulate: ({ theta }: { theta: Float64Array }, random: { normal(): number }) => ({
    y: Array.from(theta, (t) => t + NOISE * random.normal()),
  }),
} as const;
const logLikelihood = (theta: ArrayLike<number>, y: ArrayLike<number>): number =>
  Array.from(theta).reduce((total, t, j) => total - 0.5 * (((y[j] ?? NaN) - t) / NOISE) ** 2, 0);

const samplers: readonly (readonly [string, ChainSampler])[] = [
  ["random walks", randomWalk()],
  ["nuts", nuts()],
  ["hmc", hmc()],
  ["slices", sliceSampler()],
  ["an ensemble", ensemble()],
];

/** Energies change from one trajectory to the next more slowly than places: of 60 runs of three normals squares were worth .5 to .65 of what bulk and tails are (`nuts`, `hmc`). */
const SQUARES_WORTH = 0.5;

/** Means and variances within four Monte Carlo standard errors. */
function expectMoments(
  draws: ArrayLike<number>,
  worth: (j: number) => number,
  mean: (j: number) => number,
  variance: (j: number) => number,
): void {
  for (let j = 0; j < P; j++) {
    const own = Array.from(draws).filter((_, at) => at % P === j);
    const center = own.reduce((a, b) => a + b, 0) / own.length;
    const spread = own.reduce((a, x) => a + (x - mean(j)) ** 2, 0) / own.length;
    const ess = Math.min(own.length, worth(j));
    expect(Math.abs(center - mean(j))).toBeLessThan(4 * Math.sqrt(variance(j) / ess));
    expect(Math.abs(spread / variance(j) - 1)).toBeLessThan(
      4 * Math.sqrt(2 / (SQUARES_WORTH * ess)),
    );
  }
}

describe("the posterior of a model's own likelihood", () => {
  const y = [[1, -0.5, 2]];

  test.each([
    {
      by: "its gradient on the host",
      model: defineModel({
        ...definition,
        logLikelihood: ({ theta }, data) => logLikelihood(theta, data.y),
        logLikelihoodGradient: ({ theta }, data) => ({
          value: logLikelihood(theta, data.y),
          gradient: Array.from(theta, (t, j) => ((data.y[j] ?? NaN) - t) / NOISE ** 2),
        }),
      }),
    },
    {
      by: "the gradient of its graph",
      model: defineModel({
        ...definition,
        logLikelihood: ({ theta }, data) => logLikelihood(theta, data.y),
        graphLogLikelihood: ({ theta }, data) =>
          neg(sum(div(square(sub(data.y, theta)), 2 * NOISE ** 2), { axes: [-1] })),
      }),
    },
  ])("follows $by", async ({ model }) => {
    const posteriors = await modelPosterior(model, { y }, { sampler: nuts(), seed: 2 });
    const { convergence } = posteriors.answers[0] ?? {};
    expect(convergence?.divergences).toBe(0);
    expect(convergence?.eBfmi).toBeGreaterThan(0.5);
    const worth = (j: number) =>
      Math.min(convergence?.bulkEss[j] ?? 0, convergence?.tailEss[j] ?? 0);
    expectMoments(
      posteriors.draws,
      worth,
      (j) => 0.8 * (y[0]?.[j] ?? NaN),
      () => 0.2,
    );
    for (const rHat of convergence?.rHat ?? []) expect(rHat).toBeLessThan(1.05);
  });

  test.each([
    [{ value: 0, gradient: { theta: [0, 0, 0] } }, /gradient is \{"theta":\[0,0,0\]\}/],
    [{ value: 0, gradient: [0, 0] }, "gradient has 2 number(s)"],
    [{ value: undefined, gradient: [0, 0, 0] }, "value is undefined"],
    [[0, 0, 0], "value is undefined"],
    [3, "3 was given"],
  ])("says what is wrong with a gradient: %j", async (given, message) => {
    const model = defineModel({
      ...definition,
      logLikelihood: ({ theta }, data) => logLikelihood(theta, data.y),
      logLikelihoodGradient: () => given as never,
    });
    const asked = modelPosterior(model, { y }, { sampler: nuts(), seed: 2 });
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toThrow('the model "three means": logLikelihoodGradient must give');
  });

  test("is refused to samplers that need what it has not, and to settings that contradict", async () => {
    const model = defineModel({
      ...definition,
      logLikelihood: ({ theta }, data) => logLikelihood(theta, data.y),
    });
    await expect(modelPosterior(model, { y }, { sampler: nuts() })).rejects.toThrow(
      "the sampler nuts() needs the gradient of the log-likelihood",
    );
    await expect(
      modelPosterior(model, { y }, { sampler: sliceSampler(), method: "importance" }),
    ).rejects.toThrow('a sampler makes Markov chains, but "importance" is the method');
  });
});

describe("the posterior of a learned likelihood", () => {
  let fitted: LikelihoodEstimator<typeof parameters>;
  const y = [
    [1, -0.5, 2],
    [0, 0.3, -1],
  ];
  beforeAll(async () => {
    const density = affineAutoregressive({ layers: 1, hidden: [16] });
    fitted = await train(nle(defineModel(definition), { density }), {
      simulations: 4_000,
      epochs: 20,
      seed: 3,
      workers: 0,
      threads: 1,
    });
  });

  test("has the gradient of its log term and prior", async () => {
    const target = await fitted.target({ y });
    const theta = Float64Array.from({ length: 2 * 2 * P }, (_, i) => Math.sin(i));
    const found = await target.valueAndGradient?.(theta, 0, 2);
    // In single precision a log term of some units has steps of 1e-6, so that differences over 0.004 err by less than a thousandth; longer ones meet kinks of the network.
    for (let j = 0; j < theta.length; j++) {
      const [up, down] = [0.002, -0.002].map((h) => theta.with(j, (theta[j] ?? NaN) + h));
      const row = Math.floor(j / P);
      const above = (await target.logDensity(up ?? theta, 0, 2))[row] ?? NaN;
      const below = (await target.logDensity(down ?? theta, 0, 2))[row] ?? NaN;
      const slope = (above - below) / 0.004;
      expect(Math.abs((found?.gradient[j] ?? NaN) - slope)).toBeLessThan(5e-3);
    }
    const values = await target.logDensity(theta, 0, 2);
    for (const [i, value] of values.entries()) expect(found?.value[i]).toBeCloseTo(value, 4);
  });

  test("is the same by every sampler, for both data sets", async () => {
    // The exact posterior is near it: its draws, weighted, say what it is, with an error below a hundredth of its spread.
    const random = stream(1);
    const many = 40_000;
    const proposed = Float64Array.from(
      { length: 2 * many * P },
      (_, at) =>
        0.8 * (y[Math.floor(at / (many * P))]?.[at % P] ?? NaN) + Math.sqrt(0.2) * random.normal(),
    );
    const target = await fitted.target({ y });
    const logs = await target.logDensity(proposed, 0, 2);
    const known = y.map((observed, set) => {
      const weights = Float64Array.from({ length: many }, (_, i) => {
        const theta = proposed.subarray((set * many + i) * P, (set * many + i + 1) * P);
        const exact = theta.reduce((s, t, j) => s - (t - 0.8 * (observed[j] ?? 0)) ** 2 / 0.4, 0);
        return Math.exp((logs[set * many + i] ?? NaN) - exact);
      });
      const total = weights.reduce((a, b) => a + b, 0);
      const average = (of: (x: number) => number, j: number): number =>
        weights.reduce((s, w, i) => s + w * of(proposed[(set * many + i) * P + j] ?? NaN), 0) /
        total;
      return Array.from({ length: P }, (_, j) => {
        const mean = average((x) => x, j);
        return { mean, variance: average((x) => (x - mean) ** 2, j) };
      });
    });
    for (const [name, sampler] of samplers) {
      const posteriors = await fitted.givenBatch({ y }, { sampler, seed: 4 });
      for (const [set, moments] of known.entries()) {
        const { status, convergence } = posteriors.answers[set] ?? {};
        expect([name, status]).toEqual([name, "mcmc"]);
        const worth = (j: number) =>
          Math.min(convergence?.bulkEss[j] ?? 0, convergence?.tailEss[j] ?? 0);
        expectMoments(
          posteriors.draws.subarray(set * 1000 * P, (set + 1) * 1000 * P),
          worth,
          (j) => moments[j]?.mean ?? NaN,
          (j) => moments[j]?.variance ?? NaN,
        );
      }
    }
  });

  test("of replicates adds up their gradients", async () => {
    const together = await fitted.given({ y }, { sampler: nuts(), replicates: "all", seed: 1 });
    // Of two data sets the precision is 1 + 2 / 0.25, and the learned likelihood is near the true one.
    for (let j = 0; j < P; j++) {
      const exact = (((y[0]?.[j] ?? 0) + (y[1]?.[j] ?? 0)) * 4) / 9;
      expect(Math.abs((together.mean().theta[j] ?? NaN) - exact)).toBeLessThan(0.15);
      expect(Math.abs((together.sd().theta[j] ?? NaN) * 3 - 1)).toBeLessThan(0.2);
    }
  });
});

describe("the gradient of a prior", () => {
  test("is that of its log density, at any scale and near bounds", () => {
    const prior = independent([
      normal(0, 1e-6),
      gamma(2, 1),
      uniform(-1, 3),
      multivariateNormal(
        [0, 1],
        [
          [1, 0.5],
          [0.5, 2],
        ],
      ),
    ]);
    const theta = Float64Array.of(2e-6, 1e-5, 2.9999, 0.5, -1);
    const gradient = new Float64Array(5);
    const found = priorSlope(prior);
    expect(found?.logDensity(theta)).toBe(prior.logDensity(theta));
    found?.addGradient(theta, gradient);
    // The precision of the last is [2, -0.5; -0.5, 1] / 1.75, at (0.5, -2).
    const exact = [-2e6, 1e5 - 1, 0, -(2 * 0.5 + 0.5 * 2) / 1.75, (0.5 * 0.5 + 2) / 1.75];
    for (const [j, value] of exact.entries()) {
      expect((gradient[j] ?? NaN) / (Math.abs(value) || 1)).toBeCloseTo(Math.sign(value), 5);
    }
    expect(priorSlope(independent([normal(0, 1), dirichlet([1, 2])]))).toBeUndefined();
  });
});
