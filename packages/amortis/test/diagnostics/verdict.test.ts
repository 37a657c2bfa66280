/**
 * The verdict: its false alarms, what it finds, and what it says of draws that are wrong on purpose.
 */
import { describe, expect, it } from "vitest";
import { diagnoseDraws, diagnosisDocument } from "../../src/diagnostics/index.js";
import { diagnosisFigure, diagnosisReport, lossFigure } from "../../src/figures/index.js";
import { holm } from "../../src/diagnostics/family.js";
import { stream } from "../../src/random/index.js";
import { closedForm, type Fault } from "./closed-form.js";

const diagnosed = (n: number, draws: number, p: number, seed: number, fault: Fault = {}) => {
  const scored = closedForm(n, draws, p, seed, fault);
  return diagnoseDraws(scored, { data: scored.data });
};

describe("all tests together", () => {
  it("find fault with right posteriors in 5 % of cases at most", () => {
    const runs = 120;
    let alarms = 0;
    for (let seed = 0; seed < runs; seed++) {
      if (!diagnosed(100, 39, 2, seed).calibrated) alarms++;
    }
    // 6 ± 7.2, three standard errors.
    expect(alarms).toBeLessThan(6 + 3 * Math.sqrt(runs * 0.05 * 0.95));
  });

  it.each([{ scale: 0.85 }, { scale: 1.15 }, { shift: 0.2 }])(
    "find %o at the default number of data sets",
    (fault) => {
      for (let seed = 1; seed <= 4; seed++) {
        expect(diagnosed(1000, 63, 2, seed, fault).calibrated).toBe(false);
      }
    },
  );

  it("are adjusted as Holm does", () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005].map((pValue) => ({ name: "t", pValue })));
    for (const [i, value] of [0.03, 0.06, 0.06, 0.02].entries()) {
      expect(adjusted[i]?.adjusted).toBeCloseTo(value, 12);
    }
  });
});

describe("what is said of draws", () => {
  const words = (fault: Fault): string => diagnosed(1000, 63, 2, 11, fault).verdict.join("\n");

  it("that are right", () => {
    const found = diagnosed(1000, 63, 2, 11);
    expect(found.verdict).toEqual([
      "calibrated: no fault was found over 1000 fresh simulations, by 12 tests with 5 % false alarms in all",
    ]);
    expect(found.tests).toHaveLength(12);
  });

  it.each([
    [
      "overconfident",
      { scale: 0.7 },
      /theta0 is overconfident: its 90 % intervals hold the truth in 7\d[.\d]* % of cases, as if its standard deviations were about 0\.7\d? times/,
      /more simulations help most/,
    ],
    [
      "underconfident",
      { scale: 1.4 },
      /theta0 is underconfident: .* about 1\.[345] times/,
      /longer training/,
    ],
    [
      "too high",
      { shift: 0.4 },
      /theta0 is biased upwards, by about 0\.[345]\d? posterior standard deviations/,
      /one simulator and one prior/,
    ],
    [
      "of another prior",
      { prior: 2 },
      /believe another prior than that of these simulations/,
      /train with the prior that is meant/,
    ],
    [
      "that use half of the data, as by a summary that is too small",
      { uses: "half" },
      /the data say more of the parameters than the posteriors know/,
      /larger summary network/,
    ],
    [
      "of shuffled labels, which are the prior's",
      { uses: "nothing" },
      /theta0 is as wide as its prior \(contraction/,
      /rows of data and of parameters belong together/,
    ],
    [
      "with wrong correlations",
      { correlation: 0.6 },
      /wrong where none is by itself: correlations/,
      /density with correlations/,
    ],
    [
      "wrong in a part of the space",
      { shift: 0.7, above: true },
      /worst where its posterior mean is from .* standard deviations too high/,
      /more simulations/,
    ],
  ] as const)("that are %s", (_, fault, fault0, advice) => {
    const said = words(fault);
    expect(said).toMatch(/^not calibrated: /);
    expect(said).toMatch(fault0);
    expect(said).toMatch(/\nwhat to do: /);
    expect(said).toMatch(advice);
  });

  it("of a parameter over decades: what variances do not tell is not claimed", () => {
    const { draws, truth, names } = closedForm(1000, 63, 1, 11);
    const [wide, far] = [draws, truth].map((values) => values.map((x) => Math.exp(8 * x)));
    const found = diagnoseDraws({ draws: wide ?? draws, truth: far ?? truth, names });
    // Of a variance of a few draws no contraction follows: it is far below zero, for posteriors that know half of what there is.
    expect(found.parameters[0]?.contraction.standardError).toBeGreaterThan(0.1);
    expect(found.verdict).toHaveLength(1);
    expect(found.verdict[0]).toMatch(/^calibrated/);
  });

  it("that are biased alone: no wrong width is claimed", () => {
    expect(words({ shift: 1 })).not.toMatch(/confident/);
  });

  it("that lie outside the prior's support", () => {
    const scored = closedForm(200, 39, 1, 2);
    const support = { lower: [-1.5], upper: [Infinity] };
    const { outside, verdict, calibrated } = diagnoseDraws(scored, { support });
    expect(calibrated).toBe(false);
    // P(N(0, 1) < -1.5), the prior's, of 200 data sets' posteriors.
    expect(outside).toBeGreaterThan(0.03);
    expect(verdict[0]).toMatch(/^not calibrated: draws lie where the prior has no mass/);
    expect(verdict.join("\n")).toMatch(/% of draws lie outside the prior's support/);
  });

  it("of which some were refused: those are counted, and the others judged", () => {
    const scored = closedForm(100, 39, 1, 3);
    const draws = scored.draws.map((x, at) => (at < 5 * 39 ? Number.NaN : x));
    const found = diagnoseDraws({ ...scored, draws }, { data: scored.data });
    expect(found).toMatchObject({ simulations: 95, refused: 5, calibrated: true });
    expect(found.verdict).toContain("5 of 100 data sets were refused, and are not judged");
  });

  it("without any data: posterior means and spreads stand for them", () => {
    const random = stream("by-moments");
    const { draws, truth, names } = closedForm(400, 63, 1, 5);
    expect(diagnoseDraws({ draws, truth, names }).calibrated).toBe(true);
    // Widths that have nothing to do with the data, right on average.
    const each = Array.from({ length: 400 }, () => Math.exp(random.normal()));
    const uneven = draws.map((x, at) => {
      const i = Math.floor(at / 63);
      const own = draws.subarray(i * 63, (i + 1) * 63);
      const mean = own.reduce((a, b) => a + b, 0) / 63;
      return mean + (each[i] ?? 1) * (x - mean);
    });
    expect(diagnoseDraws({ draws: uneven, truth, names }).calibrated).toBe(false);
  });

  it("that are too few is an error", () => {
    expect(() => diagnosed(10, 39, 1, 1)).toThrow(
      /20 answered data sets and 20 draws of each, but there are 10 and 39/,
    );
  });

  it("of which nothing can be said are errors that name the number: infinite, in units of which squares overflow, without names of their own", () => {
    const right = closedForm(40, 39, 2, 9);
    const changed = (values: Float32Array | Float64Array, at: number, value: number) =>
      Float64Array.from(values, (x, i) => (i === at ? value : x));
    const [draws, truth] = [Float64Array.from(right.draws), Float64Array.from(right.truth)];
    expect(() =>
      diagnoseDraws({ ...right, draws: changed(draws, 3 * 39 * 2 + 5, Infinity) }),
    ).toThrow(/a draw of theta1 in data set 3 is Infinity: true values and draws must be finite/);
    expect(() => diagnoseDraws({ ...right, truth: changed(truth, 8, NaN) })).toThrow(
      /a true value of theta0 in data set 4 is NaN/,
    );
    for (const unit of [1e300, 1e-300]) {
      const own = { draws: draws.map((x) => unit * x), truth: truth.map((x) => unit * x) };
      expect(() => diagnoseDraws({ ...right, ...own })).toThrow(
        /give the parameter in another unit/,
      );
    }
    expect(() => diagnoseDraws({ ...right, names: ["a", "a"] })).toThrow(
      /each parameter needs a name of its own, but the names are "a", "a"/,
    );
  });
});

describe("pictures and reports", () => {
  const scored = closedForm(300, 39, 2, 12);
  const diagnosis = diagnoseDraws(scored, { data: scored.data });

  it("have all that users expect, and stay small", () => {
    const svg = diagnosisFigure(diagnosis);
    for (const title of ["ranks", "rank histogram", "coverage", "recovery", "z-scores"]) {
      expect(svg).toContain(`theta1: ${title}`);
    }
    expect(svg).toContain("TARP");
    expect(svg).toContain("joint coverage");
    const html = diagnosisReport(diagnosis, { title: "a <b>" });
    expect(html).toContain("<h1>a &lt;b&gt;</h1>");
    expect(html.length).toBeLessThan(2e6);
  });

  it("show eight parameters of many, those with the smallest p-values", () => {
    const many = closedForm(60, 21, 12, 13);
    const found = diagnoseDraws(many, { data: many.data });
    const svg = diagnosisFigure(found);
    expect(svg).toContain("the 8 parameters with the smallest p-values of 12");
    expect(diagnosisReport(found).length).toBeLessThan(2e6);
  });

  it("losses: which epoch is kept", () => {
    const record = { step: 0, learningRate: 0.1, seconds: 1 };
    const history = [1, 2, 3].map((epoch) => ({
      ...record,
      epoch,
      trainingLoss: 3 - epoch,
      validationLoss: epoch === 2 ? 1 : 2,
    }));
    expect(lossFigure(history, 2)).toContain("kept: the weights of epoch 2");
  });

  it("documents have numbers without those of each data set", () => {
    const text = JSON.stringify(diagnosisDocument(diagnosis));
    expect(text.length).toBeLessThan(20_000);
    expect(JSON.parse(text)).toMatchObject({ calibrated: true, simulations: 300 });
  });
});
