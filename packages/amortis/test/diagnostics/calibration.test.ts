/**
 * Calibration tests: their numbers by other implementations, their false alarms under right posteriors, and what they find.
 */
import { describe, expect, it } from "vitest";
import {
  centralLevels,
  coverageOf,
  dataAveragedTest,
  energyDistance,
  fractionalRanks,
  hpdLevels,
  jointRanks,
  learnedRanks,
  localC2st,
  posteriorSbc,
  rankScores,
  tarp,
  testQuantities,
  uniformity,
  type ScoredDraws,
} from "../../src/diagnostics/index.js";
import { rankSum } from "../../src/diagnostics/conformal-c2st.js";
import { columnOf } from "../../src/diagnostics/scored-draws.js";
import { countsOf } from "../../src/diagnostics/uniformity.js";
import { defineModel, normal } from "../../src/index.js";
import { stream } from "../../src/random/index.js";
import golden from "../fixtures/calibration-golden.json" with { type: "json" };
import { closedForm, type Fault } from "./closed-form.js";

const ranksOf = (scored: ScoredDraws, seed = 1, place = 0): Float64Array => {
  const { draws, truth } = columnOf(scored, place);
  return fractionalRanks(draws, truth, stream("ties").split(seed));
};

describe("what other implementations give", () => {
  const { truth, draws, references, each, ranks, ecp, alpha } = golden.sbi;
  const scored = { truth, draws, names: ["a", "b"] };

  it("ranks are those of sbi", () => {
    const own = [0, 1].map((k) => ranksOf(scored, 1, k).map((u) => Math.floor(u * (each + 1))));
    expect(ranks.map((_, at) => own[at % 2]?.[Math.floor(at / 2)])).toEqual(ranks);
  });

  it("TARP's curve is that of sbi, at the same references", () => {
    const covered = Array.from(
      tarp(scored, { references }).ranks,
      (u) => Math.floor(u * (each + 1)) / each,
    );
    // sbi's edges are in single precision, and its last bin holds its upper edge.
    const shares = alpha.map((edge, k) =>
      k === alpha.length - 1
        ? 1
        : covered.filter((share) => share < edge - 1e-6).length / covered.length,
    );
    for (const [k, share] of shares.entries()) expect(share).toBeCloseTo(ecp[k] ?? NaN, 6);
  });

  it("bands of the distribution function are ArviZ's", () => {
    const points = Float64Array.from(golden.bands.points);
    for (const { n, lower, upper } of golden.bands.of) {
      const band = countsOf(n, points).band(0.95);
      // ArviZ stops its search within a tolerance, which may be one count at a point.
      const differ = [...lower, ...upper].filter(
        (count, k) => count !== [...band.lower, ...band.upper][k],
      );
      expect(differ.length).toBeLessThanOrEqual(2);
      expect(
        Math.max(...lower.map((count, k) => Math.abs(count - (band.lower[k] ?? NaN)))),
      ).toBeLessThanOrEqual(1);
      expect(
        Math.max(...upper.map((count, k) => Math.abs(count - (band.upper[k] ?? NaN)))),
      ).toBeLessThanOrEqual(1);
    }
  });

  it("the energy distance is numpy's over all pairs", () => {
    const { x, y, distance } = golden.energy;
    expect(energyDistance(Float32Array.from(x), Float32Array.from(y), 2)).toBeCloseTo(distance, 5);
  });

  it("the conformal test of scores is scipy's rank-sum test", () => {
    const { scores, first, auc, pValue } = golden.rankSum;
    const found = rankSum(Float64Array.from(scores), first);
    expect(found.auc).toBeCloseTo(auc, 12);
    expect(found.pValue).toBeCloseTo(pValue, 8);
  });
});

describe("the uniformity test", () => {
  it("has a p-value that is exact: of all samples of two values, by enumeration", () => {
    // Counts of two values in three cells: P(cells) is multinomial.
    const points = Float64Array.of(0.3, 0.6);
    const law = countsOf(2, points);
    const cells = [0.3, 0.3, 0.4];
    const outcomes = [0, 1, 2].flatMap((a) =>
      [0, 1, 2].flatMap((b) => {
        if (a + b > 2) return [];
        const ways = [1, 1, 2];
        const factorial = (k: number): number => ways[k] ?? 1;
        const probability =
          (2 * (cells[0] ?? 0) ** a * (cells[1] ?? 0) ** b * (cells[2] ?? 0) ** (2 - a - b)) /
          (factorial(a) * factorial(b) * factorial(2 - a - b));
        return [{ counts: [a, a + b], probability }];
      }),
    );
    for (const { counts } of outcomes) {
      const p = law.pValue(counts);
      const atMost = outcomes
        .filter((other) => law.pValue(other.counts) <= p + 1e-12)
        .reduce((sum, { probability }) => sum + probability, 0);
      expect(p).toBeCloseTo(atMost, 10);
    }
  });

  it("holds its level, and its band the same", () => {
    const runs = 1000;
    const random = stream("uniform");
    let [rejected, left] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const values = Float64Array.from({ length: 100 }, () => random.uniform());
      const { pValue, difference, lower, upper } = uniformity(values);
      if (pValue < 0.05) rejected++;
      const outside = difference.some(
        (d, k) => d < (lower[k] ?? NaN) - 1e-12 || d > (upper[k] ?? NaN) + 1e-12,
      );
      if (outside) left++;
    }
    // Counts are discrete, so that less than 5 % may be rejected, but not much less: 50 ± 21, three standard errors.
    for (const count of [rejected, left]) {
      expect(count).toBeLessThan(71);
      expect(count).toBeGreaterThan(15);
    }
  });

  it("refuses points that do not increase", () => {
    expect(() => countsOf(3, Float64Array.of(0.5, 0.5))).toThrow(/must increase within \(0, 1\)/);
  });
});

/** Every test of draws of one parameter or two, as a p-value. */
const TESTS: Readonly<
  Record<string, (scored: ReturnType<typeof closedForm>, seed: number) => number>
> = {
  ranks: (scored, seed) => uniformity(ranksOf(scored, seed)).pValue,
  "shift of ranks": (scored, seed) => rankScores(ranksOf(scored, seed)).shift.pValue,
  "spread of ranks": (scored, seed) => rankScores(ranksOf(scored, seed)).spread.pValue,
  "central coverage": (scored, seed) => coverageOf(centralLevels(ranksOf(scored, seed))).pValue,
  "joint ranks": (scored, seed) => uniformity(jointRanks(scored, stream(seed))).pValue,
  tarp: (scored, seed) => tarp(scored, { seed, bootstraps: 2 }).pValue,
  "data-averaged posterior": (scored, seed) => dataAveragedTest(scored, { seed, swaps: 99 }).pValue,
  "learned quantity": (scored, seed) => learnedRanks(scored, scored.data, seed).pValue,
};

describe("false alarms of each test under right posteriors", () => {
  it.each(Object.keys(TESTS))("%s: 5 %", (name) => {
    const runs = 200;
    let alarms = 0;
    for (let seed = 0; seed < runs; seed++) {
      if ((TESTS[name]?.(closedForm(60, 19, 2, seed), seed) ?? NaN) < 0.05) alarms++;
    }
    // Binomial: 10 ± 9.2, three standard errors; more is an error, less only for discrete counts.
    expect(alarms).toBeLessThan(10 + 3 * Math.sqrt(runs * 0.05 * 0.95));
  });
});

describe("what each test is for", () => {
  const found = (name: string, fault: Fault, n = 500): boolean =>
    (TESTS[name]?.(closedForm(n, 63, 2, 1, fault), 1) ?? NaN) <= 0.01;

  it.each([
    ["spread of ranks", { scale: 0.85 }],
    ["shift of ranks", { shift: 0.2 }],
    ["ranks", { shift: 0.2 }],
    ["joint ranks", { correlation: 0.6 }],
    ["data-averaged posterior", { prior: 1.5 }],
    ["learned quantity", { uses: "half" }],
    ["learned quantity", { uses: "nothing" }],
  ] as const)("%s finds %o", (name, fault) => {
    expect(found(name, fault)).toBe(true);
  });

  it("ranks do not see what a posterior that is the prior lacks, nor does TARP with draws of the prior", () => {
    for (const name of ["ranks", "joint ranks"])
      expect(found(name, { uses: "nothing" })).toBe(false);
  });

  it("TARP finds posteriors that are 2.5 times too narrow, twice too wide or shifted, as sbi 0.27's check_tarp does not", () => {
    for (const fault of [{ scale: 0.4 }, { scale: 2 }, { shift: 1 }]) {
      expect(found("tarp", fault, 200)).toBe(true);
    }
  });

  it("highest-density regions cover by their density", () => {
    // log q of exact posteriors N(m, 1/2), and of ones 0.7 times as wide.
    const [n, each] = [400, 63];
    const pValueOf = (scale: number): number => {
      const { draws, truth, data } = closedForm(n, each, 1, 5, { scale });
      const log = (x: number, i: number): number =>
        -(((x - ((data[2 * i] ?? 0) + (data[2 * i + 1] ?? 0)) / 4) / scale) ** 2);
      const levels = hpdLevels(
        draws.map((x, at) => log(x, Math.floor(at / each))),
        truth.map(log),
        stream(1),
      );
      return coverageOf(levels).pValue;
    };
    expect(pValueOf(1)).toBeGreaterThan(0.01);
    expect(pValueOf(0.7)).toBeLessThan(0.001);
    expect(() => coverageOf([0.5, 2])).toThrow(/within \[0, 1\], but that of data set 1 is 2/);
  });

  it("any quantity is tested as a parameter is", () => {
    const scored = closedForm(400, 63, 2, 3, { correlation: 0.8 });
    const product = testQuantities(scored, { product: ([a = 0, b = 0]) => a * b });
    expect(product.names).toEqual(["product"]);
    const difference = testQuantities(scored, { difference: ([a = 0, b = 0]) => a - b });
    // Neither parameter shows the correlation; their difference, which varies less, does.
    expect(uniformity(ranksOf(scored)).pValue).toBeGreaterThan(0.01);
    expect(rankScores(ranksOf(difference)).spread.pValue).toBeLessThan(1e-6);
  });
});

describe("ties", () => {
  it("of two values are broken at random: counts and labels are no fault", () => {
    const random = stream(4);
    const truth = Float64Array.from({ length: 1000 }, () => random.binomial(1, 0.5));
    const draws = Float64Array.from({ length: 50_000 }, () => random.binomial(1, 0.5));
    const ranks = fractionalRanks(draws, truth, random);
    expect(uniformity(ranks).pValue).toBeGreaterThan(0.01);
    expect(rankScores(ranks).spread.pValue).toBeGreaterThan(0.01);
  });

  it("of counts under their exact posteriors are no fault, as BayesFlow 2.1's log-gamma score says", () => {
    // A count of 0 .. 3 with equal chances, seen right with probability 0.7 and else replaced by one of the four.
    const random = stream(5);
    const [n, each] = [600, 50];
    const truth = new Float64Array(n);
    const draws = new Float64Array(n * each);
    for (let i = 0; i < n; i++) {
      truth[i] = Math.floor(4 * random.uniform());
      const seen = random.uniform() < 0.7 ? (truth[i] ?? 0) : Math.floor(4 * random.uniform());
      for (let j = 0; j < each; j++) {
        draws[i * each + j] = random.uniform() < 0.7 ? seen : Math.floor(4 * random.uniform());
      }
    }
    expect(uniformity(fractionalRanks(draws, truth, random)).pValue).toBeGreaterThan(0.01);
  });
});

describe("perfect ranks", () => {
  it("are uniform whatever their number, as sbi 0.27's c2st_ranks of .70 and .97 says they are not", () => {
    for (const n of [100, 1000]) {
      const perfect = Float64Array.from({ length: n }, (_, i) => (i + 0.5) / n);
      expect(uniformity(perfect).pValue).toBeGreaterThan(0.5);
    }
  });
});

describe("local tests", () => {
  const each = 99;
  /** L-C2ST at data of which the first number of the parameter is `a`. */
  const localAt = (a: number, fault: Fault, seed: number): number => {
    const scored = closedForm(500, 1, 1, seed, fault);
    const random = stream("local").split(seed);
    const own = Float64Array.from({ length: each }, () => {
      const faulty = fault.above !== true || a > 0;
      return a / 2 + Math.SQRT1_2 * (faulty ? (fault.scale ?? 1) : 1) * random.normal();
    });
    return localC2st(scored, scored.data, { swaps: 99, seed }).at(own, [a, a]).pValue;
  };

  it("L-C2ST raises false alarms as often as it says", () => {
    const runs = 100;
    const alarms = Array.from({ length: runs }, (_, seed) => localAt(1, {}, seed)).filter(
      (p) => p <= 0.05,
    );
    // 5 ± 6.5, three standard errors.
    expect(alarms.length).toBeLessThan(11.6);
  });

  it("and finds where posteriors are half as wide as they should be", () => {
    expect(localAt(1.5, { scale: 0.5 }, 1)).toBeLessThan(0.05);
    expect(() => localC2st(closedForm(50, 1, 1, 1), new Float64Array(75))).toThrow(
      /of each of 50 data sets/,
    );
  });

  it("posterior SBC: exact updates are right, and updates that count the data in hand twice are not", async () => {
    const model = defineModel({
      name: "normal",
      parameters: { theta: normal(0, 1) },
      data: { y: [1] },
      simulate: ({ theta }, random) => ({ y: [theta + random.normal()] }),
    });
    const [n, draws, y] = [300, 49, 2];
    const random = stream("posterior-sbc-test");
    // p(θ | y) = N(y / 2, 1 / 2); with y' as well N((y + y') / 3, 1 / 3).
    const parameters = Float64Array.from(
      { length: n },
      () => y / 2 + Math.SQRT1_2 * random.normal(),
    );
    const ranksBy = async (twice: number) =>
      ranksOf(
        await posteriorSbc(model, {
          parameters,
          workers: 0,
          answer: (fresh) => {
            const precision = 2 + twice;
            const means = Float64Array.from(
              fresh["y"] ?? [],
              (own) => (twice * y + own) / precision,
            );
            return Promise.resolve(
              Float64Array.from(
                { length: n * draws },
                (_, at) =>
                  (means[Math.floor(at / draws)] ?? NaN) + random.normal() / Math.sqrt(precision),
              ),
            );
          },
        }),
      );
    expect(uniformity(await ranksBy(1)).pValue).toBeGreaterThan(0.01);
    expect(uniformity(await ranksBy(4)).pValue).toBeLessThan(0.001);
    await expect(
      posteriorSbc(model, { parameters, workers: 0, answer: () => Promise.resolve([1, 2]) }),
    ).rejects.toThrow(/draws \[300, draws, 1\], but 2 values/);
  });
});
