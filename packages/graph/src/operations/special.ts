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

/** eˣ - 1 = 2t / (1 - t) with t = tanh(x / 2), where |x| < 1; elsewhere nothing cancels. */
export function lowerExpm1(context: Context): string {
  const { x, number } = operand(context);
  const { emit } = context;
  const near = emit("Less", [emit("Abs", [x]), number(1)]);
  const t = emit("Tanh", [emit("Mul", [emit("Where", [near, x, number(0)]), number(0.5)])]);
  const series = emit("Div", [emit("Add", [t, t]), emit("Sub", [number(1), t])]);
  return emit("Where", [near, series, emit("Sub", [emit("Exp", [x]), number(1)])]);
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

// Chebyshev coefficients of the scaled complementary error function in t = 2 / (2 + |x|) (Press et al., Numerical Recipes,
// 3rd edition, section 6.2.2); relative error below 1.2e-16.
const ERFC = [
  -1.3026537197817094, 0.6419697923564903, 1.9476473204185836e-2, -9.561514786808631e-3,
  -9.46595344482036e-4, 3.66839497852761e-4, 4.2523324806907e-5, -2.0278578112534e-5,
  -1.624290004647e-6, 1.30365583558e-6, 1.5626441722e-8, -8.5238095915e-8, 6.529054439e-9,
  5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12, -6.886027e-12,
  8.94487e-13, 3.13092e-13, -1.12708e-13, 3.81e-16, 7.106e-15, -1.523e-15, -9.4e-17, 1.21e-16,
  -2.8e-17,
];

/** erf(x) = sign(x) · (1 - t · exp(-x² + Chebyshev sum)), by Clenshaw's recurrence; ±1 where x is infinite. */
export function lowerErf64(context: Context): string {
  const { x, number } = operand(context);
  const { emit } = context;
  const z = emit("Abs", [x]);
  const t = emit("Div", [number(2), emit("Add", [z, number(2)])]);
  const ty = emit("Sub", [emit("Mul", [t, number(4)]), number(2)]);
  // It begins with numbers, and not with zeros made of z, which may be infinite.
  let d = number(ERFC.at(-1) ?? 0);
  let previous = number(0);
  for (let j = ERFC.length - 2; j > 0; j--) {
    const kept = d;
    const sum = emit("Add", [emit("Mul", [ty, d]), number(ERFC[j] ?? 0)]);
    d = emit("Sub", [sum, previous]);
    previous = kept;
  }
  const half = emit("Mul", [
    emit("Add", [emit("Mul", [ty, d]), number(ERFC[0] ?? 0)]),
    number(0.5),
  ]);
  const exponent = emit("Sub", [emit("Sub", [half, previous]), emit("Mul", [z, z])]);
  const erfc = emit("Mul", [t, emit("Exp", [exponent])]);
  return emit("Mul", [emit("Sign", [x]), emit("Sub", [number(1), erfc])]);
}
