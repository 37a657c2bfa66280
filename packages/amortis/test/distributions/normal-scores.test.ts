import { compile, gradient, hostTensor, input, sum } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, test } from "vitest";
import {
  beta,
  cauchy,
  inverseGamma,
  laplace,
  student,
  triangular,
  distributionFromJSON,
  exponential,
  gamma,
  halfCauchy,
  halfNormal,
  independent,
  logUniform,
  normal,
  pareto,
  truncatedNormal,
  uniform,
  type Distribution,
  type ScalarDistribution,
} from "../../src/distributions/index.js";
import { scoreCurve, scoreOf, valueAndSlope } from "../../src/distributions/score-curve.js";
import { logNormalDensity, normalCdf } from "../../src/math/index.js";
import { stream } from "../../src/random/index.js";
import { kolmogorovSmirnov, RARE } from "../goodness-of-fit.js";

const link = "normal-scores";

/** Priors with nothing but zero for a bound, so that θ has its digits at every score. */
const priors: readonly ScalarDistribution[] = [
  uniform(0, 0.6),
  exponential(20),
  gamma(3, 0.5),
  gamma(500, 1),
  halfNormal(3),
  halfCauchy(2),
  beta(2, 5),
  inverseGamma(3, 4),
  student(3),
  student(1e6),
  cauchy(0, 0.5),
  laplace(0, 3),
  triangular(0, 0.3, 1),
  triangular(0, 0, 1),
  truncatedNormal(5, 2, -Infinity, 0),
  truncatedNormal(0, 1, 0, Infinity),
  normal(-3, 0.1, { link }),
  normal(0, 1),
];

const scores = Array.from({ length: 161 }, (_, i) => (i - 80) / 10);

async function inGraph(prior: Distribution, zs: readonly number[]) {
  const z = input("z", ["batch", 1]);
  const theta = prior.bijection.graph.forward(z);
  const jacobian = prior.bijection.graph.logJacobian(z);
  const [slope = z] = gradient(sum(theta), [z]);
  const given = input("given", ["batch", 1]);
  const program = await compile(
    {
      inputs: { z, given },
      outputs: { theta, jacobian, slope, back: prior.bijection.graph.inverse(given) },
    },
    nodeRuntime({ threads: 1 }),
  );
  const values = hostTensor(Float32Array.from(zs), [zs.length, 1], "float32");
  const exact = Float32Array.from(zs, (one) => prior.bijection.forward([one])[0] ?? Number.NaN);
  const found = await program.run({
    z: values,
    given: hostTensor(exact, [zs.length, 1], "float32"),
  });
  await program.release();
  const list = (name: keyof typeof found) => Array.from(found[name].data, Number);
  return {
    theta: list("theta"),
    jacobian: list("jacobian"),
    slope: list("slope"),
    back: list("back"),
  };
}

describe.each(priors.map((one) => [JSON.stringify(one), one] as const))("%s", (_, prior) => {
  const { bijection } = prior;
  // Beside a bound that is not zero, θ has lost its digits.
  const last = [0.6, 1].includes(prior.support.upper[0] ?? 0) ? 4 : 8;

  test("is standard normal in unconstrained space, out to eight", () => {
    for (const z of scores.filter((one) => one <= last)) {
      const value = prior.logDensity(bijection.forward([z])) + bijection.logJacobian([z]);
      expect(Math.abs(value - logNormalDensity(z))).toBeLessThan(1e-5);
    }
  });

  test("has the quantile of the score, and back", () => {
    for (const z of [-5, -2.3, -0.4, 0, 0.7, 3]) {
      const [theta = Number.NaN] = bijection.forward([z]);
      const exact = prior.quantile(normalCdf(z));
      expect(Math.abs(theta - exact)).toBeLessThan(1e-6 * Math.abs(exact) + 1e-15);
      expect(bijection.inverse([theta])[0]).toBeCloseTo(z, 8);
    }
  });

  test("draws are standard normal", () => {
    const random = stream(5).split(JSON.stringify(prior));
    const draws = Float64Array.from(
      { length: 10_000 },
      () => bijection.inverse(prior.sample(random))[0] ?? NaN,
    );
    expect(kolmogorovSmirnov(draws, normalCdf)).toBeGreaterThan(RARE);
  });

  test("has both ways and the derivative in single precision", async () => {
    const zs = scores.filter((one) => one <= last).map(Math.fround);
    const found = await inGraph(prior, zs);
    for (const [i, z] of zs.entries()) {
      const [theta = Number.NaN] = bijection.forward([z]);
      const jacobian = bijection.logJacobian([z]);
      expect(Math.abs((found.theta[i] ?? NaN) - theta)).toBeLessThan(
        1e-5 * Math.abs(theta) + 1e-30,
      );
      expect(Math.abs((found.jacobian[i] ?? NaN) - jacobian)).toBeLessThan(2e-5);
      expect(Math.abs((found.slope[i] ?? NaN) / Math.exp(jacobian) - 1)).toBeLessThan(1e-4);
      // θ in single precision says where z is up to its own rounding.
      const rounding = 6e-8 * Math.abs(theta) * Math.exp(-jacobian);
      expect(Math.abs((found.back[i] ?? NaN) - z)).toBeLessThan(2e-5 + 3 * rounding);
    }
  });
});

test("products keep every coordinate's own map, and share tables", () => {
  const parts = [
    uniform(0, 1),
    exponential(2),
    uniform(-3, 5),
    normal(1, 2),
    gamma(2, 1),
    beta(1, 2, { link: "logit" }),
  ];
  const whole = independent(parts).bijection;
  const z = [-1.2, 0.3, 2, -0.7, 1.1, 0.4];
  expect([...whole.forward(z)]).toEqual(
    parts.map((part, i) => part.bijection.forward([z[i] ?? 0])[0]),
  );
  expect(whole.logJacobian(z)).toBeCloseTo(
    parts.reduce((total, part, i) => total + part.bijection.logJacobian([z[i] ?? 0]), 0),
    12,
  );
});

test("goes on monotone beyond the scores that have mass, and a number that is none stays none", async () => {
  for (const prior of [
    uniform(0, 1),
    exponential(1),
    pareto(1, 3),
    logUniform(1, 10),
    gamma(0.3, 1),
  ]) {
    const { theta, jacobian } = await inGraph(prior, [
      -1e30,
      -40,
      -12,
      0,
      12,
      40,
      1e30,
      Number.NaN,
    ]);
    const [lower = 0] = prior.support.lower;
    const [upper = Infinity] = prior.support.upper;
    expect(theta.slice(0, 7).every((x) => x > lower && x < upper)).toBe(true);
    expect(theta.slice(0, 7)).toEqual(theta.slice(0, 7).toSorted((a, b) => a - b));
    expect(jacobian.slice(0, 7).every(Number.isFinite)).toBe(true);
    expect([theta[7], jacobian[7]]).toEqual([NaN, NaN]);
  }
});

test("is in JSON, where no link is the map that all had before", () => {
  for (const prior of [
    uniform(0, 1),
    exponential(1),
    gamma(2, 1),
    beta(2, 2),
    halfNormal(1),
    halfCauchy(1),
  ]) {
    expect(prior.toJSON()).toMatchObject({ link });
    expect(distributionFromJSON(prior.toJSON()).toJSON()).toEqual(prior.toJSON());
    const { link: _, ...before } = prior.toJSON();
    expect(distributionFromJSON(before).toJSON()).toEqual(before);
  }
  expect(
    distributionFromJSON({ name: "uniform", lower: 0, upper: 1 }).bijection.forward([1])[0],
  ).toBeCloseTo(1 / (1 + Math.exp(-1)), 15);
  expect(
    distributionFromJSON({ name: "exponential", rate: 3 }).bijection.forward([1])[0],
  ).toBeCloseTo(Math.E, 15);
  // By a line the two differ by location and scale alone, and files stay as they were.
  expect(normal(1, 2).toJSON()).toEqual({ name: "normal", mean: 1, sd: 2 });
  expect(() => distributionFromJSON({ name: "exponential", rate: 3, link: "logit" })).toThrow(
    /exponential: needs the link "normal-scores" or "log", but was given logit/,
  );
  // @ts-expect-error -- an option that nothing reads
  expect(() => exponential(3, { lnik: "log" })).toThrow(/no option but "link".*lnik/);
});

test("a curve is as near its function as its knots allow, and its inverse undoes it", () => {
  const { table } = scoreCurve({ at: (z) => Math.asinh(z ** 3 + z) });
  for (let z = -12; z <= 12; z += 0.173) {
    const [value, slope] = valueAndSlope(table, z);
    expect(Math.abs(z) > 9 || Math.abs(value - Math.asinh(z ** 3 + z)) < 1e-5).toBe(true);
    expect(scoreOf({ table }, value)).toBeCloseTo(z, 10);
    const [above] = valueAndSlope(table, z + 1e-6);
    expect((above - value) / 1e-6).toBeCloseTo(slope, 4);
  }
  expect(() => scoreCurve({ at: Math.sin })).toThrow(/must increase/);
});
