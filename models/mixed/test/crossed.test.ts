/**
 * The algebra of several grouping terms against dense matrices: the likelihood, means and covariances of effects, draws of them.
 */
import { stream } from "amortis";
import { expect, test } from "vitest";
import { CrossedMarginal } from "../src/crossed-marginal.js";
import { crossedPilots } from "../src/crossed-pilot.js";
import { crossedProblemOf } from "../src/crossed-problem.js";
import { designOf } from "../src/design.js";
import { parseFormula } from "../src/formula.js";
import { Marginal } from "../src/marginal.js";
import { pilotOf } from "../src/pilot.js";
import { problemOf } from "../src/problem.js";
import { unitsOf } from "../src/units.js";
import { denseLogDensity, denseWeights } from "./dense.js";

const FORMULA = "y ~ x + (x | a) + (1 | b) + (1 | a:c)";
const PRIOR = { mean: [3, 0.5], sd: [4, 2] };
/** Λ of (x | a), (1 | b) and (1 | a:c) in units of the data, and σ. */
const LAMBDAS = [Float64Array.of(1.1, 0, -0.4, 0.7), Float64Array.of(0.8), Float64Array.of(1.6)];
const SIGMA = 0.9;

function small() {
  const random = stream("crossed");
  const n = 34;
  const pick = (count: number) =>
    Array.from({ length: n }, () => Math.floor(count * random.uniform()));
  const [a, b, c] = [pick(4), pick(5), pick(3)];
  const x = a.map(() => random.normal());
  const y = x.map(
    (value, i) => 3 + value + 0.5 * (a[i] ?? 0) - 0.4 * (b[i] ?? 0) + random.normal(),
  );
  return designOf(parseFormula(FORMULA), { y, x, a, b, c });
}

/** V, the mean X m, and Z_t of each term by group and effect: [n] each. */
function dense() {
  const { response, fixed, terms } = small();
  const n = response.length;
  const v = new Float64Array(n * n);
  const centre = Float64Array.from(response, (_, i) =>
    fixed.reduce((sum, column, k) => sum + (column[i] ?? 0) * (PRIOR.mean[k] ?? 0), 0),
  );
  const columns = terms.map(({ random, group, levels }) =>
    levels.map((_, l) =>
      random.map((column) => column.map((value, i) => (group[i] === l ? value : 0))),
    ),
  );
  const add = (left: Float64Array, right: Float64Array, by: number): void => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        v[i * n + j] = (v[i * n + j] ?? 0) + by * (left[i] ?? 0) * (right[j] ?? 0);
  };
  for (let i = 0; i < n; i++) v[i * n + i] = SIGMA * SIGMA;
  for (const [k, column] of fixed.entries()) add(column, column, (PRIOR.sd[k] ?? 0) ** 2);
  for (const [t, groups] of columns.entries()) {
    for (const own of groups)
      for (const [r, left] of own.entries())
        for (const [c, right] of own.entries()) add(left, right, covariance(t, own.length, r, c));
  }
  return { v, centre, response, columns };
}

/** Σ_t [r, c]. */
function covariance(t: number, q: number, r: number, c: number): number {
  let value = 0;
  for (let k = 0; k <= Math.min(r, c); k++)
    value += (LAMBDAS[t]?.[r * q + k] ?? 0) * (LAMBDAS[t]?.[c * q + k] ?? 0);
  return value;
}

function asked() {
  const problem = crossedProblemOf(small(), PRIOR);
  const marginal = new CrossedMarginal(problem);
  const units = problem.terms.map((term) => unitsOf(term.problem.scale, term.problem.randomScale));
  const lambdas = LAMBDAS.map((lambda, t) => {
    const q = Math.sqrt(lambda.length);
    return lambda.map((value, at) => value / (units[t]?.[1 + Math.floor(at / q)] ?? 1));
  });
  const scale = units[0]?.[0] ?? 1;
  return {
    problem,
    marginal,
    units,
    lambdas,
    scale,
    log: marginal.logLikelihood(SIGMA / scale, lambdas),
  };
}

test("the likelihood, means and covariances of effects are those of dense matrices", () => {
  const { v, centre, response, columns } = dense();
  const { problem, marginal, units, scale, log } = asked();
  // The pairs a:c have the most effects, and are the inner groups.
  expect(problem.inner).toBe(2);
  expect(log - problem.n * Math.log(scale)).toBeCloseTo(denseLogDensity(response, centre, v), 8);
  const weights = denseWeights(response, centre, v);
  const fixed = new Float64Array(problem.p);
  const effects = columns.map(
    (groups) => new Float64Array(groups.length * (groups[0]?.length ?? 0)),
  );
  marginal.drawEffects(fixed, effects);
  const found = marginal.covariances();
  const zero = new Float64Array(response.length);
  for (const [t, groups] of columns.entries()) {
    for (const [l, own] of groups.entries()) {
      const q = own.length;
      const scores = own.map((z) =>
        z.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0),
      );
      for (let r = 0; r < q; r++) {
        // E[b] = Σ Zᵀ V⁻¹ (y - X m).
        const mean = scores.reduce((sum, score, c) => sum + covariance(t, q, r, c) * score, 0);
        expect((effects[t]?.[l * q + r] ?? 0) * (units[t]?.[1 + r] ?? 1)).toBeCloseTo(mean, 8);
      }
      // Cov[u] = I - Λᵀ Zᵀ V⁻¹ Z Λ.
      const lambda = LAMBDAS[t] ?? new Float64Array(0);
      const zl = own.map((_, c) =>
        zero.map((_zero, i) =>
          own.reduce((sum, z, r) => sum + (z[i] ?? 0) * (lambda[r * q + c] ?? 0), 0),
        ),
      );
      for (const [r, left] of zl.entries()) {
        const solved = denseWeights(left, zero, v);
        for (const [c, right] of zl.entries()) {
          const gain = right.reduce((sum, value, i) => sum + value * (solved[i] ?? 0), 0);
          expect(found.effects[t]?.[(l * q + r) * q + c]).toBeCloseTo((r === c ? 1 : 0) - gain, 8);
        }
      }
    }
  }
});

test("draws scatter about the means as the covariances say", () => {
  const { problem, marginal, lambdas } = asked();
  const { effects: covariances } = marginal.covariances();
  const effects = problem.terms.map(
    (term) => new Float64Array(term.problem.groups * term.problem.q),
  );
  const means = effects.map((own) => own.slice());
  const fixed = new Float64Array(problem.p);
  marginal.drawEffects(fixed, means);
  const random = stream("draws");
  const draws = 6_000;
  const squares = effects.map((own) => new Float64Array(own.length));
  for (let i = 0; i < draws; i++) {
    marginal.drawEffects(fixed, effects, random);
    for (const [t, own] of effects.entries())
      for (const [at, value] of own.entries()) {
        const to = squares[t] ?? new Float64Array(0);
        to[at] = (to[at] ?? 0) + (value - (means[t]?.[at] ?? 0)) ** 2 / draws;
      }
  }
  for (const [t, own] of squares.entries()) {
    const lambda = lambdas[t] ?? new Float64Array(0);
    const q = Math.sqrt(lambda.length);
    for (const [at, square] of own.entries()) {
      const [l, r] = [Math.floor(at / q), at % q];
      let variance = 0;
      for (let a = 0; a <= r; a++)
        for (let b = 0; b <= r; b++)
          variance +=
            (lambda[r * q + a] ?? 0) *
            (covariances[t]?.[(l * q + a) * q + b] ?? 0) *
            (lambda[r * q + b] ?? 0);
      expect(Math.abs(square / variance - 1)).toBeLessThan(4.5 * Math.sqrt(2 / draws));
    }
  }
});

test("the first look at one term is that of the model with that term alone", () => {
  const random = stream("alone");
  const g = Array.from({ length: 120 }, (_, i) => i % 20);
  const b = Array.from({ length: 20 }, () => random.normal());
  const y = g.map((j) => 1 + (b[j] ?? 0) + random.normal());
  const design = designOf(parseFormula("y ~ (1 | g)"), { y, g });
  const prior = { mean: [0], sd: [5] };
  const term = design.terms[0];
  if (term === undefined) throw new Error("there is no term");
  const limits = [2, 2];
  const [found] = crossedPilots(new CrossedMarginal(crossedProblemOf(design, prior)), [limits]);
  const observations = {
    response: y,
    fixed: design.fixed,
    random: term.random,
    group: g,
    groups: 20,
  };
  const alone = pilotOf(new Marginal(problemOf(observations, prior)), limits);
  // Both stop where steps are a small share of a standard error, which of the variance is a third of it here.
  const apart = (own: number | undefined, other: number | undefined): number =>
    Math.abs((own ?? 0) / (other ?? 1) - 1);
  expect(apart(found?.sigma, alone.sigma)).toBeLessThan(0.02);
  expect(apart(found?.covariance[0], alone.covariance[0])).toBeLessThan(0.1);
  expect(apart(found?.information[0], alone.information[0])).toBeLessThan(0.2);
  expect(apart(found?.freedom, alone.freedom)).toBeLessThan(0.02);
});

test("what is too large is said", () => {
  const n = 1_200;
  const y = Array.from({ length: n }, (_, i) => i % 7);
  const a = y.map((_, i) => i % 600);
  const b = y.map((_, i) => Math.floor(i / 2));
  const design = designOf(parseFormula("y ~ (1 | a) + (1 | b)"), { y, a, b });
  expect(() => crossedProblemOf(design, { mean: [0], sd: [1] })).toThrow(
    /beside the grouping term with the most effects, "a", the others have 600 effects/u,
  );
});
