/**
 * Statistics of diagnostics beside other people's implementations: simuk's ranks, scikit-learn's MMD, POT's Wasserstein distances, scoringrules' scores, SciPy's tests and distances.
 *
 * The numbers are of `test/fixtures/simuk_golden.py` and `statistics_golden.py`.
 */
import { describe, expect, it, test } from "vitest";
import {
  crps,
  dataAveragedTest,
  energyScore,
  fractionalRanks,
  hpdLevels,
  intervalScore,
  jointRanks,
  medianDistance,
  mmdSquared,
  precisionScores,
  rankScores,
  slicedWasserstein,
} from "../../src/diagnostics/index.js";
import { stream } from "../../src/random/index.js";
import simuk from "../fixtures/simuk-golden.json" with { type: "json" };
import golden from "../fixtures/statistics-golden.json" with { type: "json" };

/** Ranks among so many draws, of fractional ones. */
const whole = (fractions: Float64Array, each: number): number[] =>
  Array.from(fractions, (u) => Math.floor(u * (each + 1)));

test.each(["a", "b"] as const)("ranks of %s among a chain's draws are simuk's", (name) => {
  const { truth, draws, ranks } = simuk.of[name];
  const own = fractionalRanks(draws.flat(), truth, stream("ties"));
  expect(whole(own, simuk.each)).toEqual(ranks);
});

describe("two samples", () => {
  const { x, y, sigma, mmd, median, sliced, wasserstein } = golden.twoSamples;
  const [reference, samples] = [Float32Array.from(x), Float32Array.from(y)];

  it("MMD² is that of scikit-learn's kernel, and the median that of SciPy's distances", () => {
    expect(mmdSquared(reference, samples, 2, sigma)).toBeCloseTo(mmd, 6);
    expect(medianDistance(reference, 2)).toBeCloseTo(median, 6);
  });

  it("the Wasserstein distance is POT's in one dimension, and sliced to what chance directions leave open", () => {
    const first = (values: Float32Array): Float32Array => values.filter((_, at) => at % 2 === 0);
    expect(slicedWasserstein(first(reference), first(samples), 1)).toBeCloseTo(wasserstein, 6);
    const own = slicedWasserstein(reference, samples, 2, { directions: 20_000 });
    // Squared distances along directions differ by about as much as their mean: 1/√20,000 of it, halved by the root.
    expect(Math.abs(own / sliced - 1)).toBeLessThan(0.015);
  });
});

test("CRPS, energy and interval scores are those of scoringrules", () => {
  const { draws, truth, crps: ofEach, energy, lower, upper, interval } = golden.scores;
  const [n, p] = [6, 2];
  const each = draws.length / (n * p);
  for (let i = 0; i < n; i++) {
    const own = draws.slice(i * each * p, (i + 1) * each * p);
    expect(energyScore(own, truth.slice(i * p, (i + 1) * p))).toBeCloseTo(energy[i] ?? NaN, 10);
    for (let k = 0; k < p; k++) {
      const at = i * p + k;
      const theta = truth[at] ?? NaN;
      const column = own.filter((_, place) => place % p === k);
      expect(crps(column, theta)).toBeCloseTo(ofEach[at] ?? NaN, 10);
      const score = intervalScore(lower[at] ?? NaN, upper[at] ?? NaN, theta, 0.9);
      expect(score).toBeCloseTo(interval[at] ?? NaN, 10);
    }
  }
});

test("tests of normal scores are SciPy's: of their mean, and chi-square of their variance", () => {
  const { ranks, shift, spread } = golden.ranks;
  const found = rankScores(ranks);
  expect(found.shift.pValue).toBeCloseTo(shift, 8);
  expect(found.spread.pValue).toBeCloseTo(spread, 8);
});

describe("ranks of all parameters together", () => {
  const { draws, truth, joint, logDraws, logTruth, denser } = golden.depth;
  const each = draws.length / truth.length;

  it("are those of SciPy's Mahalanobis distances", () => {
    const own = jointRanks({ draws, truth, names: ["a", "b", "c"] }, stream("ties"));
    expect(whole(own, each)).toEqual(joint);
  });

  it("are, by density, the numbers of draws that are denser than the truth", () => {
    expect(whole(hpdLevels(logDraws, logTruth, stream("ties")), each)).toEqual(denser);
  });
});

test("the data-averaged posterior's distance from the prior is that of SciPy's distances of pairs", () => {
  const { truth, draw, distance } = golden.averaged;
  const found = dataAveragedTest({ truth, draws: draw, names: ["a", "b"] }, { swaps: 1 });
  expect(found.statistic).toBeCloseTo(distance, 8);
});

test("contraction, recovery and z-scores are NumPy's and SciPy's", () => {
  const { truth, mean, sd, priorSd, contraction, recovery, zScale } = golden.precision;
  const own = precisionScores(
    Float64Array.from(truth),
    Float64Array.from(mean),
    Float64Array.from(sd),
    priorSd,
  );
  expect(own.contraction.value).toBeCloseTo(contraction, 10);
  expect(own.recovery.value).toBeCloseTo(recovery, 10);
  expect(own.zScale.value).toBeCloseTo(zScale, 10);
});
