/**
 * Bijections from unconstrained space onto supports, θ = g(u), with log |dθ/du|.
 *
 * A density of θ becomes one of u by p(u) = p(θ) |dθ/du|, so that samplers and networks need not know of bounds. All are increasing
 * coordinate by coordinate, but for the simplex. `forward` never leaves the open support: where rounding would give a bound, it gives
 * the number next to it, in the precision of the computation. `inverse` likewise takes a bound for the number next to it.
 */
import type { Tensor } from "@amortis/graph";

/** θ = g(u), u in R^unconstrainedSize. */
export interface Bijection {
  readonly unconstrainedSize: number;
  readonly size: number;
  /**
   * Of the logistic and exponential maps alone, the bounds that say all of them. A map that has anything else to say, another link for
   * instance, has none of these.
   */
  readonly bounds?: { readonly lower: readonly number[]; readonly upper: readonly number[] };
  /**
   * The maps of single coordinates that it consists of, where no coordinate depends on another: `forward` and `inverse` of their graphs go element by element,
   * and take tensors of any shape.
   */
  readonly coordinates?: readonly Bijection[] | undefined;
  /** This map and another beside it as one, where that takes fewer operations; else undefined. */
  readonly joined?: (next: Bijection) => Bijection | undefined;
  /** [unconstrainedSize] to [size] */
  forward(u: ArrayLike<number>): Float64Array;
  /** [size] to [unconstrainedSize]; NaN for coordinates outside the support. */
  inverse(theta: ArrayLike<number>): Float64Array;
  /** log |dθ/du| at u. For the simplex, of its first size - 1 coordinates. */
  logJacobian(u: ArrayLike<number>): number;
  readonly graph: {
    /** [..., unconstrainedSize] to [..., size] */
    forward(u: Tensor): Tensor;
    /** [..., size] to [..., unconstrainedSize]; values outside the support are moved just inside. */
    inverse(theta: Tensor): Tensor;
    /** [..., unconstrainedSize] to [...] */
    logJacobian(u: Tensor): Tensor;
  };
}
