/**
 * Arithmetic and elementary functions, element by element, with NumPy broadcasting.
 */
import { ShapeError } from "../errors.js";
import { customGradient } from "../gradient.js";
import { first, isConstant, promote, scalarValue } from "../leaves.js";
import { definePrimitive, type GradientContext, type TensorType } from "../primitive.js";
import { broadcastShapes } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import type { OperatorName } from "../onnx/operators.js";
import { equal, greater, less, where } from "./comparison.js";
import { logSigmoid } from "./logistic.js";
import { logitOf } from "./logits.js";
import { operandOf, requireExact } from "./operands.js";
import { sumTo } from "./reduction.js";
import { lowerExpm1, lowerLog1p } from "./special.js";
import { unary, type Empty } from "./unary.js";

/** Type of an elementwise operation of two operands; errors name the operation. */
export function binaryType(operation: string, inputs: readonly Tensor[]): TensorType {
  const [a, b] = pair(inputs);
  if (a.dtype !== b.dtype) {
    throw new ShapeError(`${operation}: types differ, ${a.dtype} and ${b.dtype}; cast one of them`);
  }
  return { shape: broadcastShapes(operation, a.shape, b.shape), dtype: a.dtype };
}

/** The two operands of a binary primitive. */
export function pair<T>(items: readonly T[]): readonly [T, T] {
  const [a, b] = items;
  if (a === undefined || b === undefined)
    throw new ShapeError("a binary operation needs two operands");
  return [a, b];
}

type Rule = (
  g: Tensor,
  a: Tensor,
  b: Tensor,
  y: Tensor,
) => readonly [Tensor | undefined, Tensor | undefined];

function binary(
  name: string,
  op: OperatorName,
  rule: Rule,
): (a: TensorLike, b: TensorLike) => Tensor {
  const apply = definePrimitive<Empty>({
    name,
    infer: (inputs) => {
      operandOf(name, inputs, "number");
      return [binaryType(name, inputs)];
    },
    gradient: ({ inputs, outputs, cotangents }: GradientContext<Empty>) => {
      const [a, b] = pair(inputs);
      const [g] = cotangents;
      if (g === undefined) return [];
      const [da, db] = rule(g, a, b, first(outputs));
      return [da && sumTo(da, a), db && sumTo(db, b)];
    },
    lower: ({ inputs, emit }) => [emit(op, inputs)],
  });
  return (a, b) => first(apply(promote(a, b, name), {}));
}

const addition = binary("add", "Add", (g) => [g, g]);
const subtraction = binary("sub", "Sub", (g) => [g, neg(g)]);
const multiplication = binary("mul", "Mul", (g, a, b) => [
  isConstant(a) ? undefined : mul(g, b),
  isConstant(b) ? undefined : mul(g, a),
]);
const division = binary("div", "Div", (g, a, b, y) => {
  const da = div(g, b);
  return [isConstant(a) ? undefined : da, isConstant(b) ? undefined : neg(mul(da, y))];
});

/** Whether q is a constant of one value that can be left out beside p. */
function isNeutral(q: Tensor, p: Tensor, value: number): boolean {
  return scalarValue(q) === value && q.rank <= p.rank && q.dtype === p.dtype;
}

/** a + b. */
export function add(a: TensorLike, b: TensorLike): Tensor {
  const [p, q] = promote(a, b, "add");
  if (isNeutral(q, p, 0)) return p;
  if (isNeutral(p, q, 0)) return q;
  return addition(p, q);
}

/** a - b. */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  const [p, q] = promote(a, b, "sub");
  if (isNeutral(q, p, 0)) return p;
  return subtraction(p, q);
}

/** a · b, element by element. */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  const [p, q] = promote(a, b, "mul");
  if (isNeutral(q, p, 1)) return p;
  if (isNeutral(p, q, 1)) return q;
  return multiplication(p, q);
}

/** a / b. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  const [p, q] = promote(a, b, "div");
  const divisor = scalarValue(q);
  if (divisor !== undefined && divisor !== 0 && q.rank <= p.rank && p.dtype.startsWith("float")) {
    return mul(p, 1 / divisor);
  }
  return division(p, q);
}

/** a to the power b; the gradient in b is taken only where a > 0. */
export const pow = binary("pow", "Pow", (g, a, b, y) => {
  const exponent = scalarValue(b);
  if (exponent === 0) return [undefined, undefined];
  const da =
    exponent === undefined
      ? mul(g, mul(b, pow(a, sub(b, 1))))
      : mul(g, mul(exponent, exponent === 2 ? a : pow(a, exponent - 1)));
  if (isConstant(b)) return [da, undefined];
  const positive = greater(a, 0);
  return [da, mul(g, where(positive, mul(y, log(where(positive, a, 1))), 0))];
});

/** The larger of a and b; where equal, each gets half of the gradient. */
export const maximum = binary("maximum", "Max", (g, a, b) => {
  const share = where(equal(a, b), mul(g, 0.5), g);
  return [where(less(a, b), 0, share), where(greater(a, b), 0, share)];
});

/** The smaller of a and b; where equal, each gets half of the gradient. */
export const minimum = binary("minimum", "Min", (g, a, b) => {
  const share = where(equal(a, b), mul(g, 0.5), g);
  return [where(greater(a, b), 0, share), where(less(a, b), 0, share)];
});

/** -x. */
export const neg = unary("neg", { accepts: "number", lower: "Neg", vjp: (g) => neg(g) });
/** eˣ. */
export const exp = unary("exp", { lower: "Exp", vjp: (g, _, y) => mul(g, y) });
const applyLog = unary("log", { lower: "Log", vjp: (g, x) => div(g, x) });

/** Natural logarithm. That of a sigmoid is `logSigmoid`, so that it stays finite where the sigmoid has become zero. */
export function log(x: Tensor): Tensor {
  const logit = logitOf(x);
  return logit === undefined ? applyLog(x) : logSigmoid(logit);
}
/** log(1 + x), accurate near zero. */
export const log1p = unary("log1p", { lower: lowerLog1p, vjp: (g, x) => div(g, add(x, 1)) });
/** eˣ - 1, accurate near zero. */
export const expm1 = unary("expm1", { lower: lowerExpm1, vjp: (g, x) => mul(g, exp(x)) });
/** Square root. */
export const sqrt = unary("sqrt", { lower: "Sqrt", vjp: (g, _, y) => div(mul(g, 0.5), y) });
/** 1 / x. */
export const reciprocal = unary("reciprocal", {
  lower: "Reciprocal",
  vjp: (g, _, y) => neg(mul(g, mul(y, y))),
});
/** |x|; gradient zero at zero. */
export const abs = unary("abs", {
  accepts: "number",
  lower: "Abs",
  vjp: (g, x) => mul(g, sign(x)),
});
/** -1, 0 or 1. */
export const sign = unary("sign", { accepts: "number", lower: "Sign" });
/** Largest integer not above x. */
export const floor = unary("floor", { lower: "Floor" });
/** Sine of x in radians. */
export const sin = unary("sin", { lower: "Sin", vjp: (g, x) => mul(g, cos(x)) });
/** Cosine of x in radians. */
export const cos = unary("cos", { lower: "Cos", vjp: (g, x) => neg(mul(g, sin(x))) });

/**
 * One where y > 0 and zero elsewhere, for y >= 0 (and not below 1e-38): min(1, y * 3e38) is one pass over memory, where a
 * comparison and a selection take three and ONNX Runtime's Where branches on each element.
 */
const step = unary("step", {
  lower: ({ inputs: [y = ""], emit, scalar, outputTypes }) =>
    outputTypes[0]?.dtype === "float32"
      ? emit("HardSigmoid", [y], {
          alpha: { type: "float", value: 3e38 },
          beta: { type: "float", value: 0 },
        })
      : emit("Cast", [emit("Greater", [y, scalar(0, "float64")])], {
          to: { type: "int", value: 11 },
        }),
});

/** max(x, 0); gradient zero at zero. */
export const relu = unary("relu", { lower: "Relu", vjp: (g, _, y) => mul(g, step(y)) });

const applyLeakyRelu = definePrimitive<{ readonly slope: number }>({
  name: "leakyRelu",
  infer: (inputs) => {
    const { shape, dtype } = operandOf("leakyRelu", inputs, "float");
    return [{ shape, dtype }];
  },
  gradient: ({ outputs, cotangents, attributes }) => {
    const [g] = cotangents;
    if (g === undefined) return [];
    return [where(greater(first(outputs), 0), g, mul(g, attributes.slope))];
  },
  lower: ({ inputs, attributes, emit, scalar, outputTypes }) => {
    const dtype = outputTypes[0]?.dtype ?? "float32";
    if (dtype === "float32") {
      return [emit("LeakyRelu", inputs, { alpha: { type: "float", value: attributes.slope } })];
    }
    return [emit("Max", [...inputs, emit("Mul", [...inputs, scalar(attributes.slope, dtype)])])];
  },
});

/** x where positive, slope · x elsewhere (0 < slope < 1). */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return first(applyLeakyRelu([x], { slope }));
}

/** x². */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** x where positive, eˣ - 1 elsewhere (Clevert et al. 2015, arXiv 1511.07289). */
export function elu(x: Tensor): Tensor {
  const below = minimum(x, 0);
  return customGradient(add(relu(x), expm1(below)), [x], (g) => [mul(g, exp(below))]);
}

const applyClip = definePrimitive<{ readonly lo: number; readonly hi: number }>({
  name: "clip",
  infer: (inputs) => {
    const { shape, dtype } = operandOf("clip", inputs, "number");
    return [{ shape, dtype }];
  },
  gradient: ({ inputs, outputs, cotangents }) => {
    const [g] = cotangents;
    return g === undefined ? [] : [where(equal(first(inputs), first(outputs)), g, 0)];
  },
  lower: ({ inputs, attributes, emit, scalar, outputTypes }) => {
    const dtype = outputTypes[0]?.dtype ?? "float32";
    // Where a bound is left out, ONNX Runtime takes the largest finite number for it, and infinity becomes that.
    const isFloat = dtype.startsWith("float");
    const bound = (value: number): string =>
      isFloat || Number.isFinite(value) ? scalar(value, dtype) : "";
    return [emit("Clip", [...inputs, bound(attributes.lo), bound(attributes.hi)])];
  },
});

/** x held within [lo, hi]; the gradient is zero outside. */
export function clip(x: Tensor, lo = -Infinity, hi = Infinity): Tensor {
  for (const bound of [lo, hi]) if (Number.isFinite(bound)) requireExact("clip", bound, x);
  return first(applyClip([x], { lo, hi }));
}
