import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RandomState } from "../../src/random/index.js";

/** See random_state_golden.py. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the script
const golden = JSON.parse(
  readFileSync(new URL("../fixtures/random-state-golden.json", import.meta.url), "utf8"),
) as {
  readonly uniform: readonly number[];
  readonly normal: readonly number[];
  readonly permutation: readonly number[];
  readonly permutation_large: readonly number[];
  readonly mixed: readonly (readonly number[])[];
};

const drawn = (n: number, draw: () => number): readonly number[] => Array.from({ length: n }, draw);

describe("NumPy's RandomState", () => {
  it("gives NumPy's uniform numbers, to the bit", () => {
    const state = new RandomState(42);
    const values = drawn(700, () => state.uniform());
    expect([0, 1, 2, 310, 311, 312, 699].map((i) => values[i])).toEqual(golden.uniform);
  });

  it("gives NumPy's normal numbers", () => {
    const values = new RandomState(42).normals(1001);
    for (const [k, i] of [0, 1, 2, 3, 999, 1000].entries()) {
      expect(values[i]).toBeCloseTo(golden.normal[k] ?? Number.NaN, 14);
    }
  });

  it("gives NumPy's permutations, beyond 2^16 too", () => {
    expect([...new RandomState(42).permutation(20)]).toEqual(golden.permutation);
    const large = new RandomState(42).permutation(70_000);
    expect([...large.subarray(0, 5)]).toEqual(golden.permutation_large);
  });

  it("keeps the second number of a pair of normals, as NumPy does", () => {
    const state = new RandomState(42);
    const [first = [], normals = [], second = [], spare = [], uniforms = []] = golden.mixed;
    expect([...state.permutation(7)]).toEqual(first);
    for (const value of normals) expect(state.normal()).toBeCloseTo(value, 14);
    expect([...state.permutation(5)]).toEqual(second);
    for (const value of spare) expect(state.normal()).toBeCloseTo(value, 14);
    for (const value of uniforms) expect(2 * state.uniform() - 1).toBeCloseTo(value, 14);
  });

  it("takes whole seeds only", () => {
    expect(() => new RandomState(-1)).toThrow(/whole seed from 0/);
    expect(() => new RandomState(0.5)).toThrow(/0\.5 was given/);
  });
});
