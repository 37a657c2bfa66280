/**
 * Comparisons, logic, selection and conversion between types. Of these only `where` and `cast` carry gradients.
 */
import type { DType } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { constant, first, promote } from "../leaves.js";
import { definePrimitive, type LowerContext } from "../primitive.js";
import { broadcastShapes, formatShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import type { OperatorName } from "../onnx/operators.js";
import { binaryType, pair } from "./elementwise.js";
import { expandDims } from "./movement.js";
import { operandOf, type Accepts } from "./operands.js";
import { sumTo } from "./reduction.js";

type Empty = Readonly<Record<string, never>>;

function comparison(
  name: string,
  op: OperatorName,
  accepts: Accepts = "number",
): (a: TensorLike, b: TensorLike) => Tensor {
  const apply = definePrimitive<Empty>({
    name,
    infer: (inputs) => {
      operandOf(name, inputs, accepts);
      return [{ shape: binaryType(name, inputs).shape, dtype: "bool" }];
    },
    lower: ({ inputs, emit }) => [emit(op, inputs)],
  });
  return (a, b) => first(apply(promote(a, b, name), {}));
}

/** a < b. */
export const less = comparison("less", "Less");
/** a ≤ b. */
export const lessEqual = comparison("lessEqual", "LessOrEqual");
/** a > b. */
export const greater = comparison("greater", "Greater");
/** a ≥ b. */
export const greaterEqual = comparison("greaterEqual", "GreaterOrEqual");
/** a = b. */
export const equal = comparison("equal", "Equal", "any");

function logic(name: string, op: OperatorName): (a: Tensor, b: Tensor) => Tensor {
  const apply = definePrimitive<Empty>({
    name,
    infer: (inputs) => {
      const type = binaryType(name, inputs);
      if (type.dtype !== "bool") {
        throw new ShapeError(
          `${name} needs bool tensors, but was given ${pair(inputs).join(" and ")}`,
        );
      }
      return [type];
    },
    lower: ({ inputs, emit }) => [emit(op, inputs)],
  });
  return (a, b) => first(apply([a, b], {}));
}

/** Both. */
export const logicalAnd = logic("logicalAnd", "And");
/** Either or both. */
export const logicalOr = logic("logicalOr", "Or");

const applyNot = definePrimitive<Empty>({
  name: "logicalNot",
  infer: ([x]) => {
    if (x?.dtype !== "bool") throw new ShapeError("logicalNot needs a bool tensor");
    return [{ shape: x.shape, dtype: "bool" }];
  },
  lower: ({ inputs, emit }) => [emit("Not", inputs)],
});

/** Not x. */
export function logicalNot(x: Tensor): Tensor {
  return first(applyNot([x], {}));
}

const applyWhere = definePrimitive<Empty>({
  name: "where",
  infer: ([condition, a, b]) => {
    if (condition === undefined || a === undefined || b === undefined) {
      throw new ShapeError("where needs a condition and two operands");
    }
    if (condition.dtype !== "bool") {
      throw new ShapeError(`where: the condition must be bool, but is ${condition.toString()}`);
    }
    const { shape, dtype } = binaryType("where", [a, b]);
    return [{ shape: broadcastShapes("where", condition.shape, shape), dtype }];
  },
  gradient: ({ inputs: [condition, a, b], cotangents: [g] }) => {
    if (g === undefined || condition === undefined || a === undefined || b === undefined) return [];
    return [undefined, sumTo(where(condition, g, 0), a), sumTo(where(condition, 0, g), b)];
  },
  lower: ({ inputs, outputTypes, emit }) => {
    if (outputTypes[0]?.dtype !== "bool") return [emit("Where", inputs)];
    // The runtime selects no bools.
    const [condition = "", a = "", b = ""] = inputs;
    return [emit("Or", [emit("And", [condition, a]), emit("And", [emit("Not", [condition]), b])])];
  },
});

/** a where the condition holds, b elsewhere; all three broadcast. The side not taken gets a zero gradient. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  return first(applyWhere([condition, ...promote(a, b, "where")], {}));
}

const ONNX_TYPE: Readonly<Record<DType, number>> = { float32: 1, int64: 7, bool: 9, float64: 11 };

const applyCast = definePrimitive<{ readonly dtype: DType }>({
  name: "cast",
  infer: ([x], { dtype }) => {
    if (x === undefined) throw new ShapeError("cast needs one operand");
    return [{ shape: x.shape, dtype }];
  },
  gradient: ({ inputs: [x], cotangents: [g], attributes }) => {
    if (g === undefined || x === undefined || !attributes.dtype.startsWith("float")) return [];
    return [x.dtype.startsWith("float") ? cast(g, x.dtype) : undefined];
  },
  lower: (context) => {
    const { inputs, inputTypes, attributes, emit } = context;
    const [from] = inputTypes;
    const operands =
      attributes.dtype === "int64" && from?.dtype.startsWith("float")
        ? [withinInt64(context, from.dtype)]
        : inputs;
    return [emit("Cast", operands, { to: { type: "int", value: ONNX_TYPE[attributes.dtype] } })];
  },
});

/** Largest numbers of each type that are integers of 64 bits. */
const LARGEST_INT64: Readonly<Record<string, number>> = {
  float32: 2 ** 63 - 2 ** 39,
  float64: 2 ** 63 - 2 ** 10,
};

/** Runtimes differ in what becomes of a NaN and of what is out of range: the lowest integer, and the nearest. */
function withinInt64({ inputs: [x = ""], emit, scalar }: LowerContext<unknown>, dtype: DType) {
  const lowest = scalar(-(2 ** 63), dtype);
  const numbers = emit("Where", [emit("IsNaN", [x]), lowest, x]);
  return emit("Clip", [numbers, lowest, scalar(LARGEST_INT64[dtype] ?? 0, dtype)]);
}

/**
 * x in another type; bool becomes 0 and 1. Floats become integers towards zero: the nearest where they are out of range, the lowest
 * for NaN.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : first(applyCast([x], { dtype }));
}

/** One-hot vectors along a new last axis: [...s] int64 to [...s, depth]. */
export function oneHot(indices: Tensor, depth: number, dtype: DType = "float32"): Tensor {
  if (indices.dtype !== "int64") {
    throw new ShapeError(
      `oneHot needs int64 indices, but was given ${indices.dtype}${formatShape(indices.shape)}`,
    );
  }
  const classes = constant(
    Float64Array.from({ length: depth }, (_, i) => i),
    [depth],
    "int64",
  );
  return cast(equal(expandDims(indices, -1), classes), dtype);
}
