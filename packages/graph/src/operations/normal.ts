/**
 * The error function and the normal distribution function, right in both tails.
 *
 * In the tails everything is exp(-x²/2) times something smooth. The square's rounding alone would cost x²/2 roundings of the result
 * (a hundred at x = 14), so it is split: with k the multiple of 1/16 next to x, k² is exact and x² - k² = (x - k)(x + k) is small.
 */
import { customGradient } from "../gradient.js";
import type { Tensor } from "../tensor.js";
import { less, where } from "./comparison.js";
import {
  abs,
  add,
  clip,
  div,
  exp,
  minimum,
  mul,
  neg,
  relu,
  sign,
  square,
  sub,
} from "./elementwise.js";
import { operandOf } from "./operands.js";
import { unary } from "./unary.js";

/** Where exp(-x²/2) has become zero, and the number whose sum with x is x rounded to a multiple of 1/16. */
const RANGE = {
  float32: { far: 14.75, rounder: 1.5 * 2 ** 19 },
  float64: { far: 39, rounder: 1.5 * 2 ** 48 },
} as const;

const rangeOf = (x: Tensor) => RANGE[x.dtype === "float64" ? "float64" : "float32"];

/** exp(-half · x²) for half = 1/2 or 1, to a few roundings however large x. */
function gaussian(x: Tensor, half: number): Tensor {
  const { far, rounder } = rangeOf(x);
  const held = clip(x, -far, far);
  const near = sub(add(held, rounder), rounder);
  const rest = mul(sub(held, near), add(held, near));
  const value: Tensor = customGradient(
    mul(exp(mul(square(near), -half)), exp(mul(rest, -half))),
    [x],
    (g) => [mul(g, mul(mul(held, -2 * half), value))],
  );
  return value;
}

/** Σ c_i x^i by Horner's rule. */
function polynomial(coefficients: readonly number[], x: Tensor): Tensor {
  const [highest = 0, next = 0, ...rest] = coefficients.toReversed();
  return rest.reduce((sum, c) => add(mul(sum, x), c), add(mul(x, highest), next));
}

// Φ(-z) exp(z²/2) as a ratio of polynomials, 0 <= z <= 14.75: relative error 6e-9, all coefficients positive, so that nothing
// cancels. Fitted to minimax by experiments/engine/special/fit_normal.py.
const NUMERATOR = [0.500000003, 0.438796632, 0.183607434, 0.0407589057, 0.0041350119];
const DENOMINATOR = [1, 1.67547826, 1.20404818, 0.470453606, 0.102173703, 0.0103648222];

// Chebyshev coefficients of the logarithm of erfc(x) exp(x²) / t in t = 2 / (2 + x) (Press et al., Numerical Recipes, 3rd edition,
// section 6.2.2); relative error below 1.2e-16.
const ERFC = [
  -1.3026537197817094, 0.6419697923564903, 1.9476473204185836e-2, -9.561514786808631e-3,
  -9.46595344482036e-4, 3.66839497852761e-4, 4.2523324806907e-5, -2.0278578112534e-5,
  -1.624290004647e-6, 1.30365583558e-6, 1.5626441722e-8, -8.5238095915e-8, 6.529054439e-9,
  5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12, -6.886027e-12,
  8.94487e-13, 3.13092e-13, -1.12708e-13, 3.81e-16, 7.106e-15, -1.523e-15, -9.4e-17, 1.21e-16,
  -2.8e-17,
];

/** erfc(z) exp(z²) for z >= 0 in double precision, by Clenshaw's recurrence. */
function scaledErfc(z: Tensor): Tensor {
  const t = div(2, add(z, 2));
  const ty = sub(mul(t, 4), 2);
  let [d, previous] = [mul(ty, 0), mul(ty, 0)];
  for (const c of ERFC.slice(1).toReversed()) {
    [d, previous] = [sub(add(mul(ty, d), c), previous), d];
  }
  const exponent = sub(mul(add(mul(ty, d), ERFC[0] ?? 0), 0.5), previous);
  return mul(t, exp(exponent));
}

/** Φ(-z) exp(z²/2) for z >= 0. */
function scaledTail(z: Tensor): Tensor {
  return z.dtype === "float64"
    ? mul(scaledErfc(mul(z, Math.SQRT1_2)), 0.5)
    : div(polynomial(NUMERATOR, z), polynomial(DENOMINATOR, z));
}

/** φ(z) √2π and Φ(-z), for z = |x| as far as neither is zero. */
function tail(x: Tensor): { readonly z: Tensor; readonly bell: Tensor; readonly beyond: Tensor } {
  const z = minimum(abs(x), rangeOf(x).far);
  const bell = gaussian(z, 0.5);
  return { z, bell, beyond: mul(bell, scaledTail(z)) };
}

const DENSITY_AT_ZERO = 1 / Math.sqrt(2 * Math.PI);

/** Φ(x), the standard normal distribution function. */
export function normalCdf(x: Tensor): Tensor {
  operandOf("normalCdf", [x], "float");
  const { bell, beyond } = tail(x);
  return customGradient(where(less(x, 0), beyond, sub(1, beyond)), [x], (g) => [
    mul(g, mul(density(x, bell), DENSITY_AT_ZERO)),
  ]);
}

/** exp(-x²/2) as a function of x, where it is known already as one of |x|. */
function density(x: Tensor, bell: Tensor): Tensor {
  const { far } = rangeOf(x);
  const value: Tensor = customGradient(bell, [x], (g) => [
    mul(g, mul(clip(neg(x), -far, far), value)),
  ]);
  return value;
}

/**
 * x·Φ(x) (Hendrycks & Gimpel 2016, arXiv 1606.08415), as max(x, 0) - |x| Φ(-|x|).
 *
 * Some forty passes over memory: where speed counts more than the shape of the curve, silu takes six.
 */
export function gelu(x: Tensor): Tensor {
  operandOf("gelu", [x], "float");
  const { z, bell, beyond } = tail(x);
  return customGradient(sub(relu(x), mul(z, beyond)), [x], (g) => {
    const slope = sub(beyond, mul(z, mul(bell, DENSITY_AT_ZERO)));
    return [mul(g, where(less(x, 0), slope, sub(1, slope)))];
  });
}

const slopeOfErf = (x: Tensor): Tensor => mul(gaussian(x, 1), 2 / Math.sqrt(Math.PI));

const erf32 = unary("erf", { lower: "Erf", vjp: (g, x) => mul(g, slopeOfErf(x)) });

// Taylor series of erf(x) / x in x²; at |x| = 1/2 what is left out is below 1e-17.
const ERF_SERIES = Array.from({ length: 14 }, (_, n) => {
  const factorial = Array.from({ length: n }, (_, i) => i + 1).reduce((a, b) => a * b, 1);
  return ((n % 2 === 0 ? 1 : -1) * (2 / Math.sqrt(Math.PI))) / (factorial * (2 * n + 1));
});

/** The runtime has no Erf in double precision. */
function erf64(x: Tensor): Tensor {
  const z = minimum(abs(x), 10);
  const near = minimum(z, 0.5);
  const series = mul(near, polynomial(ERF_SERIES, square(near)));
  const tail = mul(gaussian(z, 1), scaledErfc(z));
  return customGradient(mul(sign(x), where(less(z, 0.5), series, sub(1, tail))), [x], (g) => [
    mul(g, slopeOfErf(x)),
  ]);
}

/** The error function. */
export function erf(x: Tensor): Tensor {
  return operandOf("erf", [x], "float").dtype === "float64" ? erf64(x) : erf32(x);
}
