import { describe, expect, test } from "vitest";
import { InvalidArgumentError, ShapeError } from "../src/errors.js";
import { gradient } from "../src/gradient.js";
import { hostTensor } from "../src/host-tensor.js";
import { constant, input } from "../src/leaves.js";
import { cast } from "../src/operations/comparison.js";
import { mul } from "../src/operations/elementwise.js";
import { transpose } from "../src/operations/movement.js";
import { batchNorm, dropout, layerNorm } from "../src/operations/normalization.js";
import { sum } from "../src/operations/reduction.js";
import { programGraph } from "../src/program.js";
import type { Tensor } from "../src/tensor.js";
import { evaluate, gradientError, largestDifference, numbers, values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

describe("shapes", () => {
  const x = input("x", ["batch", 3, 5]);
  const three = input("three", [3]);
  const five = input("five", [5]);

  test("gain and bias must fit the axis", () => {
    expect(layerNorm(x, five, five).shape).toEqual(["batch", 3, 5]);
    expect(layerNorm(x, three, three, { axis: 1 }).shape).toEqual(["batch", 3, 5]);
    expect(() => layerNorm(x, five, three)).toThrow(ShapeError);
    expect(() => layerNorm(x, five, three)).toThrow(
      "layerNorm: along axis 2 of float32[batch, 3, 5] the bias must be float32[5], but is float32[3]",
    );
    expect(() => batchNorm(x, five, five, { axis: 1 })).toThrow("the gain must be float32[3]");
    expect(() => layerNorm(cast(x, "int64"), five, five)).toThrow("needs a float tensor");
  });

  test("statistics are given both or not at all", () => {
    expect(() => batchNorm(x, five, five, { mean: five })).toThrow(InvalidArgumentError);
    const { mean, variance } = batchNorm(x, five, five);
    expect([mean.shape, variance.shape]).toEqual([[5], [5]]);
  });

  test("layer normalization is one operator of the runtime", () => {
    const { nodes } = programGraph({
      inputs: { x, five },
      outputs: { y: layerNorm(x, five, five) },
    });
    expect(nodes.map(({ op }) => op)).toEqual(["LayerNormalization", "Mul", "Add", "Identity"]);
  });

  test("a rate of dropout is below one", () => {
    expect(() => dropout(x, x, 1)).toThrow("dropout: the rate must be in [0, 1), but is 1");
    expect(dropout(x, x, 0)).toBe(x);
  });
});

/** Mean and mean squared deviation. */
function moments(data: Iterable<number>): readonly [number, number] {
  const all = Array.from(data);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return [mean, all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length];
}

eachRuntime((runtime) => {
  const gains = [0.5, -1, 2, 1, 3];
  const biases = [0, 1, -1, 0.5, 2];

  describe.each([
    ["float32", 2e-6],
    ["float64", 1e-14],
  ] as const)("%s", (dtype, tolerance) => {
    const x = input("x", ["batch", 5], dtype);
    const gain = constant(gains, [5], dtype);
    const bias = constant(biases, [5], dtype);
    const data = numbers(20).map((v) => 3 * v + 1);

    test("layers are normalised", async () => {
      const found = await values(runtime, [[x, data]], layerNorm(x, gain, bias, { epsilon: 0.1 }));
      const expected = Array.from(data, (v, k) => {
        const row = Math.floor(k / 5) * 5;
        const [mean, variance] = moments(data.slice(row, row + 5));
        return (
          ((v - mean) / Math.sqrt(variance + 0.1)) * (gains[k % 5] ?? 0) + (biases[k % 5] ?? 0)
        );
      });
      expect(largestDifference(found, expected)).toBeLessThan(tolerance);
    });

    test("over another axis it is the same, transposed", async () => {
      const series = input("series", ["batch", 5, 3], dtype);
      const y = layerNorm(series, gain, bias, { axis: 1 });
      const last = transpose(layerNorm(transpose(series, [0, 2, 1]), gain, bias), [0, 2, 1]);
      const [found, expected] = await evaluate(runtime, [[series, numbers(30)]], [y, last]);
      expect(
        largestDifference(found?.data ?? [], Array.from(expected?.data ?? [], Number)),
      ).toBeLessThan(tolerance);
    });

    test("a large mean does not spoil the variance", async () => {
      const y = layerNorm(
        x,
        constant([1, 1, 1, 1, 1], [5], dtype),
        constant([0, 0, 0, 0, 0], [5], dtype),
      );
      const found = await values(runtime, [[x, [998, 999, 1000, 1001, 1002]]], y);
      expect(
        largestDifference(
          found,
          [-2, -1, 0, 1, 2].map((v) => v / Math.sqrt(2 + 1e-5)),
        ),
      ).toBeLessThan(tolerance);
    });

    test("batches are normalised by their own statistics, or by those given", async () => {
      const { y, mean, variance } = batchNorm(x, gain, bias);
      const [normalised, means, variances] = await evaluate(
        runtime,
        [[x, data]],
        [y, mean, variance],
      );
      const columns = gains.map((_, j) => moments([...data].filter((__, k) => k % 5 === j)));
      expect(
        largestDifference(
          means?.data ?? [],
          columns.map(([m]) => m),
        ),
      ).toBeLessThan(tolerance);
      expect(
        largestDifference(
          variances?.data ?? [],
          columns.map(([, v]) => v),
        ),
      ).toBeLessThan(4 * tolerance);
      const expected = Array.from(data, (v, k) => {
        const [m, s] = columns[k % 5] ?? [0, 1];
        return ((v - m) / Math.sqrt(s + 1e-5)) * (gains[k % 5] ?? 0) + (biases[k % 5] ?? 0);
      });
      expect(largestDifference(normalised?.data ?? [], expected)).toBeLessThan(4 * tolerance);
      const given = {
        mean: constant(
          columns.map(([m]) => m),
          [5],
          dtype,
        ),
        variance: constant(
          columns.map(([, v]) => v),
          [5],
          dtype,
        ),
      };
      const inferred = await values(
        runtime,
        [[x, data.slice(0, 10)]],
        batchNorm(x, gain, bias, given).y,
      );
      expect(largestDifference(inferred, expected.slice(0, 10))).toBeLessThan(4 * tolerance);
    });

    test("channels may come second", async () => {
      const images = input("images", ["batch", 2, 3, 4], dtype);
      const { mean, variance } = batchNorm(
        images,
        constant([1, 1], [2], dtype),
        constant([0, 0], [2], dtype),
        {
          axis: 1,
        },
      );
      const pixels = numbers(72);
      const [means, variances] = await evaluate(runtime, [[images, pixels]], [mean, variance]);
      for (const c of [0, 1]) {
        const [m, v] = moments([...pixels].filter((_, k) => Math.floor(k / 12) % 2 === c));
        expect(Math.abs(Number(means?.data[c]) - m)).toBeLessThan(tolerance);
        expect(Math.abs(Number(variances?.data[c]) - v)).toBeLessThan(tolerance);
      }
    });

    test("a layer without variance stays finite, and so does its gradient", async () => {
      const y = layerNorm(x, gain, bias);
      const [dx = x] = gradient(sum(mul(y, y)), [x]);
      const [found, g] = await evaluate(runtime, [[x, new Float64Array(5).fill(7)]], [y, dx]);
      expect(largestDifference(found?.data ?? [], biases)).toBeLessThan(tolerance);
      expect(Array.from(g?.data ?? [], Number).every(Number.isFinite)).toBe(true);
    });
  });

  describe("gradients", () => {
    const at = numbers(24, 2);
    const x = input("x", [4, 6], "float64");
    const gain = constant([0.5, -1, 2, 1, 3, 0.3], [6], "float64");
    const bias = constant([0, 1, -1, 0.5, 2, 0], [6], "float64");
    const { y, mean, variance } = batchNorm(x, gain, bias, { epsilon: 0.01 });
    /** The gradient of something that depends on all results. */
    const gradientIn = (data: Tensor): Tensor => {
      const result = batchNorm(data, gain, bias);
      const outputs = [sum(mul(result.y, result.y)), sum(result.variance), sum(result.mean)];
      const [dx = data] = gradient(
        outputs.reduce((a, b) => mul(a, b)),
        [data],
      );
      return dx;
    };
    const cases: readonly (readonly [string, Tensor])[] = [
      ["layer", layerNorm(x, gain, bias)],
      ["batch", y],
      ["mean of a batch", mean],
      ["variance of a batch", variance],
    ];

    test.each(cases)("%s: first and second", async (_, output) => {
      expect(await gradientError(runtime, x, at, output)).toBeLessThan(1e-7);
      const [dx = x] = gradient(sum(mul(output, mul(output, output))), [x]);
      expect(await gradientError(runtime, x, at, dx)).toBeLessThan(1e-6);
    });

    test("in gain and bias", async () => {
      const g = input("g", [6], "float64");
      const data = constant(at, [4, 6], "float64");
      for (const output of [
        layerNorm(data, g, bias),
        layerNorm(data, gain, g),
        batchNorm(data, g, bias).y,
        batchNorm(data, gain, g).y,
      ]) {
        expect(await gradientError(runtime, g, numbers(6, 9), output)).toBeLessThan(1e-7);
      }
    });

    test("with a dynamic batch they are those of a static one", async () => {
      const dynamic = input("x", ["batch", 6], "float64");
      const feed = hostTensor(at, [4, 6], "float64");
      const found = await values(runtime, [[dynamic, feed]], gradientIn(dynamic));
      expect(
        largestDifference(found, await values(runtime, [[x, feed]], gradientIn(x))),
      ).toBeLessThan(1e-12);
    });
  });

  test("dropout keeps the mean, and its gradient falls on what is kept", async () => {
    const x = input("x", [6]);
    const noise = constant([0, 0.29, 0.3, 0.5, 0.9, 0.1]);
    const y = dropout(x, noise, 0.3);
    const [dx = x] = gradient(sum(y), [x]);
    const [kept, g] = await evaluate(runtime, [[x, [7, 7, 7, 7, 7, 7]]], [y, dx]);
    expect(largestDifference(kept?.data ?? [], [0, 0, 10, 10, 10, 0])).toBeLessThan(1e-5);
    expect(
      largestDifference(
        g?.data ?? [],
        [0, 0, 1, 1, 1, 0].map((v) => v / 0.7),
      ),
    ).toBeLessThan(1e-6);
  });
});
