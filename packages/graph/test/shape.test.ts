import { describe, expect, test } from "vitest";
import { InvalidArgumentError, ShapeError } from "../src/errors.js";
import { hostTensor } from "../src/host-tensor.js";
import { constant, input } from "../src/leaves.js";
import { cast, equal, greater, less, logicalAnd, where } from "../src/operations/comparison.js";
import { add, clip, div, exp, maximum, mul } from "../src/operations/elementwise.js";
import { gather } from "../src/operations/indexing.js";
import { linear, matmul } from "../src/operations/linear.js";
import {
  broadcastTo,
  concat,
  expandDims,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  transpose,
} from "../src/operations/movement.js";
import { mean, sum } from "../src/operations/reduction.js";
import {
  broadcastShapes,
  broadcastsTo,
  canonicalShape,
  divideDims,
  multiplyDims,
  normalizeAxis,
} from "../src/shape.js";
import { gradient } from "../src/gradient.js";
import { evaluate, largestDifference, numbers, values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

describe("sizes", () => {
  test.each([
    [[], 1],
    [[2, 3], 6],
    [["batch", 3], "3*batch"],
    [["draws", "batch"], "batch*draws"],
    [["3*batch", 2, "draws"], "6*batch*draws"],
    [["batch", "batch"], "batch*batch"],
    [["batch", 0], 0],
  ])("the product of %j is %s", (dims, product) => {
    expect(multiplyDims(dims)).toBe(product);
  });

  test.each([
    [6, 3, 2],
    ["6*batch", 3, "2*batch"],
    ["6*batch", "batch", 6],
    ["6*batch*draws", "2*draws", "3*batch"],
    ["batch", "batch", 1],
    [6, 4, undefined],
    ["batch", "draws", undefined],
    [6, "batch", undefined],
    [6, 0, undefined],
  ])("%s / %s is %s", (a, b, quotient) => {
    expect(divideDims(a, b)).toBe(quotient);
  });

  test("are written in one way", () => {
    expect(canonicalShape(["draws*batch", "batch*2", 4], "f")).toEqual([
      "batch*draws",
      "2*batch",
      4,
    ]);
    expect(input("x", ["draws*2*batch"]).shape).toEqual(["2*batch*draws"]);
    for (const size of [-1, 1.5, Number.NaN, "", "a*", "a b"]) {
      expect(() => input("x", [3, size])).toThrow(
        `input "x": sizes must be whole numbers or names such as "batch" or "3*batch", but [3, ${JSON.stringify(size)}] was given`,
      );
    }
  });

  test("axes count from either end", () => {
    expect(normalizeAxis("f", -1, 3)).toBe(2);
    expect(normalizeAxis("f", 0, 3)).toBe(0);
    for (const axis of [3, -4, 0.5]) {
      expect(() => normalizeAxis("f", axis, 3)).toThrow(
        `f: axis ${axis} is out of range for a tensor of rank 3`,
      );
    }
  });
});

test("a joined list may change afterwards", () => {
  const parts = [input("a", ["batch", 1]), input("b", ["batch", 2])];
  const joined = concat(parts, -1);
  parts.push(input("c", ["batch", 3]));
  expect(joined.application?.inputs).toHaveLength(2);
});

describe("broadcasting", () => {
  test.each([
    [[], [2, 3], [2, 3]],
    [[3], [2, 1], [2, 3]],
    [["batch", 1], [5], ["batch", 5]],
    [
      ["batch", 1, 4],
      ["draws", 1],
      ["batch", "draws", 4],
    ],
    [["batch"], ["batch"], ["batch"]],
  ])("%j with %j gives %j", (a, b, shape) => {
    expect(broadcastShapes("f", a, b)).toEqual(shape);
    expect(broadcastShapes("f", b, a)).toEqual(shape);
    expect(broadcastsTo(a, shape)).toBe(true);
  });

  test.each([
    [[2], [3], "2", "3"],
    [["batch"], ["draws"], "batch", "draws"],
    [["batch", 3], [4, 3], "batch", "4"],
  ])("%j with %j does not fit, and the operation says so", (a, b, p, q) => {
    const [x, y] = [input("x", a), input("y", b)];
    for (const [name, operation] of [
      ["add", add],
      ["mul", mul],
      ["less", less],
    ] as const) {
      expect(() => operation(x, y)).toThrow(ShapeError);
      expect(() => operation(x, y)).toThrow(
        `${name}: shapes [${a.join(", ")}] and [${b.join(", ")}] do not broadcast (sizes ${p} and ${q})`,
      );
    }
  });
});

describe("errors name the operation and the shapes", () => {
  const x = input("x", ["batch", 6]);
  const wide = input("wide", [3, 4], "float64");
  const whole = input("whole", [3], "int64");
  test.each<[string, () => unknown, string]>([
    ["add", () => add(x, cast(x, "float64")), "add: types differ, float32 and float64"],
    [
      "where",
      () => where(x, x, x),
      "where: the condition must be bool, but is x: float32[batch, 6]",
    ],
    ["logicalAnd", () => logicalAnd(x, x), "logicalAnd needs bool tensors"],
    ["exp", () => exp(whole), "exp needs a float tensor, but was given whole: int64[3]"],
    [
      "sum of bool",
      () => sum(less(x, 0)),
      "sum needs a float or int64 tensor, but was given less: bool[batch, 6]",
    ],
    [
      "mean of int64",
      () => mean(whole),
      "mean needs a float tensor, but was given whole: int64[3]; cast it",
    ],
    ["sum axis", () => sum(x, { axes: [2] }), "sum: axis 2 is out of range for a tensor of rank 2"],
    ["sum twice", () => sum(x, { axes: [1, -1] }), "sum: an axis is named twice in [1, -1]"],
    ["matmul", () => matmul(x, wide), "matmul: types differ, float32 and float64"],
    [
      "matmul",
      () => matmul(x, input("b", [5, 2])),
      "matmul: inner sizes 6 and 5 differ in [batch, 6] and [5, 2]",
    ],
    [
      "matmul",
      () => matmul(x, input("b", [5])),
      "matmul: needs matrices, but was given [batch, 6] and [5]",
    ],
    [
      "matmul of bool",
      () => matmul(less(x, 0), less(x, 0), { transposeB: true }),
      "matmul needs a float or int64 tensor, but was given less: bool[batch, 6]",
    ],
    [
      "linear of int64",
      () => linear(cast(x, "int64"), input("w", [6, 2], "int64"), input("b", [2], "int64")),
      "linear needs a float tensor, but was given cast: int64[batch, 6]; cast it",
    ],
    ["linear", () => linear(x, input("w", [6, 2]), input("b", [3])), "bias float32[3] do not fit"],
    ["linear", () => linear(x, input("w", [6, 2], "float64"), input("b", [2])), "of one type"],
    ["reshape", () => reshape(x, [2, 3]), "reshape: [batch, 6] has 6*batch elements, [2, 3] has 6"],
    [
      "reshape",
      () => reshape(x, [-1, 4]),
      "reshape: cannot infer the size -1 from [batch, 6] to [-1, 4]",
    ],
    ["reshape", () => reshape(x, [-1, -1]), "reshape: sizes must be whole numbers"],
    ["reshape", () => reshape(x, ["batch", -2, -3]), "reshape: sizes must be whole numbers"],
    ["squeeze", () => squeeze(x, [1]), "squeeze: axis 1 of [batch, 6] does not have size 1"],
    ["transpose", () => transpose(x, [0, 0]), "transpose: [0, 0] is not a permutation"],
    [
      "broadcastTo",
      () => broadcastTo(x, ["batch", 7]),
      "broadcastTo: [batch, 6] does not broadcast to [batch, 7]",
    ],
    [
      "broadcastTo",
      () => broadcastTo(constant(1), ["batch"]),
      "has a dynamic size; pass a tensor of that shape",
    ],
    [
      "slice",
      () => slice(x, 1, 4, 4),
      "slice: 4 to 4 by 1 is empty or out of range on axis 1 of [batch, 6]",
    ],
    ["slice", () => slice(x, 1, 0.5, 4), "slice: 0.5 to 4 by 1 is empty or out of range"],
    ["slice", () => slice(x, 0, 0, 1), "slice needs the size of axis 0 at build time"],
    [
      "split",
      () => split(x, [2, 3], 1),
      "split: sizes [2, 3] add up to 5, but axis 1 of [batch, 6] has 6",
    ],
    ...[
      [-1, 7],
      [2.5, 3.5],
      [Number.NaN, 6],
    ].map((sizes): [string, () => unknown, string] => [
      "split",
      () => split(x, sizes, 1),
      `split: sizes must be whole numbers from 0 on, but are [${sizes.join(", ")}], for axis 1 of [batch, 6]`,
    ]),
    [
      "concat",
      () => concat([x, input("y", [4, 6])], 1),
      "concat: along axis 1, float32[4, 6] does not fit float32[batch, 6]",
    ],
    [
      "mul",
      () => mul(whole, 0.5),
      "mul: 0.5 is no int64, and was given beside whole: int64[3]; cast the tensor to a float type first",
    ],
    ["div", () => div(1.5, whole), "div: 1.5 is no int64"],
    ["greater", () => greater(whole, 0.5), "greater: 0.5 is no int64"],
    ["maximum", () => maximum(whole, Number.NaN), "maximum: NaN is no int64"],
    ["add", () => add(Infinity, whole), "add: Infinity is no int64"],
    ["where", () => where(less(whole, 1), whole, -0.1), "where: -0.1 is no int64"],
    ["equal", () => equal(less(whole, 1), 2), "equal: 2 is no bool"],
    ["clip", () => clip(whole, 0.5), "clip: 0.5 is no int64"],
    ["pad", () => pad(whole, [[1, 1]], 0.5), "pad: 0.5 is no int64"],
    ["pad", () => pad(x, [[1, 1]]), "pad: needs [before, after]"],
    ["gather", () => gather(x, x), "gather: indices must be int64"],
    ["constant", () => constant([[1, 2], [3]]), "constant: nested arrays must be regular"],
    [
      "host tensor",
      () => hostTensor([1, 2], [3]),
      "a tensor of shape [3] has 3 elements, but 2 were given",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(message);
  });
});

eachRuntime((runtime) => {
  describe("dynamic sizes", () => {
    const x = input("x", ["batch", "draws", 6]);
    const data = hostTensor(
      Float32Array.from({ length: 60 }, (_, i) => i),
      [2, 5, 6],
    );

    test("reshape in any arrangement that determines them", async () => {
      const pairs = [
        [reshape(x, ["batch", "draws", 2, 3]), [2, 5, 2, 3]],
        [reshape(x, ["batch*draws", 6]), [10, 6]],
        [reshape(x, [-1]), [60]],
        [reshape(x, [3, "batch", "2*draws"]), [3, 2, 10]],
        [reshape(x, ["draws", "batch", 6]), [5, 2, 6]],
        [expandDims(x, 0), [1, 2, 5, 6]],
        [expandDims(x, 1), [2, 1, 5, 6]],
        [squeeze(expandDims(expandDims(x, 0), 3), [0, 3]), [2, 5, 6]],
        [reshape(reshape(x, ["batch*draws", 6]), ["batch", "draws", 3, 2], x), [2, 5, 3, 2]],
        // Sizes that a reshape has lost are found before it.
        [reshape(reshape(x, ["6*batch*draws"]), ["draws", 3, "batch", 2]), [5, 3, 2, 2]],
        [reshape(reshape(x, ["draws", 6, "batch"]), ["batch", "draws", 6]), [2, 5, 6]],
      ] as const;
      const results = await evaluate(
        runtime,
        [[x, data]],
        pairs.map(([y]) => y),
      );
      for (const [i, [, shape]] of pairs.entries()) {
        expect(results[i]?.shape).toEqual(shape);
        expect(results[i]?.data).toEqual(data.data);
      }
      const flat = mul(reshape(x, ["batch*draws", 6]), 2);
      expect(() => reshape(flat, ["batch", "draws", 6])).toThrow(
        "reshape: from [batch*draws, 6] to [batch, draws, 6] more than one dynamic size must be found",
      );
    });

    test("of several leading axes go through linear layers, reductions and their gradients", async () => {
      const weight = input("weight", [6, 3]);
      const bias = input("bias", [3]);
      const fixed = input("x", [2, 5, 6]);
      const feeds = [
        [weight, Float32Array.from(numbers(18))],
        [bias, Float32Array.from(numbers(3, 4))],
      ] as const;
      const results = [];
      for (const z of [x, fixed]) {
        const y = exp(mul(0.01, linear(z, weight, bias)));
        const context = mean(y, { axes: [1], keepDims: true });
        const loss = mean(sum(mul(y, context), { axes: [2] }));
        const first = gradient(loss, [weight, bias, z]);
        const second = gradient(sum(mul(first[0] ?? y, first[0] ?? y)), [weight, z]);
        results.push(await evaluate(runtime, [[z, data], ...feeds], [y, ...first, ...second]));
      }
      const [dynamic = [], expected = []] = results;
      for (const [i, { shape, data: found }] of dynamic.entries()) {
        expect(shape).toEqual(expected[i]?.shape);
        const scale = Math.max(...Array.from(found, Number).map(Math.abs));
        expect(largestDifference(found, expected[i]?.data ?? [])).toBeLessThan(1e-6 * scale);
      }
    });

    test("broadcast, and are summed back in gradients", async () => {
      const a = input("a", ["batch", 1, 2]);
      const b = input("b", ["draws", 2]);
      const c = input("c", ["batch", 1, 1]);
      const y = sum(mul(add(a, b), exp(c)));
      const grads = gradient(y, [a, b, c]);
      const [da, db, dc] = await evaluate(
        runtime,
        [
          [a, hostTensor([1, 2, 3, 4], [2, 1, 2])],
          [b, hostTensor([1, 1, 2, 2, 3, 3], [3, 2])],
          [c, hostTensor([0, 0], [2, 1, 1])],
        ],
        grads,
      );
      expect(da?.data).toEqual(Float32Array.of(3, 3, 3, 3));
      expect(db?.data).toEqual(Float32Array.of(2, 2, 2, 2, 2, 2));
      // Σ over draws and columns of a + b: 3 (1 + 2) + 12, and 3 (3 + 4) + 12.
      expect(dc?.data).toEqual(Float32Array.of(21, 33));
    });

    test("count in means over them", async () => {
      const [dx = x] = gradient(mean(x), [x]);
      const [partly = x] = gradient(sum(mean(x, { axes: [0, 2] })), [x]);
      const [whole, part] = await evaluate(runtime, [[x, data]], [dx, partly]);
      expect(largestDifference(whole?.data ?? [], new Float32Array(60).fill(1 / 60))).toBeLessThan(
        1e-8,
      );
      expect(largestDifference(part?.data ?? [], new Float32Array(60).fill(1 / 12))).toBeLessThan(
        1e-8,
      );
    });
  });

  test("whole numbers take the type of int64 tensors, and a host tensor of them holds no NaN", async () => {
    const i = constant([-3, 2, 5], [3], "int64");
    const y = maximum(add(mul(i, -2), 1), where(greater(i, 2), 9, i));
    expect(y.dtype).toBe("int64");
    expect(await values(runtime, [], y)).toEqual([7, 2, 9]);
    expect(await values(runtime, [], clip(i, -1, Infinity))).toEqual([-1, 2, 5]);
    expect(() => hostTensor([1, Number.NaN], [2], "int64")).toThrow(InvalidArgumentError);
    expect(() => constant([1, Infinity], [2], "int64")).toThrow(
      "Infinity, element 1 of a tensor, is no int64",
    );
  });

  test("bools are selected, int64 matrices multiplied", async () => {
    const a = constant(
      [
        [1, 2],
        [3, 4],
      ],
      undefined,
      "int64",
    );
    const product = matmul(a, a, { transposeA: true });
    expect(await values(runtime, [], product)).toEqual([10, 14, 14, 20]);
    const condition = constant([1, 0, 1, 0], [4], "bool");
    const [p, q] = [constant([1, 1, 0, 0], [4], "bool"), constant([0, 1, 1, 1], [4], "bool")];
    expect(await values(runtime, [], where(condition, p, q))).toEqual([1, 1, 0, 1]);
  });
});
