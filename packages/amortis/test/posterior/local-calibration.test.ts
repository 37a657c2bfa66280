/**
 * Where posteriors are known to be too wide or too narrow: of posteriors with known faults, and of right ones.
 */
import { describe, expect, it } from "vitest";
import {
  describeCalibration,
  describeMiscalibration,
  learnLocalCalibration,
} from "../../src/posterior/local-calibration.js";
import { stream } from "../../src/random/index.js";
import { fractionalRanks } from "../../src/diagnostics/ranks.js";

const [SIZE, DRAWS] = [2000, 64];

/** θ ~ N(m, s²) of known m and s = e^3u, u ~ N(0, 1); posteriors claim s times `width(s)`. */
function learned(width: (s: number) => number, seed: string) {
  const random = stream(seed);
  const draws = new Float64Array(SIZE * DRAWS);
  const truth = new Float64Array(SIZE);
  for (let i = 0; i < SIZE; i++) {
    const [mean, s] = [3 * random.normal(), Math.exp(3 * random.normal())];
    truth[i] = mean + s * random.normal();
    for (let k = 0; k < DRAWS; k++) draws[i * DRAWS + k] = mean + s * width(s) * random.normal();
  }
  const ranks = fractionalRanks(draws, truth, random.split(1));
  return learnLocalCalibration(draws, [ranks]) ?? { parameters: [] };
}

/** Draws of one posterior. */
function posterior(sd: number): Float64Array {
  const random = stream("posterior");
  return Float64Array.from({ length: 1000 }, () => sd * random.normal());
}

describe("local calibration", () => {
  it("has nothing to say of right posteriors", () => {
    // Forty bins, each with a chance of 6e-5 of being four standard errors off.
    for (const seed of ["a", "b", "c"]) {
      const found = learned(() => 1, seed);
      expect(found.parameters).toEqual([]);
      expect(describeCalibration(found, ["theta"])).toBeUndefined();
      expect(describeMiscalibration(found, ["theta"], posterior(1), 1)).toBeUndefined();
    }
  });

  it("finds the sharpest posteriors too wide, where the others are right", () => {
    // None claims to be sharper than 0.03, and an eighth is.
    const found = learned((s) => Math.max(1, 0.03 / s), "floor");
    expect(describeCalibration(found, ["theta"])).toMatch(
      /theta \(sd below 0\.\d+\): about [\d.]+ times too wide/,
    );
    expect(describeMiscalibration(found, ["theta"], posterior(0.028), 1)).toMatch(
      /theta \(sd below 0\.\d+\): about [\d.]+ times too wide/,
    );
    expect(describeMiscalibration(found, ["theta"], posterior(1), 1)).toBeUndefined();
    const both = Float64Array.from([...posterior(1), ...posterior(0.028)]);
    expect(describeMiscalibration(found, ["theta"], both, 2)).toMatch(/of 1 of 2 data sets/);
  });

  it("finds posteriors too narrow by the factor", () => {
    const found = learned(() => 0.4, "narrow");
    const median = found.parameters[0]?.sd.ratios.toSorted((a, b) => a - b)[10] ?? 0;
    // 1 / 0.4, with a standard error of 0.12 / √20 of itself, less what 64 draws cannot show of ranks beyond them.
    expect(median).toBeGreaterThan(2);
    expect(median).toBeLessThan(2.7);
    expect(describeMiscalibration(found, ["theta"], posterior(1), 1)).toMatch(/too narrow/);
  });

  it("is not learned of a few", () => {
    expect(learnLocalCalibration(new Float64Array(99), [new Float64Array(99)])).toBeUndefined();
  });
});
