/**
 * Scores with standard errors, comparisons, power scaling and Pareto-smoothed weights.
 */
import { describe, expect, it } from "vitest";
import {
  compareAnswers,
  convergence,
  powerScaling,
  precisionScores,
  riskByParameter,
  scoreDraws,
} from "../../src/diagnostics/index.js";
import { columnOf, layOut, type ScoredDraws } from "../../src/diagnostics/scored-draws.js";
import { weightedDistance } from "../../src/diagnostics/power-scaling.js";
import { stream } from "../../src/random/index.js";
import { paretoSmooth, trustedShape } from "../../src/samplers/index.js";
import { meanOf, sdOf } from "../../src/posterior/index.js";
import golden from "../fixtures/calibration-golden.json" with { type: "json" };
import { closedForm } from "./closed-form.js";

function momentsOf(scored: ScoredDraws) {
  const { size, each } = layOut(scored);
  const { draws, truth } = columnOf(scored, 0);
  const own = Array.from({ length: size }, (_, i) => draws.subarray(i * each, (i + 1) * each));
  return { truth, mean: Float64Array.from(own, meanOf), sd: Float64Array.from(own, sdOf) };
}

describe("contraction, z-scores and recovery", () => {
  it("are what theory says, within their standard errors", () => {
    const { truth, mean, sd } = momentsOf(closedForm(3000, 200, 1, 1));
    const { contraction, zScore, zScale, recovery } = precisionScores(truth, mean, sd, 1);
    expect(Math.abs(contraction.value - 0.5)).toBeLessThan(4 * contraction.standardError + 0.001);
    expect(Math.abs(zScore.value)).toBeLessThan(4 * zScore.standardError);
    // Means and sds of 200 draws add a part of about 1/200.
    expect(Math.abs(zScale.value - 1)).toBeLessThan(4 * zScale.standardError + 0.008);
    expect(Math.abs(recovery.value - Math.SQRT1_2)).toBeLessThan(
      4 * recovery.standardError + 0.002,
    );
    // Fisher: (1 - r²) / √n of normal pairs.
    expect(recovery.standardError).toBeCloseTo(0.5 / Math.sqrt(3000), 3);
  });

  it("z-scores do not cancel over data sets: posteriors 2.5 times too narrow have scores 2.5 times too large, whose signed median is zero", () => {
    const { truth, mean, sd } = momentsOf(closedForm(1000, 100, 1, 2, { scale: 0.4 }));
    const { zScore, zScale } = precisionScores(truth, mean, sd, 1);
    expect(Math.abs(zScore.value)).toBeLessThan(0.3);
    expect(zScale.value).toBeGreaterThan(2.2);
  });
});

describe("comparisons", () => {
  it("find the better of two on the same data sets, which scores of each alone would not tell apart", () => {
    const [right, wide] = [closedForm(400, 60, 2, 3), closedForm(400, 60, 2, 3, { scale: 1.3 })];
    const logDensity = ({ truth, data }: typeof right, scale: number) =>
      Float64Array.from({ length: 400 }, (_, i) =>
        [0, 1].reduce((sum, k) => {
          const at = 2 * i + k;
          const m = ((data[2 * at] ?? 0) + (data[2 * at + 1] ?? 0)) / 4;
          return sum - (((truth[at] ?? 0) - m) / scale) ** 2 - Math.log(scale);
        }, 0),
      );
    const found = compareAnswers(
      { ...wide, logDensities: logDensity(wide, 1.3) },
      { ...right, logDensities: logDensity(right, 1) },
    );
    const { energyScore, logScore, parameters } = found;
    expect(energyScore.value).toBeGreaterThan(3 * energyScore.standardError);
    // KL of N(m, 1/2) from one 1.3 times as wide, of two parameters: 2 (log 1.3 + (1 / 1.69 - 1) / 2).
    const expected = 2 * (Math.log(1.3) + (1 / 1.69 - 1) / 2);
    expect(Math.abs((logScore?.value ?? NaN) - expected)).toBeLessThan(
      4 * (logScore?.standardError ?? 0),
    );
    for (const { crps } of parameters) {
      expect(crps.value).toBeGreaterThan(0);
      const alone = scoreDraws(right)["theta0"]?.crps.standardError ?? NaN;
      expect(crps.standardError).toBeLessThan(alone / 2);
    }
    expect(() => compareAnswers(right, closedForm(400, 60, 2, 4))).toThrow(/same data sets/);
  });

  it("risk by θ finds the half of the space in which an estimator is bad", () => {
    const scored = closedForm(2000, 60, 1, 5, { shift: -2, above: true });
    const { squaredError } = scoreDraws(scored)["theta0"] ?? {};
    const bins = riskByParameter(squaredError?.each ?? [], scored.truth, 4);
    const [lowest, highest] = [bins[0]?.score, bins[3]?.score];
    expect((highest?.value ?? 0) - (lowest?.value ?? 0)).toBeGreaterThan(
      4 * (highest?.standardError ?? Infinity),
    );
  });
});

describe("power scaling", () => {
  const { values, logPrior, sensitivity, distance } = golden.powerScaling;

  it("is ArviZ's, and so is the distance of weighted draws", () => {
    const logLikelihood = values.map(() => 0);
    const [found] = powerScaling({ draws: values, names: ["x"], logPrior, logLikelihood });
    expect(found?.prior).toBeCloseTo(sensitivity, 10);
    expect(found?.likelihood).toBeCloseTo(0, 5);
    expect(found?.finding).toBe("strong prior or weak likelihood");
    // ArviZ's fixture is of the values in one order; the larger of both orders is at least that.
    const weights = logPrior.map(Math.exp);
    const total = weights.reduce((a, b) => a + b, 0);
    const own = weightedDistance(
      Float64Array.from(values),
      Float64Array.from(weights, (weight) => weight / total),
    );
    expect(own).toBeGreaterThanOrEqual(distance - 1e-12);
  });

  it("says conflict where prior and data pull apart, and nothing where data decide", () => {
    // N(0, 1) prior, one datum y with variance v.
    const findingOf = (y: number, v: number) => {
      const random = stream("power").split(String(y));
      const precision = 1 + 1 / v;
      const draws = Float64Array.from(
        { length: 4000 },
        () => y / v / precision + random.normal() / Math.sqrt(precision),
      );
      const [found] = powerScaling({
        draws,
        names: ["theta"],
        logPrior: draws.map((x) => -0.5 * x * x),
        logLikelihood: draws.map((x) => (-0.5 * (x - y) ** 2) / v),
      });
      return found?.finding;
    };
    expect(findingOf(8, 1)).toBe("prior-data conflict");
    expect(findingOf(0.5, 0.001)).toBe("none");
    expect(findingOf(0.5, 1000)).toBe("strong prior or weak likelihood");
    expect(() =>
      powerScaling({
        draws: [1, 2],
        names: ["x"],
        logPrior: [0, -Infinity],
        logLikelihood: [0, 0],
      }),
    ).toThrow(/that of draw 1 is -Infinity/);
  });
});

describe("Pareto-smoothed weights", () => {
  it("and their shape are ArviZ 0.23's", () => {
    for (const { logWeights, smoothed, k } of golden.pareto) {
      const found = paretoSmooth(logWeights);
      expect(found.k).toBeCloseTo(k, 8);
      for (const [i, value] of found.logWeights.entries()) {
        expect(value).toBeCloseTo(smoothed[i] ?? NaN, 8);
      }
    }
    expect(trustedShape(100)).toBe(0.5);
    expect(trustedShape(1e6)).toBe(0.7);
  });

  it("have the shape of their law: of proposals half as wide as a normal target, k = 3/4", () => {
    // w(x) of N(0, 1) over N(0, s²) has P(w > t) ~ t^(-1/k), k = 1 - s², up to logarithms, which make the estimate a little high.
    const random = stream("pareto");
    const logWeights = Float64Array.from({ length: 100_000 }, () => {
      const z = random.normal();
      return -0.5 * 0.25 * z * z + 0.5 * z * z;
    });
    expect(Math.abs(paretoSmooth(logWeights).k - 0.75)).toBeLessThan(0.15);
    expect(() => paretoSmooth([NaN, 1])).toThrow(/was given NaN/);
    expect(paretoSmooth([0, -Infinity]).effective).toBeCloseTo(1, 12);
  });
});

describe("convergence of chains", () => {
  const random = stream("chains");
  const normals = (n: number, scale: (i: number) => number, shift: (i: number) => number) =>
    Float64Array.from({ length: n }, (_, i) => shift(i) + scale(i) * random.normal());
  const one = (): number => 1;
  const none = (): number => 0;

  it("effective sizes of antithetic chains are above their number of draws, and no negative number as NumPyro says", () => {
    const antithetic = (): Float64Array => {
      let x = random.normal();
      return Float64Array.from(
        { length: 1000 },
        () => (x = -0.9 * x + Math.sqrt(1 - 0.81) * random.normal()),
      );
    };
    const { bulkEss } = convergence([antithetic(), antithetic()]);
    expect(bulkEss).toBeGreaterThan(2000);
  });

  it("R-hat sees chains of other scales, and chains that drift, as NumPyro's and BlackJAX's do not", () => {
    const same = convergence([normals(1000, one, none), normals(1000, one, none)]);
    expect(same.rHat).toBeLessThan(1.01);
    const scales = convergence([normals(1000, one, none), normals(1000, () => 3, none)]);
    expect(scales.rHat).toBeGreaterThan(1.05);
    const drift = (i: number): number => (4 * i) / 1000 - 2;
    const drifting = convergence([normals(1000, one, drift), normals(1000, one, drift)]);
    expect(drifting.rHat).toBeGreaterThan(1.1);
  });
});
