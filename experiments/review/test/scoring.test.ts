/**
 * Scores and settings of the comparison.
 */
import { resample, stream } from "amortis";
import { crps, crpsOfSorted } from "amortis/diagnostics";
import { describe, expect, it } from "vitest";
import { answersOfDraws, kernelDensity, sortedDraws } from "../src/answers.js";
import { errorOfMedian } from "../src/bootstrap.js";
import { calibrationOf, simultaneousWidth } from "../src/calibration.js";
import { PUBLISHED } from "../src/published.js";
import { scoresOf } from "../src/scoring.js";
import { SCALES, settingsOf } from "../src/settings.js";
import { STAGES } from "../src/stages/index.js";

const N = 2_000;
const DRAWS = 200;

/** Posteriors N(m, 0.1²) in a made-up problem: the answer's spread and error may be wrong by a factor and a shift. */
function drawsOf(seed: string, factor: number, shift: number) {
  const random = stream(seed);
  const truth = new Float64Array(N);
  const draws = new Float64Array(N * DRAWS);
  for (let i = 0; i < N; i++) {
    const mean = random.uniform();
    truth[i] = mean + 0.1 * random.normal();
    for (let k = 0; k < DRAWS; k++) {
      draws[i * DRAWS + k] = mean + shift + 0.1 * factor * random.normal();
    }
  }
  return { truth, draws };
}

function answers(seed: string, factor: number, shift: number) {
  const { truth, draws } = drawsOf(seed, factor, shift);
  return { truth: [...truth], answers: answersOfDraws(draws, truth) };
}

describe("scoresOf", () => {
  const exact = answers("made up", 1, 0);

  it("finds the exact answer as good as itself", () => {
    const scores = scoresOf("exact", exact.answers, exact.answers, exact.truth);
    expect(scores.crps?.relative).toEqual({ value: 1, standardError: 0 });
    expect(scores.rmse?.value).toBeCloseTo(0.1, 2);
    // The CRPS of a normal distribution with its own truth is sd / √π.
    const crps = scores.crps?.value ?? Number.NaN;
    expect(Math.abs(crps - 0.1 / Math.sqrt(Math.PI))).toBeLessThan(
      4 * (scores.crps?.standardError ?? 0),
    );
    const coverage = scores.coverage?.value ?? Number.NaN;
    // Quantiles of 200 draws are within 1 % of theirs.
    expect(Math.abs(coverage - 0.9)).toBeLessThan(4 * (scores.coverage?.standardError ?? 0) + 0.01);
    expect(scores.coverage?.published).toBeUndefined();
  });

  it("finds narrow answers worse, though the review's MCRPS finds them better", () => {
    const narrow = answers("made up", 0.5, 0);
    const scores = scoresOf("rkl1", narrow.answers, exact.answers, exact.truth);
    const best = scoresOf("exact", exact.answers, exact.answers, exact.truth);
    expect(scores.crps?.relative?.value).toBeGreaterThan(1.05);
    expect(scores.coverage?.value).toBeLessThan(0.7);
    expect(scores.reviewMcrps?.value).toBeLessThan(best.reviewMcrps?.value ?? 0);
    expect(scores.reviewCov90?.published).toBe(0.777);
  });

  it("leaves out what a point estimator has not", () => {
    const { estimate, lower, upper } = exact.answers;
    const scores = scoresOf("nbe", { estimate, lower, upper }, exact.answers, exact.truth);
    expect(scores.crps).toBeUndefined();
    expect(scores.reviewMcrps).toBeUndefined();
    expect(scores.logScore).toBeUndefined();
    expect(scores.reviewRmspe?.published).toBe(0.0156);
  });

  it("says how a score compares with the published one, in standard errors", () => {
    const { reviewRmspe, reviewCov90, coverage, intervalScore } = scoresOf(
      "nbe",
      exact.answers,
      exact.answers,
      exact.truth,
    );
    const { value = 0, standardError = 0 } = reviewRmspe ?? {};
    expect(standardError).toBeGreaterThan(0);
    expect(reviewRmspe?.againstPublished).toBeCloseTo((value - 0.0156) / standardError, 9);
    expect(intervalScore?.published).toBe(0.1165);
    expect(coverage?.published).toBe(0.877);
    // Closer to 90 % than published is better, from either side.
    const further = Math.abs((coverage?.value ?? 0) - 0.9) - Math.abs(0.877 - 0.9);
    expect(coverage?.againstPublished).toBeCloseTo(further / (coverage?.standardError ?? 0), 9);
    expect(reviewCov90).toEqual(coverage);
  });

  it("counts the fields whose log score is infinite, and compares the others with the exact one", () => {
    const few = (logDensity: readonly (number | null)[]) => ({
      estimate: [0.1, 0.2, 0.3],
      lower: [0, 0, 0],
      upper: [1, 1, 1],
      logDensity,
    });
    const truth = [0.1, 0.2, 0.3];
    const { logScore } = scoresOf("fkl", few([1, null, 2]), few([1.5, 3, 2.5]), truth);
    expect(logScore).toEqual({
      value: -1.5,
      standardError: 0.5,
      difference: { value: 0.5, standardError: 0 },
      excluded: 1,
    });
  });
});

describe("crpsOfSorted", () => {
  const truth = 0.3;

  it("of independent draws is the fair one", () => {
    const random = stream("independent");
    const draws = Float64Array.from({ length: 50 }, () => random.normal()).toSorted();
    expect(crpsOfSorted(draws, truth)).toBeCloseTo(crps(draws, truth), 12);
  });

  it("of stratified draws has no bias where the fair one has", () => {
    // A uniform distribution on 1,000 cells of (0, 1): its CRPS is θ³/3 + (1 - θ)³/3.
    const cells = new Float64Array(1_000).fill(1e-3);
    const exact = (truth ** 3 + (1 - truth) ** 3) / 3;
    const random = stream("stratified");
    const n = 50;
    const repeats = 6_000;
    let [plain, fair] = [0, 0];
    for (let k = 0; k < repeats; k++) {
      const draws = Float64Array.from(
        resample(cells, n, random),
        (cell) => (cell + random.uniform()) / 1_000,
      ).toSorted();
      plain += crpsOfSorted(draws, truth, true) / repeats;
      fair += crpsOfSorted(draws, truth) / repeats;
    }
    // The variance of F, integrated over (0, 1), is 1/6 n², which is the bias; the means have an error of 2e-5. The fair estimator takes off ½E|X - X'|/(n - 1) = 1/6 (n - 1).
    expect(Math.abs(plain - exact)).toBeLessThan(2 / (6 * n ** 2));
    expect(exact - fair).toBeGreaterThan(0.8 / (6 * n));
  });
});

describe("errorOfMedian", () => {
  it("is that of the median of a normal sample, and the same each time", () => {
    const random = stream("median");
    const n = 2_000;
    const values = Float64Array.from({ length: n }, () => random.normal());
    const error = errorOfMedian(values);
    // √(π / 2n); the bootstrap's own, of one sample, has an error of some ten percent.
    expect(error / Math.sqrt(Math.PI / (2 * n))).toBeGreaterThan(0.7);
    expect(error / Math.sqrt(Math.PI / (2 * n))).toBeLessThan(1.4);
    expect(errorOfMedian(values)).toBe(error);
  });
});

describe("calibrationOf", () => {
  const outcome = (factor: number) => {
    const { truth, draws } = drawsOf("calibration", factor, 0);
    const found = calibrationOf(sortedDraws(draws, truth.length), [...truth]);
    const { share, lower, upper } = found.ecdf;
    return {
      found,
      within: share.every((s, i) => s >= (lower[i] ?? 0) && s <= (upper[i] ?? 0)),
    };
  };

  it("keeps a calibrated posterior within its band, with the coverage of each level", () => {
    const { found, within } = outcome(1);
    expect(within).toBe(true);
    expect(found.histogram.reduce((a, b) => a + b, 0)).toBe(N);
    for (const { level, value, standardError } of found.coverage) {
      // Quantiles of 200 draws are within 1 % of theirs.
      expect(Math.abs(value - level)).toBeLessThan(4 * standardError + 0.01);
    }
  });

  it("finds one that is too narrow outside of it", () => {
    expect(outcome(0.7).within).toBe(false);
  });

  it("has a band that as many samples stay within as it says", () => {
    // The supremum over 49 places lies above one place's 1.96, and below Bonferroni's 3.3.
    expect(simultaneousWidth(500)).toBeGreaterThan(2.5);
    expect(simultaneousWidth(500)).toBeLessThan(3.4);
  });
});

describe("kernelDensity", () => {
  it("is a density about its draws", () => {
    const random = stream("kernel");
    const draws = Float64Array.from({ length: 2_000 }, () => 0.3 + 0.02 * random.normal());
    const grid = Array.from({ length: 400 }, (_, i) => ((i + 0.5) / 400) * 0.6);
    const density = kernelDensity(draws, grid);
    expect(density.reduce((a, b) => a + b, 0) * (0.6 / 400)).toBeCloseTo(1, 3);
    expect(density[200]).toBeGreaterThan(0.8 / (0.02 * Math.sqrt(2 * Math.PI)));
  });

  it.each([0, 0.6])(
    "loses no mass beyond the prior's bound %d, and falls off nowhere there",
    (bound) => {
      const random = stream("kernel at a bound");
      const draws = Float64Array.from({ length: 5_000 }, () =>
        Math.abs(bound - 0.05 * random.uniform()),
      );
      const grid = Array.from({ length: 1_200 }, (_, i) => ((i + 0.5) / 1_200) * 0.6);
      const density = kernelDensity(draws, grid);
      expect(density.reduce((a, b) => a + b, 0) * (0.6 / 1_200)).toBeCloseTo(1, 3);
      // Uniform over 0.05, up to the bound; without reflection half of it would be left there.
      const last = density[bound === 0 ? 0 : 1_199] ?? Number.NaN;
      expect(Math.abs(last * 0.05 - 1)).toBeLessThan(0.15);
    },
  );
});

describe("settings", () => {
  it("of the paper are the review's, where they are not named as different", () => {
    const { gaussian, maxStable } = settingsOf("paper");
    expect([gaussian.training, gaussian.validation, gaussian.test]).toEqual([
      160_000, 20_000, 1_000,
    ]);
    expect([maxStable.training, maxStable.validation, maxStable.test]).toEqual([
      160_000, 20_000, 1_000,
    ]);
    const { iterations, burnIn, thin, bruteForceFields } = gaussian.mcmc;
    expect((iterations - burnIn) / thin).toBe(1_000);
    expect(bruteForceFields).toBeGreaterThanOrEqual(50);
    expect(Object.keys(PUBLISHED)).toHaveLength(7);
  });

  it("fit the time that a scale may take", () => {
    const planned = (scale: "quick" | "paper") =>
      STAGES.reduce((total, stage) => total + stage.seconds(settingsOf(scale)), 0);
    expect(planned("quick")).toBeLessThan(360);
    expect(planned("paper")).toBeLessThan(7_200);
  });

  it.each(SCALES)("of the scale %s fill whole batches", (scale) => {
    const { gaussian, maxStable, ratio } = settingsOf(scale);
    const { fkl, fklSpline, nbe, nre, rkl1, rkl1Spline, information, binding, variational } =
      gaussian;
    for (const { batch } of [
      fkl,
      fklSpline,
      nbe,
      nre,
      rkl1,
      rkl1Spline,
      information,
      binding,
      variational,
    ]) {
      expect(gaussian.training).toBeGreaterThanOrEqual(2 * batch);
    }
    expect(maxStable.training).toBeGreaterThanOrEqual(2 * maxStable.fkl.batch);
    expect(ratio.training % ratio.batch).toBe(0);
    expect(ratio.snapshots.toSorted((a, b) => a - b)).toEqual(ratio.snapshots);
  });

  it("have stages with names of their own, whose settings JSON can hold", () => {
    expect(new Set(STAGES.map(({ name }) => name)).size).toBe(STAGES.length);
    for (const stage of STAGES) {
      const settings = stage.settings(settingsOf("paper"));
      expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
    }
  });
});
