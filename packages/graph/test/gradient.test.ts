import { describe, expect, test } from "vitest";
import { customGradients } from "../src/custom-gradients.js";
import { InvalidArgumentError, ShapeError } from "../src/errors.js";
import { customGradient, gradient, leavesOf, stopGradient, topological } from "../src/gradient.js";
import { hostTensor } from "../src/host-tensor.js";
import { constant, input } from "../src/leaves.js";
import { cast, greater, where } from "../src/operations/comparison.js";
import { add, exp, floor, log, mul, pow, sin, square } from "../src/operations/elementwise.js";
import { tanh } from "../src/operations/logistic.js";
import { gather } from "../src/operations/indexing.js";
import { matmul } from "../src/operations/linear.js";
import { reshape, slice, split, transpose } from "../src/operations/movement.js";
import { logSumExp, max, mean, sum } from "../src/operations/reduction.js";
import { definePrimitive } from "../src/primitive.js";
import type { Tensor } from "../src/tensor.js";
import { evaluate, gradientError, largestDifference, numbers, values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

describe("what is asked for", () => {
  const x = input("x", ["batch", 2]);

  test("must be the gradient of a float scalar", () => {
    expect(() => gradient(x, [x])).toThrow(ShapeError);
    expect(() => gradient(x, [x])).toThrow(
      "gradient: needs a float scalar, but was given float32[batch, 2]; reduce it with sum or mean",
    );
    expect(() => gradient(cast(sum(x), "int64"), [x])).toThrow("given int64[]");
  });

  test("a constant has none", () => {
    const c = constant([1, 2]);
    expect(() => gradient(sum(mul(x, c)), [x, c])).toThrow(InvalidArgumentError);
    expect(() => gradient(sum(mul(x, c)), [x, c])).toThrow(
      "gradient: constant: float32[2] is a constant; make it an input or a variable",
    );
  });

  test("a rule that gives another shape is caught where it happens", () => {
    const wrong = definePrimitive<null>({
      name: "wrong",
      infer: ([x]) => [{ shape: x?.shape ?? [], dtype: "float32" }],
      gradient: ({ cotangents: [g] }) => [g && sum(g)],
      lower: ({ inputs }) => inputs,
    });
    expect(() => gradient(sum(wrong([x], null)[0] ?? x), [x])).toThrow(
      "the gradient rule of wrong gave float32[] for an operand x: float32[batch, 2]",
    );
  });

  test("applications come in an order in which each follows what it uses", () => {
    const a = exp(x);
    const b = mul(a, a);
    const y = sum(add(b, a));
    const order = topological([y]).map(({ primitive }) => primitive.name);
    expect(order).toEqual(["exp", "mul", "add", "sum"]);
    expect([...leavesOf([y])]).toEqual([x]);
  });
});

eachRuntime((runtime) => {
  const x = input("x", [3], "float64");
  const at = Float64Array.of(0.3, -0.7, 1.2);

  async function gradientAt(y: Tensor): Promise<readonly number[]> {
    const [dx = x] = gradient(y, [x]);
    return values(runtime, [[x, at]], dx);
  }

  describe("paths", () => {
    test("that meet again are added", async () => {
      const a = exp(x);
      // y = Σ a² + a x + x, all through shared parts: dy/dx = 2 a² + a (1 + x) + 1.
      const y = sum(add(add(mul(a, a), mul(a, x)), x));
      const expected = at.map((v) => 2 * Math.exp(2 * v) + Math.exp(v) * (1 + v) + 1);
      expect(largestDifference(await gradientAt(y), expected)).toBeLessThan(1e-14);
    });

    test("of one tensor used as both operands count twice", async () => {
      expect(await gradientAt(sum(mul(x, x)))).toEqual(Array.from(at, (v) => 2 * v));
      expect(await gradientAt(sum(add(x, x)))).toEqual([2, 2, 2]);
      const row = reshape(x, [1, 3]);
      const product = sum(matmul(row, row, { transposeB: true }));
      expect(await gradientAt(product)).toEqual(Array.from(at, (v) => 2 * v));
    });

    test("a thousand of them are no trouble: the graph is walked once", async () => {
      // 2^50 paths from the last to the first.
      let y = x;
      for (let i = 0; i < 50; i++) y = mul(0.5, add(y, y));
      expect(await gradientAt(sum(y))).toEqual([1, 1, 1]);
    });

    test("through outputs of which some are unused", async () => {
      const [a = x, , c = x] = split(x, [1, 1, 1], 0);
      expect(await gradientAt(sum(square(a)))).toEqual([0.6, 0, 0]);
      const both = await gradientAt(add(sum(square(a)), sum(c)));
      expect(both).toEqual([0.6, 0, 1]);
      expect(await gradientAt(sum(slice(x, 0, 1, 2)))).toEqual([0, 1, 0]);
    });

    test("to what y does not depend on give zeros, of dynamic shapes too", async () => {
      const unused = input("unused", ["batch", 2]);
      const grads = gradient(sum(x), [x, unused]);
      const feeds = [
        [x, at],
        [unused, hostTensor([1, 2, 3, 4], [2, 2])],
      ] as const;
      const [dx, zeros] = await evaluate(runtime, feeds, grads);
      expect(dx?.data).toEqual(Float64Array.of(1, 1, 1));
      expect([zeros?.shape, zeros?.data]).toEqual([[2, 2], new Float32Array(4)]);
    });

    test("to values on the way, and to y itself", async () => {
      const a = exp(x);
      const y = sum(square(a));
      const [da = x, dx = x, dy = x] = gradient(y, [a, x, y]);
      const [ofA, ofX, ofY] = await evaluate(runtime, [[x, at]], [da, dx, dy]);
      expect(
        largestDifference(
          ofA?.data ?? [],
          at.map((v) => 2 * Math.exp(v)),
        ),
      ).toBeLessThan(1e-14);
      expect(
        largestDifference(
          ofX?.data ?? [],
          at.map((v) => 2 * Math.exp(2 * v)),
        ),
      ).toBeLessThan(1e-14);
      expect(ofY?.data).toEqual(Float64Array.of(1));
    });

    test("to values on the way that are only reshaped again", async () => {
      const six = input("six", [6], "float64");
      const data = numbers(6, 3);
      const h = reshape(six, [2, 3]);
      const back = reshape(h, [6]);
      const y = add(sum(pow(reshape(h, [3, 2]), 3)), sum(square(back)));
      const [dh = h, dBack = h, dSix = h] = gradient(y, [h, back, six]);
      const found = await evaluate(runtime, [[six, data]], [dh, dBack, dSix]);
      expect(found.map(({ shape }) => shape)).toEqual([[2, 3], [6], [6]]);
      const both = data.map((v) => 3 * v * v + 2 * v);
      expect(largestDifference(found[0]?.data ?? [], both)).toBeLessThan(1e-15);
      const squares = data.map((v) => 2 * v);
      expect(largestDifference(found[1]?.data ?? [], squares)).toBeLessThan(1e-15);
      expect(largestDifference(found[2]?.data ?? [], both)).toBeLessThan(1e-15);
    });

    test("through operations without a gradient stop", async () => {
      expect(await gradientAt(sum(mul(x, floor(exp(x)))))).toEqual([1, 0, 3]);
      const chosen = where(greater(x, 0), square(x), mul(3, x));
      expect(await gradientAt(sum(chosen))).toEqual([0.6, 3, 2.4]);
      expect(await gradientAt(sum(cast(cast(x, "int64"), "float64")))).toEqual([0, 0, 0]);
      const [dx = x] = gradient(sum(cast(x, "float32")), [x]);
      expect(dx.dtype).toBe("float64");
    });
  });

  test("stopGradient keeps the value and drops the gradient", async () => {
    const stopped = stopGradient(exp(x));
    const y = sum(mul(x, stopped));
    expect(await values(runtime, [[x, at]], stopped)).toEqual(Array.from(at, Math.exp));
    expect(largestDifference(await gradientAt(y), at.map(Math.exp))).toBeLessThan(1e-15);
  });

  describe("customGradient", () => {
    test("replaces the rule, not the value", async () => {
      // A straight-through estimator: rounded forward, the identity backward.
      const rounded = customGradient(floor(x), [x], (g) => [g]);
      expect(await values(runtime, [[x, at]], rounded)).toEqual([0, -1, 1]);
      expect(await gradientAt(sum(mul(rounded, 2)))).toEqual([2, 2, 2]);
    });

    test("is differentiated again as it was written", async () => {
      const y: Tensor = customGradient(exp(x), [x], (g) => [mul(g, y)]);
      const [dx = x] = gradient(sum(y), [x]);
      expect(largestDifference(await gradientAt(sum(dx)), at.map(Math.exp))).toBeLessThan(1e-15);
    });

    test("may leave inputs out, and be joint for several outputs", async () => {
      const c = input("c", [3], "float64");
      const product = customGradient(mul(x, c), [x, c], (g) => [mul(g, c), undefined]);
      const [, dc = c] = gradient(sum(product), [x, c]);
      const bindings = [
        [x, at],
        [c, at],
      ] as const;
      expect(await values(runtime, bindings, dc)).toEqual([0, 0, 0]);
      const [p = x, q = x] = customGradients([exp(x), sin(x)], [x], ([gp, gq]) => [
        gp === undefined ? gq : gp,
      ]);
      expect(await gradientAt(sum(mul(2, p)))).toEqual([2, 2, 2]);
      expect(await gradientAt(sum(mul(3, q)))).toEqual([3, 3, 3]);
    });
  });

  describe("second derivatives", () => {
    test("of Σ x⁴ are 12 x²", async () => {
      const [dx = x] = gradient(sum(pow(x, 4)), [x]);
      const expected = at.map((v) => 12 * v * v);
      expect(largestDifference(await gradientAt(sum(dx)), expected)).toBeLessThan(1e-14);
    });

    test("and third, of tanh", async () => {
      const [d1 = x] = gradient(sum(tanh(x)), [x]);
      const [d2 = x] = gradient(sum(d1), [x]);
      const expected = at.map((v) => {
        const t = Math.tanh(v);
        return (1 - t * t) * (6 * t * t - 2);
      });
      expect(largestDifference(await gradientAt(sum(d2)), expected)).toBeLessThan(1e-14);
    });

    test("of a network, by central differences of its gradient", async () => {
      const w = input("w", [4, 3], "float64");
      const data = constant(numbers(20), [5, 4], "float64");
      const hidden = tanh(matmul(data, w));
      const y = add(
        mean(logSumExp(hidden, { axes: [1] })),
        sum(max(transpose(hidden), { axes: [1] })),
      );
      const [dw = w] = gradient(y, [w]);
      expect(await gradientError(runtime, w, numbers(12, 3), dw)).toBeLessThan(1e-7);
    });

    test("of a gather are gathered", async () => {
      const indices = constant([2, 0, 2], [3], "int64");
      const [dx = x] = gradient(sum(pow(gather(x, indices), 3)), [x]);
      expect(largestDifference(await gradientAt(sum(dx)), [6 * 0.3, 0, 2 * 6 * 1.2])).toBeLessThan(
        1e-14,
      );
    });
  });

  describe("at the edges", () => {
    const edge = input("edge", [4], "float64");
    const gradientOf = (y: Tensor, data: readonly number[]): Promise<readonly number[]> => {
      const [dx = edge] = gradient(y, [edge]);
      return values(runtime, [[edge, data]], dx);
    };

    test("a log-sum-exp gives nothing to what is infinitely small", async () => {
      const none = -Infinity;
      expect(await gradientOf(logSumExp(edge), [none, 0, none, 0])).toEqual([0, 0.5, 0, 0.5]);
      expect(await gradientOf(logSumExp(edge), [none, none, none, none])).toEqual([0, 0, 0, 0]);
      const [spread] = await evaluate(
        runtime,
        [[edge, [-1e300, 700, 1000, 1000]]],
        [logSumExp(edge)],
      );
      expect(spread?.data[0]).toBeCloseTo(1000 + Math.LN2, 12);
    });

    test("equal maxima share", async () => {
      expect(await gradientOf(max(edge), [1, 3, 3, 2])).toEqual([0, 0.5, 0.5, 0]);
    });

    test("powers of zero", async () => {
      expect(await gradientOf(sum(pow(edge, 2)), [0, 1, -1, 2])).toEqual([0, 2, -2, 4]);
      expect(await gradientOf(sum(pow(edge, 1)), [0, 1, -1, 2])).toEqual([1, 1, 1, 1]);
      expect(await gradientOf(sum(pow(edge, 0)), [0, 1, -1, 2])).toEqual([0, 0, 0, 0]);
      const exponents = gradient(sum(pow(edge, square(edge))), [edge]);
      expect(exponents).toHaveLength(1);
    });

    test("the branch not taken does not leak NaN through where", async () => {
      const positive = greater(edge, 0);
      const safe = where(positive, log(where(positive, edge, 1)), 0);
      expect(await gradientOf(sum(safe), [-1, 0, 1, 2])).toEqual([0, 0, 1, 0.5]);
    });
  });
});
