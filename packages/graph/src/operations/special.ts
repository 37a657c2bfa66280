/**
 * Lowerings of functions that ONNX lacks, or that its CPU runtime lacks in double precision.
 */
import type { LowerContext } from "../primitive.js";

type Context = Pick<LowerContext<unknown>, "inputs" | "emit" | "scalar" | "outputTypes">;

function operand(context: Context): { x: string; number: (value: number) => string } {
  const dtype = context.outputTypes[0]?.dtype ?? "float32";
  return { x: context.inputs[0] ?? "", number: (value) => context.scalar(value, dtype) };
}

/** log(1 + x) = x · log(u) / (u - 1) with u = fl(1 + x), and x itself where u = 1 (Goldberg 1991, theorem 4). */
export function lowerLog1p(context: Context): string {
  const { x, number } = operand(context);
  const { emit } = context;
  const one = number(1);
  const u = emit("Add", [x, one]);
  const excess = emit("Sub", [u, one]);
  const exact = emit("Equal", [excess, number(0)]);
  const ratio = emit("Div", [emit("Log", [u]), emit("Where", [exact, one, excess])]);
  // Where u is infinite the ratio is NaN, but so is the logarithm's argument: log(u) is the answer.
  const large = emit("Greater", [u, number(1e30)]);
  const product = emit("Mul", [x, ratio]);
  return emit("Where", [exact, x, emit("Where", [large, emit("Log", [u]), product])]);
}

/** eˣ - 1 = tanh(x / 2) (eˣ + 1): nothing cancels. */
export function lowerExpm1(context: Context): string {
  const { x, number } = operand(context);
  const { emit } = context;
  const t = emit("Tanh", [emit("Mul", [x, number(0.5)])]);
  return emit("Mul", [t, emit("Add", [emit("Exp", [x]), number(1)])]);
}

/**
 * softplus(x) = max(x, 0) + log1p(t) with t = e^-|x|, which is four times faster than ONNX's own.
 *
 * log1p(t) = log(u) + (t - (u - 1)) with u = fl(1 + t): what rounding took from u is given back, exactly, to first order. That is
 * right to a rounding or two for t from 0 to 1, in three nodes where lowerLog1p takes more and log(1 + t) loses what is small.
 */
export function lowerSoftplus(context: Context): string {
  const { x, number } = operand(context);
  const { emit } = context;
  const one = number(1);
  const t = emit("Exp", [emit("Neg", [emit("Abs", [x])])]);
  const u = emit("Add", [t, one]);
  const lost = emit("Sub", [t, emit("Sub", [u, one])]);
  return emit("Add", [emit("Add", [emit("Relu", [x]), emit("Log", [u])]), lost]);
}
