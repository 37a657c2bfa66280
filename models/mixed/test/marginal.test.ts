/**
 * The algebra of groups against dense matrices: the likelihood, means of effects, the spread of their draws; and units, which change nothing but the data's own.
 */
import { stream } from "amortis";
import { expect, test } from "vitest";
import { Marginal } from "../src/marginal.js";
import { patternsOf } from "../src/patterns.js";
import { problemOf, type Observations } from "../src/problem.js";
import { drawProblem } from "../src/simulate.js";
import { unitsOf } from "../src/units.js";
import { denseLogDensity, denseMoments, denseWeights } from "./dense.js";

/** Λ in units of the data as one of the problem. */
function inUnits(lambda: Float64Array, units: Float64Array, q: number): Float64Array {
  return lambda.map((value, at) => value / (units[1 + Math.floor(at / q)] ?? 1));
}

function small(): Observations {
  const group = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4, 4];
  const x = [0, 1, 2, 0, 1, 0, 1, 2, 3, 5, 0, 1, 2];
  const w = [1.2, -0.3, 0.5, 2.2, -1.7, 0.1, 0.4, -0.9, 1.1, 0.7, -0.2, 1.9, 0.3];
  const response = [250, 263, 281, 240, 233, 301, 322, 335, 371, 290, 244, 250, 262];
  return {
    response,
    fixed: [x.map(() => 1), x, w],
    random: [x.map(() => 1), x],
    group,
    groups: 5,
  };
}

const prior = { mean: [200, 3, -1], sd: [80, 10, 5] };
const lambda = Float64Array.from([30, 0, 2, 6]);

test("the likelihood is that of dense matrices, with one pattern or many", () => {
  const observations = small();
  const problem = problemOf(observations, prior);
  const units = unitsOf(problem.scale, problem.randomScale);
  const marginal = new Marginal(problem);
  // Groups 0 and 4 have the same x, but not the same w: no two are of one pattern, and without w they are.
  expect(patternsOf(problem).patterns.length).toBe(5);
  const without = { ...observations, fixed: observations.fixed.slice(0, 2) };
  const less = problemOf(without, { mean: [200, 3], sd: [80, 10] });
  expect(patternsOf(less).patterns.map(({ count }) => count)).toEqual([2, 1, 1, 1]);
  for (const sigma of [3, 20, 90]) {
    const { v, centre } = denseMoments(observations, prior, sigma, lambda);
    const own =
      marginal.logLikelihood(sigma / (units[0] ?? 1), inUnits(lambda, units, 2)) -
      problem.n * Math.log(problem.scale);
    expect(own).toBeCloseTo(denseLogDensity(observations.response, centre, v), 8);
    const dense = denseMoments(without, { mean: [200, 3], sd: [80, 10] }, sigma, lambda);
    const shared =
      new Marginal(less).logLikelihood(
        sigma / less.scale,
        inUnits(lambda, unitsOf(less.scale, less.randomScale), 2),
      ) -
      less.n * Math.log(less.scale);
    expect(shared).toBeCloseTo(denseLogDensity(without.response, dense.centre, dense.v), 8);
  }
});

test("means of effects are the best linear predictions, and draws scatter about them as they should", () => {
  const observations = small();
  const problem = problemOf(observations, prior);
  const units = unitsOf(problem.scale, problem.randomScale);
  const marginal = new Marginal(problem);
  const sigma = 20;
  marginal.logLikelihood(sigma / (units[0] ?? 1), inUnits(lambda, units, 2));
  const { v, centre, covariance } = denseMoments(observations, prior, sigma, lambda);
  const weights = denseWeights(observations.response, centre, v);
  // E[β | y] = m + S Xᵀ V⁻¹ (y - X m),   E[b_j | y] = Σ Z_jᵀ V⁻¹ (y - X m).
  const fixed = observations.fixed.map((column, k) =>
    Array.from(column).reduce(
      (sum, x, i) => sum + (prior.sd[k] ?? 0) ** 2 * x * (weights[i] ?? 0),
      prior.mean[k] ?? 0,
    ),
  );
  const own = Array.from(
    marginal.fixedMean,
    (value, k) => (problem.shift[k] ?? 0) + (problem.scale * value) / (problem.fixedScale[k] ?? 1),
  );
  for (const [k, value] of fixed.entries()) expect(own[k]).toBeCloseTo(value, 7);
  const scores = Array.from({ length: 5 }, (_, j) =>
    observations.random.map((column) =>
      Array.from(column).reduce(
        (sum, z, i) => sum + (observations.group[i] === j ? z * (weights[i] ?? 0) : 0),
        0,
      ),
    ),
  );
  const predicted = scores.map(([a = 0, b = 0]) =>
    [0, 1].map((r) => (covariance[r * 2] ?? 0) * a + (covariance[r * 2 + 1] ?? 0) * b),
  );
  const means = new Float64Array(10);
  marginal.meanEffects(marginal.fixedMean.slice(), means);
  for (let j = 0; j < 5; j++)
    for (let r = 0; r < 2; r++)
      expect((means[j * 2 + r] ?? 0) * (units[1 + r] ?? 1)).toBeCloseTo(
        predicted[j]?.[r] ?? Number.NaN,
        7,
      );
  // 20,000 draws: their mean within 4.5 standard errors, their residuals y - Xβ - Zb with σ² more variance than predicted none.
  const random = stream(3);
  const [beta, effects] = [new Float64Array(3), new Float64Array(10)];
  const draws = 20_000;
  const sums = new Float64Array(10);
  const squares = new Float64Array(10);
  for (let i = 0; i < draws; i++) {
    marginal.drawEffects(random, beta, effects);
    for (let k = 0; k < 10; k++) {
      sums[k] = (sums[k] ?? 0) + (effects[k] ?? 0) / draws;
      squares[k] = (squares[k] ?? 0) + (effects[k] ?? 0) ** 2 / draws;
    }
  }
  // Var[b_j | y] = Σ - Σ Z_jᵀ V⁻¹ Z_j Σ, by columns of V⁻¹ Z_j Σ.
  for (let j = 0; j < 5; j++) {
    for (let r = 0; r < 2; r++) {
      const column = Float64Array.from(observations.response, (_, i) =>
        observations.group[i] === j
          ? (observations.random[0]?.[i] ?? 0) * (covariance[r] ?? 0) +
            (observations.random[1]?.[i] ?? 0) * (covariance[2 + r] ?? 0)
          : 0,
      );
      const solved = denseWeights(column, new Float64Array(column.length), v);
      const variance =
        (covariance[r * 3] ?? 0) -
        solved.reduce((sum, value, i) => sum + value * (column[i] ?? 0), 0);
      const at = j * 2 + r;
      const found = ((squares[at] ?? 0) - (sums[at] ?? 0) ** 2) * (units[1 + r] ?? 1) ** 2;
      expect(Math.abs((sums[at] ?? 0) - (means[at] ?? 0)) * (units[1 + r] ?? 1)).toBeLessThan(
        4.5 * Math.sqrt(variance / draws),
      );
      expect(Math.abs(found / variance - 1)).toBeLessThan(4.5 * Math.sqrt(2 / draws));
    }
  }
});

test("units of the data change nothing but the evidence of y", () => {
  for (let seed = 0; seed < 5; seed++) {
    const { observations, fixedPrior } = drawProblem(stream(seed));
    const [a, b] = [3e4, 1e-3];
    const scaled = {
      ...observations,
      response: Float64Array.from(observations.response, (value) => value * a),
      fixed: observations.fixed.map((column) => Float64Array.from(column, (value) => value * b)),
      random: observations.random.map((column) => Float64Array.from(column, (value) => value * b)),
    };
    const [one, other] = [
      problemOf(observations, fixedPrior),
      problemOf(scaled, {
        mean: Array.from(fixedPrior.mean, (value) => (value * a) / b),
        sd: Array.from(fixedPrior.sd, (value) => (value * a) / b),
      }),
    ];
    expect(other.scale / one.scale / a).toBeCloseTo(1, 9);
    const lower = Float64Array.from({ length: one.q * one.q }, (_, at) =>
      at % one.q <= Math.floor(at / one.q) ? 0.3 : 0,
    );
    const ratio =
      new Marginal(other).logLikelihood(0.7, lower) - new Marginal(one).logLikelihood(0.7, lower);
    expect(Math.abs(ratio)).toBeLessThan(1e-6);
  }
});

test("columns and values that cannot be are said", () => {
  const observations = small();
  expect(() =>
    problemOf(
      { ...observations, random: [observations.response.length === 0 ? [] : [1, 2]] },
      prior,
    ),
  ).toThrow(/has 2 values, but the response has 13/u);
  expect(() =>
    problemOf(
      {
        ...observations,
        fixed: [...observations.fixed.slice(0, 2), Array.from({ length: 13 }, () => 0)],
      },
      prior,
    ),
  ).toThrow(/zero everywhere/u);
  const exact = {
    ...observations,
    response: Array.from({ length: 13 }, (_, i) => (observations.fixed[1]?.[i] ?? 0) * 2),
  };
  expect(() => problemOf(exact, { mean: [0, 2, 0], sd: [1e3, 1e3, 1e3] })).toThrow(
    /fit the response exactly/u,
  );
});
