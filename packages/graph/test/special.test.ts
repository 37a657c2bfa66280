/** Functions that ONNX lacks, or computes less well, at the ends of their range. */
import { describe, expect, test } from "vitest";
import { gradient } from "../src/gradient.js";
import { hostTensor } from "../src/host-tensor.js";
import { input } from "../src/leaves.js";
import { erf, logSigmoid, normalCdf, softplus } from "../src/operations/elementwise.js";
import { sum } from "../src/operations/reduction.js";
import { evaluate, values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

/** log(1 + eˣ) in double precision, by the library of JavaScript. */
const exactSoftplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

eachRuntime((runtime) => {
  describe.each([
    // A rounding is 6e-8, or 1.1e-16; exp, log and two sums take about four.
    { dtype: "float32" as const, tolerance: 3e-7 },
    { dtype: "float64" as const, tolerance: 5e-16 },
  ])("in $dtype", ({ dtype, tolerance }) => {
    const x = input("x", ["n"], dtype);

    test("softplus and logSigmoid lose nothing of what is small", async () => {
      // Thirds, and the places where 1 + e^x begins to round to 1.
      const at = Array.from({ length: 500 }, (_, i) => Math.fround((i - 249.5) / 3));
      const feed = hostTensor(at, [at.length], dtype);
      const outputs = [softplus(x), logSigmoid(x)];
      const [above, below] = await evaluate(runtime, [[x, feed]], outputs);
      for (const [i, v] of at.entries()) {
        const errors = [
          Number(above?.data[i]) / exactSoftplus(v) - 1,
          Number(below?.data[i]) / -exactSoftplus(-v) - 1,
        ];
        expect([v, Math.max(...errors.map(Math.abs)) < tolerance]).toEqual([v, true]);
      }
    });

    test("softplus of infinities is the limit", async () => {
      const feed = hostTensor([-Infinity, Infinity, -1e30, 1e30], [4], dtype);
      const found = await values(runtime, [[x, feed]], softplus(x));
      expect(found).toEqual([0, Infinity, 0, Number(feed.data[3])]);
    });

    test("erf and the normal distribution function of infinities are their limits", async () => {
      const feed = hostTensor([-Infinity, Infinity, -1e200, 1e200, 0], [5], dtype);
      const [e, phi] = await evaluate(runtime, [[x, feed]], [erf(x), normalCdf(x)]);
      expect(Array.from(e?.data ?? [], Number)).toEqual([-1, 1, -1, 1, 0]);
      expect(Array.from(phi?.data ?? [], Number)).toEqual([0, 1, 0, 1, 0.5]);
      const [slope = x] = gradient(sum(erf(x)), [x]);
      const slopes = await values(runtime, [[x, feed]], slope);
      expect(slopes.slice(0, 4)).toEqual([0, 0, 0, 0]);
      expect(slopes[4]).toBeCloseTo(2 / Math.sqrt(Math.PI), 6);
    });
  });
});
