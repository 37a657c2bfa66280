import { compile, gradient, hostTensor, input, sum } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it } from "vitest";
import {
  dependent,
  discrete,
  distributionFromJSON,
  exponential,
  halfNormal,
  independent,
  jointPrior,
  members,
  normal,
  uniform,
} from "../../src/distributions/index.js";
import { defineModel } from "../../src/model/index.js";
import { stream } from "../../src/random/index.js";
import { kolmogorovSmirnov, RARE } from "../goodness-of-fit.js";

/** A location, a spread, two effects about them, a part of the spread, and one by all of them. */
const priors = {
  mu: normal(0, 2),
  tau: halfNormal(1),
  effects: dependent(["mu", "tau"], independent([normal(0, 1), normal(0, 1)]), ({ mu, tau }) => ({
    shift: mu,
    scale: tau,
  })),
  part: dependent(["tau"], uniform(0, 1), ({ tau }) => ({ scale: tau })),
  late: dependent(["mu", "effects"], exponential(1), ({ mu, effects }) => ({
    shift: effects.at(1).minus(mu).times(0.5),
    scale: mu.times(0.3).exp().plus(0.1),
  })),
};

const joint = jointPrior(priors);

/** By the formulae, without terms. */
function logDensity([mu = 0, tau = 0, a = 0, b = 0, part = 0, late = 0]: ArrayLike<number> &
  Iterable<number>): number {
  const log2pi = Math.log(2 * Math.PI);
  const normalAt = (x: number, m: number, s: number): number =>
    -0.5 * (((x - m) / s) ** 2 + log2pi) - Math.log(s);
  const scale = Math.exp(0.3 * mu) + 0.1;
  const beyond = (late - 0.5 * (b - mu)) / scale;
  if (tau <= 0 || part < 0 || part > tau || beyond < 0) return -Infinity;
  return (
    normalAt(mu, 0, 2) +
    normalAt(tau, 0, 1) +
    Math.LN2 +
    normalAt(a, mu, tau) +
    normalAt(b, mu, tau) -
    Math.log(tau) -
    beyond -
    Math.log(scale)
  );
}

describe("priors that depend on others", () => {
  const random = stream(12);
  const thetas = Array.from({ length: 50 }, () => joint.sample(random));

  it("have the product of the conditional densities", () => {
    for (const theta of thetas) {
      expect(joint.logDensity(theta)).toBeCloseTo(logDensity([...theta]), 10);
      expect(joint.contains(theta)).toBe(true);
      expect(joint.contains(theta.map(Math.fround))).toBe(true);
    }
    const beyond = Float64Array.from(thetas[0] ?? []);
    beyond[4] = (beyond[1] ?? 0) * 1.01;
    expect(joint.logDensity(beyond)).toBe(-Infinity);
    expect([joint.contains(beyond), members(joint, beyond)[0]]).toEqual([false, 0]);
    expect(joint.logDensity([0, -1, 0, 0, 0, 1])).toBe(-Infinity);
  });

  it("are drawn given those before them", () => {
    const draws = Array.from({ length: 10_000 }, () => joint.sample(random));
    const share = Float64Array.from(draws, ([, tau = 1, , , part = 0]) => part / tau);
    expect(kolmogorovSmirnov(share, (x) => Math.min(1, Math.max(0, x)))).toBeGreaterThan(RARE);
    const late = Float64Array.from(
      draws,
      ([mu = 0, , , b = 0, , x = 0]) => (x - 0.5 * (b - mu)) / (Math.exp(0.3 * mu) + 0.1),
    );
    expect(kolmogorovSmirnov(late, (x) => -Math.expm1(-Math.max(0, x)))).toBeGreaterThan(RARE);
  });

  it("are standard normal and independent in unconstrained space", () => {
    const { bijection } = joint;
    for (const theta of thetas) {
      const u = bijection.inverse(theta);
      for (const [i, x] of bijection.forward(u).entries())
        expect(x).toBeCloseTo(theta[i] ?? NaN, 9);
      const density = joint.logDensity(theta) + bijection.logJacobian(u);
      // μ is as it is, of standard deviation 2.
      const expected = [...u].reduce((total, x, i) => {
        const s = i === 0 ? 2 : 1;
        return total - 0.5 * ((x / s) ** 2 + Math.log(2 * Math.PI)) - Math.log(s);
      }, 0);
      expect(density).toBeCloseTo(expected, 4);
    }
  });

  it("are the same in graphs, with gradients", async () => {
    const u = input("u", ["batch", 6], "float64");
    const theta = joint.bijection.graph.forward(u);
    const density = joint.graph.logDensity(theta);
    const jacobian = joint.bijection.graph.logJacobian(u);
    const [slope = u] = gradient(sum(density), [u]);
    const back = joint.bijection.graph.inverse(theta);
    const program = await compile(
      { inputs: { u }, outputs: { theta, density, jacobian, slope, back } },
      nodeRuntime({ threads: 1 }),
    );
    const points = thetas.map((one) => joint.bijection.inverse(one));
    const found = await program.run({
      u: hostTensor(
        points.flatMap((one) => [...one]),
        [points.length, 6],
        "float64",
      ),
    });
    await program.release();
    for (const [row, point] of points.entries()) {
      for (const i of point.keys()) {
        expect(Number(found.theta.data[row * 6 + i])).toBeCloseTo(
          joint.bijection.forward(point)[i] ?? NaN,
          10,
        );
        expect(Number(found.back.data[row * 6 + i])).toBeCloseTo(point[i] ?? NaN, 8);
        const at = (by: number): number =>
          joint.logDensity(joint.bijection.forward(point.map((x, j) => (i === j ? x + by : x))));
        expect(Number(found.slope.data[row * 6 + i])).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 3);
      }
      expect(Number(found.density.data[row])).toBeCloseTo(
        joint.logDensity(joint.bijection.forward(point)),
        9,
      );
      expect(Number(found.jacobian.data[row])).toBeCloseTo(joint.bijection.logJacobian(point), 9);
    }
  });

  it("have names and bounds, and come back from JSON", () => {
    expect(joint.flatNames).toEqual(["mu", "tau", "effects[0]", "effects[1]", "part", "late"]);
    expect(joint.support.lower).toEqual([-Infinity, 0, -Infinity, -Infinity, 0, -Infinity]);
    expect(joint.support.upper.every((bound) => bound === Infinity)).toBe(true);
    const read = Object.entries(priors).map(([name, prior]) => [
      name,
      distributionFromJSON(JSON.parse(JSON.stringify(prior))),
    ]);
    const again = jointPrior(Object.fromEntries(read));
    for (const theta of thetas) expect(again.logDensity(theta)).toBe(joint.logDensity(theta));
  });

  it("flow through a model's types", () => {
    const model = defineModel({
      name: "hierarchy",
      parameters: priors,
      data: { y: [2] },
      simulate: ({ effects, late }) => ({ y: [effects[0] ?? NaN, late] }),
    });
    const values = model.unpack(model.samplePrior(stream(1)));
    const late: number = values.late;
    expect([late, values.effects.length]).toEqual([expect.any(Number), 2]);
  });

  it("are refused where they cannot be, in words", () => {
    const mu = normal(0, 1);
    const x = dependent(["mu"], normal(0, 1), (terms) => ({ shift: terms.mu }));
    expect(() => jointPrior({ x, mu })).toThrow(/"x" depends on "mu", which is not before it/);
    expect(() =>
      jointPrior({
        mu,
        x: dependent(["mu"], normal(0, 1), (terms) => ({ shift: terms.mu.at(1) })),
      }),
    ).toThrow(/number 1 of "mu", which has 1/);
    expect(() => dependent([], discrete([1, 2]), () => ({}))).toThrow(/continuous base/);
    expect(() => x.sample(stream(1))).toThrow(/ask the prior of the model/);
    const negative = jointPrior({
      mu,
      x: dependent(["mu"], normal(0, 1), (t) => ({ scale: t.mu })),
    });
    expect(() => {
      for (let i = 0; i < 20; i++) negative.sample(stream(i));
    }).toThrow(/scale of "x" must be positive/);
    expect(() =>
      distributionFromJSON({
        name: "dependent",
        parts: [mu.toJSON()],
        shift: [{ name: "sin" }],
        scale: [],
      }),
    ).toThrow(/a term that is none/);
  });
});
