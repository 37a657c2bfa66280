/**
 * Location and scale, and what networks see.
 */
import { compile, input } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it } from "vitest";
import { stream } from "../../src/index.js";
import { grid, missing, series, set, specOf, vector } from "../../src/data/array-spec.js";
import { DataSets } from "../../src/data/data-sets.js";
import { columnMoments, learnMoments, type Moments } from "../../src/data/moments.js";
import {
  presenceName,
  restoreOffsets,
  spread,
  withoutOffsets,
} from "../../src/data/standardization.js";
import {
  standardize,
  restoreSeen,
  logSlope,
  standardizeAll,
} from "../../src/data/standardization-graph.js";

const n = 2000;

/** n data sets of a width, by place. */
function column(width: number, draw: (place: number, u: () => number) => number): Float64Array {
  const random = stream("moments");
  const normal = (): number => random.normal();
  return Float64Array.from({ length: n * width }, (_, i) => draw(i % width, normal));
}

describe("who shares units", () => {
  const values = column(6, (place, e) => 10 ** (place % 3) * (3 + e()));
  it.each([
    ["each entry of a vector", vector(6), 6],
    ["all of a field", grid(2, 3), 1],
    ["each channel of a series", series(2, { channels: 3 }), 3],
    ["each number of an element", set(2, { of: 3 }), 3],
    ["each column of a plain table with few of them", specOf([2, 3]), 3],
  ])("%s", (_, spec, groups) => {
    const { mean } = learnMoments(values, spec, true);
    expect(mean).toHaveLength(groups);
    const apart = groups === 1 ? [] : mean.map((value, i) => Math.abs(value / 10 ** (i % 3) - 3));
    // 2,000 or 4,000 values with sd 10^k: five standard errors.
    expect(Math.max(0, ...apart)).toBeLessThan(5 / Math.sqrt(n));
  });

  it("entries of a plain array, along whichever axis they differ", () => {
    const wide = column(40, (place, e) => (place % 5 === 2 ? 1e4 : 1) * e());
    expect(learnMoments(wide, specOf([8, 5]), true).shape).toEqual([1, 5]);
    const tall = column(40, (place, e) => (place < 5 ? 1e4 : 1) * e());
    expect(learnMoments(tall, specOf([8, 5]), true).shape).toEqual([8, 1]);
    const alike = column(40, (_, e) => 7 + e());
    expect(learnMoments(alike, specOf([8, 5]), true).mean).toHaveLength(1);
  });
});

describe("moments", () => {
  it("are mean and standard deviation of ordinary columns, whatever their units", () => {
    const values = column(1, (_, e) => e());
    for (const [a, b] of [
      [0, 1],
      [5, 1e-6],
      [-3, 1e9],
    ] as const) {
      const { mean, sd, tails } = columnMoments(
        values.map((x) => a * b + b * x),
        1,
      );
      expect(tails).toBeUndefined();
      expect((mean[0] ?? 0) / b - a).toBeCloseTo(columnMoments(values, 1).mean[0] ?? 0, 6);
      expect((sd[0] ?? 0) / b).toBeCloseTo(columnMoments(values, 1).sd[0] ?? 0, 6);
    }
  });

  it("leave out what is not there, and say what was met", () => {
    const { mean, range } = learnMoments(
      Float64Array.of(1, Number.NaN, 3, 10, Number.NaN, 30),
      missing(vector(2)),
      true,
    );
    expect(mean).toEqual([2, 20]);
    expect(range).toEqual({ lower: [1, 10], upper: [3, 30] });
  });

  it("leave constant columns at zero", () => {
    expect(columnMoments(Float64Array.of(7, 7, 7), 1)).toMatchObject({ mean: [7], sd: [1] });
  });

  const decades: readonly (readonly [string, (e: () => number) => number])[] = [
    ["a scale over decades", (e) => Math.exp(3 * e())],
    [
      "the same with some noise, which makes a few negative",
      (e) => Math.exp(3 * e()) * (1 + 0.3 * e()),
    ],
    ["the same, negative", (e) => -Math.exp(3 * e())],
    ["a mixture of scales about zero", (e) => e() * Math.exp(3 * e())],
    ["counts", (e) => Math.floor(Math.exp(1 + 3 * e()))],
    ["Cauchy noise", (e) => e() / e()],
  ];
  it.each(decades)("of %s keep all levels apart", (_, draw) => {
    const values = column(1, (_place, e) => draw(e));
    const { tails, mean, sd } = columnMoments(values, 1);
    expect(tails).toBeDefined();
    const seen = values.map((x) => onHost(x, { mean, sd, ...(tails && { tails }) }));
    const sorted = seen.toSorted();
    const at = (share: number): number => sorted[Math.floor(share * n)] ?? 0;
    expect(Math.max(...seen.map(Math.abs))).toBeLessThan(8);
    // Quartiles and tails are as far apart as in distributions with light tails, not a hair's breadth.
    expect(at(0.75) - at(0.25)).toBeGreaterThan(0.5);
    expect(at(0.99) - at(0.5)).toBeGreaterThan(0.8);
  });

  it("of positive data over decades keep their levels apart, however many are large", () => {
    // Half of them about 10⁻³, half about 1: quartiles are as far apart as the tails, and say nothing of the lower half.
    const values = column(1, (_, e) => (e() < 0 ? 1e-3 : 1) * Math.exp(0.5 * e()));
    const tailsOf = (data: Float64Array) => learnMoments(data, vector(1), true).tails;
    const moments = learnMoments(values, vector(1), true);
    const levels = [1e-3, 2e-3, 1, 2].map((level) => onHost(level, moments));
    const [low = 0, twiceLow = 0, high = 0, twiceHigh = 0] = levels;
    expect((twiceLow - low) / (twiceHigh - high)).toBeGreaterThan(0.9);
    // Of a uniform distribution the 95 % point is nineteen times the 5 % point: no decades.
    const random = stream("uniform");
    expect(tailsOf(Float64Array.from({ length: n }, () => random.uniform()))).toBeUndefined();
    // Counts of which some are zero are linear, where they have no heavy tail; and so are parameters.
    expect(tailsOf(values.map((x) => Math.floor(100 * x)))).toBeUndefined();
    expect(columnMoments(values, 1).tails).toBeUndefined();
  });

  it("keep the smallest levels of scales over decades apart", () => {
    const values = column(1, (_, e) => Math.exp(3 * e()) * (1 + 0.2 * e()));
    const moments = columnMoments(values, 1);
    // Levels of 1 and of 10 % more, at the 1 % quantile and the 99 %: as far apart as logarithms are.
    const step = (level: number): number => onHost(1.1 * level, moments) - onHost(level, moments);
    expect(step(1e-3) / step(1)).toBeGreaterThan(0.8);
    expect(step(1e3) / step(1)).toBeCloseTo(1, 1);
  });
});

/** What `standardize` says of one value of a single column. */
function onHost(x: number, { mean, sd, tails }: Moments): number {
  const linear = (x - (mean[0] ?? 0)) / (sd[0] ?? 1);
  if (tails === undefined) return linear;
  const y = Math.asinh((x - (tails.center[0] ?? 0)) / (tails.width[0] ?? 1));
  return (y - (tails.mean[0] ?? 0)) / (tails.sd[0] ?? 1);
}

it("scales are mapped from zero, whatever their draws about the median", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const random = stream(seed);
    const halfCauchy = Float64Array.from({ length: 400 }, () =>
      Math.abs(random.normal() / random.normal()),
    );
    expect(learnMoments(halfCauchy, vector(1), true).tails?.center).toEqual([0]);
    // The same far from zero has its decades about its own location.
    const far = halfCauchy.map((value) => 1e3 + (random.uniform() < 0.5 ? value : -value));
    expect(
      Math.abs((learnMoments(far, vector(1), false).tails?.center[0] ?? 0) - 1e3),
    ).toBeLessThan(1);
  }
});

describe("in the graph", () => {
  it("columns over decades are mapped, and others are not", async () => {
    const x = input("x", ["batch", 2]);
    const moments: Moments = {
      mean: [1, 2],
      sd: [3, 4],
      tails: { center: [0, 0], width: [1e-3, 0], mean: [0.5, 0], sd: [2, 1] },
    };
    const program = await compile(
      {
        inputs: { x },
        outputs: {
          y: standardize(x, moments),
          back: restoreSeen(standardize(x, moments), moments),
          slope: logSlope(x, moments),
        },
      },
      nodeRuntime(),
    );
    const sizes = [0, 1e-6, 1e-3, 1, 1e3, 1e20, 1e34];
    const values = [...sizes, ...sizes.map((v) => -v)];
    const data = Float32Array.from(values.flatMap((v) => [v, v]));
    const { y, back, slope } = await program.run({
      x: { dtype: "float32", shape: [values.length, 2], data },
    });
    await program.release();
    for (const [i, value] of values.entries()) {
      const exact = (Math.asinh(value / 1e-3) - 0.5) / 2;
      expect(Math.abs(Number(y.data[2 * i]) - exact)).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(exact)),
      );
      expect(y.data[2 * i + 1]).toBeCloseTo(Math.fround((Math.fround(value) - 2) / 4), 4);
      // The way back, to what single precision has of an exponent up to 86.
      expect(Math.abs(Number(back.data[2 * i]) - value)).toBeLessThan(
        2e-5 * Math.abs(value) + 1e-9,
      );
      expect(Math.abs(Number(back.data[2 * i + 1]) - value)).toBeLessThan(
        1e-6 * (1 + Math.abs(value)),
      );
      const logSlopeThere = -Math.log(2) - Math.log(Math.hypot(value, 1e-3));
      expect(Number(slope.data[2 * i])).toBeCloseTo(logSlopeThere, 4);
      expect(Number(slope.data[2 * i + 1])).toBeCloseTo(-Math.log(4), 5);
    }
  });

  it("what lacks is zero, with indicators beside it", async () => {
    const specs = { y: missing([3]) };
    const y = input("y", ["batch", 3]);
    const moments = { data: { y: { mean: [1, 1, 1], sd: [2, 2, 2] } } };
    const { y: seen = y, [presenceName("y")]: there = y } = standardizeAll({ y }, moments, specs);
    const program = await compile({ inputs: { y }, outputs: { seen, there } }, nodeRuntime());
    const data = Float32Array.of(1, Number.NaN, 5);
    const results = await program.run({ y: { dtype: "float32", shape: [1, 3], data } });
    await program.release();
    expect([...results.seen.data]).toEqual([0, 0, 2]);
    expect([...results.there.data]).toEqual([1, 0, 1]);
  });
});

describe("offsets", () => {
  it("are taken off and restored in double precision", () => {
    const spec = { t: specOf([2]) };
    const t = column(2, (place, e) => (place === 0 ? 1.7e9 : 2) + 0.1 * e());
    const sets = new DataSets(spec, n, { t });
    const data = { t: learnMoments(t, specOf([2]), true) };
    expect(data.t.offset?.[1]).toBe(0);
    const less = withoutOffsets(sets, { data });
    expect(less.column("t")).toBeInstanceOf(Float32Array);
    expect(less.column("t").every((value) => Math.abs(value) < 4)).toBe(true);
    const back = restoreOffsets(less, { data }).column("t");
    for (const [i, value] of t.entries()) {
      // Single precision of what is left: a ten-millionth of a second.
      expect(Math.abs((back[i] ?? 0) - value)).toBeLessThan(3e-7);
    }
  });

  it("lists of moments are spread over an array", () => {
    expect([...spread([1, 2], [3, 2], [1, 2])]).toEqual([1, 2, 1, 2, 1, 2]);
    expect([...spread([1, 2, 3], [3, 2], [3, 1])]).toEqual([1, 1, 2, 2, 3, 3]);
    expect([...spread([5], [2, 2])]).toEqual([5, 5, 5, 5]);
  });
});
