/**
 * Patterns of data: what they are of data for which that is known, and that they tell data with less noise than the model has, or more regular than it allows, from its own.
 */
import { describe, expect, it } from "vitest";
import { specsOf, type DataSpec } from "../../src/data/array-spec.js";
import { DataSets } from "../../src/data/data-sets.js";
import { patternsOf } from "../../src/data/patterns.js";
import { normalScore, quantileTable } from "../../src/data/quantile-table.js";
import { judge } from "../../src/data/typicality.js";
import { grid, missing, series, set } from "../../src/data/index.js";
import { defineModel, nle, normal, npe, train, uniform } from "../../src/index.js";
import { learnTypicality } from "../../src/training/learn-typicality.js";
import { stream, type Stream } from "../../src/random/index.js";

function setsOf(data: DataSpec, columns: Readonly<Record<string, readonly number[]>>): DataSets {
  const floats = Object.entries(columns).map(
    ([name, values]) => [name, Float64Array.from(values)] as const,
  );
  const specs = specsOf(data);
  return new DataSets(specs, 1, Object.fromEntries(floats));
}

/** Patterns of one data set, by name. */
function one(sets: DataSets): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(patternsOf(sets).map(({ name, values }) => [name, values[0]]));
}

describe("patterns", () => {
  it("are of all that is there", () => {
    // Mean 2, variance 2, squares of largest deviations 4.
    const found = one(setsOf({ y: [5] }, { y: [0, 1, 2, 3, 4] }));
    expect(found["the mean of y"]).toBeCloseTo(2, 12);
    expect(found["the variance of y"]).toBeCloseTo(Math.log(2), 12);
    expect(found["the largest deviation of y"]).toBeCloseTo(Math.log(2), 12);
    expect(found["the steps of y"]).toBeCloseTo(0, 12);
    expect(found["the roughness of y"]).toBeLessThan(-60);
  });

  it("leave out what is missing", () => {
    const y = [0, 1, NaN, 3, 4, 5, NaN];
    const found = one(setsOf({ y: missing(series(7)) }, { y }));
    expect(found["the mean of y"]).toBeCloseTo(13 / 5, 12);
    expect(found["the steps of y"]).toBeCloseTo(0, 12);
    const none = one(setsOf({ y: missing(series(4)) }, { y: [1, NaN, NaN, 2] }));
    expect(none["the variance of y"]).toBeNaN();
  });

  it("are along each axis of a grid", () => {
    // x + 10 y² on a grid: straight along the last axis, of second differences -10 along the first.
    const z = Array.from({ length: 12 }, (_, i) => (i % 4) + 10 * Math.floor(i / 4) ** 2);
    const found = one(setsOf({ z: grid(3, 4) }, { z }));
    expect(found["the roughness of z along axis 1"]).toBeLessThan(-50);
    expect(found["the roughness of z along axis 0"]).toBeCloseTo(Math.log(100), 10);
    expect(found["the steps of z along axis 0"]).toBeCloseTo(Math.log(100), 10);
  });

  it("hold channels, and arrays of as many elements, against each other", () => {
    const x = [3, 1, 2, 5, 4, 0];
    const curve = x.map((value) => value ** 2);
    const line = x.map((value) => 2 * value - 1);
    const ofSet = one(
      setsOf({ xy: set(6, { of: 2 }) }, { xy: x.flatMap((v, i) => [v, line[i] ?? 0]) }),
    );
    // A straight line leaves nothing: of the variance 4 · 35 / 12 the part 1e-12 that is added.
    expect(ofSet["what other channels leave of channel 1 of xy"]).toBeLessThan(-24);
    expect(ofSet["the roughness of channel 1 of xy in the order of channel 0 of xy"]).toBeLessThan(
      -60,
    );
    const apart = one(setsOf({ x: [6], y: [6] }, { x, y: curve }));
    // Second differences of squares are 2, so that pseudo-residuals are -1, of variance 1.5 of that of the numbers.
    expect(apart["the roughness of y in the order of x"]).toBeCloseTo(Math.log(1 / 1.5), 10);
    expect(apart["what other channels leave of y"]).toBeCloseTo(
      Math.log(varianceLeft(x, curve)),
      8,
    );
  });
});

/** Variance that a straight line in x leaves of y. */
function varianceLeft(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const product = (a: readonly number[], b: readonly number[]) =>
    mean(a.map((value, i) => (value - mean(a)) * ((b[i] ?? 0) - mean(b))));
  return product(y, y) - product(x, y) ** 2 / product(x, x);
}

describe("normal scores", () => {
  const table = quantileTable(Float64Array.from({ length: 1001 }, (_, i) => i / 1000));

  it("are Φ⁻¹ of ranks", () => {
    expect(normalScore(table, 0.5)).toBeCloseTo(0, 10);
    // Between quantiles a quarter apart they are interpolated: that errs by a hundredth here.
    expect(normalScore(table, 0.975)).toBeCloseTo(1.96, 1);
    expect(normalScore(table, Number.NaN)).toBe(0);
  });

  it("go on beyond all values, and are in the middle of those that are equal", () => {
    expect(normalScore(table, -1)).toBeLessThan(-8);
    expect(normalScore(table, 2)).toBeGreaterThan(8);
    const counts = quantileTable(Float64Array.from({ length: 1000 }, (_, i) => (i < 500 ? 0 : 1)));
    // Half of the quantiles, from -3 to -0.25.
    expect(normalScore(counts, 0)).toBe(-1.625);
    const constant = quantileTable(new Float64Array(50).fill(7));
    expect(normalScore(constant, 7)).toBe(0);
    expect(normalScore(constant, 7.1)).toBeGreaterThan(100);
  });
});

describe("a check of data by patterns alone", () => {
  const judged = (make: (random: Stream) => readonly number[], size: number, seed: string) => {
    const random = stream(seed);
    const y = Float64Array.from(Array.from({ length: size }, () => make(random)).flat());
    const sets = new DataSets(specsOf({ y: [8] }), size, { y });
    return { sets, summaries: new Float32Array() };
  };
  const counts = (random: Stream): readonly number[] => {
    const rate = Math.exp(2 + 1.5 * random.normal());
    return Array.from({ length: 8 }, () => random.poisson(rate));
  };
  const known = learnTypicality(judged(counts, 2000, "counts"), judged(counts, 500, "held"), 0);
  const pValues = (make: (random: Stream) => readonly number[], size = 1) =>
    (known && judge(judged(make, size, "asked"), known)?.pValues) ?? new Float64Array();

  it("has its share of false alarms", () => {
    const found = pValues(counts, 4000);
    for (const level of [0.01, 0.05, 0.2]) {
      const share = found.filter((p) => p < level).length / 4000;
      // Three standard errors, of the held-out set and of the fresh one.
      const error = 3 * Math.sqrt(level / 500 + level / 4000);
      expect(share).toBeLessThan(level + error);
      expect(share).toBeGreaterThan(level - error);
    }
  });

  it("finds counts that vary less than a Poisson distribution's, and more", () => {
    expect(pValues(() => Array<number>(8).fill(100))[0]).toBeLessThan(0.01);
    expect(pValues(() => [100, 101, 99, 100, 102, 98, 100, 101])[0]).toBeLessThan(0.01);
    expect(pValues(() => [10, 200, 30, 150, 90, 20, 180, 60])[0]).toBeLessThan(0.01);
    expect(pValues(() => [100, 112, 99, 90, 102, 93, 110, 101])[0]).toBeGreaterThan(0.05);
  });
});

describe("data without any noise, where the model has some", () => {
  const line = defineModel({
    name: "line",
    parameters: { slope: normal(0, 1), noise: uniform(0.1, 2) },
    data: { y: [20] },
    simulate: ({ slope, noise }, random) => ({
      y: Array.from({ length: 20 }, (_, i) => (slope * i) / 20 + noise * random.normal()),
    }),
  });
  const clean = Array.from({ length: 20 }, (_, i) => (0.7 * i) / 20);
  const noisy = clean.map((value, i) => value + 0.8 * Math.sin(12.9 * i * i));
  const y = Float64Array.from([...clean, ...noisy]);
  const options = {
    simulations: 2000,
    epochs: 3,
    seed: 1,
    workers: 0,
    threads: 1,
    validation: 0.15,
    progress: false,
  } as const;

  it("are warned of, and have no answer of networks alone that is to be trusted", async () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const trained = await train(npe(line, { members: 1 }), { ...options, onWarning });
    warnings.length = 0;
    const fine = await trained.given({ y: noisy }, { samples: 50, answer: "trusted" });
    expect(fine.label).toBe("amortized");
    expect(fine.typicality).toBeGreaterThan(0.05);
    expect(warnings).toEqual([]);
    const both = await trained.givenBatch({ y }, { samples: 50, answer: "trusted" });
    expect(both.answers.map(({ label }) => label)).toEqual(["refused", "amortized"]);
    expect(both.answers[0]?.typicality).toBeLessThan(0.01);
    expect(warnings.join()).toMatch(/number 0 \(p = 0\.00\d+, by the roughness of y, too small/);
    await trained.release();
  });

  it("are found where nothing is learned of summaries as well", async () => {
    const trained = await train(nle(line, { members: 1 }), {
      ...options,
      simulations: 500,
      epochs: 1,
      validation: 0.4,
      onWarning: () => {},
    });
    const found = await trained.typicality({ y });
    expect(found?.[0]).toBeLessThan(0.01);
    expect(found?.[1]).toBeGreaterThan(0.05);
    await trained.release();
  });
});
