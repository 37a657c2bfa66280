import { expect, it } from "vitest";
import { constantSchedule, warmUpCosine } from "../src/index.js";

it("keeps a constant rate", () => {
  expect([1, 10, 1000].map(constantSchedule(0.01))).toEqual([0.01, 0.01, 0.01]);
});

it("rises linearly, then falls along a cosine to its floor", () => {
  const rate = warmUpCosine({ peak: 2, steps: 110, warmUp: 10, floor: 0.1 });
  expect(rate(5)).toBeCloseTo(1, 12);
  expect(rate(10)).toBeCloseTo(2, 12);
  expect(rate(60)).toBeCloseTo(0.5 * (2 + 0.2), 12);
  expect(rate(110)).toBeCloseTo(0.2, 12);
  expect(rate(500)).toBeCloseTo(0.2, 12);
});

it("refuses a warm-up longer than the whole", () => {
  expect(() => warmUpCosine({ peak: 1, steps: 5, warmUp: 6 })).toThrow(
    "a warm-up of 6 steps does not fit into 5 steps",
  );
});
