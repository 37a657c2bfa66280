import { describe, expect, it } from "vitest";
import {
  average,
  crps,
  crpsOfDensity,
  difference,
  energyScore,
  energyScores,
  intervalScore,
  logScores,
  medianOf,
  ratio,
  ratioOfRoots,
  reviewCov90,
  reviewMcrps,
  reviewMis90,
  reviewRmspe,
  rootMeanSquare,
  scoreDraws,
  scoreMarginal,
} from "../../src/diagnostics/index.js";
import { logNormalDensity, normalCdf, normalQuantile } from "../../src/math/index.js";
import { stream } from "../../src/random/index.js";
import golden from "../fixtures/scores-golden.json" with { type: "json" };

/** Gneiting & Raftery 2007, equation 21. */
function crpsOfNormal(mean: number, sd: number, truth: number): number {
  const z = (truth - mean) / sd;
  const density = Math.exp(logNormalDensity(z));
  return sd * (z * (2 * normalCdf(z) - 1) + 2 * density - 1 / Math.sqrt(Math.PI));
}

const gridOf = (from: number, to: number, cells: number): Float64Array =>
  Float64Array.from({ length: cells + 1 }, (_, i) => from + ((to - from) * i) / cells);

describe("CRPS of draws", () => {
  it("is the mean over all distinct pairs", () => {
    const { values, truth, crps: expected } = golden.draws;
    expect(crps(values, truth)).toBeCloseTo(expected, 14);
    expect(crps(values.toReversed(), truth)).toBeCloseTo(expected, 14);
  });

  it("has no bias, however few the draws", () => {
    const random = stream(1);
    const each = Array.from({ length: 40_000 }, () =>
      crps([random.normal(), random.normal()], 0.7),
    );
    const { value, standardError } = average(each);
    expect(Math.abs(value - crpsOfNormal(0, 1, 0.7))).toBeLessThan(4 * standardError);
    expect(standardError).toBeLessThan(0.005);
  });

  it("is that of the distribution for many draws", () => {
    const random = stream(2);
    const draws = Float64Array.from({ length: 100_000 }, () => 1e6 + 0.1 * random.normal());
    // The error of a mean of 100,000 terms with an sd of about 0.1.
    expect(crps(draws, 1e6 + 0.2)).toBeCloseTo(crpsOfNormal(0, 0.1, 0.2), 2);
  });

  it("refuses fewer than two draws", () => {
    expect(() => crps([1], 0)).toThrow(/two draws or more, but 1/);
  });
});

describe("CRPS of a density", () => {
  it("is exact for piecewise linear densities", () => {
    for (const truth of [0, 0.3, 1]) {
      const expected = (truth ** 3 + (1 - truth) ** 3) / 3;
      expect(crpsOfDensity([0, 1], [7, 7], truth)).toBeCloseTo(expected, 14);
      expect(crpsOfDensity([0, 0.2, 1], [2, 2, 2], truth)).toBeCloseTo(expected, 14);
    }
    // F = x², θ = 0: ∫ (1 - x²)² = 8/15.
    expect(crpsOfDensity([0, 1], [0, 1], 0)).toBeCloseTo(8 / 15, 14);
  });

  it("counts the distance to a truth outside the grid", () => {
    expect(crpsOfDensity([0, 1], [1, 1], -2)).toBeCloseTo(2 + 1 / 3, 14);
    expect(crpsOfDensity([0, 1], [1, 1], 3)).toBeCloseTo(2 + 1 / 3, 14);
  });

  it("is the closed form for a normal density", () => {
    const grid = gridOf(-9, 9, 6_000);
    const density = grid.map((x) => Math.exp(logNormalDensity(x)));
    for (const truth of [-3, 0, 0.4, 2]) {
      expect(crpsOfDensity(grid, density, truth)).toBeCloseTo(crpsOfNormal(0, 1, truth), 6);
    }
  });

  it("is what quadrature of other distributions gives", () => {
    const gammaGrid = gridOf(0, 5, 20_000);
    const gammaDensity = gammaGrid.map((x) => x * Math.exp(-x / 0.1));
    for (const { truth, crps: expected } of golden.gamma) {
      expect(crpsOfDensity(gammaGrid, gammaDensity, truth)).toBeCloseTo(expected, 6);
    }
    const studentGrid = gridOf(-2_000, 2_000, 400_000);
    const studentDensity = studentGrid.map((x) => (1 + (x * x) / 4) ** -2.5);
    for (const { truth, crps: expected } of golden.student) {
      expect(crpsOfDensity(studentGrid, studentDensity, truth)).toBeCloseTo(expected, 5);
    }
  });

  it("refuses what is no density on a grid", () => {
    expect(() => crpsOfDensity([0, 0], [1, 1], 0)).toThrow(/must increase/);
    expect(() => crpsOfDensity([0, 1], [1, -1], 0)).toThrow(/never negative/);
    expect(() => crpsOfDensity([0, 1], [0, 0], 0)).toThrow(/zero throughout/);
    expect(() => crpsOfDensity([0, 1], [1], 0)).toThrow(/2 points and 1 values/);
  });
});

describe("other scores", () => {
  it("energy score is the mean over all distinct pairs, and the CRPS in one dimension", () => {
    const { draws, truth, score } = golden.energy;
    expect(energyScore(draws, truth)).toBeCloseTo(score, 14);
    expect(energyScore([1, 4, 2], [3])).toBeCloseTo(crps([1, 4, 2], 3), 14);
    expect(() => energyScore([1, 2, 3], [0, 0])).toThrow(/\[n, 2\]/);
  });

  it("interval score is least in expectation at the quantiles", () => {
    expect(intervalScore(0.1, 0.3, 0.35, 0.9)).toBeCloseTo(0.2 + 20 * 0.05, 12);
    expect(intervalScore(0.1, 0.3, 0.05, 0.9)).toBeCloseTo(0.2 + 20 * 0.05, 12);
    expect(intervalScore(0.1, 0.3, 0.2, 0.9)).toBeCloseTo(0.2, 12);
    expect(() => intervalScore(0, 1, 0, 1)).toThrow(/within \(0, 1\)/);
    const truths = Array.from({ length: 20_000 }, (_, i) => normalQuantile((i + 0.5) / 20_000));
    const mean = (half: number): number =>
      average(truths.map((truth) => intervalScore(-half, half, truth, 0.9))).value;
    const best = normalQuantile(0.95);
    expect(mean(best)).toBeLessThan(mean(best * 0.95));
    expect(mean(best)).toBeLessThan(mean(best * 1.05));
  });

  it("log score is the mean negative log-density", () => {
    expect(logScores([-1, -2, 0]).value).toBeCloseTo(1, 14);
  });
});

describe("averages", () => {
  const random = stream(3);
  const noise = (n: number): Float64Array =>
    Float64Array.from({ length: n }, () => random.normal());

  it("have the standard error of their mean", () => {
    const { value, standardError } = average([1, 2, 3, 4]);
    expect(value).toBe(2.5);
    expect(standardError).toBeCloseTo(Math.sqrt(5 / 3 / 4), 14);
    expect(average([2]).standardError).toBeNaN();
    expect(() => average([])).toThrow(/one data set or more/);
  });

  it("say how far ratios, differences and root mean squares vary between samples of data sets", () => {
    const n = 200;
    const runs = Array.from({ length: 2_000 }, () => {
      const shared = noise(n);
      const b = average(shared.map((x) => 5 + x));
      const a = average(noise(n).map((x, i) => 6 + (shared[i] ?? 0) + 0.5 * x));
      const roots = ratioOfRoots(a, b);
      const rms = rootMeanSquare(shared);
      return { ratio: ratio(a, b), roots, difference: difference(a, b), rms };
    });
    for (const key of ["ratio", "roots", "difference", "rms"] as const) {
      const values = runs.map((run) => run[key].value);
      const mean = average(values);
      const spread = mean.standardError * Math.sqrt(runs.length);
      const claimed = average(runs.map((run) => run[key].standardError)).value;
      // An sd of 2,000 values has a relative error of 1.6 %.
      expect(Math.abs(claimed / spread - 1)).toBeLessThan(0.07);
      const expected = { ratio: 1.2, roots: Math.sqrt(1.2), difference: 1, rms: 1 }[key];
      expect(Math.abs(mean.value - expected)).toBeLessThan(4 * mean.standardError + 0.002);
    }
  });

  it("are compared over the same data sets only", () => {
    expect(() => ratio(average([1, 2]), average([1]))).toThrow(/same data sets/);
  });
});

describe("scores of draws", () => {
  // θ ~ N(0, 1), Z | θ ~ N(θ, 1): the posterior is N(Z / 2, 1/2).
  const [size, each] = [4_000, 200];
  const random = stream(4);
  const truth = new Float64Array(size * 2);
  const draws = new Float32Array(size * each * 2);
  for (let i = 0; i < size; i++) {
    for (const k of [0, 1]) {
      const theta = random.normal();
      truth[2 * i + k] = theta;
      const centre = (theta + random.normal()) / 2;
      for (let j = 0; j < each; j++) {
        draws[(i * each + j) * 2 + k] = centre + Math.SQRT1_2 * random.normal();
      }
    }
  }

  it("of the exact posterior are what theory says, for each parameter", () => {
    const scores = scoreDraws({ draws, truth, names: ["a", "b[0]"] });
    expect(Object.keys(scores)).toEqual(["a", "b[0]"]);
    for (const { rmse, bias, crps, intervalScore, coverage, level } of Object.values(scores)) {
      expect(level).toBe(0.9);
      // Means of 200 draws add 1/200 of the posterior variance.
      const rootVariance = Math.sqrt(0.5 * (1 + 1 / each));
      expect(Math.abs(rmse.value - rootVariance)).toBeLessThan(4 * rmse.standardError);
      expect(Math.abs(bias.value)).toBeLessThan(4 * bias.standardError);
      // E CRPS = sd / √π.
      const expected = Math.sqrt(0.5 / Math.PI);
      expect(Math.abs(crps.value - expected)).toBeLessThan(4 * crps.standardError);
      expect(Math.abs(coverage.value - 0.9)).toBeLessThan(4 * coverage.standardError + 0.01);
      // E = 2 sd φ(q) / (α / 2), and a little more for quantiles of 200 draws.
      const q = normalQuantile(0.95);
      const ideal = (2 * Math.SQRT1_2 * Math.exp(logNormalDensity(q))) / 0.05;
      expect(Math.abs(intervalScore.value - ideal)).toBeLessThan(
        4 * intervalScore.standardError + 0.02 * ideal,
      );
    }
  });

  it("fit together with the energy score", () => {
    const few = {
      draws: draws.subarray(0, 10 * each * 2),
      truth: truth.subarray(0, 20),
      names: ["a", "b"],
    };
    const energy = energyScores(few);
    const { a, b } = scoreDraws(few);
    expect(energy.each.length).toBe(10);
    expect(energy.value).toBeGreaterThan(Math.max(a?.crps.value ?? 0, b?.crps.value ?? 0));
    expect(energy.value).toBeLessThan((a?.crps.value ?? 0) + (b?.crps.value ?? 0));
  });

  it("refuse arrays that do not fit", () => {
    expect(() => scoreDraws({ draws: [1, 2, 3], truth: [1, 2], names: ["a"] })).toThrow(/3 and 2/);
    const one = { truth: [1], mean: [1], lower: [0], upper: [2], level: 0.9 };
    expect(() => scoreMarginal({ ...one, crps: [] })).toThrow(/values of crps are needed, but 0/);
  });
});

describe("the review's scores", () => {
  it("are medians of what it names", () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 2, 3])).toBe(2.5);
    expect(medianOf([])).toBeNaN();
    expect(reviewRmspe([1, 2, 9], [1.1, 2.3, 3])).toBeCloseTo(0.3, 12);
    expect(reviewMis90([0, 0, 0], [1, 1, 1], [0.5, 1.1, 5])).toBeCloseTo(3, 12);
    expect(reviewMcrps([0, 2, 0, 4, 0, 6], [1, 1, 1])).toBeCloseTo(1, 12);
    expect(reviewCov90([0, 0, 0, 0], [1, 1, 1, 1], [0.5, 0, 2, 1]).value).toBe(0.75);
  });
});
