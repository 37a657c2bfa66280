/**
 * The engine's operations, by the names of the golden cases: from their inputs, all float64, to a result.
 *
 * A name is an operation's, or has a variant behind a slash.
 */
import * as graph from "../src/index.js";
import { constant } from "../src/leaves.js";
import type { Tensor } from "../src/tensor.js";

type Case = (...inputs: readonly Tensor[]) => Tensor;

const axes = (list: readonly number[], keepDims = false) => ({ axes: list, keepDims });
const indices = (data: readonly number[], shape: readonly number[]): Tensor =>
  constant(Float64Array.from(data), shape, "int64");

/** Both operands of cases that take two. */
type Binary = (a: Tensor, b: Tensor) => Tensor;
const binary = (f: Binary): Case => {
  return (a, b) => f(a ?? missing(), b ?? missing());
};
type Unary = (x: Tensor) => Tensor;
const unary = (f: Unary): Case => {
  return (x) => f(x ?? missing());
};
type Ternary = (a: Tensor, b: Tensor, c: Tensor) => Tensor;
const ternary = (f: Ternary): Case => {
  return (a, b, c) => f(a ?? missing(), b ?? missing(), c ?? missing());
};

function missing(): never {
  throw new TypeError("the golden case has too few inputs");
}

const symmetric = (x: Tensor): Tensor => {
  const transposed = graph.transpose(x, [...x.shape.slice(2).keys(), x.rank - 1, x.rank - 2]);
  return graph.mul(graph.add(x, transposed), 0.5);
};

const { add, sub, mul, div, pow, maximum, minimum, where, greater } = graph;
const above = (x: Tensor): Tensor => greater(x, 1);
const [s1, s2] = [axes([1]), axes([0, 2], true)];
const noise = constant([
  [0.1, 0.5, 0.9],
  [0.29, 0.31, 0.7],
]);

/** Operations by case. */
export const CASES: Readonly<Record<string, Case>> = {
  ...variants({ add, sub, mul, maximum, minimum }, ["", "/row", "/column"], binary),
  ...variants({ div }, ["", "/row"], binary),
  pow: binary(pow),
  "pow/square": unary((x) => pow(x, 2)),
  ...variants(
    {
      neg: graph.neg,
      exp: graph.exp,
      square: graph.square,
      abs: graph.abs,
      sign: graph.sign,
      relu: graph.relu,
      leakyRelu: (x: Tensor) => graph.leakyRelu(x),
      elu: graph.elu,
      gelu: graph.gelu,
      silu: graph.silu,
      sin: graph.sin,
      cos: graph.cos,
      floor: graph.floor,
      log: graph.log,
      sqrt: graph.sqrt,
      reciprocal: graph.reciprocal,
    },
    [""],
    unary,
  ),
  ...variants(
    {
      expm1: graph.expm1,
      tanh: graph.tanh,
      sigmoid: graph.sigmoid,
      softplus: graph.softplus,
      logSigmoid: graph.logSigmoid,
      erf: graph.erf,
      normalCdf: graph.normalCdf,
    },
    ["", "/far"],
    unary,
  ),
  ...variants({ log1p: graph.log1p }, ["", "/near"], unary),
  clip: unary((x) => graph.clip(x, -1, 1.5)),
  ...variants(
    {
      less: graph.less,
      lessEqual: graph.lessEqual,
      greater,
      greaterEqual: graph.greaterEqual,
      equal: graph.equal,
    },
    [""],
    binary,
  ),
  logicalAnd: binary((a, b) => graph.logicalAnd(above(a), above(b))),
  logicalOr: binary((a, b) => graph.logicalOr(above(a), above(b))),
  logicalNot: unary((x) => graph.logicalNot(above(x))),
  where: binary((a, b) => where(greater(a, 0), mul(a, b), b)),
  "where/row": binary((a, b) => where(greater(a, 0), a, b)),
  cast: unary((x) => mul(graph.cast(x, "float64"), 2)),
  ...reductions({
    sum: graph.sum,
    mean: graph.mean,
    max: graph.max,
    min: graph.min,
    logSumExp: graph.logSumExp,
  }),
  "logSumExp/far": unary((x) => graph.logSumExp(x, s1)),
  argMax: unary((x) => graph.argMax(x, 1)),
  sumTo: unary((x) => graph.sumTo(x, graph.zeros([1, 4], "float64"))),
  ...variants({ matmul: graph.matmul }, ["", "/batched", "/broadcast"], binary),
  "matmul/transposeA": binary((a, b) => graph.matmul(a, b, { transposeA: true })),
  "matmul/transposeB": binary((a, b) => graph.matmul(a, b, { transposeB: true })),
  linear: ternary(graph.linear),
  "linear/plain": binary((x, w) => graph.linear(x, w)),
  gemm: ternary((a, b, c) => graph.gemm(a, b, c)),
  "gemm/transposed": ternary((a, b, c) =>
    graph.gemm(a, b, c, { transposeA: true, transposeB: true }),
  ),
  reshape: unary((x) => graph.reshape(x, [4, -1])),
  transpose: unary((x) => graph.transpose(x, [2, 0, 1])),
  squeeze: unary((x) => graph.squeeze(x, [1])),
  expandDims: unary((x) => graph.expandDims(x, 1)),
  broadcastTo: unary((x) => graph.broadcastTo(x, [4, 2, 3])),
  slice: unary((x) => graph.slice(x, 1, 1, 3)),
  "slice/step": unary((x) => graph.slice(x, 2, 0, 4, 2)),
  flip: unary((x) => graph.flip(x, 1)),
  split: unary((x) => graph.split(x, [1, 3], 2)[1] ?? missing()),
  concat: binary((a, b) => graph.concat([a, b], 1)),
  stack: binary((a, b) => graph.stack([a, b], 1)),
  pad: unary((x) =>
    graph.pad(
      x,
      [
        [0, 1],
        [1, 2],
      ],
      0.5,
    ),
  ),
  zerosLike: unary((x) => graph.zerosLike(x)),
  gather: unary((x) => graph.gather(x, indices([2, 0, 2], [3]))),
  "gather/axis": unary((x) => graph.gather(x, indices([1, 1, 0], [3]), 1)),
  gatherElements: unary((x) => graph.gatherElements(x, indices([2, 0, 1, 1], [2, 2]), 1)),
  oneHot: unary((x) => mul(graph.oneHot(indices([2, 0, 1], [3]), 4, "float64"), x)),
  cumsum: unary((x) => graph.cumsum(x, 1)),
  "cumsum/exclusive": unary((x) => graph.cumsum(x, 1, { exclusive: true })),
  "cumsum/reverse": unary((x) => graph.cumsum(x, 1, { reverse: true })),
  "cumsum/both": unary((x) => graph.cumsum(x, 1, { exclusive: true, reverse: true })),
  sort: unary((x) => graph.sort(x, 1)),
  argSort: unary((x) => graph.argSort(x, 1)),
  softmax: unary((x) => graph.softmax(x)),
  "softmax/axis": unary((x) => graph.softmax(x, 1)),
  logSoftmax: unary((x) => graph.logSoftmax(x)),
  conv2d: binary((x, k) => graph.conv2d(x, k, { padding: "same" })),
  "conv2d/valid": binary((x, k) => graph.conv2d(x, k, { padding: "valid" })),
  "conv2d/stride": binary((x, k) =>
    graph.conv2d(x, k, {
      stride: [2, 1],
      padding: [
        [1, 1],
        [1, 1],
      ],
    }),
  ),
  "conv2d/dilation": binary((x, k) => graph.conv2d(x, k, { padding: "valid", dilation: 2 })),
  "conv2d/one": binary((x, k) => graph.conv2d(x, k)),
  conv1d: binary((x, k) => graph.conv1d(x, k, { padding: "same" })),
  "conv1d/stride": binary((x, k) => graph.conv1d(x, k, { padding: "valid", stride: 2 })),
  maxPool2d: unary((x) => graph.maxPool2d(x)),
  "maxPool2d/stride": unary((x) => graph.maxPool2d(x, { window: 3, stride: 2 })),
  averagePool2d: unary((x) => graph.averagePool2d(x)),
  maxPool1d: unary((x) => graph.maxPool1d(x)),
  averagePool1d: unary((x) => graph.averagePool1d(x, { window: 3, stride: 1 })),
  spatialConv2d: binary((x, k) => graph.spatialConv2d(x, k, { padding: "same" })),
  spatialConvMaxPool2d: binary((x, k) =>
    graph.spatialConvMaxPool2d(x, k, [2, 2], { padding: "same" }),
  ),
  spatialConvWindows2d: binary((x, k) =>
    graph.sum(graph.spatialConvWindows2d(x, k, [2, 2], { padding: "same" }), axes([0])),
  ),
  layerNorm: ternary((x, gain, bias) => graph.layerNorm(x, gain, bias)),
  batchNorm: ternary((x, gain, bias) => graph.batchNorm(x, gain, bias).y),
  "batchNorm/given": ternary(
    (x, gain, bias) =>
      graph.batchNorm(x, gain, bias, {
        mean: constant([0.1, -0.2, 0.3], [3], "float64"),
        variance: constant([0.5, 1, 2], [3], "float64"),
      }).y,
  ),
  dropout: unary((x) => graph.dropout(x, graph.cast(noise, "float64"), 0.3)),
  cholesky: unary((x) => graph.cholesky(symmetric(x))),
  choleskyFactors: unary((x) => graph.choleskyFactors(symmetric(x)).inverse),
  logDeterminant: unary((x) => graph.logDeterminant(symmetric(x))),
  triangularSolve: binary((l, b) => graph.triangularSolve(l, b)),
  "triangularSolve/transpose": binary((l, b) => graph.triangularSolve(l, b, { transpose: true })),
  "triangularSolve/upper": binary((u, b) => graph.triangularSolve(u, b, { upper: true })),
  "triangularSolve/upperTranspose": binary((u, b) =>
    graph.triangularSolve(u, b, { upper: true, transpose: true }),
  ),
  triangularInverse: unary(graph.triangularInverse),
  choleskySolve: binary(graph.choleskySolve),
  lowerTriangle: unary(graph.lowerTriangle),
  diagonal: unary(graph.diagonal),
};

function variants<F>(
  operations: Readonly<Record<string, F>>,
  suffixes: readonly string[],
  wrap: (f: F) => Case,
): Record<string, Case> {
  return Object.fromEntries(
    Object.entries(operations).flatMap(([name, f]) =>
      suffixes.map((suffix) => [name + suffix, wrap(f)]),
    ),
  );
}

function reductions(
  operations: Readonly<
    Record<
      string,
      (x: Tensor, options?: { axes?: readonly number[]; keepDims?: boolean }) => Tensor
    >
  >,
): Record<string, Case> {
  return Object.fromEntries(
    Object.entries(operations).flatMap(([name, f]) => [
      [name, unary((x) => f(x))],
      [`${name}/axis`, unary((x) => f(x, s1))],
      [`${name}/keep`, unary((x) => f(x, s2))],
    ]),
  );
}
