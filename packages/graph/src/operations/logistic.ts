/**
 * The logistic function and its kin, right in both tails.
 *
 * ONNX Runtime's Sigmoid is cut off at ±18 and loses its relative accuracy long before: a parameter that must be positive would never
 * come near zero, and the logarithm of a sigmoid would be -∞. Here all are made of exponentials, in forms in which nothing cancels or
 * overflows, with derivatives that are right where the function itself has long rounded to 0 or 1.
 */
import { customGradient } from "../gradient.js";
import type { Tensor } from "../tensor.js";
import {
  add,
  div,
  exp,
  maximum,
  minimum,
  mul,
  neg,
  reciprocal,
  square,
  sub,
} from "./elementwise.js";
import { markSigmoid } from "./logits.js";
import { operandOf } from "./operands.js";
import { lowerSoftplus } from "./special.js";
import { unary } from "./unary.js";

/** exp of anything below this is zero, and 1 + exp of minus anything below this is infinite or all but so. */
const UNDERFLOW = { float32: -110, float64: -760 } as const;

/** Half of the last x at which e^x is still far from overflow. */
const LARGEST_HALF = { float32: 85, float64: 700 } as const;

const precisionOf = (x: Tensor) => (x.dtype === "float64" ? "float64" : "float32");

/**
 * 1 / (1 + e⁻ˣ) = h / (h + 1/h) with h = e^(x/2), whose derivative is 1 / (h + 1/h)²: h overflows only where the result is 1.
 */
export function sigmoid(x: Tensor): Tensor {
  operandOf("sigmoid", [x], "float");
  const h = exp(minimum(mul(x, 0.5), LARGEST_HALF[precisionOf(x)]));
  const both = add(h, reciprocal(h));
  const slope: Tensor = customGradient(square(reciprocal(both)), [x], (g) => [
    mul(g, mul(slope, sub(1, mul(value, 2)))),
  ]);
  const value: Tensor = customGradient(div(h, both), [x], (g) => [mul(g, slope)]);
  markSigmoid(value, x);
  return value;
}

/** log(1 + eˣ), without overflow. */
export const softplus = unary("softplus", {
  lower: lowerSoftplus,
  vjp: (g, x) => mul(g, sigmoid(x)),
});

/** log of the sigmoid, without overflow. */
export function logSigmoid(x: Tensor): Tensor {
  return neg(softplus(neg(x)));
}

/**
 * Hyperbolic tangent. Its derivative is 1 / cosh², which 1 - tanh² is not where tanh has rounded to one.
 */
export const tanh = unary("tanh", {
  lower: "Tanh",
  vjp: (g, x, y) => {
    const h = exp(x);
    const sech = div(2, add(h, reciprocal(h)));
    const slope: Tensor = customGradient(square(sech), [x], (of) => [
      mul(of, mul(slope, mul(y, -2))),
    ]);
    return mul(g, slope);
  },
});

/**
 * x·sigmoid(x), also called swish (Ramachandran et al. 2017, arXiv 1710.05941).
 *
 * With t = e^x held below overflow, sigmoid(x) = t / (1 + t), and the derivative is sigmoid(x) · (1 + x / (1 + t)).
 */
export function silu(x: Tensor): Tensor {
  operandOf("silu", [x], "float");
  const held = maximum(x, UNDERFLOW[precisionOf(x)]);
  // Beyond 40 the sigmoid is 1 in any precision.
  const below = minimum(held, 40);
  const t = exp(below);
  const u = add(t, 1);
  const share = div(t, u);
  return customGradient(mul(held, share), [x], (g) => [
    mul(g, mul(share, add(mul(below, reciprocal(u)), 1))),
  ]);
}
