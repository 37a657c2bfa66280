/**
 * Derivatives along a direction, of all outputs at once: what forward mode gives, by reverse mode twice.
 *
 * The gradient of Σ w y in x is linear in w, Jᵀ w; the gradient of ⟨Jᵀ w, v⟩ in w is J v. What the first has of its own is in vain and left out when the graph is
 * lowered, so that no more is computed than by forward mode.
 */
import { InvalidArgumentError } from "./errors.js";
import { gradient, stopGradient } from "./gradient.js";
import { add, mul } from "./operations/elementwise.js";
import { sum } from "./operations/reduction.js";
import type { Tensor } from "./tensor.js";

/**
 * How fast y changes where tensors it was computed from change along directions: Σ_i ∂y/∂x_i v_i, in the shape of y. It can be differentiated again.
 *
 * @param wrt tensors y was computed from; paths from one to another count as well.
 * @param directions one for each of them, of its shape or one that broadcasts to it.
 * @throws InvalidArgumentError where they are not equally many, or one of the tensors is a constant.
 * @example directionalDerivative(square(x), [x], [v])   // 2 x v
 */
export function directionalDerivative(
  y: Tensor,
  wrt: readonly Tensor[],
  directions: readonly Tensor[],
): Tensor {
  const weights = stopGradient(mul(y, 0));
  const back = gradient(sum(mul(y, weights)), wrt);
  const products = directions.flatMap((v, i) => back.slice(i, i + 1).map((g) => sum(mul(g, v))));
  const [first, ...others] = products;
  if (first === undefined || products.length !== wrt.length) {
    throw new InvalidArgumentError(
      `directionalDerivative: ${wrt.length} tensor(s) and ${directions.length} direction(s) were given; give one for each`,
    );
  }
  const [forward = y] = gradient(others.reduce(add, first), [weights]);
  return forward;
}
