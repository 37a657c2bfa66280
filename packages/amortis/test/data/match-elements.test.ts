/**
 * Data sets of named sizes, as people hand them over.
 */
import { array, assert, integer, property, tuple } from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  defineModel,
  discreteLogUniform,
  discreteUniform,
  normal,
  poisson,
  simulate,
  stream,
  uniform,
  type DataInput,
} from "../../src/index.js";
import { matchData } from "../../src/extend.js";
import { presentRow } from "../../src/data/elements.js";
import { missing, specsOf } from "../../src/data/array-spec.js";

const specs = specsOf({ y: ["m", 2], s: ["m"], dose: [] }, { m: 4 });

/** Elements of y and s in each data set. */
function found(data: DataInput): readonly (readonly number[])[] {
  const { data: sets } = matchData(specs, data);
  return Array.from({ length: sets.size }, (_, i) => {
    const { y = [], s = [] } = presentRow(sets, i);
    return [...y, ...s];
  });
}

describe("data of a named size", () => {
  const ragged = {
    y: [
      [[1, 2]],
      [
        [3, 4],
        [5, 6],
        [7, 8],
      ],
    ],
    s: [[9], [10, 11, 12]],
    dose: [1, 2],
  };
  const expected = [
    [1, 2, 9],
    [3, 4, 5, 6, 7, 8, 10, 11, 12],
  ];

  it("may be lists of data sets of different sizes", () => {
    expect(found(ragged)).toEqual(expected);
  });

  it("may be padded with NaN", () => {
    const gap = Number.NaN;
    const y = [1, 2, gap, gap, gap, gap, 3, 4, 5, 6, 7, 8];
    const s = [9, gap, gap, 10, 11, 12];
    const arrays = {
      y: { shape: [2, 3, 2], data: Float64Array.from(y) },
      s: { shape: [2, 3], data: Float64Array.from(s) },
    };
    expect(found({ ...arrays, dose: [1, 2] })).toEqual(expected);
  });

  it("may be one after another, beside how many each has", () => {
    const arrays = {
      y: { shape: [4, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
      s: { shape: [4], data: Float64Array.of(9, 10, 11, 12) },
      m: { shape: [2], data: Float64Array.of(1, 3) },
    };
    expect(found({ ...arrays, dose: [1, 2] })).toEqual(expected);
    const wrong = { ...arrays, m: { shape: [2], data: Float64Array.of(1, 4) }, dose: [1, 2] };
    expect(() => found(wrong)).toThrow(
      'the counts "m" must be whole numbers that add up to the 4 elements of "y", but they add up to 5',
    );
  });

  it("may be one data set, of more elements than were simulated too", () => {
    const y = Array.from({ length: 9 }, (_, i) => [i, -i]);
    const { data, batched } = matchData(specs, { y, s: y.map(([i = 0]) => i), dose: 1 });
    expect(batched).toBe(false);
    expect(data.specs["y"]?.shape).toEqual([9, 2]);
    expect(data.specs["s"]?.shape).toEqual([9]);
  });

  it("may be flat: one data set, or padded ones as simulations have them", () => {
    const y = Float32Array.of(1, 2, 3, 4);
    const s = Float32Array.of(5, 6);
    expect(found({ y, s, dose: 1 })).toEqual([[1, 2, 3, 4, 5, 6]]);
    const padding = Array.from({ length: 6 }, () => Number.NaN);
    const two = Float32Array.from([1, 2, ...padding, 3, 4, ...padding]);
    const numbers = Float32Array.from([5, ...padding.slice(3), 6, ...padding.slice(3)]);
    expect(found({ y: two, s: numbers, dose: [1, 2] })).toEqual([
      [1, 2, 5],
      [3, 4, 6],
    ]);
  });

  it("has as many of each array of the size, and numbers within", () => {
    expect(() => found({ ...ragged, s: [[9], [10, 11]] })).toThrow(
      'of data set 1, "y" has 3 elements and "s" 2, but both are of the size "m": give as many of each',
    );
    expect(() =>
      found({
        y: [
          [1, 2],
          [Number.NaN, 3],
        ],
        s: [1, 2],
        dose: 1,
      }),
    ).toThrow("y[1, 0] is NaN");
    expect(() => found({ y: [[1, 2, 3]], s: [1], dose: 1 })).toThrow(
      'the data array "y" must be [m ≤ 4, 2], or [n, m ≤ 4, 2] for n data sets, or a list of data sets of different sizes, but was given shape [1, 3]',
    );
  });

  test("whatever the sizes, what goes in comes out", () => {
    const element = tuple(integer(), integer());
    const sets = array(array(element, { minLength: 1, maxLength: 6 }), { minLength: 1 });
    assert(
      property(sets, (y) => {
        const s = y.map((set) => set.map(([a]) => a));
        const rows = found({ y, s, dose: y.map(() => 0) });
        expect(rows).toEqual(y.map((set, i) => [...set.flat(), ...(s[i] ?? [])]));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it("may have no element", () => {
    expect(found({ y: [], s: [], dose: 1 })).toEqual([[]]);
    expect(found({ y: [[], [[1, 2]]], s: [[], [3]], dose: [1, 1] })).toEqual([[], [1, 2, 3]]);
    expect(found({ y: new Float64Array(), s: new Float64Array(), dose: 1 })).toEqual([[]]);
  });

  it("may lack values where that is said", () => {
    const gaps = specsOf({ y: missing(specs["y"] ?? []), s: specs["s"] ?? [] });
    const { data } = matchData(gaps, {
      y: [
        [1, Number.NaN],
        [Number.NaN, Number.NaN],
      ],
      s: [1, 2],
    });
    expect(data.specs["y"]?.shape).toEqual([2, 2]);
  });
});

describe("a model whose sizes vary", () => {
  const model = defineModel({
    name: "replicates",
    parameters: { mu: normal(0, 1) },
    sizes: { m: discreteUniform(1, 5), k: { upTo: 3 } },
    data: { y: ["m", 2], t: ["m"], z: ["k"] },
    simulate: ({ mu }, random, { m, k }) => ({
      y: Array.from({ length: m }, () => [mu, random.normal()]),
      t: Array.from({ length: m }, (_, i) => i),
      z: Array.from({ length: 1 + Math.floor(k * random.uniform()) }, () => mu),
    }),
  });

  it("tells its simulator how many there are to be", async () => {
    const { data, size } = await simulate(model, { simulations: 400, seed: 1, workers: 0 });
    const counts = new Map<number, number>();
    for (let i = 0; i < size; i++) {
      const there = (name: "y" | "t", width: number) =>
        data[name].subarray(i * 5 * width, (i + 1) * 5 * width).filter((v) => !Number.isNaN(v));
      const m = there("t", 1).length;
      expect(there("y", 2)).toHaveLength(2 * m);
      counts.set(m, (counts.get(m) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    // Each 80 times, within four standard deviations of 8.
    for (const count of counts.values()) expect(Math.abs(count - 80)).toBeLessThan(32);
  });

  it("can be asked for so many", () => {
    const output = model.simulate({ mu: 0 }, stream(1), { m: 4, k: 1 });
    expect(output).toMatchObject({ t: [0, 1, 2, 3], z: [0] });
  });

  it("has arrays of one size as long as each other", async () => {
    const uneven = defineModel({
      ...model,
      simulate: () => ({ y: [[1, 2]], t: [1, 2], z: [1] }),
    });
    await expect(simulate(uneven, { simulations: 1, seed: 1, workers: 0 })).rejects.toThrow(
      'of what simulate returned "y" has 1 elements and "t" 2, but both are of the size "m"',
    );
  });

  it("says what each of its sizes may be", () => {
    const define = (sizes: object, data: object = { y: ["m", 2] }): unknown =>
      defineModel({ ...model, sizes, data, simulate: () => ({}) } as unknown as typeof model);
    expect(() => define({})).toThrow(
      'the model "replicates": the size "m" of its data has no prior: give sizes: { m: discreteUniform(1, 50) }',
    );
    expect(() => define({ m: { upTo: 2 }, n: { upTo: 2 } })).toThrow('no data have the size "n"');
    expect(() => define({ m: uniform(1, 3) })).toThrow("must be among whole numbers");
    expect(() => define({ batch: { upTo: 2 } }, { y: ["batch"] })).toThrow("rename it");
    expect(() => define({ m: { upTo: 2 } }, { y: [2, "m"] })).toThrow('the shape of "y"');
    expect(() => define({ m: poisson(3) })).not.toThrow();
  });
});

test("a log-uniform number of replicates is as likely from 1 to 9 as from 10 to 99", () => {
  const counts = discreteLogUniform(1, 999);
  // Within the rounding of numbers to halves: log(9.5 / 0.5) is more than log(99.5 / 9.5).
  const share = (from: number, to: number): number => counts.cdf(to) - counts.cdf(from - 1);
  expect(share(10, 99)).toBeCloseTo(Math.log(99.5 / 9.5) / Math.log(999.5 / 0.5), 12);
  expect(share(100, 999) / share(10, 99)).toBeCloseTo(1, 1);
});
