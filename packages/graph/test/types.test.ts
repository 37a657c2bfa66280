/** Every operation in every type it takes, on every runtime: runtimes lack kernels, and say so only when a model is loaded. */
import { describe, expect, test } from "vitest";
import type { DType } from "../src/dtype.js";
import { ShapeError } from "../src/errors.js";
import { hostTensor } from "../src/host-tensor.js";
import { constant, input } from "../src/leaves.js";
import {
  cast,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  oneHot,
  where,
} from "../src/operations/comparison.js";
import {
  abs,
  add,
  clip,
  cos,
  div,
  elu,
  exp,
  expm1,
  floor,
  leakyRelu,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  relu,
  sign,
  sin,
  sqrt,
  square,
  sub,
} from "../src/operations/elementwise.js";
import { logSigmoid, sigmoid, silu, softplus, tanh } from "../src/operations/logistic.js";
import { erf, gelu, normalCdf } from "../src/operations/normal.js";
import { cumsum, gather, gatherElements } from "../src/operations/indexing.js";
import { linear, matmul } from "../src/operations/linear.js";
import { concat, flip, pad, slice, split, stack, transpose } from "../src/operations/movement.js";
import { argMax, logSumExp, max, mean, min, sum } from "../src/operations/reduction.js";
import { logSoftmax, softmax } from "../src/operations/softmax.js";
import type { Tensor } from "../src/tensor.js";
import { evaluate, largestDifference } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

/** erf by a power series whose terms do not cancel: 2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!. */
function erfSeries(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 100; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const phi = (x: number): number => 0.5 * (1 + erfSeries(x / Math.SQRT2));

type Unary = readonly [name: string, f: (x: Tensor) => Tensor, reference: (x: number) => number];

const onReals: readonly Unary[] = [
  ["neg", neg, (x) => -x],
  ["exp", exp, Math.exp],
  ["expm1", expm1, Math.expm1],
  ["tanh", tanh, Math.tanh],
  ["sigmoid", sigmoid, logistic],
  ["softplus", softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  ["logSigmoid", logSigmoid, (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))],
  ["erf", erf, erfSeries],
  ["normalCdf", normalCdf, phi],
  ["square", square, (x) => x * x],
  ["abs", abs, Math.abs],
  ["sign", sign, Math.sign],
  ["floor", floor, Math.floor],
  ["sin", sin, Math.sin],
  ["cos", cos, Math.cos],
  ["relu", relu, (x) => Math.max(x, 0)],
  ["leakyRelu", (x) => leakyRelu(x, 0.1), (x) => Math.max(x, 0.1 * x)],
  ["elu", elu, (x) => (x > 0 ? x : Math.expm1(x))],
  ["gelu", gelu, (x) => x * phi(x)],
  ["silu", silu, (x) => x * logistic(x)],
  ["clip", (x) => clip(x, -1, 0.5), (x) => Math.min(Math.max(x, -1), 0.5)],
  ["clip from below", (x) => clip(x, 0), (x) => Math.max(x, 0)],
  ["pow 3", (x) => pow(x, 3), (x) => x ** 3],
  ["maximum", (x) => maximum(x, 0.2), (x) => Math.max(x, 0.2)],
  ["minimum", (x) => minimum(0.2, x), (x) => Math.min(x, 0.2)],
  ["div", (x) => div(1, add(x, 10)), (x) => 1 / (x + 10)],
];

const onPositives: readonly Unary[] = [
  ["log", log, Math.log],
  ["log1p", log1p, Math.log1p],
  ["sqrt", sqrt, Math.sqrt],
  ["reciprocal", reciprocal, (x) => 1 / x],
  ["pow 0.3", (x) => pow(x, 0.3), (x) => x ** 0.3],
  ["pow of", (x) => pow(2, x), (x) => 2 ** x],
];

/** What overflows or cancels where it is done without care. */
const extremes: readonly (readonly [string, (x: Tensor) => Tensor, number, number])[] = [
  ["softplus", softplus, 1000, 1000],
  ["softplus", softplus, -1000, 0],
  ["softplus", softplus, -30, 9.357622968839299e-14],
  ["sigmoid", sigmoid, -1000, 0],
  ["sigmoid", sigmoid, 1000, 1],
  ["sigmoid", sigmoid, -30, 9.357622968839299e-14],
  ["logSigmoid", logSigmoid, -1000, -1000],
  ["log1p", log1p, 1e-10, 1e-10],
  ["log1p", log1p, -1, -Infinity],
  ["log1p", log1p, Infinity, Infinity],
  ["expm1", expm1, 1e-10, 1e-10],
  ["expm1", expm1, -1000, -1],
  ["expm1", expm1, Infinity, Infinity],
  ["tanh", tanh, 1000, 1],
  ["erf", erf, 10, 1],
  ["erf", erf, -10, -1],
  ["erf", erf, 1e-8, 1.1283791670955126e-8],
  ["elu", elu, 1000, 1000],
  ["elu", elu, -1000, -1],
  ["exp", exp, -1000, 0],
  ["log", log, 0, -Infinity],
];

eachRuntime((runtime) => {
  describe.each([
    ["float32", 1e-6],
    ["float64", 4e-15],
  ] as const)("%s", (dtype, tolerance) => {
    /** Where functions are off by more than the tolerance. */
    async function misses(
      functions: readonly Unary[],
      points: readonly number[],
    ): Promise<readonly string[]> {
      const x = input("x", [points.length], dtype);
      const feed = hostTensor(points, [points.length], dtype);
      const results = await evaluate(
        runtime,
        [[x, feed]],
        functions.map(([, f]) => f(x)),
      );
      return functions.flatMap(([name, , reference], i) =>
        Array.from(feed.data, Number).flatMap((point, k) => {
          const expected = reference(point);
          const found = Number(results[i]?.data[k]);
          const close = Math.abs(found - expected) < tolerance * Math.max(1, Math.abs(expected));
          return close ? [] : [`${name}(${point}) = ${expected}, but found ${found}`];
        }),
      );
    }

    test("functions of real numbers", async () => {
      const points = [-2.5, -1, -0.3, -1e-3, 0, 1e-3, 0.3, 0.75, 1, 2.5];
      expect(await misses(onReals, points)).toEqual([]);
    });

    test("functions of positive numbers", async () => {
      expect(await misses(onPositives, [1e-3, 0.3, 1, 2.5, 40])).toEqual([]);
    });

    test("at the extremes", async () => {
      const missed: string[] = [];
      for (const [name, f, point, expected] of extremes) {
        const x = input("x", [], dtype);
        const [found] = await evaluate(runtime, [[x, hostTensor([point], [], dtype)]], [f(x)]);
        const value = Number(found?.data[0]);
        const close = value === expected || Math.abs(value / expected - 1) < 10 * tolerance;
        // Of erf in double precision only the absolute error is small near zero.
        if (!close && !(Math.abs(value - expected) < tolerance / 10)) {
          missed.push(`${name}(${point}) = ${expected}, but found ${value}`);
        }
      }
      expect(missed).toEqual([]);
    });

    test("reductions, softmax and running sums", async () => {
      const x = constant(
        [
          [1, 2, 3],
          [-1, 1000, 1000],
        ],
        [2, 3],
        dtype,
      );
      const over = { axes: [1] };
      const outputs = [
        sum(x, over),
        mean(x, over),
        max(x, over),
        min(x, over),
        logSumExp(x, over),
        softmax(x),
        logSoftmax(x),
        cumsum(x, 1),
        cumsum(x, 1, { exclusive: true, reverse: true }),
      ];
      const expected = [
        [6, 1999],
        [2, 1999 / 3],
        [3, 1000],
        [1, -1],
        [3.4076059644443806, 1000 + Math.LN2],
        [0.09003057317038046, 0.24472847105479767, 0.6652409557748219, 0, 0.5, 0.5],
        [
          -2.4076059644443806,
          -1.4076059644443806,
          -0.4076059644443806,
          -1001 - Math.LN2,
          -Math.LN2,
          -Math.LN2,
        ],
        [1, 3, 6, -1, 999, 1999],
        [5, 3, 0, 2000, 1000, 0],
      ];
      const results = await evaluate(runtime, [], outputs);
      for (const [i, values] of expected.entries()) {
        const scale = Math.max(1, ...values.map(Math.abs));
        expect(largestDifference(results[i]?.data ?? [], values)).toBeLessThan(tolerance * scale);
      }
    });

    test("a log-sum-exp of nothing but -Infinity is -Infinity", async () => {
      const x = constant(
        [
          [-Infinity, -Infinity],
          [-Infinity, -1e30],
          [Infinity, 0],
        ],
        [3, 2],
        dtype,
      );
      const [found] = await evaluate(runtime, [], [logSumExp(x, { axes: [1] })]);
      expect(Array.from(found?.data ?? [], Number)).toEqual(
        [-Infinity, Math.fround(-1e30), Infinity].map((v) =>
          dtype === "float64" && Number.isFinite(v) ? -1e30 : v,
        ),
      );
    });
  });

  describe.each<DType>(["float32", "float64", "int64"])("%s", (dtype) => {
    test("arithmetic, comparisons, movement and indexing", async () => {
      const x = input("x", [2, 3], dtype);
      const y = constant(
        [
          [2, 2, 2],
          [4, 4, 4],
        ],
        [2, 3],
        dtype,
      );
      const indices = constant([1, 0], [2], "int64");
      const cases: readonly (readonly [Tensor, readonly number[]])[] = [
        [add(x, y), [3, 0, 5, 8, -1, 10]],
        [sub(x, y), [-1, -4, 1, 0, -9, 2]],
        [mul(x, y), [2, -4, 6, 16, -20, 24]],
        [maximum(x, y), [2, 2, 3, 4, 4, 6]],
        [minimum(x, 2), [1, -2, 2, 2, -5, 2]],
        [neg(x), [-1, 2, -3, -4, 5, -6]],
        [abs(x), [1, 2, 3, 4, 5, 6]],
        [sign(x), [1, -1, 1, 1, -1, 1]],
        [square(x), [1, 4, 9, 16, 25, 36]],
        [clip(x, -2, 3), [1, -2, 3, 3, -2, 3]],
        [less(x, y), [1, 1, 0, 0, 1, 0]],
        [lessEqual(x, y), [1, 1, 0, 1, 1, 0]],
        [greater(x, y), [0, 0, 1, 0, 0, 1]],
        [greaterEqual(x, 4), [0, 0, 0, 1, 0, 1]],
        [equal(x, y), [0, 0, 0, 1, 0, 0]],
        [
          logicalOr(less(x, 0), logicalAnd(greater(x, 2), logicalNot(equal(x, 4)))),
          [0, 1, 1, 0, 1, 1],
        ],
        [where(less(x, 0), 0, x), [1, 0, 3, 4, 0, 6]],
        [sum(x, { axes: [0] }), [5, -7, 9]],
        [max(x, { axes: [1] }), [3, 6]],
        [min(x), [-5]],
        [argMax(x, 1), [2, 2]],
        [cumsum(x, 1), [1, -1, 2, 4, -1, 5]],
        [matmul(x, transpose(y)), [4, 8, 10, 20]],
        [matmul(x, y, { transposeB: true }), [4, 8, 10, 20]],
        [matmul(stack([x, x], 0), transpose(y)), [4, 8, 10, 20, 4, 8, 10, 20]],
        [transpose(x), [1, 4, -2, -5, 3, 6]],
        [concat([x, y], 1), [1, -2, 3, 2, 2, 2, 4, -5, 6, 4, 4, 4]],
        [slice(x, 1, 0, 3, 2), [1, 3, 4, 6]],
        [flip(x, 1), [3, -2, 1, 6, -5, 4]],
        [split(x, [1, 2], 1)[1] ?? x, [-2, 3, -5, 6]],
        [
          pad(
            x,
            [
              [0, 0],
              [1, 0],
            ],
            7,
          ),
          [7, 1, -2, 3, 7, 4, -5, 6],
        ],
        [gather(x, indices), [4, -5, 6, 1, -2, 3]],
        [gatherElements(x, constant([[2], [0]], [2, 1], "int64"), 1), [3, 4]],
        [oneHot(indices, 3, dtype), [0, 1, 0, 1, 0, 0]],
        [cast(x, "bool"), [1, 1, 1, 1, 1, 1]],
        [cast(x, "float64"), [1, -2, 3, 4, -5, 6]],
      ];
      const feed = hostTensor([1, -2, 3, 4, -5, 6], [2, 3], dtype);
      const results = await evaluate(
        runtime,
        [[x, feed]],
        cases.map(([tensor]) => tensor),
      );
      const describeAll = (
        all: readonly { readonly shape: unknown; readonly dtype: unknown }[],
        data: readonly (readonly number[])[],
      ): readonly unknown[] =>
        all.map(({ shape, dtype }, i) => [cases[i]?.[0].toString(), shape, dtype, data[i]]);
      const found = results.map(({ data }) => Array.from(data, Number));
      const [tensors, expected] = [
        cases.map(([tensor]) => tensor),
        cases.map(([, values]) => values),
      ];
      expect(describeAll(results, found)).toEqual(describeAll(tensors, expected));
    });
  });

  test("linear layers in double precision", async () => {
    const x = constant([[1, 2]], [1, 2], "float64");
    const weight = constant(
      [
        [1, 0.1],
        [10, 1],
      ],
      [2, 2],
      "float64",
    );
    const [y] = await evaluate(
      runtime,
      [],
      [linear(x, weight, constant([100, 5], [2], "float64"))],
    );
    expect(y?.data).toEqual(Float64Array.of(121, 7.1));
  });
});

test("what a type cannot do is refused when it is built, not when it is run", () => {
  const whole = input("whole", [3], "int64");
  const flags = input("flags", [3], "bool");
  const floats = [exp, sqrt, relu, leakyRelu, softmax, logSoftmax, logSumExp, mean, tanh, erf];
  for (const f of floats) expect(() => f(whole)).toThrow(ShapeError);
  const numbers: ((x: Tensor) => Tensor)[] = [
    neg,
    sum,
    max,
    (x) => add(x, x),
    (x) => maximum(x, x),
    (x) => clip(x, 0, 1),
    (x) => cumsum(x, 0),
    (x) => argMax(x, 0),
    (x) => less(x, x),
  ];
  for (const f of numbers) expect(() => f(flags)).toThrow(ShapeError);
});
