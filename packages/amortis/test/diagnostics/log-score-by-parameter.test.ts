import { expect, test } from "vitest";
import { stream } from "../../src/index.js";
import { compareLogScores, logScoreByParameter } from "../../src/diagnostics/index.js";

/** θ uniform on (0, 1), and densities whose expectation is θ², with noise of sd 2 that is common to all estimators. */
const n = 20_000;
const random = stream(12);
const truth = Float64Array.from({ length: n }, () => random.uniform());
const noise = Float64Array.from({ length: n }, () => 2 * random.normal());
const first = truth.map((t, i) => t * t + (noise[i] ?? 0));

test("finds the score as a function of the parameter, within its standard errors", () => {
  const bins = logScoreByParameter(first, truth, 8);
  expect(bins).toHaveLength(8);
  for (const { lower, upper, center, score } of bins) {
    expect(center).toBeGreaterThan(lower);
    expect(center).toBeLessThan(upper);
    // The mean of t² on the bin; four standard errors are exceeded once in 16,000.
    const expected = (upper ** 3 - lower ** 3) / (3 * (upper - lower));
    expect(score.each).toHaveLength(n / 8);
    expect(Math.abs(score.value - expected)).toBeLessThan(4 * score.standardError);
    expect(score.standardError).toBeCloseTo(2 / Math.sqrt(n / 8), 2);
  }
});

test("compares two estimators without the noise of the data", () => {
  // The second is worse by a nat where θ > 3/4.
  const second = first.map((value, i) => value - Number((truth[i] ?? 0) > 0.75));
  const gains = compareLogScores(first, second, truth, 4);
  for (const [k, { score }] of gains.entries()) {
    // Bins of equal numbers end where the sample's quartiles are, 0.003 from 3/4 or so: a hundredth of a bin.
    expect(Math.abs(score.value - Number(k === 3))).toBeLessThan(0.05);
  }
  for (const { score } of gains) expect(score.standardError).toBeLessThan(0.02);
});

test("keeps equal values together, and refuses what cannot be binned", () => {
  const counts = Float64Array.from({ length: 40 }, (_, i) => Math.floor(i / 20));
  const bins = logScoreByParameter(counts, counts, 10);
  expect(bins.map(({ lower, upper }) => [lower, upper])).toEqual([
    [0, 0],
    [1, 1],
  ]);
  expect(() => logScoreByParameter([1, 2], [1, 2, 3])).toThrow("3 true values");
  expect(() => logScoreByParameter([1, 2, 3], [1, 2, 3], 2)).toThrow("2 bins of 3 simulations");
});
