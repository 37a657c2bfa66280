/** Order along an axis, on every runtime: values, places, gradients, and sizes that are known only when the program runs. */
import { describe, expect, test } from "vitest";
import { gradient } from "../src/gradient.js";
import { hostTensor } from "../src/host-tensor.js";
import { input } from "../src/leaves.js";

import { mul, square } from "../src/operations/elementwise.js";
import { sum } from "../src/operations/reduction.js";
import { argSort, sort } from "../src/operations/sorting.js";
import { values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

eachRuntime((runtime) => {
  describe("in order", () => {
    const numbers = [3, -1, 2, 2, 7, -5, 2, 0];
    const feed = hostTensor(Float32Array.from(numbers), [2, 4]);

    test.each<[string, readonly (number | string)[]]>([
      ["of known sizes", [2, 4]],
      ["of any sizes", ["rows", "columns"]],
    ])("values %s go from the smallest to the largest", async (_, shape) => {
      const x = input("x", shape);
      expect(await values(runtime, [[x, feed]], sort(x, 1))).toEqual([-1, 2, 2, 3, -5, 0, 2, 7]);
      expect(await values(runtime, [[x, feed]], argSort(x, -1))).toEqual([1, 2, 3, 0, 1, 3, 2, 0]);
      expect(await values(runtime, [[x, feed]], sort(x, 0))).toEqual([3, -5, 2, 0, 7, -1, 2, 2]);
    });

    test("gradients go back to where values came from", async () => {
      const [x, w] = [input("x", ["rows", 4]), input("w", [4])];
      const weights = hostTensor(Float32Array.of(1, 10, 100, 1000), [4]);
      const [slope = x] = gradient(sum(mul(square(sort(x, 1)), w)), [x]);
      // 2 x of each value, by the weight of its rank; of equal values the first has the lower rank.
      expect(
        await values(
          runtime,
          [
            [x, feed],
            [w, weights],
          ],
          slope,
        ),
      ).toEqual([6000, -2, 40, 400, 14000, -10, 400, 0]);
    });
  });
});
