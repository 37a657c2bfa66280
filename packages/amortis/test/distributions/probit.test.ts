import { expect, test } from "vitest";
import {
  distributionFromJSON,
  independent,
  normal,
  uniform,
} from "../../src/distributions/index.js";

test("by probit a uniform parameter is standard normal in unconstrained space", () => {
  const prior = uniform(-1, 3, { link: "probit" });
  for (const u of [-6, -1.3, 0, 0.4, 2, 7]) {
    const theta = prior.bijection.forward([u]);
    const logDensity = prior.logDensity(theta) + prior.bijection.logJacobian([u]);
    expect(logDensity).toBeCloseTo(-0.5 * u * u - 0.5 * Math.log(2 * Math.PI), 12);
  }
  expect(distributionFromJSON(prior.toJSON()).toJSON()).toEqual(prior.toJSON());
  // @ts-expect-error -- settings also come from files
  expect(() => uniform(0, 1, { link: "cloglog" })).toThrow(
    /needs the link "normal-scores" or "logit" or "probit"/,
  );
});

test("beside other parameters it keeps its link", () => {
  const link = "probit";
  const pair = independent([uniform(-1, 1, { link }), uniform(-1, 1, { link })]);
  // (0.9 + 1) / 2 = 0.95; by the logistic function it would be 2.944.
  for (const u of pair.bijection.inverse([0.9, 0.9])) expect(u).toBeCloseTo(1.6448536269514722, 12);
  const mixed = independent([
    uniform(0, 1, { link: "logit" }),
    uniform(-1, 1, { link }),
    normal(0, 1),
  ]);
  expect([...mixed.bijection.inverse([0.5, 0.9, 2])].map((u) => u.toFixed(6))).toEqual([
    "0.000000",
    "1.644854",
    "2.000000",
  ]);
});
