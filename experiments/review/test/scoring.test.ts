/**
 * Scores and settings of the comparison.
 */
import { stream } from "amortis";
import { describe, expect, it } from "vitest";
import { answersOfDraws, kernelDensity } from "../src/answers.js";
import { PUBLISHED } from "../src/published.js";
import { scoresOf } from "../src/scoring.js";
import { SCALES, settingsOf } from "../src/settings.js";
import { STAGES } from "../src/stages/index.js";

const N = 2_000;
const DRAWS = 200;

/** Posteriors N(m, 0.1²) in a made-up problem: the answer's spread and error may be wrong by a factor and a shift. */
function answers(seed: string, factor: number, shift: number) {
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
