/**
 * Monotone functions of one coordinate: what a flow makes of each coordinate, apart from how the flow is built.
 */
import type { Tensor } from "@amortis/graph";

/** Values of a monotone function of each coordinate, and the logarithms of its derivatives. */
export interface Transformed {
  readonly value: Tensor;
  readonly logDerivative: Tensor;
}

/** A family of increasing functions of one coordinate, each given by free parameters. */
export interface Monotone {
  /** Free parameters of one function. Zeros, or numbers near zero, give one near the identity. */
  readonly parameters: number;
  /** The function and the logarithm of its derivative, which may be one for several points: x [..., 1, n], raw [..., parameters, n or 1]. */
  forward(x: Tensor, raw: Tensor): Transformed;
  /** The x at which the function is y, [..., 1, n]. */
  inverse(y: Tensor, raw: Tensor): Tensor;
}
