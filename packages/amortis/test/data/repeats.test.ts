/** Values that come again: counts, categories, rounded numbers and single values with a probability are told from continuous numbers. */
import { expect, it } from "vitest";
import { series, set, specsOf, stream } from "../../src/extend.js";
import type { DataSpec } from "../../src/extend.js";
import { DataSets } from "../../src/data/data-sets.js";
import { describeRepeats, findRepeats, withAtoms } from "../../src/data/repeats.js";

const n = 2_000;
const random = stream("repeats");
const column = (size: number, draw: (place: number) => number): Float32Array =>
  Float32Array.from({ length: n * size }, (_, i) => draw(i % size));
const found = (spec: DataSpec[string], draw: (place: number) => number) => {
  const specs = specsOf({ y: spec });
  const size = (specs["y"]?.shape ?? []).reduce((a, b) => a * b, 1);
  return findRepeats(new DataSets(specs, n, { y: column(size, draw) }))["y"];
};

it("does not say so of continuous numbers, of a constant, nor of whole numbers that are all but continuous", () => {
  expect(found([3], () => random.normal())).toBeUndefined();
  expect(found([], () => 7)).toBeUndefined();
  expect(found([], () => Math.round(1e6 * random.uniform()))).toBeUndefined();
});

it("takes whole numbers from 0 on for counts, small and over decades", () => {
  expect(found([2], () => random.poisson(2))).toMatchObject({ counts: true });
  expect(found([], () => random.poisson(Math.exp(1 + 3 * random.normal())))).toMatchObject({
    counts: true,
  });
  expect(found(set({ upTo: 4 }), () => (random.uniform() < 0.3 ? Number.NaN : 3))).toBeUndefined();
});

it("says of each number alone where it comes again", () => {
  const mixed = found(series(4, { channels: 2 }), (place) =>
    place % 2 === 0 ? random.normal() : random.integer(2),
  );
  expect(mixed).toMatchObject({ counts: false, repeats: [{ place: "y[..., 1]", counts: true }] });
  const rain = found([2], (place) =>
    place === 1 && random.uniform() < 0.4 ? 0 : random.exponential(),
  );
  expect(rain).toMatchObject({ counts: false, repeats: [{ place: "y[1]", common: 0 }] });
  const share = rain?.repeats[0]?.share ?? 0;
  // Three standard errors.
  expect(Math.abs(share - 0.4)).toBeLessThan(3 * Math.sqrt((0.4 * 0.6) / n));
  expect(describeRepeats(rain?.repeats ?? [])).toMatch(
    /^\d+ % of the values of y\[1\] .*0 is \d+ %/u,
  );
  expect(found([], () => random.integer(3) - 1)).toMatchObject({ counts: false });
  expect(found([], () => Math.round(20 * random.uniform()) / 20)).toMatchObject({ counts: false });
});

it("calls a value an atom that no density could give its probability, and not the steps of rounded numbers", () => {
  const times = found([], () => Math.round(500 * random.exponential()) / 500);
  expect(times?.repeats).toHaveLength(1);
  expect(withAtoms(times?.repeats ?? [])).toEqual([]);
  const rain = found([], () => (random.uniform() < 0.3 ? 0 : random.exponential()));
  expect(withAtoms(rain?.repeats ?? [])).toHaveLength(1);
});
