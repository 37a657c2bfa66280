/**
 * A loss of posterior means for parameters over decades.
 *
 * The squared error of a scale that runs from 10⁻⁶ to 10⁶ is that of its largest values alone. Its minimiser, the posterior mean, is that of every Bregman
 * divergence (Banerjee, Guo & Wang 2005, "On the optimality of conditional expectation as a Bregman predictor")
 *
 *     D(t, t̂) = φ(t) - φ(t̂) - φ'(t̂) (t - t̂),      φ(t) = |t| - log(1 + |t|),   φ''(t) = (1 + |t|)⁻²,
 *
 * which near zero is half the squared error, and far from it depends on the ratio: with a = 1 + |t| and b = 1 + |t̂| of one sign it is the divergence of Itakura
 * & Saito, a / b - log(a / b) - 1. Here t = (θ - center) / width, by the map through which networks see the parameter.
 */
import {
  abs,
  add,
  constant,
  equal,
  exp,
  log,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  square,
  sub,
  where,
  type Tensor,
} from "@amortis/graph";
import type { Tails } from "../data/moments.js";

/**
 * Logarithm from which on the exponential goes on in a straight line: a ratio of so much is as good as infinite, and its gradient passes through units that may be as small
 * as 10⁻³⁰ without overflow.
 */
const STEEPEST = 12;

/**
 * Squared error, for columns over decades the divergence; averaged over parameters.
 *
 * @param estimate [batch, p] as networks see it, like `parameters`.
 * @param tails the maps; a width of zero for columns that are seen as they are.
 * @returns [batch]; of a column over decades, about the squared difference of logarithms in their standard deviations.
 */
export function relativeLoss(estimate: Tensor, parameters: Tensor, tails: Tails): Tensor {
  const of = (values: readonly number[]): Tensor =>
    constant(values, [values.length], estimate.dtype);
  const over = of(tails.width.map((width) => (width > 0 ? 1 : 0)));
  const z = (seen: Tensor): Tensor => add(mul(seen, of(tails.sd)), of(tails.mean));
  const divergence = mul(
    divergenceOf(z(parameters), z(estimate)),
    of(tails.sd.map((sd) => 2 / sd ** 2)),
  );
  const squared = square(sub(estimate, parameters));
  return mean(where(equal(over, 1), divergence, squared), { axes: [-1] });
}

/** D(sinh z, sinh ẑ). */
function divergenceOf(z: Tensor, estimate: Tensor): Tensor {
  const [logA, logB] = [logSize(z), logSize(estimate)];
  const r = sub(logA, logB);
  const sameSign = sub(sub(heldExp(r), r), 1);
  // t and t̂ on two sides of zero, where φ'(t̂) (t - t̂) is -(1 - 1 / b) (a + b - 2).
  const [a, b] = [heldExp(logA), heldExp(logB)];
  const apart = sub(add(sub(a, b), mul(sub(1, exp(neg(logB))), add(sub(a, 1), sub(b, 1)))), r);
  const crossed = minimum(mul(z, estimate), 0);
  return where(equal(crossed, 0), sameSign, apart);
}

/** e^x, from `STEEPEST` on the line that it has there. */
function heldExp(x: Tensor): Tensor {
  const held = minimum(x, STEEPEST);
  return mul(exp(held), add(sub(x, held), 1));
}

/** log(1 + |sinh z|), exact near zero and without overflow far from it. */
function logSize(z: Tensor): Tensor {
  const size = minimum(abs(z), 80);
  const rest = maximum(sub(abs(z), 80), 0);
  return add(log(add(1, mul(sub(exp(size), exp(neg(size))), 0.5))), rest);
}
