/**
 * Priors of one's own.
 */
import { describe, expect, test } from "vitest";
import { custom } from "../../src/distributions/index.js";
import { stream } from "../../src/random/index.js";
import { ownExponential } from "./cases.js";

describe("custom", () => {
  test("is what it was told to be", () => {
    expect(ownExponential.support).toEqual({ kind: "positive", lower: [0], upper: [Infinity] });
    expect(ownExponential.logDensity([2])).toBe(-2);
    expect(ownExponential.logDensity([-1])).toBe(-Infinity);
    expect(ownExponential.sample(stream(1))[0]).toBe(stream(1).exponential());
    expect(ownExponential.bijection.forward([0])[0]).toBe(1);
    expect(ownExponential.toJSON()).toEqual({ name: "custom", label: "own" });
  });

  test("takes vectors with bounds of their own", () => {
    const pair = custom({
      shape: [2],
      sample: () => [0.5, -3],
      logDensity: (value) => value.length,
      support: { lower: [0, -Infinity], upper: 1 },
    });
    expect(pair.shape).toEqual([2]);
    expect(pair.support).toEqual({ kind: "product", lower: [0, -Infinity], upper: [1, 1] });
    expect(pair.logDensity([0.5, 2])).toBe(-Infinity);
    expect(pair.logDensity([0.5, -2])).toBe(2);
  });

  test("says what does not fit", () => {
    const spec = { sample: () => 2, logDensity: () => 0 };
    expect(() => custom({ ...spec, support: { lower: 1, upper: 0 } })).toThrow(
      "lower < upper, but was given [[1], [0]]",
    );
    expect(() => custom({ ...spec, shape: [2], support: { lower: [0] } })).toThrow(
      "needs 2 lower and upper bounds",
    );
    expect(() => custom({ ...spec, shape: [2, 2] })).toThrow("needs a shape [] or [d]");
    expect(() => custom({ ...spec, support: { upper: 1 } }).sample(stream(1))).toThrow(
      "needs draws within its support, but was given [2]",
    );
    expect(() => custom({ ...spec, shape: [3] }).sample(stream(1))).toThrow(
      "needs draws of 3 numbers, but was given 1",
    );
  });
});
