import { describe, expect, test } from "vitest";
import { learnLinearTrend } from "../../src/data/linear-trend.js";
import { learnWeightedTrend } from "../../src/data/weighted-trend.js";
import { stream } from "../../src/random/index.js";

const ROWS = 800;
const REPLICATES = 40;
const [SLOPE, RATE] = [0.7, 1.5];

/** y = .7 x₁ + exp(rate x₂) ε, with standard normal x. */
function simulated(seed: number, rate: number): { x: Float32Array; y: Float32Array } {
  const random = stream("weighted trend").split(seed);
  const x = Float32Array.from({ length: 2 * ROWS }, () => random.normal());
  const y = Float32Array.from(
    { length: ROWS },
    (_, i) => SLOPE * (x[2 * i] ?? 0) + Math.exp(rate * (x[2 * i + 1] ?? 0)) * random.normal(),
  );
  return { x, y };
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

describe("a trend by weighted least squares", () => {
  test("has the error of generalised least squares where the noise depends on the features", () => {
    const all = Array.from({ length: REPLICATES }, (_, seed) => simulated(seed, RATE));
    const error = (learn: typeof learnWeightedTrend): number =>
      rootMeanSquare(all.map(({ x, y }) => (learn(x, 2, y, 1)?.weights[0] ?? 0) - SLOPE));
    // Known weights: Var = 1 / (n E[x₁²] E[exp(-2 rate x₂)]); those learned are bounded at a hundred times the average, and off by what 800 residuals leave of the rate.
    const exact = 1 / Math.sqrt(ROWS * Math.exp(2 * RATE ** 2));
    const plain = Math.sqrt(Math.exp(2 * RATE ** 2) / ROWS);
    // The root mean square of forty is known to 11 %, and of heavy tails less well: three times the exact error, a sixth of the unweighted one.
    expect(error(learnWeightedTrend)).toBeLessThan(3 * exact);
    expect(error(learnWeightedTrend)).toBeLessThan(plain / 6);
    expect(error(learnLinearTrend)).toBeGreaterThan(plain / 2);
  });

  test("is the plain one where the features say nothing of the noise", () => {
    const { x, y } = simulated(3, 0);
    expect(learnWeightedTrend(x, 2, y, 1)).toEqual(learnLinearTrend(x, 2, y, 1));
  });

  test("keeps the covariance over all rows alike", () => {
    const { x, y } = simulated(4, RATE);
    const weighted = learnWeightedTrend(x, 2, y, 1);
    expect(weighted?.factor).toEqual(learnLinearTrend(x, 2, y, 1)?.factor);
    expect(weighted?.weights).not.toEqual(learnLinearTrend(x, 2, y, 1)?.weights);
  });
});
