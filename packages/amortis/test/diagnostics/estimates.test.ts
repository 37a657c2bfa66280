/**
 * Diagnoses of point estimates and quantiles in closed form, right or wrong on purpose.
 */
import { describe, expect, it } from "vitest";
import { diagnoseEstimates, diagnosisDocument } from "../../src/diagnostics/index.js";
import { diagnosisFigure, diagnosisReport } from "../../src/figures/index.js";
import { normalQuantile } from "../../src/math/index.js";
import { stream } from "../../src/random/index.js";
import { closedForm } from "./closed-form.js";

const LEVELS = [0.05, 0.5, 0.95];

/** How estimates are wrong: in posterior standard deviations, or as to the data that they use. */
interface Wrong {
  readonly shift?: number;
  readonly scale?: number;
  readonly half?: boolean;
  readonly above?: number;
}

/** Means and quantiles of posteriors N((y1 + y2) / 4, 1/2), or of one number alone, N(y1 / 3, 2/3). */
function estimates(n: number, seed: number, wrong: Wrong = {}, p = 2) {
  const { truth, data, names } = closedForm(n, 1, p, seed);
  const { shift = 0, scale = 1, half = false, above = 0 } = wrong;
  const sd = Math.sqrt(half ? 2 / 3 : 1 / 2);
  const points = truth.map((_, at) => {
    const [a, b] = [data[2 * at] ?? 0, data[2 * at + 1] ?? 0];
    const mean = half ? a / 3 : (a + b) / 4;
    return mean + sd * (shift + (mean > 0.3 ? above : 0) - (mean < -0.3 ? above : 0));
  });
  const quantiles = new Float64Array(n * LEVELS.length * p);
  for (const [l, level] of LEVELS.entries()) {
    for (let at = 0; at < n * p; at++) {
      const place = (Math.floor(at / p) * LEVELS.length + l) * p + (at % p);
      quantiles[place] = (points[at] ?? 0) + scale * sd * normalQuantile(level);
    }
  }
  return { scored: { names, truth, points, estimate: "mean", levels: LEVELS, quantiles }, data };
}

const diagnosed = (n: number, seed: number, wrong: Wrong = {}) => {
  const { scored, data } = estimates(n, seed, wrong);
  return diagnoseEstimates(scored, { data });
};

describe("all tests of estimates together", () => {
  it("find fault with right ones in 5 % of cases at most", () => {
    const runs = 120;
    let [alarms, single] = [0, 0];
    let tests = 0;
    for (let seed = 0; seed < runs; seed++) {
      const found = diagnosed(200, seed);
      if (!found.calibrated) alarms++;
      tests += found.tests.length;
      single += found.tests.filter(({ pValue }) => pValue < 0.05).length;
    }
    // 6 ± 7.2, three standard errors; by itself each test has 5 %, of which correlated ones err by about twice as much as independent ones.
    expect(alarms).toBeLessThan(6 + 3 * Math.sqrt(runs * 0.05 * 0.95));
    expect(single / tests).toBeGreaterThan(0.035);
    expect(single / tests).toBeLessThan(0.065);
  });

  it.each([{ shift: 0.2 }, { scale: 0.8 }, { scale: 1.3 }, { half: true }, { above: 0.3 }])(
    "find %o",
    (wrong) => {
      for (let seed = 1; seed <= 4; seed++) {
        expect(diagnosed(1000, seed, wrong).calibrated).toBe(false);
      }
    },
  );
});

describe("what is said of estimates", () => {
  it.each([
    [
      "too high",
      { shift: 0.4 },
      /theta0 is biased: its mean is too high, by 0\.\d+ \(0\.3\d* of its root mean square error\); its quantile 0\.05 has 1\d[.\d]* % of truths below it/,
      /one simulator and one prior/,
    ],
    [
      "with quantiles too close to each other",
      { scale: 0.6 },
      /theta0 is overconfident: its quantile 0\.05 has 1\d[.\d]* % of truths below it; its quantile 0\.95 has 8\d[.\d]* %/,
      /more simulations help most/,
    ],
    [
      "with quantiles too far from each other",
      { scale: 1.5 },
      /theta0 is underconfident: its quantile 0\.05 has \d[.\d]* % of truths/,
      /longer training/,
    ],
    [
      "of half of the data",
      { half: true },
      /^not calibrated: estimates of theta0 use less than the data tell[^]*the data say more of theta0 than its mean/,
      /larger summary network/,
    ],
    [
      "wrong at either end",
      { above: 0.5 },
      /theta\d is right on average, but not everywhere: worst is its mean where that is from .* too (high|low)\)/,
      /more simulations/,
    ],
  ] as const)("%s", (_, wrong, fault, advice) => {
    const said = diagnosed(1000, 7, wrong).verdict.join("\n");
    expect(said).toMatch(/^not calibrated: /);
    expect(said).toMatch(fault);
    expect(said).toMatch(advice);
  });

  it("right: one line, and numbers that are known", () => {
    const found = diagnosed(2000, 3);
    expect(found.verdict).toHaveLength(1);
    expect(found.verdict[0]).toMatch(/^calibrated: no fault was found over 2000 fresh/);
    // Two parameters, a mean and three quantiles each, three tests each.
    expect(found.tests).toHaveLength(24);
    const [theta] = found.parameters;
    // Errors have the posterior's variance, 1/2, and estimates correlate by √(1/2).
    expect(Math.abs((theta?.rmse.value ?? 0) - Math.SQRT1_2)).toBeLessThan(0.035);
    expect(Math.abs((theta?.recovery.value ?? 0) - Math.SQRT1_2)).toBeLessThan(0.04);
    const below = theta?.tested.map(({ share }) => share?.value);
    for (const [i, level] of LEVELS.entries()) {
      expect(Math.abs((below?.[i + 1] ?? 0) - level)).toBeLessThan(0.034);
    }
  });

  it("that have nothing to do with the truth", () => {
    const { scored } = estimates(1000, 5);
    const random = stream("nothing");
    const points = scored.points.map(() => 0.1 * random.normal());
    const found = diagnoseEstimates({ ...scored, points, levels: [], quantiles: [] });
    expect(found.verdict.join("\n")).toMatch(/estimates of theta0 do not go with its true values/);
  });

  it("that are neither means nor quantiles: measured, and not judged", () => {
    const { scored } = estimates(100, 5);
    const mode = { ...scored, estimate: "mode", levels: [], quantiles: [] };
    const found = diagnoseEstimates(mode);
    expect(found).toMatchObject({ calibrated: true, tests: [] });
    expect(found.verdict[0]).toMatch(/^measured, not tested: .* \("mode"\)/);
  });

  it("quantiles of discrete parameters: what equals them contradicts no level", () => {
    const random = stream("discrete");
    // θ is 0, 1 or 2 alike, and the data say nothing: the median is 1, with a third of truths below it and two thirds below or at it.
    const truth = Float64Array.from({ length: 600 }, () => Math.floor(3 * random.uniform()));
    const scored = {
      names: ["k"],
      truth,
      points: truth.map(() => 1),
      estimate: "median",
    };
    expect(diagnoseEstimates(scored).calibrated).toBe(true);
    expect(diagnoseEstimates({ ...scored, points: truth.map(() => 2) }).calibrated).toBe(false);
  });
});

describe("pictures, reports and documents of estimates", () => {
  const found = diagnosed(300, 9);

  it("have recovery, errors and shares", () => {
    const svg = diagnosisFigure(found);
    for (const title of ["recovery", "errors", "shares below"]) {
      expect(svg).toContain(`theta1: ${title}`);
    }
    const html = diagnosisReport(found, { title: "estimates" });
    expect(html).toContain("truths below quantile 0.95");
    expect(html).toContain("theta0: quantile 0.05");
    expect(html.length).toBeLessThan(2e6);
  });

  it("are numbers in JSON", () => {
    const text = JSON.stringify(diagnosisDocument(found));
    expect(text.length).toBeLessThan(30_000);
    expect(JSON.parse(text)).toMatchObject({ estimate: "mean", simulations: 300 });
  });
});

it("arrays that do not fit, and too few data sets, are errors", () => {
  const { scored, data } = estimates(100, 1);
  expect(() => diagnoseEstimates({ ...scored, points: scored.points.slice(1) })).toThrow(
    /truths and estimates must be \[n, 2\], but 200 and 199 values were given/,
  );
  expect(() => diagnoseEstimates({ ...scored, levels: [0.5] })).toThrow(
    /quantiles must be \[100, 1, 2\], but 600 values were given/,
  );
  expect(() => diagnoseEstimates(scored, { data: data.slice(1) })).toThrow(/as many rows/);
  expect(() => diagnosed(30, 1)).toThrow(/needs 40 data sets, but there are 30/);
});
