/**
 * What arrays of data are, as models, files and data sets say it.
 */
import { describe, expect, it } from "vitest";
import {
  defineModel,
  grid,
  missing,
  normal,
  series,
  set,
  vector,
  type DataInput,
} from "../../src/index.js";
import { matchData } from "../../src/extend.js";
import {
  arraySpecSchema,
  describeSpec,
  sameSpecs,
  specOf,
  specToJSON,
} from "../../src/data/array-spec.js";

const some = {
  plain: specOf([16, 16]),
  vector: vector(5),
  grid: grid(8, 9, { channels: 3 }),
  series: series({ upTo: 100 }, { channels: 2 }),
  set: set({ upTo: 50 }, { of: 4 }),
  gaps: missing([20]),
};

describe("a specification", () => {
  it("has sizes, outermost first, with channels last", () => {
    expect(Object.values(some).map(({ shape }) => shape)).toEqual([
      [16, 16],
      [5],
      [8, 9, 3],
      [100, 2],
      [50, 4],
      [20],
    ]);
  });

  it("is said in few words", () => {
    expect(Object.values(some).map(describeSpec)).toEqual([
      "[16, 16]",
      "vector [5]",
      "grid [8, 9, 3]",
      "series [≤100, 2]",
      "set [≤50, 4]",
      "[20], values may be missing",
    ]);
  });

  it("comes back from JSON, where a plain shape is a list, as in version 0.1", () => {
    for (const spec of Object.values(some)) {
      const json: unknown = JSON.parse(JSON.stringify(specToJSON(spec)));
      expect(specOf(arraySpecSchema.read(json))).toEqual(spec);
    }
    expect(specToJSON(some.plain)).toEqual([16, 16]);
  });

  it("differs from others", () => {
    expect(sameSpecs({ a: some.plain }, { a: specOf([16, 16]) })).toBe(true);
    expect(sameSpecs({ a: some.plain }, { a: missing([16, 16]) })).toBe(false);
    expect(sameSpecs({ a: some.plain }, { b: some.plain })).toBe(false);
    expect(sameSpecs({ a: some.plain }, { a: grid(16, 16) })).toBe(false);
  });

  it("refuses sizes that cannot be", () => {
    expect(() => grid(0, 3)).toThrow("grid: sizes must be positive whole numbers, but are [0, 3]");
    expect(() => set({ upTo: 2.5 })).toThrow(/set: sizes/);
  });

  it("is what a model says of its data", () => {
    const model = defineModel({
      name: "trials",
      parameters: { mu: normal(0, 1) },
      data: { y: set({ upTo: 3 }, { of: 2 }), z: [2] },
      simulate: ({ mu }) => ({ y: [[mu, 1]], z: [1, 2] }),
    });
    expect(model.dataShapes).toEqual({ y: [3, 2], z: [2] });
    const { NaN: none } = Number;
    expect([...model.packData({ y: [[5, 1]], z: [1, 2] }).y]).toEqual([
      5,
      1,
      none,
      none,
      none,
      none,
    ]);
    expect(() => model.packData({ y: [[5]], z: [1, 2] })).toThrow(/1 elements for "y" at \[0\]/);
    const four = Array.from({ length: 4 }, () => [1, 1]);
    expect(() => model.packData({ y: four, z: [1, 2] })).toThrow(/4 elements for "y", where 3/);
  });
});

describe("data sets with fewer elements", () => {
  const spec = { y: set({ upTo: 3 }, { of: 2 }) };
  const none = Number.NaN;
  const cases: readonly [string, DataInput, boolean, readonly number[]][] = [
    ["one, nested", [[1, 2]], false, [1, 2, none, none, none, none]],
    ["one, flat", Float64Array.of(1, 2, 3, 4), false, [1, 2, 3, 4, none, none]],
    [
      "several of one size",
      { shape: [2, 1, 2], data: Float64Array.of(1, 2, 3, 4) },
      true,
      [1, 2, none, none, none, none, 3, 4, none, none, none, none],
    ],
    [
      "several of different sizes",
      [
        [[1, 2]],
        [
          [3, 4],
          [5, 6],
        ],
      ],
      true,
      [1, 2, none, none, none, none, 3, 4, 5, 6, none, none],
    ],
    [
      "none at all in one of them",
      [
        [],
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ],
      true,
      [none, none, none, none, none, none, 1, 2, 3, 4, 5, 6],
    ],
  ];
  it.each(cases)("%s", (_, input, batched, expected) => {
    const matched = matchData(spec, input);
    expect(matched.batched).toBe(batched);
    expect([...matched.data.column("y")]).toEqual(expected);
  });

  it("have no holes among their elements, unless values may be missing", () => {
    const hole = [
      [1, 2],
      [none, 3],
    ];
    expect(() => matchData(spec, hole)).toThrow("data set 0: y[1, 0] is NaN; data must be finite");
    expect(matchData({ y: missing(spec.y) }, hole).data.size).toBe(1);
    expect(() => matchData({ y: missing([2]) }, [1, Infinity])).toThrow(
      "y[1] is Infinity; data must be finite numbers, or NaN where a value is missing",
    );
  });
});
