import { expect, it } from "vitest";
import { InvalidTally } from "../../src/simulation/invalid-tally.js";

const names = ["a", "b[0]"];
const one = { index: 4, parameters: [1, -2], reason: "x[3] is NaN" };
const other = { index: 9, parameters: [3, Number.NaN], reason: "the parameter b[0] is NaN" };

it("counts chunk after chunk as if all were one", () => {
  const whole = new InvalidTally(names).add({
    size: 3,
    parameters: [0, 0, 5, 1, 2, -1],
    invalid: [one, other],
  });
  const parts = new InvalidTally(names)
    .add({ size: 1, parameters: [0, 0], invalid: [one] })
    .add({ size: 2, parameters: [5, 1, 2, -1], invalid: [other] });
  expect(parts.toRecord()).toEqual(whole.toRecord());
  expect([whole.count, whole.total]).toEqual([2, 5]);
  expect(whole.describe()).toBe(
    "2 of 5 simulations (40.0 %) were invalid: 1 × x is NaN; 1 × the parameter b is NaN; " +
      "they lie (and the valid ones) within a 1 to 3 (0 to 5), b[0] -2 (-1 to 1); " +
      "for example simulation 4 at a = 1, b[0] = -2: x[3] is NaN",
  );
  expect(new InvalidTally(names).add({ size: 2, invalid: [] }).describe()).toBeUndefined();
});

it("goes on from its record, through JSON", () => {
  const first = new InvalidTally(names).add({ size: 1, parameters: [0, 0], invalid: [other] });
  const second = { size: 1, parameters: [7, 7], invalid: [one] };
  const record: unknown = JSON.parse(JSON.stringify(first.toRecord()));
  const resumed = new InvalidTally(names)
    .addRecord(record as ReturnType<InvalidTally["toRecord"]>)
    .add(second);
  first.add(second);
  expect(resumed.toRecord()).toEqual(first.toRecord());
  expect(resumed.describe()).toBe(first.describe());
});

it("does not grow with messages that differ", () => {
  const tally = new InvalidTally(["a"]);
  for (let index = 0; index < 3000; index++) {
    tally.add({ size: 0, invalid: [{ index, parameters: [0], reason: `a is ${index}` }] });
  }
  const { reasons } = tally.toRecord();
  expect(Object.keys(reasons).length).toBeLessThan(1100);
  expect(reasons["other reasons"]).toBe(2000);
  expect(tally.describe()).toContain("2000 × other reasons");
});
