/**
 * Data sets as a value: rows are what they were, whichever way they are cut and put together.
 */
import { assert, array, double, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { DataSets, specsOf } from "../../src/data/index.js";
import { compact } from "../../src/data/precision.js";

const specs = specsOf({ z: [2, 3], count: [] });

/** n data sets whose numbers all differ. */
function numbered(n: number, from = 0): DataSets {
  const values = (width: number, offset: number): Float32Array =>
    Float32Array.from({ length: n * width }, (_, i) => offset + from * width + i);
  return new DataSets(specs, n, { z: values(6, 0), count: values(1, 100_000) });
}

describe("data sets", () => {
  it("are the same however they are cut and joined", () => {
    assert(
      property(integer({ min: 1, max: 20 }), integer({ min: 0, max: 20 }), (n, at) => {
        const all = numbered(n);
        const cut = Math.min(at, n);
        expect(DataSets.join([all.slice(0, cut), all.slice(cut, n)])).toEqual(all);
      }),
    );
  });

  it("are taken in any order", () => {
    assert(
      property(array(integer({ min: 0, max: 9 }), { minLength: 1 }), (rows) => {
        const taken = numbered(10).take(rows);
        for (const [i, row] of rows.entries()) {
          expect(taken.row(i)).toEqual(numbered(10).row(row));
        }
      }),
    );
  });

  it("are placed, and moved together", () => {
    const all = DataSets.allocate(specs, 6, "float32");
    all.place(0, numbered(2));
    all.place(4, numbered(2, 2));
    all.move(2, 4, 6);
    expect(all.slice(0, 4)).toEqual(numbered(4));
  });

  it("are fed as programs take them", () => {
    const { z, count } = numbered(4).feeds(1, 3);
    expect(z?.shape).toEqual([2, 2, 3]);
    expect(count?.shape).toEqual([2]);
    expect(Array.from((z?.data ?? []) as ArrayLike<number>)).toEqual(
      Array.from({ length: 12 }, (_, i) => 6 + i),
    );
  });

  it("are all there", () => {
    expect(() => new DataSets(specs, 2, { z: new Float32Array(12) })).toThrow(
      'the column "count" of 2 data sets should have 2 values, but has none',
    );
    expect(() => new DataSets(specs, 2, { z: new Float32Array(6), count: [] as never })).toThrow(
      'the column "z" of 2 data sets should have 12 values, but has 6',
    );
  });
});

describe("precision", () => {
  const one = specsOf({ t: [2] });
  const sets = (values: readonly number[]): DataSets =>
    new DataSets(one, values.length / 2, { t: Float64Array.from(values) });

  it("is single where that loses less than a thousandth of the spread", () => {
    assert(
      property(array(double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 8 }), (values) => {
        const even = values.slice(0, 2 * Math.floor(values.length / 2));
        const kept = compact(sets(even)).column("t");
        for (const [i, value] of even.entries()) {
          const error = Math.abs((kept[i] ?? 0) - value);
          expect(error <= Math.abs(value) * 2 ** -24 || error < 1e-44).toBe(true);
        }
      }),
    );
  });

  it("is double for seconds since 1970, and for one place of two", () => {
    const seconds = Array.from({ length: 40 }, (_, i) => (i % 2 ? i * 0.1 : 1.7e9 + i * 0.1));
    expect(compact(sets(seconds)).column("t")).toBeInstanceOf(Float64Array);
    const near = seconds.map((value) => value % 1e5);
    expect(compact(sets(near)).column("t")).toBeInstanceOf(Float32Array);
  });
});
