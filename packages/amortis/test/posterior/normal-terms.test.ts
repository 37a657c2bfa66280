/**
 * Normal distributions are recognised by their log-densities, and no others.
 */
import { expect, it } from "vitest";
import { normalTermsOf } from "../../src/posterior/normal-terms.js";

it("finds precision and mean of a normal distribution", () => {
  const found = normalTermsOf(
    ([x = 0, y = 0]) => -(2 * x * x - 1.2 * x * y + y * y) / 2 + 0.3 * x - 0.7 * y + 5,
    2,
  );
  for (const [k, value] of [2, -0.6, -0.6, 1].entries()) {
    expect(found?.precision[k]).toBeCloseTo(value, 10);
  }
  expect(found?.weighted[0]).toBeCloseTo(0.3, 10);
  expect(found?.weighted[1]).toBeCloseTo(-0.7, 10);
});

it.each([
  ["heavy tails", ([x = 0]: Float64Array) => -2 * Math.log1p((x * x) / 4), 1],
  ["a bound", ([x = 0]: Float64Array) => (x < 2.5 ? -(x * x) / 2 : -Infinity), 1],
  // Neal's funnel: normal along each axis.
  [
    "a scale that depends on another parameter",
    ([x = 0, y = 0]: Float64Array) => -(x * x) / 2 - x - (y * y * Math.exp(-2 * x)) / 2,
    2,
  ],
] as const)("takes nothing else for one: %s", (_, log, d) => {
  expect(normalTermsOf(log, d)).toBeUndefined();
});
