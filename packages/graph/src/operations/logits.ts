/**
 * What sigmoids were taken of, so that the logarithm of one can be taken without it.
 */
import type { Tensor } from "../tensor.js";

const logits = new WeakMap<Tensor, Tensor>();

/** Says that `result` is the sigmoid of x. */
export function markSigmoid(result: Tensor, x: Tensor): void {
  logits.set(result, x);
}

/** The x of which a tensor is the sigmoid, if it is one. */
export function logitOf(tensor: Tensor): Tensor | undefined {
  return logits.get(tensor);
}
