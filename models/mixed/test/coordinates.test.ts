/**
 * Coordinates of variances: there and back, and a prior that keeps its mass in them.
 */
import { halfCauchy, halfNormal, stream } from "amortis";
import { expect, test } from "vitest";
import { Coordinates, emptyVariances, SIZE, type Variances } from "../src/coordinates.js";
import { Marginal } from "../src/marginal.js";
import { pilotOf } from "../src/pilot.js";
import { fromPositive, logSlope, toPositive } from "../src/positive-line.js";
import { correlationFactor, limitsOf, logPartialDensity, partials } from "../src/priors.js";
import { problemOf } from "../src/problem.js";
import { drawProblem, exampleOf } from "../src/simulate.js";
import { sleepstudy } from "../src/sleepstudy.js";

test("the positive line goes there and back, and its slope is that of differences", () => {
  expect(toPositive(0)).toBeCloseTo(1, 14);
  for (const v of [-6, -3, -1, -0.1, 0.2, 1, 3, 8]) {
    expect(fromPositive(toPositive(v))).toBeCloseTo(v, 8);
    const h = 1e-5;
    const slope = (toPositive(v + h) - toPositive(v - h)) / (2 * h);
    expect(Math.exp(logSlope(v)) / slope).toBeCloseTo(1, 7);
  }
});

test("partial correlations make a correlation matrix, with the density of LKJ", () => {
  const r = Float64Array.from([0.5, -0.3, 0.8]);
  const factor = new Float64Array(9);
  correlationFactor(r, 3, factor);
  const at = (i: number, j: number): number =>
    [0, 1, 2].reduce((sum, k) => sum + (factor[i * 3 + k] ?? 0) * (factor[j * 3 + k] ?? 0), 0);
  for (const i of [0, 1, 2]) expect(at(i, i)).toBeCloseTo(1, 14);
  expect(at(1, 0)).toBeCloseTo(0.5, 14);
  expect(at(2, 0)).toBeCloseTo(-0.3, 14);
  // r₂₁ = r₂₀ r₁₀ + partial √((1 - r₂₀²) (1 - r₁₀²)).
  expect(at(2, 1)).toBeCloseTo(-0.15 + 0.8 * Math.sqrt(0.91 * 0.75), 14);
  // log |R|^(η - 1) of three effects, with the Jacobian of partial correlations, up to a constant: the same differences.
  const eta = 2.3;
  const own = (values: Float64Array): number =>
    partials(3).reduce(
      (sum, [, , level], k) => sum + logPartialDensity(values[k] ?? 0, eta, 3, level),
      0,
    );
  const direct = (values: Float64Array): number => {
    const [a = 0, b = 0, c = 0] = values;
    const determinant = (1 - a * a) * (1 - b * b) * (1 - c * c);
    return (eta - 1) * Math.log(determinant) + 0.5 * Math.log((1 - a * a) * (1 - b * b));
  };
  const other = Float64Array.from([-0.2, 0.6, 0.1]);
  expect(own(r) - own(other)).toBeCloseTo(direct(r) - direct(other), 12);
  const mass = Array.from(
    { length: 2000 },
    (_, i) => Math.exp(logPartialDensity(-1 + (i + 0.5) / 1000, eta, 2, 1)) / 1000,
  );
  expect(mass.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
});

function sleep(correlated = true) {
  const n = sleepstudy.Reaction.length;
  const one = new Float64Array(n).fill(1);
  const levels = [...new Set(sleepstudy.Subject)];
  const problem = problemOf(
    {
      response: sleepstudy.Reaction,
      fixed: [one, sleepstudy.Days],
      random: [one, sleepstudy.Days],
      group: sleepstudy.Subject.map((label) => levels.indexOf(label)),
      groups: levels.length,
    },
    { mean: [0, 0], sd: [1e5, 1e5] },
  );
  const priors = {
    sigma: halfNormal(500),
    sd: [halfNormal(500), halfCauchy(100)],
    lkj: 1.5,
    correlated,
  };
  const units = Float64Array.from([
    problem.scale,
    ...Array.from(problem.randomScale, (unit) => problem.scale / unit),
  ]);
  const limits = limitsOf(priors, units);
  const pilot = pilotOf(new Marginal(problem), limits);
  return {
    problem,
    priors,
    units,
    pilot,
    coordinates: new Coordinates(problem, pilot, correlated, limits),
  };
}

test("the first look at sleepstudy is near its maximum of the likelihood", () => {
  // lme4's lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE): 23.78, 5.717, 0.08, 25.59; the steps stop at a tenth of a standard error of each change.
  const { pilot, units } = sleep();
  const sd = [0, 1].map((k) => Math.sqrt(pilot.covariance[k * 3] ?? 0) * (units[1 + k] ?? 1));
  expect(Math.abs((sd[0] ?? 0) - 23.78)).toBeLessThan(2);
  expect(Math.abs((sd[1] ?? 0) - 5.717)).toBeLessThan(0.4);
  expect(Math.abs(pilot.sigma * (units[0] ?? 1) - 25.59)).toBeLessThan(0.5);
});

test("coordinates go there and back, and those that are not needed are standard normal", () => {
  const { coordinates } = sleep();
  const z = Float64Array.from([0.4, -1.2, 2.1, 0, -0.7, 0, 0]);
  const variances = emptyVariances(2);
  coordinates.variances(z, variances);
  expect(
    Array.from(coordinates.locate(variances)).every(
      (value, k) => Math.abs(value - (z[k] ?? 0)) < 1e-7,
    ),
  ).toBe(true);
  expect(Array.from({ length: SIZE }, (_, k) => coordinates.has(k))).toEqual([
    true,
    true,
    true,
    false,
    true,
    false,
    false,
  ]);
  expect(sleep(false).coordinates.has(4)).toBe(false);
});

test("the prior in coordinates has the Jacobian of the map", () => {
  const { coordinates, priors, units } = sleep();
  const variances = emptyVariances(2);
  const at = (z: Float64Array): number => {
    coordinates.variances(z, variances);
    return coordinates.logPrior(z, variances, priors, units);
  };
  const numbers = ({ sigma, sd, partial }: Variances): readonly number[] => [
    sigma * (units[0] ?? 1),
    (sd[0] ?? 0) * (units[1] ?? 1),
    (sd[1] ?? 0) * (units[2] ?? 1),
    partial[0] ?? 0,
  ];
  const places = [0, 1, 2, 4];
  for (const z of [
    [0.4, -1.2, 2.1, 0.3, -0.7, 1, -2],
    [-3, 4, -4, 0, 2, 0, 0],
  ].map((values) => Float64Array.from(values))) {
    const direct = ((): number => {
      coordinates.variances(z, variances);
      const [sigma = 0, first = 0, second = 0, r = 0] = numbers(variances);
      let total =
        priors.sigma.logDensity([sigma]) +
        (priors.sd[0]?.logDensity([first]) ?? 0) +
        (priors.sd[1]?.logDensity([second]) ?? 0);
      total += logPartialDensity(r, 1.5, 2, 1);
      // Each number depends on its own coordinate alone: the log-Jacobian is a sum of slopes.
      for (const [k, place] of places.entries()) {
        const h = 1e-5;
        const [up, down] = [z.slice(), z.slice()];
        up[place] = (up[place] ?? 0) + h;
        down[place] = (down[place] ?? 0) - h;
        coordinates.variances(up, variances);
        const above = numbers(variances)[k] ?? 0;
        coordinates.variances(down, variances);
        total += Math.log((above - (numbers(variances)[k] ?? 0)) / (2 * h));
      }
      for (const place of [3, 5, 6])
        total += -0.5 * (z[place] ?? 0) ** 2 - 0.5 * Math.log(2 * Math.PI);
      return total;
    })();
    expect(at(z)).toBeCloseTo(direct, 5);
  }
});

test("truths of drawn problems lie where coordinates say, and features are finite", () => {
  // 300 problems: the middle half of each coordinate's truths is about as wide as that of a standard normal, whatever the problem.
  const all = Array.from({ length: 300 }, (_, i) => exampleOf(drawProblem(stream(11).split(i))));
  expect(all.every(({ features }) => features.every(Number.isFinite))).toBe(true);
  for (const place of [0, 1, 2, 4]) {
    const truths = all
      .flatMap(({ z, coordinates }) => (coordinates.has(place) ? [z[place] ?? 0] : []))
      .toSorted((a, b) => a - b);
    const width =
      (truths[Math.floor(0.75 * truths.length)] ?? 0) -
      (truths[Math.floor(0.25 * truths.length)] ?? 0);
    expect(width).toBeGreaterThan(0.7);
    expect(width).toBeLessThan(3);
  }
});
