/**
 * Every ONNX operator that lowerings write, in one table.
 *
 * Lowerings can emit nothing else (`emit` takes the names below, and each node is held against its entry when a graph is built), and
 * programs from files may hold nothing else (allow-list.ts). So an operator is allowed in files as soon as, and only when, the engine
 * writes it. `Loop`, by which training steps, is not among them: no answering program has one.
 *
 * Shapes are those of the ONNX specification, operator set 21 (https://onnx.ai/onnx/operators/), as far as the engine uses it.
 */
import type { DType } from "../dtype.js";
import {
  axesOf,
  axisOf,
  broadcast,
  FLOATS,
  given,
  integer,
  known,
  NUMBERS,
  operand,
  requireType,
  sameType,
  sizeOf,
  type Operator,
  type Value,
} from "./operator.js";
import {
  inferShape,
  inferReshape,
  inferSlice,
  inferSplit,
  inferConcat,
  inferPad,
  inferUnsqueeze,
  inferSqueeze,
  inferTranspose,
  inferMatMul,
  inferGemm,
  products,
  inferGather,
  byElement,
  inferScatterND,
  inferCast,
  inferLayerNormalization,
  inferExpand,
  inferWhere,
  inferClip,
  inferArgMax,
  inferTrilu,
  inferCumSum,
  inferTopK,
} from "./shape-rules.js";

/** One operand, element by element. */
function unary(dtypes: readonly DType[] = FLOATS): Operator {
  return {
    operands: [1, 1],
    infer: (node) => {
      const { dtype, shape } = requireType(operand(node), dtypes);
      return [{ dtype, shape }];
    },
  };
}

/** Operands of one type that broadcast. */
function elementwise(
  dtypes: readonly DType[],
  { most = 2, result }: { readonly most?: number; readonly result?: DType } = {},
): Operator {
  return {
    operands: [most === 2 ? 2 : 1, most],
    infer: (node) => {
      const values = given(node);
      const dtype = sameType(values.map((value) => requireType(value, dtypes)));
      return [{ dtype: result ?? dtype, shape: broadcast(values.map(({ shape }) => shape)) }];
    },
  };
}

const comparison = elementwise(NUMBERS, { result: "bool" });
const logic = elementwise(["bool"]);

/** Reduces axes given as a list. */
function reduction(dtypes: readonly DType[]): Operator {
  return {
    operands: [2, 2],
    attributes: { keepdims: "int" },
    infer: (node) => {
      const { dtype, shape } = requireType(operand(node), dtypes);
      const axes = axesOf(known(node, 1), shape.length);
      const kept = integer(node, "keepdims", 1) === 1;
      const left = shape.flatMap((dim, axis) => (axes.includes(axis) ? (kept ? [1] : []) : [dim]));
      return [{ dtype, shape: left }];
    },
    work: (node) => sizeOf(operand(node).shape),
  };
}

/** The shape of the operand, along an axis that is an attribute. */
const alongAxis: Operator = {
  ...unary(),
  attributes: { axis: "int" },
  infer: (node) => {
    const { dtype, shape } = requireType(operand(node), FLOATS);
    axisOf(integer(node, "axis", -1), shape.length);
    return [{ dtype, shape }];
  },
};

const same = (value: Value): readonly Value[] => [value];

/** The operators, by name. */
export const OPERATORS = {
  Abs: unary(NUMBERS),
  Add: elementwise(NUMBERS),
  And: logic,
  ArgMax: { operands: [1, 1], attributes: { axis: "int", keepdims: "int" }, infer: inferArgMax },
  Cast: { operands: [1, 1], attributes: { to: "int" }, infer: inferCast },
  Clip: { operands: [1, 3], infer: inferClip },
  Concat: { operands: [1, 4096], attributes: { axis: "int" }, infer: inferConcat },
  Cos: unary(),
  CumSum: {
    operands: [2, 2],
    attributes: { exclusive: "int", reverse: "int" },
    infer: inferCumSum,
  },
  Div: elementwise(NUMBERS),
  Equal: elementwise([...NUMBERS, "bool"], { result: "bool" }),
  Erf: unary(["float32"]),
  Exp: unary(),
  Expand: { operands: [2, 2], infer: inferExpand },
  Floor: unary(),
  Gather: { operands: [2, 2], attributes: { axis: "int" }, infer: inferGather },
  GatherElements: {
    operands: [2, 2],
    attributes: { axis: "int" },
    infer: byElement((_, { shape }) => shape),
  },
  Gemm: {
    operands: [2, 3],
    attributes: { transA: "int", transB: "int" },
    infer: inferGemm,
    work: products,
  },
  Greater: comparison,
  GreaterOrEqual: comparison,
  HardSigmoid: { ...unary(["float32"]), attributes: { alpha: "float", beta: "float" } },
  Identity: { operands: [1, 1], infer: (node) => same(operand(node)) },
  IsNaN: {
    operands: [1, 1],
    infer: (node) => [{ dtype: "bool", shape: requireType(operand(node), FLOATS).shape }],
  },
  LayerNormalization: {
    operands: [2, 2],
    results: [1, 3],
    attributes: { axis: "int", epsilon: "float" },
    infer: inferLayerNormalization,
  },
  LeakyRelu: { ...unary(["float32"]), attributes: { alpha: "float" } },
  Less: comparison,
  LessOrEqual: comparison,
  Log: unary(),
  LogSoftmax: alongAxis,
  MatMul: { operands: [2, 2], infer: inferMatMul, work: products },
  Max: elementwise(NUMBERS, { most: 4096 }),
  Min: elementwise(NUMBERS, { most: 4096 }),
  Mul: elementwise(NUMBERS),
  Neg: unary(NUMBERS),
  Not: unary(["bool"]),
  Or: logic,
  Pad: { operands: [2, 3], infer: inferPad },
  Pow: elementwise(NUMBERS),
  Reciprocal: unary(),
  ReduceMax: reduction(NUMBERS),
  ReduceMean: reduction(FLOATS),
  ReduceMin: reduction(NUMBERS),
  ReduceSum: reduction(NUMBERS),
  Relu: unary(),
  Reshape: { operands: [2, 2], infer: inferReshape },
  ScatterElements: {
    operands: [3, 3],
    attributes: { axis: "int", reduction: "string" },
    infer: byElement(({ shape }) => shape),
  },
  ScatterND: { operands: [3, 3], attributes: { reduction: "string" }, infer: inferScatterND },
  Shape: { operands: [1, 1], attributes: { start: "int", end: "int" }, infer: inferShape },
  // Written by version 0.1.
  Sigmoid: unary(),
  Sign: unary(NUMBERS),
  Sin: unary(),
  Size: { operands: [1, 1], infer: () => [{ dtype: "int64", shape: [] }] },
  Slice: { operands: [3, 5], infer: inferSlice },
  Softmax: alongAxis,
  Split: {
    operands: [1, 2],
    results: [1, 4096],
    attributes: { axis: "int", num_outputs: "int" },
    infer: inferSplit,
  },
  Sqrt: unary(),
  Squeeze: { operands: [1, 2], infer: inferSqueeze },
  Sub: elementwise(NUMBERS),
  Tanh: unary(),
  TopK: {
    operands: [2, 2],
    results: [1, 2],
    attributes: { axis: "int", largest: "int", sorted: "int" },
    infer: inferTopK,
  },
  Transpose: { operands: [1, 1], attributes: { perm: "ints" }, infer: inferTranspose },
  Trilu: { operands: [1, 2], attributes: { upper: "int" }, infer: inferTrilu },
  Unsqueeze: { operands: [2, 2], infer: inferUnsqueeze },
  Where: { operands: [3, 3], infer: inferWhere },
} as const satisfies Readonly<Record<string, Operator>>;

/** Name of an operator that the engine writes. */
export type OperatorName = keyof typeof OPERATORS;

/** The entry of a name, if the engine writes such an operator. */
export function operatorOf(name: string): Operator | undefined {
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name as OperatorName] : undefined;
}
