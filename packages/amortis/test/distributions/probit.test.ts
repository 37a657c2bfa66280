import { expect, test } from "vitest";
import { distributionFromJSON, uniform } from "../../src/distributions/index.js";

test("by probit a uniform parameter is standard normal in unconstrained space", () => {
  const prior = uniform(-1, 3, { link: "probit" });
  for (const u of [-6, -1.3, 0, 0.4, 2, 7]) {
    const theta = prior.bijection.forward([u]);
    const logDensity = prior.logDensity(theta) + prior.bijection.logJacobian([u]);
    expect(logDensity).toBeCloseTo(-0.5 * u * u - 0.5 * Math.log(2 * Math.PI), 12);
  }
  expect(distributionFromJSON(prior.toJSON()).toJSON()).toEqual(prior.toJSON());
  expect(uniform(0, 1, { link: "logit" }).toJSON()).toEqual(uniform(0, 1).toJSON());
  // @ts-expect-error -- settings also come from files
  expect(() => uniform(0, 1, { link: "cloglog" })).toThrow(/needs the link "logit" or "probit"/);
});
