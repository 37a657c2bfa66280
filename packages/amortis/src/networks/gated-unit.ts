/**
 * A gated recurrent unit (Cho et al. 2014, arXiv 1406.1078): a state that follows a series, a step at a time.
 *
 *     r = σ(W_r x_t + U_r h),  u = σ(W_u x_t + U_u h),  c = tanh(W_c x_t + r ⊙ U_c h),  h ← u ⊙ h + (1 - u) ⊙ c
 */
import {
  add,
  glorotUniform,
  matmul,
  mul,
  sigmoid,
  split,
  sub,
  tanh,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { dense } from "./mlp.js";

/** W x of all gates side by side, [..., 3 units], of any number of times at once. */
export function gateInputs(scope: Scope, x: Tensor, units: number): Tensor {
  return dense(scope.child("input"), x, 3 * units, glorotUniform());
}

/** One step: W x_t [batch, 3 units] and the state before [batch, units] to the next; without a state before, from zero. */
export function gatedStep(
  scope: Scope,
  step: Tensor,
  h: Tensor | undefined,
  units: number,
): Tensor {
  const weights = scope.child("state").variable("weight", [units, 3 * units], glorotUniform());
  const [r = step, u = step, c = step] = split(step, [units, units, units], -1);
  if (h === undefined) return mul(sub(1, sigmoid(u)), tanh(c));
  const [toR, toU, toC] = split(matmul(h, weights), [units, units, units], -1);
  if (toR === undefined || toU === undefined || toC === undefined) return h;
  const update = sigmoid(add(u, toU));
  const candidate = tanh(add(c, mul(sigmoid(add(r, toR)), toC)));
  return add(mul(update, h), mul(sub(1, update), candidate));
}
