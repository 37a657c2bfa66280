/** How each operator is done: functions of elements, and what is made of them. */
import { UnsupportedError } from "../../errors.js";
import { axesOf, axisOf, known } from "../../onnx/operator.js";
import type { OperatorName } from "../../onnx/operators.js";
import type { MapName } from "../kernels/functions.js";
import { attribute, nodeView, operandView, resultOf } from "./emit-context.js";
import {
  emitGather,
  emitGatherElements,
  emitScatterElements,
  emitScatterND,
  emitTopK,
} from "./indexing.js";
import { emitConcat, emitPad, emitSlice, emitSplit, emitTriangle } from "./layout.js";
import type { EmitContext, Lowering } from "./lowering.js";
import { emitGemm, emitMatmul } from "./products.js";
import { along, broadcastTo, permute, type View } from "./view.js";

/** Gives the results of a node. */
export type Emit = (context: EmitContext) => readonly View[];

/** A function of elements. */
const map =
  (name: MapName): Emit =>
  (context) => {
    const { dtype, shape } = resultOf(context);
    const inputs = context.operands.map((_, at) => operandView(context, at));
    return [context.lowering.map(name, inputs, dtype, shape)];
  };

/** A function of two, of as many operands as there are. */
const fold =
  (name: MapName): Emit =>
  (context) => {
    const { dtype, shape } = resultOf(context);
    const inputs = context.operands.map((_, at) => operandView(context, at));
    const [first = operandView(context), ...rest] = inputs;
    if (rest.length === 0) return [first];
    return [rest.reduce((a, b) => context.lowering.map(name, [a, b], dtype, shape), first)];
  };

/** The operand seen otherwise, in the shape of the result. */
const reshaped: Emit = (context) => [
  context.lowering.reshape(operandView(context), resultOf(context).shape),
];

const reduction =
  (name: "sum" | "max" | "min", isMean = false): Emit =>
  (context) => {
    const { lowering } = context;
    const x = operandView(context);
    const axes = axesOf(known(nodeView(context), 1), x.shape.length);
    const { dtype, shape } = resultOf(context);
    const reduced = lowering.reduce(
      name,
      x,
      axes.toSorted((a, b) => a - b),
    );
    if (!isMean) return [lowering.reshape(reduced, shape)];
    const count = axes.reduce((n, axis) => n * (x.shape[axis] ?? 1), 1);
    const mean = lowering.map(
      "div",
      [reduced, lowering.scalar(count, dtype)],
      dtype,
      reduced.shape,
    );
    return [lowering.reshape(mean, shape)];
  };

/** Functions of one operand and numbers, all of one type and shape. */
function arithmetic(context: EmitContext): {
  readonly lowering: Lowering;
  readonly x: View;
  readonly of: (name: MapName, ...given: readonly (View | number)[]) => View;
} {
  const { lowering } = context;
  const x = operandView(context);
  const { dtype } = x.storage;
  const of = (name: MapName, ...given: readonly (View | number)[]): View =>
    lowering.map(
      name,
      given.map((each) => (typeof each === "number" ? lowering.scalar(each, dtype) : each)),
      dtype,
      x.shape,
    );
  return { lowering, x, of };
}

const clip: Emit = (context) => {
  const { dtype, shape } = resultOf(context);
  const [, low, high] = context.operands;
  const { lowering } = context;
  const x = operandView(context);
  const above = low ? lowering.map("max", [x, lowering.view(low)], dtype, shape) : x;
  return [high ? lowering.map("min", [above, lowering.view(high)], dtype, shape) : above];
};

const hardSigmoid: Emit = (context) => {
  const { x, of } = arithmetic(context);
  const scaled = of("mul", x, Math.fround(attribute(context, "alpha", 0.2)));
  const moved = of("add", scaled, Math.fround(attribute(context, "beta", 0.5)));
  return [of("max", of("min", moved, 1), 0)];
};

const leakyRelu: Emit = (context) => {
  const { lowering, x, of } = arithmetic(context);
  const { dtype } = x.storage;
  const below = lowering.map("less", [x, lowering.scalar(0, dtype)], "bool", x.shape);
  const slope = Math.fround(attribute(context, "alpha", 0.01));
  return [lowering.map("where", [below, of("mul", x, slope), x], dtype, x.shape)];
};

/** What is left of each number when the largest is taken off, so that no exponential overflows. */
function shifted(context: EmitContext): {
  readonly parts: ReturnType<typeof arithmetic>;
  readonly axes: readonly number[];
  readonly rest: View;
} {
  const parts = arithmetic(context);
  const axes = [axisOf(attribute(context, "axis", -1), parts.x.shape.length)];
  const rest = parts.of("sub", parts.x, parts.lowering.reduce("max", parts.x, axes));
  return { parts, axes, rest };
}

const softmax: Emit = (context) => {
  const { parts, axes, rest } = shifted(context);
  const powers = parts.of("exp", rest);
  return [parts.of("div", powers, parts.lowering.reduce("sum", powers, axes))];
};

const logSoftmax: Emit = (context) => {
  const { parts, axes, rest } = shifted(context);
  const total = parts.lowering.reduce("sum", parts.of("exp", rest), axes);
  const logarithm = parts.lowering.map("log", [total], total.storage.dtype, total.shape);
  return [parts.of("sub", rest, logarithm)];
};

/** (x - mean) / √(variance + ε) · scale over the last axis, the mean, and 1 / √(variance + ε). */
const layerNormalization: Emit = (context) => {
  const { lowering, x, of } = arithmetic(context);
  const { dtype } = x.storage;
  const axis = x.shape.length - 1;
  const count = lowering.scalar(x.shape[axis] ?? 1, dtype);
  const average = (of_: View): View => {
    const total = lowering.reduce("sum", of_, [axis]);
    return lowering.map("div", [total, count], dtype, total.shape);
  };
  const mean = average(x);
  const centred = of("sub", x, mean);
  const variance = average(of("mul", centred, centred));
  const epsilon = lowering.scalar(Math.fround(attribute(context, "epsilon", 1e-5)), dtype);
  const one = (name: MapName, ...given: readonly View[]): View =>
    lowering.map(name, given, dtype, variance.shape);
  const scale = one("reciprocal", one("sqrt", one("add", variance, epsilon)));
  return [of("mul", of("mul", centred, scale), operandView(context, 1)), mean, scale];
};

const cumulate: Emit = (context) => {
  const { lowering } = context;
  const x = operandView(context);
  const rank = x.shape.length;
  const axis = axisOf(known(nodeView(context), 1)[0] ?? 0, rank);
  const output = lowering.scratch(x.storage.dtype, x.shape);
  if (output.storage.size === 0) return [output];
  const size = x.shape[axis] ?? 1;
  const order = [...x.shape.keys()].filter((i) => i !== axis);
  order.push(axis);
  const isReverse = attribute(context, "reverse", 0) === 1;
  const seen = (view: View): View =>
    permute(isReverse ? along(view, axis, size - 1, size, -1) : view, order);
  const exclusive = attribute(context, "exclusive", 0) === 1;
  lowering.operations.push({
    kind: "cumulate",
    inputs: [seen(x)],
    output: seen(output),
    exclusive,
  });
  return [output];
};

const argMax: Emit = (context) => {
  const { lowering } = context;
  const x = operandView(context);
  const { shape } = resultOf(context);
  const axis = axisOf(attribute(context, "axis", 0), x.shape.length);
  const order = [...x.shape.keys()].filter((i) => i !== axis);
  const seen = permute(x, [...order, axis]);
  const output = lowering.scratch("int64", seen.shape.slice(0, -1));
  if (output.storage.size > 0) {
    lowering.operations.push({ kind: "argMax", inputs: [seen], output });
  }
  return [lowering.reshape(output, shape)];
};

const size: Emit = (context) => {
  const { shape } = operandView(context);
  return [
    context.lowering.scalar(
      shape.reduce((a, b) => a * b, 1),
      "int64",
    ),
  ];
};

const transpose: Emit = (context) => {
  const { perm } = context.attributes;
  return [permute(operandView(context), Array.isArray(perm) ? (perm as readonly number[]) : [])];
};

/** The way each operator is done. */
export const EMITTERS: Readonly<Record<OperatorName, Emit>> = {
  Abs: map("abs"),
  Add: map("add"),
  And: map("and"),
  ArgMax: argMax,
  Cast: map("identity"),
  Clip: clip,
  Concat: emitConcat,
  Cos: map("cos"),
  CumSum: cumulate,
  Div: map("div"),
  Equal: map("equal"),
  Erf: map("erf"),
  Exp: map("exp"),
  Expand: (context) => [broadcastTo(operandView(context), resultOf(context).shape)],
  Floor: map("floor"),
  Gather: emitGather,
  GatherElements: emitGatherElements,
  Gemm: emitGemm,
  Greater: map("greater"),
  GreaterOrEqual: map("greaterEqual"),
  HardSigmoid: hardSigmoid,
  Identity: (context) => [operandView(context)],
  IsNaN: map("isNaN"),
  LayerNormalization: layerNormalization,
  LeakyRelu: leakyRelu,
  Less: map("less"),
  LessOrEqual: map("lessEqual"),
  Log: map("log"),
  LogSoftmax: logSoftmax,
  MatMul: emitMatmul,
  Max: fold("max"),
  Min: fold("min"),
  Mul: map("mul"),
  Neg: map("neg"),
  Not: map("not"),
  Or: map("or"),
  Pad: emitPad,
  Pow: power,
  Reciprocal: map("reciprocal"),
  ReduceMax: reduction("max"),
  ReduceMean: reduction("sum", true),
  ReduceMin: reduction("min"),
  ReduceSum: reduction("sum"),
  Relu: (context) => {
    const { x, of } = arithmetic(context);
    return [of("max", x, 0)];
  },
  Reshape: reshaped,
  ScatterElements: emitScatterElements,
  ScatterND: emitScatterND,
  Shape: () => [],
  Sigmoid: map("sigmoid"),
  Sign: map("sign"),
  Sin: map("sin"),
  Size: size,
  Slice: emitSlice,
  Softmax: softmax,
  Split: emitSplit,
  Sqrt: map("sqrt"),
  Squeeze: reshaped,
  Sub: map("sub"),
  Tanh: map("tanh"),
  TopK: emitTopK,
  Transpose: transpose,
  Trilu: emitTriangle,
  Unsqueeze: reshaped,
  Where: map("where"),
};

/** Squares, the most frequent of powers, are products. */
function power(context: EmitContext): readonly View[] {
  const exponent = operandView(context, 1);
  const { place } = exponent.storage;
  const x = operandView(context);
  const isSquare = place.kind === "constant" && place.data.every((value) => Number(value) === 2);
  if (isSquare && resultOf(context).shape.length === x.shape.length) {
    const { dtype, shape } = resultOf(context);
    return [context.lowering.map("mul", [x, x], dtype, shape)];
  }
  if (x.storage.dtype === "int64") throw new UnsupportedError("Pow of int64 is not to be had");
  return map("pow")(context);
}
