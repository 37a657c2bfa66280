/** Pieces of graph whose cost nodes.ts measures. Float32, mostly [256, 20]: a minibatch in a small network. */
import { hostTensor } from "../../packages/graph/src/host-tensor.js";
import type { Body } from "./loop-model.js";
import { noise } from "./loop-model.js";

/** What maps x to something of the same shape, so that it can be chained. */
export interface Piece {
  readonly name: string;
  readonly shape: readonly number[];
  readonly build: (body: Body, x: string) => string;
  /** Pieces whose cost is taken off: what it needs besides the operator in question. */
  readonly minus: readonly string[];
}

const B = 256;
const D = 20;
const rows = [B, D];
const cube = [16, 16, 20];
const flat = [30_000];
const FLOAT = 1;

/** Keeps values in [0.5, 1]: a chain of, say, products would soon be all denormal, which is slow for another reason. */
const clip = (b: Body, x: string): string =>
  b.op("Clip", [x, b.constant("lo", hostTensor([0.5], [])), b.constant("hi", hostTensor([1], []))]);
const w = (b: Body, shape: readonly number[]): string =>
  b.feed(`w${shape.join("x")}`, noise(shape));
const piece = (
  name: string,
  shape: readonly number[],
  build: Piece["build"],
  minus: readonly string[] = [],
): Piece => ({ name, shape, build, minus });
const chain = (name: string, build: Piece["build"], minus: readonly string[] = []): Piece =>
  piece(name, rows, build, minus);
/** An elementwise operator, followed by Clip, whose cost is taken off. */
const elementwise = (name: string, build: Piece["build"]): Piece =>
  chain(name, (b, x) => clip(b, build(b, x)), ["Clip"]);
const unary = (op: string, attributes = {}): Piece =>
  elementwise(op, (b, x) => b.op(op, [x], attributes));
const binary = (op: string, other: readonly number[], note: string): Piece =>
  elementwise(`${op} ${note}`, (b, x) => b.op(op, [x, w(b, other)]));
/** An operator whose result broadcasts back to [256,20]: an Add restores the shape, and its cost is taken off. */
const shrinking = (
  name: string,
  build: Piece["build"],
  minus = "Add column [256,1]",
  shape: readonly number[] = rows,
): Piece =>
  piece(name, shape, (b, x) => clip(b, b.op("Add", [w(b, shape), build(b, x)])), [minus, "Clip"]);
const reduce = (op: string, axis: number): Piece =>
  shrinking(
    `${op} axis ${axis}`,
    (b, x) => b.op(op, [x, b.ints([axis])], { keepdims: 1 }),
    axis ? "Add column [256,1]" : "Add row [20]",
  );
const mask = (b: Body): string =>
  b.feed(
    "mask",
    hostTensor(
      Array.from({ length: B * D }, (_, i) => i % 2),
      rows,
      "bool",
    ),
  );
const indices = (b: Body, name: string, shape: readonly number[], top: number): string => {
  const size = shape.reduce((a, c) => a * c, 1);
  return b.feed(
    name,
    hostTensor(
      Array.from({ length: size }, (_, i) => (i * 7) % top),
      shape,
      "int64",
    ),
  );
};
const ones = (n: number): number[] => Array.from({ length: n }, () => 1);

/** One operator each, or few. */
export const pieces: readonly Piece[] = [
  piece("Mul tiny [1]: what a node costs at least", [1], (b, x) =>
    b.op("Mul", [x, b.feed("s", hostTensor([1], [1]))]),
  ),
  chain("Neg", (b, x) => b.op("Neg", [x])),
  chain(
    "Clip",
    (b, x) =>
      b.op("Clip", [
        b.op("Neg", [x]),
        b.constant("lo", hostTensor([-2], [])),
        b.constant("hi", hostTensor([2], [])),
      ]),
    ["Neg"],
  ),
  ...[
    "Abs",
    "Sqrt",
    "Reciprocal",
    "Exp",
    "Log",
    "Tanh",
    "Sigmoid",
    "Relu",
    "LeakyRelu",
    "Elu",
    "Gelu",
    "Softplus",
    "Erf",
    "Sign",
    "Floor",
    "Sin",
  ].map((op) => unary(op)),
  ...["Add", "Mul", "Div", "Max"].map((op) => binary(op, rows, "[256,20]")),
  ...["Add", "Mul"].flatMap((op) => [
    binary(op, [D], "row [20]"),
    binary(op, [B, 1], "column [256,1]"),
    binary(op, [], "scalar"),
  ]),
  piece("Add [256,128]", [B, 128], (b, x) => clip(b, b.op("Add", [x, w(b, [B, 128])]))),
  piece("Add [256,128] + row [128]", [B, 128], (b, x) => clip(b, b.op("Add", [x, w(b, [128])]))),
  piece("Add [256,128] + column [256,1]", [B, 128], (b, x) =>
    clip(b, b.op("Add", [x, w(b, [B, 1])])),
  ),
  ...[2, 3, 1.5].map((p) =>
    elementwise(`Pow constant ${p}`, (b, x) =>
      b.op("Pow", [x, b.constant(`p${p}`, hostTensor([p], []))]),
    ),
  ),
  elementwise("Pow [256,20]", (b, x) => b.op("Pow", [x, w(b, rows)])),
  elementwise("Where mask, tensor", (b, x) => b.op("Where", [mask(b), x, w(b, rows)])),
  elementwise("Where mask, scalar", (b, x) => b.op("Where", [mask(b), x, w(b, [])])),
  elementwise("Greater scalar + Where", (b, x) =>
    b.op("Where", [b.op("Greater", [x, w(b, [])]), x, w(b, rows)]),
  ),
  elementwise("Greater scalar + Cast + Mul", (b, x) =>
    b.op("Mul", [x, b.op("Cast", [b.op("Greater", [x, w(b, [])])], { to: FLOAT })]),
  ),
  elementwise("Sub scalar + Sign + Relu (a step)", (b, x) =>
    b.op("Relu", [b.op("Sign", [b.op("Sub", [x, w(b, [])])])]),
  ),
  unary("Softmax", { axis: -1 }),
  unary("LogSoftmax", { axis: -1 }),
  elementwise("LayerNormalization", (b, x) =>
    b.op("LayerNormalization", [x, w(b, [D]), b.feed("h", noise([D]))], { axis: -1 }),
  ),
  ...["ReduceSum", "ReduceMean", "ReduceMax", "ReduceLogSumExp"].flatMap((op) => [
    reduce(op, 1),
    reduce(op, 0),
  ]),
  piece(
    "Add [16,16,20] + [16,1,20]",
    cube,
    (b, x) => clip(b, b.op("Add", [x, w(b, [16, 1, 20])])),
    ["Clip"],
  ),
  shrinking(
    "ReduceSum [16,16,20] axis 1",
    (b, x) => b.op("ReduceSum", [x, b.ints([1])], { keepdims: 1 }),
    "Add [16,16,20] + [16,1,20]",
    cube,
  ),
  shrinking(
    "ReduceMax [16,16,20] axis 1",
    (b, x) => b.op("ReduceMax", [x, b.ints([1])], { keepdims: 1 }),
    "Add [16,16,20] + [16,1,20]",
    cube,
  ),
  shrinking("ReduceSum of all", (b, x) => b.op("ReduceSum", [x], { keepdims: 0 }), "Add scalar"),
  shrinking("MatMul with ones: row sums", (b, x) => b.op("MatMul", [x, w(b, [D, 1])])),
  shrinking("ArgMax + Cast", (b, x) =>
    b.op("Cast", [b.op("ArgMax", [x], { axis: 1 })], { to: FLOAT }),
  ),
  chain(
    "ArgMax + OneHot",
    (b, x) =>
      b.op("Add", [
        w(b, rows),
        b.op("OneHot", [
          b.op("ArgMax", [x], { axis: 1, keepdims: 0 }),
          b.constant("depth", hostTensor([D], [1], "int64")),
          b.constant("offon", hostTensor([0, 1], [2])),
        ]),
      ]),
    ["Add [256,20]"],
  ),
  chain(
    "Reshape",
    (b, x) =>
      clip(b, b.op("Reshape", [clip(b, b.op("Reshape", [x, b.ints([512, 10])])), b.ints(rows)])),
    ["Clip", "Clip"],
  ),
  chain("Transpose [256,20] + Reshape", (b, x) =>
    b.op("Reshape", [b.op("Transpose", [x], { perm: [1, 0] }), b.ints(rows)]),
  ),
  piece("Transpose [16,16,20] (1,0,2) + Reshape", cube, (b, x) =>
    b.op("Reshape", [
      b.op("Transpose", [b.op("Reshape", [x, b.ints([8, 32, 20])])], { perm: [1, 0, 2] }),
      b.ints(cube),
    ]),
  ),
  piece("Transpose [16,16,20] (0,2,1) + Reshape", cube, (b, x) =>
    b.op("Reshape", [b.op("Transpose", [x], { perm: [0, 2, 1] }), b.ints(cube)]),
  ),
  elementwise("ReduceSum axis 1 + Expand", (b, x) =>
    b.op("Expand", [b.op("ReduceSum", [x, b.ints([1])], { keepdims: 1 }), b.ints(rows)]),
  ),
  elementwise("ReduceSum axis 1 + Add of zeros", (b, x) =>
    b.op("Add", [b.op("ReduceSum", [x, b.ints([1])], { keepdims: 1 }), w(b, rows)]),
  ),
  chain("Slice half of columns + Concat", (b, x) =>
    b.op("Concat", [b.op("Slice", [x, b.ints([0]), b.ints([10]), b.ints([1])]), w(b, [B, 10])], {
      axis: 1,
    }),
  ),
  chain("Slice half of rows + Concat", (b, x) =>
    b.op("Concat", [b.op("Slice", [x, b.ints([0]), b.ints([128]), b.ints([0])]), w(b, [128, D])], {
      axis: 0,
    }),
  ),
  elementwise("Slice reversing columns", (b, x) =>
    b.op("Slice", [x, b.ints([-1]), b.ints([-1000]), b.ints([1]), b.ints([-1])]),
  ),
  elementwise("MatMul with a permutation of columns", (b, x) => b.op("MatMul", [x, w(b, [D, D])])),
  ...[0, 1].map((axis) =>
    chain(`Split 2 + Concat, axis ${axis}`, (b, x) =>
      b.op(
        "Concat",
        b.ops("Split", [x, b.ints(axis ? [10, 10] : [128, 128])], 2, { axis }).toReversed(),
        { axis },
      ),
    ),
  ),
  chain("Split 20 + Concat, axis 1", (b, x) =>
    b.op("Concat", b.ops("Split", [x, b.ints(ones(D))], D, { axis: 1 }).toReversed(), { axis: 1 }),
  ),
  piece("Split 30 + Concat of [30000]", flat, (b, x) =>
    b.op(
      "Concat",
      b.ops("Split", [x, b.ints(ones(30).map(() => 1000))], 30, { axis: 0 }).toReversed(),
      { axis: 0 },
    ),
  ),
  chain("Pad one column + Slice", (b, x) =>
    b.op("Slice", [b.op("Pad", [x, b.ints([0, 1, 0, 0])]), b.ints([0]), b.ints([D]), b.ints([1])]),
  ),
  chain("Gather 256 rows", (b, x) => b.op("Gather", [x, indices(b, "rows", [B], B)], { axis: 0 })),
  chain("Gather 20 columns", (b, x) =>
    b.op("Gather", [x, indices(b, "columns", [D], D)], { axis: 1 }),
  ),
  chain("GatherElements [256,20] of columns", (b, x) =>
    b.op("GatherElements", [x, indices(b, "elements", rows, D)], { axis: 1 }),
  ),
  shrinking("GatherElements [256,1] of columns", (b, x) =>
    b.op("GatherElements", [x, indices(b, "one", [B, 1], D)], { axis: 1 }),
  ),
  chain("ScatterElements columns", (b, x) =>
    b.op("ScatterElements", [x, indices(b, "elements", rows, D), w(b, rows)], { axis: 1 }),
  ),
  elementwise("CumSum columns", (b, x) =>
    b.op("CumSum", [x, b.constant("axis", hostTensor([1], [], "int64"))]),
  ),
  chain(
    "TopK 20 of 20 (a sort)",
    (b, x) =>
      b.ops("TopK", [x, b.constant("k", hostTensor([D], [1], "int64"))], 2, { axis: 1 })[0] ?? "",
  ),
  ...[50, 128].flatMap((n): Piece[] => {
    const shape = [B, n];
    const minus = [`Clip [256,${n}]`];
    const matrix = (name: string, build: Piece["build"]): Piece =>
      piece(`${name} 256x${n}x${n}`, shape, (b, x) => clip(b, build(b, x)), minus);
    return [
      piece(`Neg [256,${n}]`, shape, (b, x) => b.op("Neg", [x])),
      piece(
        `Clip [256,${n}]`,
        shape,
        (b, x) =>
          b.op("Clip", [
            b.op("Neg", [x]),
            b.constant("lo", hostTensor([-2], [])),
            b.constant("hi", hostTensor([2], [])),
          ]),
        [`Neg [256,${n}]`],
      ),
      matrix("Relu alone", (b, x) => b.op("Relu", [b.op("Neg", [x])])),
      matrix("Add same", (b, x) => b.op("Add", [x, w(b, shape)])),
      matrix("Add row", (b, x) => b.op("Add", [x, w(b, [n])])),
      matrix("Add column", (b, x) => b.op("Add", [x, w(b, [B, 1])])),
      matrix("ReduceSum axis 0 + MatMul back", (b, x) =>
        b.op("MatMul", [w(b, [B, 1]), b.op("ReduceSum", [x, b.ints([0])], { keepdims: 1 })]),
      ),
      matrix("MatMul with ones axis 0 + MatMul back", (b, x) =>
        b.op("MatMul", [w(b, [B, 1]), b.op("MatMul", [w(b, [1, B]), x])]),
      ),
      matrix("ReduceSum axis 1 + MatMul back", (b, x) =>
        b.op("MatMul", [b.op("ReduceSum", [x, b.ints([1])], { keepdims: 1 }), w(b, [1, n])]),
      ),
      matrix("MatMul with ones axis 1 + MatMul back", (b, x) =>
        b.op("MatMul", [b.op("MatMul", [x, w(b, [n, 1])]), w(b, [1, n])]),
      ),
      matrix("MatMul", (b, x) => b.op("MatMul", [x, w(b, [n, n])])),
      matrix("MatMul, constant weights", (b, x) =>
        b.op("MatMul", [x, b.constant("W", noise([n, n]))]),
      ),
      matrix("Gemm", (b, x) => b.op("Gemm", [x, w(b, [n, n]), w(b, [n])])),
      matrix("Gemm without bias", (b, x) => b.op("Gemm", [x, w(b, [n, n])])),
      matrix("Gemm, constant weights", (b, x) =>
        b.op("Gemm", [x, b.constant("W", noise([n, n])), w(b, [n])]),
      ),
      matrix("Gemm, constant weights in the body", (b, x) =>
        b.op("Gemm", [x, b.constant("W", noise([n, n]), "inner"), w(b, [n])]),
      ),
      matrix("Gemm, weights transposed", (b, x) =>
        b.op("Gemm", [x, w(b, [n, n]), w(b, [n])], { transB: 1 }),
      ),
      matrix("MatMul + Add", (b, x) => b.op("Add", [b.op("MatMul", [x, w(b, [n, n])]), w(b, [n])])),
      matrix("Gemm + Relu", (b, x) => b.op("Relu", [b.op("Gemm", [x, w(b, [n, n]), w(b, [n])])])),
      matrix("Gemm + Tanh", (b, x) => b.op("Tanh", [b.op("Gemm", [x, w(b, [n, n]), w(b, [n])])])),
      matrix("Gemm x'g (a weight's gradient) + MatMul", (b, x) =>
        b.op("MatMul", [x, b.op("Gemm", [x, b.feed("g", noise(shape))], { transA: 1 })]),
      ),
    ];
  }),
  piece("MatMul 64 of 8x8", [64, 8, 8], (b, x) => clip(b, b.op("MatMul", [x, w(b, [64, 8, 8])]))),
  piece("MatMul 5 of 256x50x50", [5, B, 50], (b, x) =>
    clip(b, b.op("MatMul", [x, w(b, [5, 50, 50])])),
  ),
  piece("MatMul [256,1,50] x [50,50]", [B, 1, 50], (b, x) =>
    clip(b, b.op("MatMul", [x, w(b, [50, 50])])),
  ),
  piece("Mul by a scalar on [30000]", flat, (b, x) => clip(b, b.op("Mul", [x, w(b, [])]))),
  piece("Sqrt on [30000]", flat, (b, x) => b.op("Sqrt", [x])),
];

/** Other ways to compute the same. */
export const alternatives: readonly Piece[] = [
  elementwise("softplus: relu(x) - log(sigmoid(|x|))", (b, x) =>
    b.op("Sub", [b.op("Relu", [x]), b.op("Log", [b.op("Sigmoid", [b.op("Abs", [x])])])]),
  ),
  elementwise("softplus: relu(x) + log(1 + exp(-|x|))", (b, x) =>
    b.op("Add", [
      b.op("Relu", [x]),
      b.op("Log", [b.op("Add", [b.op("Exp", [b.op("Neg", [b.op("Abs", [x])])]), w(b, [])])]),
    ]),
  ),
  shrinking("logsumexp axis 1: max, sub, exp, sum, log, add", (b, x) => {
    const top = b.op("ReduceMax", [x, b.ints([1])], { keepdims: 1 });
    return b.op("Add", [
      top,
      b.op("Log", [
        b.op("ReduceSum", [b.op("Exp", [b.op("Sub", [x, top])]), b.ints([1])], { keepdims: 1 }),
      ]),
    ]);
  }),
  elementwise("softmax: max, sub, exp, sum, div", (b, x) => {
    const e = b.op("Exp", [b.op("Sub", [x, b.op("ReduceMax", [x, b.ints([1])], { keepdims: 1 })])]);
    return b.op("Div", [e, b.op("ReduceSum", [e, b.ints([1])], { keepdims: 1 })]);
  }),
  elementwise("step: clip(1e30 x, 0, 1)", (b, x) =>
    b.op("Clip", [
      b.op("Mul", [x, b.feed("huge", hostTensor([1e30], []))]),
      b.constant("zero", hostTensor([0], [])),
      b.constant("one", hostTensor([1], [])),
    ]),
  ),
  elementwise("ReduceSum axis 1 + MatMul with a row of ones", (b, x) =>
    b.op("MatMul", [b.op("ReduceSum", [x, b.ints([1])], { keepdims: 1 }), w(b, [1, D])]),
  ),
  shrinking(
    "MatMul with ones: column sums",
    (b, x) => b.op("MatMul", [w(b, [1, B]), x]),
    "Add row [20]",
  ),
  elementwise("x sqrt(x) for Pow 1.5", (b, x) => b.op("Mul", [x, b.op("Sqrt", [x])])),
  elementwise("Mul of itself for Pow 2", (b, x) => b.op("Mul", [x, x])),
  elementwise("exp(p log x) for Pow", (b, x) =>
    b.op("Exp", [b.op("Mul", [w(b, []), b.op("Log", [x])])]),
  ),
  elementwise("Sum of three", (b, x) => b.op("Sum", [x, w(b, rows), b.feed("v", noise(rows))])),
  elementwise("Add, Add", (b, x) =>
    b.op("Add", [b.op("Add", [x, w(b, rows)]), b.feed("v", noise(rows))]),
  ),
  elementwise("And, Or of masks + Where", (b, x) =>
    b.op("Where", [b.op("And", [mask(b), b.op("Greater", [x, w(b, [])])]), x, w(b, rows)]),
  ),
  elementwise("Equal of int64 + Where", (b, x) =>
    b.op("Where", [
      b.op("Equal", [indices(b, "e", rows, 2), b.op("Cast", [x], { to: 7 })]),
      x,
      w(b, rows),
    ]),
  ),
];
