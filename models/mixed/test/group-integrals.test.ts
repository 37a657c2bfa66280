/**
 * Integrals over the effects of groups against sums over fine grids: they have no bias, however few their points, and their means obey the identities that the first look rests on.
 */
import { stream } from "amortis";
import { expect, test } from "vitest";
import { familyOf, type FamilyName } from "../src/family.js";
import { GroupIntegrals, type Counts } from "../src/group-integrals.js";
import { lattice } from "../src/lattice.js";
import { cumulant } from "./cumulant.js";

const LAMBDA = Float64Array.from([0.9, 0, -0.3, 0.6]);
const BETA = Float64Array.from([0.4, -0.5]);

/** Three groups of 1, 2 and 6 rows, with an intercept and a slope; an empty likelihood there is none. */
function small(name: FamilyName): Counts {
  const response = name === "binomial" ? [1, 0, 3, 2, 0, 1, 4, 4, 5] : [2, 0, 7, 1, 0, 3, 9, 4, 12];
  const trials = name === "binomial" ? [1, 2, 3, 4, 3, 2, 4, 6, 5] : response.map(() => 1);
  const x = [0.2, -1, 1.5, -1.2, -0.5, 0, 0.8, 1.1, 2];
  return {
    family: familyOf(name),
    response: Float64Array.from(response),
    trials: Float64Array.from(trials),
    offset: Float64Array.from(response, (_, i) => 0.1 * (i % 3)),
    fixed: Float64Array.from(x.flatMap((value) => [1, value])),
    random: Float64Array.from(x.flatMap((value) => [1, value])),
    p: 2,
    q: 2,
    start: Int32Array.from([0, 1, 3, 9]),
  };
}

/** By a sum over [-8, 8]², of an analytic integrand that ends in nothing: log of each group's integral, and E[b] and E[score] of it. */
function byGrid(
  name: FamilyName,
  { family, response, trials, offset, fixed, random, start }: Counts,
) {
  const step = 0.1;
  return Array.from({ length: start.length - 1 }, (_unused, j) => {
    let total = 0;
    const b = [0, 0];
    const scores = Array.from({ length: (start[j + 1] ?? 0) - (start[j] ?? 0) }, () => 0);
    for (let u = -8; u <= 8; u += step) {
      for (let v = -8; v <= 8; v += step) {
        const effects = [
          (LAMBDA[0] ?? 0) * u,
          (LAMBDA[2] ?? 0) * u + (LAMBDA[3] ?? 0) * v,
        ] as const;
        let log = -0.5 * (u * u + v * v) - Math.log(2 * Math.PI);
        const own = scores.map((_, at) => {
          const i = (start[j] ?? 0) + at;
          const eta =
            (offset[i] ?? 0) +
            (fixed[2 * i] ?? 0) * (BETA[0] ?? 0) +
            (fixed[2 * i + 1] ?? 0) * (BETA[1] ?? 0) +
            (random[2 * i] ?? 0) * effects[0] +
            (random[2 * i + 1] ?? 0) * effects[1];
          log += (response[i] ?? 0) * eta - (trials[i] ?? 0) * cumulant(name, eta);
          return (response[i] ?? 0) - (trials[i] ?? 0) * family.mean(eta);
        });
        const weight = Math.exp(log) * step * step;
        total += weight;
        for (const k of [0, 1] as const) b[k] = (b[k] ?? 0) + weight * effects[k];
        for (const [at, value] of own.entries()) scores[at] = (scores[at] ?? 0) + weight * value;
      }
    }
    return {
      log: Math.log(total),
      b: b.map((value) => value / total),
      scores: scores.map((value) => value / total),
    };
  });
}

for (const name of ["binomial", "poisson"] as const) {
  test(`${name}: few points have no bias, and many have no error`, () => {
    const counts = small(name);
    const exact = byGrid(name, counts);
    const log = exact.reduce((sum, own) => sum + own.log, 0);
    const integrals = new GroupIntegrals(counts, 5);
    const random = stream("few").split(name);
    // Ratios of estimates to the integral: a mean of one.
    const ratios = Float64Array.from({ length: 4_000 }, (_, i) =>
      Math.exp(integrals.logLikelihood(BETA, LAMBDA, random.split(i)) - log),
    );
    const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
    const variance = ratios.reduce((sum, own) => sum + (own - mean) ** 2, 0) / ratios.length;
    expect(Math.abs(mean - 1)).toBeLessThan(4.5 * Math.sqrt(variance / ratios.length));
    expect(Math.sqrt(variance)).toBeLessThan(0.6);
    integrals.points = 1_009;
    integrals.points = 1_009;
    expect(integrals.logLikelihood(BETA, LAMBDA, random)).toBeCloseTo(log, 2);

    // Means of effects and scores, and Stein's identity: E[Zᵀ s] = Σ⁻¹ E[b].
    const [effects, scores, weights] = [
      new Float64Array(6),
      new Float64Array(9),
      new Float64Array(9),
    ];
    integrals.expectations(effects, scores, weights);
    const determinant = ((LAMBDA[0] ?? 0) * (LAMBDA[3] ?? 0)) ** 2;
    const [a, c, d] = [0.81, -0.27, 0.45];
    expect(a * d - c * c).toBeCloseTo(determinant, 12);
    for (const [j, own] of exact.entries()) {
      const [first, second] = [effects[2 * j] ?? 0, effects[2 * j + 1] ?? 0];
      expect(first).toBeCloseTo(own.b[0] ?? Number.NaN, 2);
      expect(second).toBeCloseTo(own.b[1] ?? Number.NaN, 2);
      const sums = [0, 0];
      for (const [at, score] of own.scores.entries()) {
        const i = (counts.start[j] ?? 0) + at;
        expect(scores[i]).toBeCloseTo(score, 2);
        for (const k of [0, 1] as const)
          sums[k] = (sums[k] ?? 0) + (counts.random[2 * i + k] ?? 0) * score;
      }
      expect((d * (own.b[0] ?? 0) - c * (own.b[1] ?? 0)) / determinant).toBeCloseTo(
        sums[0] ?? NaN,
        6,
      );
      expect((a * (own.b[1] ?? 0) - c * (own.b[0] ?? 0)) / determinant).toBeCloseTo(
        sums[1] ?? NaN,
        6,
      );
    }
    expect(weights.every((weight) => weight > 0)).toBe(true);

    // Effects that are drawn have those means.
    const sums = new Float64Array(6);
    const drawn = new Float64Array(6);
    for (let i = 0; i < 4_000; i++) {
      integrals.drawEffects(random, drawn);
      for (let k = 0; k < 6; k++) sums[k] = (sums[k] ?? 0) + (drawn[k] ?? 0) / 4_000;
    }
    for (let k = 0; k < 6; k++)
      expect(Math.abs((sums[k] ?? 0) - (effects[k] ?? 0))).toBeLessThan(4.5 / Math.sqrt(4_000));
  });
}

test("sums of cumulants are those of their terms, however many and however far out", () => {
  for (const name of ["binomial", "poisson"] as const) {
    const eta = Float64Array.from({ length: 3_000 }, (_, i) => ((i * 7) % 101) / 5 - 10);
    const trials = eta.map((_, i) => (name === "binomial" && i % 3 === 0 ? 1 + (i % 20) : 1));
    const sum = eta.reduce(
      (total, value, i) =>
        total + (i < 5 || i >= 2_900 ? 0 : (trials[i] ?? 1) * cumulant(name, value)),
      0,
    );
    expect(familyOf(name).cumulants(eta, trials, 5, 2_900) / sum).toBeCloseTo(1, 12);
  }
  const far = Float64Array.of(800, -800, 40);
  expect(familyOf("binomial").cumulants(far, Float64Array.of(1, 1, 2), 0, 3)).toBeCloseTo(880, 10);
});

test("lattices are even in each dimension, and better than the worst ones", () => {
  for (const d of [1, 2, 3]) {
    const points = lattice(16, d);
    expect(points).toHaveLength(16 * d);
    const first = Array.from({ length: 16 }, (_, i) => 16 * (points[i * d] ?? 0));
    expect(first).toEqual(Array.from({ length: 16 }, (_, i) => i));
  }
  // No two of 64 points in three dimensions have two coordinates alike.
  const points = lattice(61, 3);
  const pairs = new Set(
    Array.from({ length: 61 }, (_, i) => `${points[i * 3 + 1] ?? 0} ${points[i * 3 + 2] ?? 0}`),
  );
  expect(pairs.size).toBe(61);
});
