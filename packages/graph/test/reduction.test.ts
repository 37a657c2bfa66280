/** Sums of many numbers, and NaN among numbers, on every runtime. */
import { describe, expect, test } from "vitest";
import { gradient } from "../src/gradient.js";
import { hostTensor } from "../src/host-tensor.js";
import { input } from "../src/leaves.js";
import { cast } from "../src/operations/comparison.js";
import { clip, maximum, minimum } from "../src/operations/elementwise.js";
import { batchNorm } from "../src/operations/normalization.js";
import { argMax, logSumExp, max, mean, min, sum } from "../src/operations/reduction.js";
import { logSoftmax, softmax } from "../src/operations/softmax.js";
import type { Dim } from "../src/shape.js";
import type { Tensor } from "../src/tensor.js";
import { evaluate, numbers, values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

const MANY = 2_000_000;
const tenth = Math.fround(0.1);

eachRuntime((runtime) => {
  describe("of very many numbers", () => {
    // Shapes that divide evenly, shapes that do not (1,000,003 is prime), and sizes known only when the program runs.
    test.each<[string, readonly number[], readonly Dim[], readonly number[]]>([
      ["in a row", [MANY], [MANY], [0]],
      ["of a prime number", [1_000_003], [1_000_003], [0]],
      ["in a matrix", [1000, 2000], [1000, 2000], [0, 1]],
      ["down the rows", [100_000, 3], [100_000, 3], [0]],
      ["in the middle", [2, 50_021, 3], [2, 50_021, 3], [1]],
      ["that are no neighbours", [400, 2, 500], [400, 2, 500], [0, 2]],
      ["of each example", [3, 100_000], ["batch", 100_000], [1]],
      ["of all examples", [MANY], ["batch"], [0]],
    ])("sum and mean %s are right to a millionth", async (_, shape, symbolic, axes) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const count = axes.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
      const x = input("x", symbolic);
      const feed = hostTensor(new Float32Array(size).fill(tenth), shape);
      const outputs = [sum(x, { axes }), mean(x, { axes }), mean(x, { axes, keepDims: true })];
      const [total, average, kept] = await evaluate(runtime, [[x, feed]], outputs);
      for (const value of total?.data ?? []) {
        expect(Math.abs(Number(value) / (count * tenth) - 1)).toBeLessThan(1e-6);
      }
      for (const value of average?.data ?? []) {
        expect(Math.abs(Number(value) / tenth - 1)).toBeLessThan(1e-6);
      }
      expect(kept?.data).toEqual(average?.data);
      expect(kept?.shape).toEqual(shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)));
      expect(total?.shape).toEqual(shape.filter((_dim, axis) => !axes.includes(axis)));
    });

    test("a mean is that of double precision, and so is its gradient", async () => {
      const at = Float32Array.from(numbers(300_007), (v) => v + 3);
      const x = input("x", [at.length]);
      const exact = at.reduce((a, b) => a + b, 0) / at.length;
      const [dx = x] = gradient(mean(x), [x]);
      const [found, slope] = await evaluate(
        runtime,
        [[x, hostTensor(at, [at.length])]],
        [mean(x), dx],
      );
      expect(Math.abs(Number(found?.data[0]) / exact - 1)).toBeLessThan(5e-7);
      expect(new Set([...(slope?.data ?? [])].map(Number))).toEqual(
        new Set([Math.fround(1 / at.length)]),
      );
    });

    test("log-sum-exp, softmax and batch moments add as carefully", async () => {
      const x = input("x", [1_000_000, 1]);
      const feed = hostTensor(new Float32Array(1_000_000).fill(tenth), [1_000_000, 1]);
      const ones = input("ones", [1]);
      const { mean: centre } = batchNorm(x, ones, ones);
      const outputs = [logSumExp(x), softmax(x, 0), logSoftmax(x, 0), centre];
      const bindings = [
        [x, feed],
        [ones, hostTensor([1], [1])],
      ] as const;
      const [lse, share, log, moment] = await evaluate(runtime, bindings, outputs);
      expect(Number(lse?.data[0])).toBeCloseTo(Math.log(1e6) + tenth, 5);
      expect(Number(share?.data[3]) / 1e-6).toBeCloseTo(1, 5);
      expect(Number(log?.data[3])).toBeCloseTo(-Math.log(1e6), 5);
      expect(Number(moment?.data[0]) / tenth).toBeCloseTo(1, 5);
    });
  });

  describe("NaN among numbers", () => {
    /** Whether a function of n numbers is NaN wherever among them one is. */
    async function seesEvery(shape: readonly number[], f: (x: Tensor) => Tensor): Promise<boolean> {
      const x = input("x", shape);
      const size = shape.reduce((a, b) => a * b, 1);
      const sees: boolean[] = [];
      for (let at = 0; at < size; at++) {
        const data = Float32Array.from({ length: size }, (_, i) => (i % 5) - 2).with(
          at,
          Number.NaN,
        );
        const found = await values(runtime, [[x, hostTensor(data, shape)]], f(x));
        sees.push(found.filter(Number.isNaN).length >= 1);
      }
      return sees.every(Boolean);
    }

    test.each([
      ["a row", [1, 19], [1]],
      ["a column", [19, 1], [0]],
      ["one of several columns", [7, 3], [0]],
      ["slices", [2, 3, 17], [1]],
      ["everything", [3, 5], [0, 1]],
    ])("largest, smallest and log-sum-exp of %s", async (_, shape, axes) => {
      for (const f of [max, min, logSumExp]) {
        expect(await seesEvery(shape, (x) => f(x, { axes }))).toBe(true);
      }
    });

    test("infinities are none", async () => {
      const x = input("x", [2, 3]);
      const feed = hostTensor([1, Infinity, -Infinity, -Infinity, 2, 3], [2, 3]);
      for (const axes of [[0], [1], [0, 1]]) {
        const outputs = [max(x, { axes }), min(x, { axes })];
        const found = await evaluate(runtime, [[x, feed]], outputs);
        expect(found.flatMap(({ data }) => [...data].map(Number)).some(Number.isNaN)).toBe(false);
      }
    });

    test("one of a pair, and within bounds", async () => {
      const x = input("x", [9]);
      const half = input("half", [9]);
      const data = Float32Array.from([1, Number.NaN, 2, 3, 4, 5, 6, Number.NaN, 8]);
      const feeds = [
        [x, hostTensor(data, [9])],
        [half, hostTensor(new Float32Array(9).fill(3.5), [9])],
      ] as const;
      const both = [maximum(x, half), maximum(half, x), minimum(x, half), minimum(half, x)];
      for (const { data: found } of await evaluate(runtime, feeds, [...both, clip(x, 0, 1)])) {
        expect([...found].map(Number).map(Number.isNaN)).toEqual([...data].map(Number.isNaN));
      }
    });

    test("the largest of all is where it is", async () => {
      const x = input("x", [2, 5]);
      const nan = Number.NaN;
      const feed = hostTensor([1, 2, nan, 9, 3, 1, 7, 2, 7, 3], [2, 5]);
      expect(await values(runtime, [[x, feed]], argMax(x, 1))).toEqual([2, 1]);
    });

    test("becomes the same integer everywhere, and so does what is out of range", async () => {
      const x = input("x", [6]);
      const feed = hostTensor([Number.NaN, Infinity, -Infinity, 1e30, -1.9, 2.9], [6]);
      const [found] = await evaluate(runtime, [[x, feed]], [cast(x, "int64")]);
      const largest = 2n ** 63n - 2n ** 39n;
      expect([...(found?.data ?? [])]).toEqual([
        -(2n ** 63n),
        largest,
        -(2n ** 63n),
        largest,
        -1n,
        2n,
      ]);
    });
  });
});
