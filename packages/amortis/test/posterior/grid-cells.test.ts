/**
 * Cells of grids where a posterior's mass is: spikes, several modes, bounds and tails, and ordinary models of two parameters.
 */
import { describe, expect, test } from "vitest";
import {
  beta,
  defineModel,
  gamma,
  modelPosterior,
  normal,
  simulate,
  uniform,
  type Distribution,
} from "../../src/index.js";
import { gaussLegendre } from "../../src/math/index.js";

const DRAWS = 4000;

describe("cells by mass", () => {
  const model = (prior: Distribution<readonly []>, logLikelihood: (theta: number) => number) =>
    defineModel({
      name: "one",
      parameters: { theta: prior },
      data: { y: [] },
      simulate: () => ({ y: 0 }),
      logLikelihood: ({ theta }) => logLikelihood(theta),
    });
  const answer = async (prior: Distribution<readonly []>, term: (theta: number) => number) =>
    (await modelPosterior(model(prior, term), { y: 0 }, { samples: DRAWS, method: "grid" })).at(0);

  test("find a spike on a broad posterior, and two spikes alone", async () => {
    const spiked = await answer(uniform(0, 1), (theta) => (theta < 1e-3 ? Math.log(101) : 0));
    const expected = (101 * 1e-3 * 0.0005 + 0.999 * 0.5005) / 1.1;
    // Four standard errors of 4,000 draws.
    expect(Math.abs(spiked.mean().theta - expected)).toBeLessThan(0.02);
    expect(await spiked.logDensity({ theta: 5e-4 })).toBeCloseTo(Math.log(101 / 1.1), 2);
    const two = await answer(uniform(0, 1), (theta) =>
      theta < 1e-3 || theta > 1 - 1e-3 ? 0 : -50,
    );
    expect(two.draws.every((x) => x < 0.0011 || x > 0.9989)).toBe(true);
    // Stratified draws: a half to within one, and a cell at each jump.
    expect(Math.abs(two.draws.filter((x) => x > 0.5).length / DRAWS - 0.5)).toBeLessThan(0.01);
  });

  test("find both of two modes of which the first grid sees one", async () => {
    const modes = [
      { at: -0.7003, sd: 1e-5, weight: 0.3 },
      { at: 0.7, sd: 2e-5, weight: 0.7 },
    ];
    const found = await answer(uniform(-1, 1), (theta) =>
      // As logarithms: of a mode further off than 38 sd nothing is left of a density.
      Math.max(
        ...modes.map(
          ({ at, sd, weight }) => Math.log(weight / sd) - 0.5 * ((theta - at) / sd) ** 2,
        ),
      ),
    );
    const share = found.draws.filter((x) => x > 0).length / DRAWS;
    expect(Math.abs(share - 0.7)).toBeLessThan(0.01);
  });

  test("resolve a density without a limit at a bound: Jeffreys' prior, no success in ten", async () => {
    const found = await answer(beta(0.5, 0.5), (theta) => 10 * Math.log1p(-theta));
    const exact = beta(0.5, 10.5);
    for (const level of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      // Stratified draws: levels err by less than 1 / 4,000, and by what lies within a cell.
      expect(exact.cdf(found.quantile(level).theta)).toBeCloseTo(level, 2);
    }
    const at = 0.02;
    expect(await found.logDensity({ theta: at })).toBeCloseTo(exact.logDensity([at]), 2);
  });

  test("resolve a heavy tail: a scale of which two numbers are known", async () => {
    // Under a flat prior p(s | ±1) ∝ s⁻² exp(-1 / s²), of which 1/s² is gamma(1/2, 1), up to 1,000.
    const found = await answer(uniform(0, 1000), (s) => -2 * Math.log(s) - 1 / s ** 2);
    const precision = gamma(0.5, 1);
    const cut = precision.cdf(1 / 1000 ** 2);
    for (const level of [0.05, 0.25, 0.5, 0.75, 0.95, 0.99]) {
      const s = found.quantile(level).theta;
      expect((1 - precision.cdf(1 / s ** 2)) / (1 - cut)).toBeCloseTo(level, 2);
    }
  });

  test("reach as far as the data say, under a likelihood that is known", async () => {
    // N(0, 1) and y = 30 ± 0.1: N(3000 / 101, 1 / 101).
    const found = await answer(normal(0, 1), (mu) => -50 * (mu - 30) ** 2);
    const sd = 1 / Math.sqrt(101);
    expect(Math.abs(found.mean().theta - 3000 / 101) / sd).toBeLessThan(0.05);
    expect(Math.abs(found.sd().theta / sd - 1)).toBeLessThan(0.035);
  });
});

/** p(σ, μ | mean 0, sd s of n numbers), μ ~ N(0, 1), σ ~ U(0, 2): μ given σ is normal, and σ is one integral. */
function exactNormal(n: number, s: number) {
  const { nodes, weights } = gaussLegendre(400);
  const sigmas = nodes.map((x) => 1 + x);
  const log = sigmas.map((sigma) => {
    const variance = 1 / (1 + n / sigma ** 2);
    return -n * Math.log(sigma) - (n * s * s) / (2 * sigma ** 2) + 0.5 * Math.log(variance);
  });
  const top = Math.max(...log);
  const mass = log.map((value, i) => (weights[i] ?? 0) * Math.exp(value - top));
  const total = mass.reduce((a, b) => a + b, 0);
  const mean = (of: (sigma: number) => number): number =>
    mass.reduce((sum, m, i) => sum + m * of(sigmas[i] ?? 0), 0) / total;
  const sigma = mean((x) => x);
  return {
    sigma,
    sdOfSigma: Math.sqrt(mean((x) => x * x) - sigma ** 2),
    sdOfMu: Math.sqrt(mean((x) => 1 / (1 + n / x ** 2))),
  };
}

describe("ordinary models of two parameters", () => {
  const n = 100;
  const byStatistics = defineModel({
    name: "normal-by-statistics",
    parameters: { mu: normal(0, 1), sigma: uniform(0, 2) },
    data: { s: [2] },
    simulate: () => ({ s: [0, 1] }),
    logLikelihood: ({ mu, sigma }, { s: { 0: mean = 0, 1: square = 0 } }) =>
      -n * Math.log(sigma) - (n * (square + (mu - mean) ** 2)) / (2 * sigma ** 2),
  });

  // At 2.5 the sd is cut off at its bound of 2.
  test("a normal sample with unknown mean and sd, from far below the bound to beyond it", async () => {
    const sds = [0.02, 0.5, 0.8, 1, 1.25, 1.5, 1.9, 2.5];
    const s = Float64Array.from(sds.flatMap((sd) => [0, sd * sd]));
    const posteriors = await modelPosterior(byStatistics, { s }, { samples: DRAWS });
    for (const [i, sd] of sds.entries()) {
      const posterior = posteriors.at(i);
      expect([posterior.status, posterior.note]).toEqual(["grid", undefined]);
      const exact = exactNormal(n, sd);
      const [mean, sdOf] = [posterior.mean(), posterior.sd()];
      // 4,000 draws err by 0.016 sd in the mean, and by 0.011 in the sd.
      expect(Math.abs(mean.mu) / exact.sdOfMu).toBeLessThan(0.065);
      expect(Math.abs(mean.sigma - exact.sigma) / exact.sdOfSigma).toBeLessThan(0.065);
      expect(Math.abs(sdOf.mu / exact.sdOfMu - 1)).toBeLessThan(0.045);
      expect(Math.abs(sdOf.sigma / exact.sdOfSigma - 1)).toBeLessThan(0.045);
    }
  });

  test("a line with noise, as the README has it, for draws of its prior", async () => {
    const length = 20;
    const line = defineModel({
      name: "line",
      parameters: { slope: normal(0, 1), noise: uniform(0, 2) },
      data: { y: [length] },
      simulate: ({ slope, noise }, random) => ({
        y: Array.from({ length }, (_, i) => (slope * i) / length + noise * random.normal()),
      }),
      logLikelihood: ({ slope, noise }, { y }) =>
        Array.from(y).reduce(
          (sum, value, i) =>
            sum - Math.log(noise) - 0.5 * ((value - (slope * i) / length) / noise) ** 2,
          0,
        ),
    });
    const simulations = 24;
    const { data, parameters } = await simulate(line, { simulations, seed: 2, workers: 0 });
    const posteriors = await modelPosterior(line, { y: data.y }, { samples: 500 });
    expect(posteriors.answers.map(({ status }) => status)).toEqual(
      Array.from({ length: simulations }, () => "grid"),
    );
    // The truth's place among its posterior's draws is uniform: 24 of them err by 0.06 in the mean, and by 0.015 in the variance of 1/12.
    for (const flat of [0, 1]) {
      const ranks = Array.from({ length: simulations }, (_, i) => {
        const truth = parameters[2 * i + flat] ?? NaN;
        return posteriors.marginal(flat, i).filter((x) => x < truth).length / 500;
      });
      const mean = ranks.reduce((a, b) => a + b, 0) / simulations;
      const variance = ranks.reduce((sum, r) => sum + (r - mean) ** 2, 0) / simulations;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.24);
      expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.06);
    }
  });
});
