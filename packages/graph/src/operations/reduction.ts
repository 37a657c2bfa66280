/**
 * Sums, means, extremes and log-sum-exp over axes.
 */
import type { DType } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { first } from "../leaves.js";
import {
  definePrimitive,
  type GradientContext,
  type LowerContext,
  type TensorType,
} from "../primitive.js";
import { multiplyDims, normalizeAxis, sameShape, type Dim, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { cast, equal } from "./comparison.js";
import { clip, div, exp, mul, sub } from "./elementwise.js";
import { broadcastTo, reshape } from "./movement.js";
import { operandOf, type Accepts } from "./operands.js";
import { emitExtreme, emitReduction, emitSum, type Reduced } from "./reduction-nodes.js";

/** Which axes to reduce (default: all), and whether to keep them with size one. */
export interface ReductionOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

interface Attributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reducedShape(shape: Shape, { axes, keepDims }: Attributes): Shape {
  const result: Dim[] = [];
  for (const [axis, dim] of shape.entries()) {
    if (!axes.includes(axis)) result.push(dim);
    else if (keepDims) result.push(1);
  }
  return result;
}

/** The reduced axes put back with size one, so that it broadcasts against the operand. */
function restore(y: Tensor, x: Tensor, attributes: Attributes): Tensor {
  return attributes.keepDims
    ? y
    : reshape(y, reducedShape(x.shape, { ...attributes, keepDims: true }));
}

interface Reduction {
  readonly lower: (context: LowerContext<Attributes>) => string;
  /** Element types it takes. */
  readonly accepts: Accepts;
  readonly vjp: (g: Tensor, x: Tensor, y: Tensor) => Tensor;
}

/** What a reduction's lowering reduces. */
function operandFor({ inputs, inputTypes, attributes }: LowerContext<Attributes>): Reduced {
  const { shape, dtype } = inputTypes[0] ?? { shape: [], dtype: "float32" };
  return { name: inputs[0] ?? "", shape, dtype, ...attributes };
}

/** max + log Σ exp(x - max): three times as fast as ONNX's own. An infinite maximum is held finite, so -Infinity stays itself. */
function lowerLogSumExp(context: LowerContext<Attributes>): string {
  const { attributes, emit, int64, scalar } = context;
  const x = { ...operandFor(context), keepDims: true };
  const bound = x.dtype === "float32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
  // A NaN that the maximum does not show is in the exponentials.
  const highest = emit("Clip", [
    emitReduction(context, "ReduceMax", x),
    scalar(-bound, x.dtype),
    scalar(bound, x.dtype),
  ]);
  const terms = emit("Exp", [emit("Sub", [x.name, highest])]);
  const total = emit("Log", [emitSum(context, "ReduceSum", { ...x, name: terms })]);
  const result = emit("Add", [total, highest]);
  return attributes.keepDims ? result : emit("Squeeze", [result, int64(attributes.axes)]);
}

function reduction(name: string, { lower, accepts, vjp }: Reduction) {
  const apply = definePrimitive<Attributes>({
    name,
    infer: (inputs, attributes) => {
      const x = operandOf(name, inputs, accepts);
      return [{ shape: reducedShape(x.shape, attributes), dtype: x.dtype }];
    },
    gradient: ({ inputs, outputs, cotangents, attributes }: GradientContext<Attributes>) => {
      const [g] = cotangents;
      if (g === undefined) return [];
      const x = first(inputs);
      return [vjp(restore(g, x, attributes), x, restore(first(outputs), x, attributes))];
    },
    lower: (context) => [lower(context)],
  });
  return (x: Tensor, options: ReductionOptions = {}): Tensor => {
    const axes = (options.axes ?? x.shape.map((_, i) => i))
      .map((axis) => normalizeAxis(name, axis, x.rank))
      .toSorted((a, b) => a - b);
    if (new Set(axes).size < axes.length) {
      throw new ShapeError(`${name}: an axis is named twice in [${options.axes?.join(", ")}]`);
    }
    const keepDims = options.keepDims ?? false;
    if (axes.length === 0) return x;
    return first(apply([x], { axes, keepDims }));
  };
}

/** Sum over axes. */
export const sum = reduction("sum", {
  lower: (context) => emitSum(context, "ReduceSum", operandFor(context)),
  accepts: "number",
  vjp: (g, x) => broadcastTo(g, x.shape, x),
});

/** Mean over axes. */
export const mean = reduction("mean", {
  lower: (context) => emitSum(context, "ReduceMean", operandFor(context)),
  accepts: "float",
  vjp: (g, x, y) => {
    const count = reducedCount(x, y);
    const share =
      typeof count === "number"
        ? mul(g, 1 / count)
        : div(g, div(elementCount(x, g.dtype), elementCount(g, g.dtype)));
    return broadcastTo(share, x.shape, x);
  },
});

function reducedCount(x: Tensor, y: Tensor): number | undefined {
  const reduced = x.shape.filter((dim, axis) => dim !== y.shape[axis]);
  const product = multiplyDims(reduced);
  return typeof product === "number" ? product : undefined;
}

/** The extremes share their gradient among equals. */
const extremeRule = (g: Tensor, x: Tensor, y: Tensor): Tensor => {
  const chosen = cast(equal(x, y), x.dtype);
  const axes = x.shape.flatMap((_, axis) => (y.shape[axis] === x.shape[axis] ? [] : [axis]));
  return mul(chosen, div(g, sum(chosen, { axes, keepDims: true })));
};

const extreme = (name: string, op: "ReduceMax" | "ReduceMin") =>
  reduction(name, {
    lower: (context) => emitExtreme(context, op, operandFor(context)),
    accepts: "number",
    vjp: extremeRule,
  });

/** Largest over axes; NaN where there is one. */
export const max = extreme("max", "ReduceMax");
/** Smallest over axes; NaN where there is one. */
export const min = extreme("min", "ReduceMin");

/** log Σ exp over axes, without overflow. */
export const logSumExp = reduction("logSumExp", {
  lower: lowerLogSumExp,
  accepts: "float",
  // Where all are -∞ so is y, and x - y would be NaN; no element has a share then.
  vjp: (g, x, y) => mul(g, exp(sub(x, clip(y, x.dtype === "float32" ? -3e38 : -1e308)))),
});

/** ONNX Runtime's ArgMax passes over every NaN but the first number. */
function nanAsLargest(
  x: string,
  type: TensorType | undefined,
  emit: LowerContext<unknown>["emit"],
  scalar: LowerContext<unknown>["scalar"],
): string {
  if (type === undefined || !type.dtype.startsWith("float")) return x;
  return emit("Where", [emit("IsNaN", [x]), scalar(Infinity, type.dtype), x]);
}

const applyArgMax = definePrimitive<{ readonly axis: number }>({
  name: "argMax",
  infer: (inputs, { axis }) => {
    const x = operandOf("argMax", inputs, "number");
    return [{ shape: x.shape.filter((_, i) => i !== axis), dtype: "int64" }];
  },
  lower: ({ inputs: [x = ""], inputTypes: [type], attributes, emit, scalar }) => [
    emit("ArgMax", [nanAsLargest(x, type, emit, scalar)], {
      axis: { type: "int", value: attributes.axis },
      keepdims: { type: "int", value: 0 },
    }),
  ],
});

/** Index (int64) of the largest along an axis; the first where several are. NaN counts as the largest. */
export function argMax(x: Tensor, axis: number): Tensor {
  return first(applyArgMax([x], { axis: normalizeAxis("argMax", axis, x.rank) }));
}

const applyElementCount = definePrimitive<{ readonly dtype: DType }>({
  name: "elementCount",
  infer: (_, { dtype }) => [{ shape: [], dtype }],
  lower: ({ inputs, attributes, emit }) => [
    emit("Cast", [emit("Size", inputs)], {
      to: { type: "int", value: attributes.dtype === "float64" ? 11 : 1 },
    }),
  ],
});

/** Number of elements of x, as a scalar of a float type: for sizes known only when the program runs. */
export function elementCount(x: Tensor, dtype: DType): Tensor {
  return first(applyElementCount([x], { dtype }));
}

/** Sums `g` over the axes along which `like` was broadcast, so that it has its shape. */
export function sumTo(g: Tensor, like: Tensor): Tensor {
  if (sameShape(g.shape, like.shape)) return g;
  if (g.rank < like.rank) return broadcastTo(g, like.shape, like);
  const extra = g.rank - like.rank;
  const axes = g.shape.flatMap((dim, axis) =>
    axis < extra || (like.shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
  const summed = sum(g, { axes, keepDims: true });
  const result = extra === 0 ? summed : reshape(summed, summed.shape.slice(extra));
  return sameShape(result.shape, like.shape) ? result : broadcastTo(result, like.shape, like);
}
