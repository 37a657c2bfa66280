/**
 * Priors as files have them.
 */
import { describe, expect, test } from "vitest";
import { distributionFromJSON } from "../../src/distributions/index.js";
import * as kinds from "../../src/distributions/kinds.js";
import { stream } from "../../src/random/index.js";
import { continuousScalars, described, discretes, ownExponential, vectors } from "./cases.js";

describe("JSON", () => {
  test("has a form for all priors but those that are others, or code", () => {
    const without = Object.entries(kinds).filter(([, kind]) => !("written" in kind));
    expect(without.map(([name]) => name)).toEqual([
      "custom",
      "discreteLogUniform",
      "discreteUniform",
    ]);
  });

  test.each(described([...continuousScalars, ...vectors, ...discretes]))(
    "%s comes back the same",
    (text, distribution) => {
      const back = distributionFromJSON(JSON.parse(text));
      expect(back.toJSON()).toEqual(distribution.toJSON());
      expect(back.support).toEqual(distribution.support);
      const draw = distribution.sample(stream(1));
      expect(back.sample(stream(1))).toEqual(draw);
      expect(back.logDensity(draw)).toBe(distribution.logDensity(draw));
    },
  );

  test.each([
    [ownExponential.toJSON(), /custom distribution is code/],
    [{ name: "weibull" }, /needs one of the names beta, .*zeroInflated, but was given "weibull"/],
    [null, /needs one of the names .* but was given none/],
    [[1, 2], /needs one of the names/],
    [{ name: "normal", mean: 0 }, /"normal" in JSON is not valid at "sd"/],
    [{ name: "normal", mean: 0, sd: "1" }, /not valid at "sd": it must be a number, but is "1"/],
    [{ name: "normal", mean: 0, sd: 1, more: 2 }, /not valid: .*more/],
    [{ name: "normal", mean: 0, sd: -1 }, /needs a positive sd, but was given -1/],
    [{ name: "uniform", lower: 0, upper: "Infinity" }, /not valid at "upper"/],
    [
      { name: "multivariateNormal", mean: [0, 0], covariance: [1, 0, 0] },
      /covariance of 2 rows of 2/,
    ],
    [{ name: "multivariateNormal", mean: [], covariance: [1] }, /needs a finite mean/],
    [
      { name: "independent", parts: [{ name: "beta", a: 1 }] },
      /"beta" in JSON is not valid at "b"/,
    ],
  ])("%j is refused", (json, message) => {
    expect(() => distributionFromJSON(json)).toThrow(message);
  });

  test("a bottomless file is refused", () => {
    let json: unknown = { name: "normal", mean: 0, sd: 1 };
    for (let i = 0; i < 10_000; i++) json = { name: "independent", parts: [json] };
    expect(() => distributionFromJSON(json)).toThrow(/nests more than 16/);
  });
});
