/**
 * Bijections onto supports less an offset, whose graphs keep the digits of what is left.
 *
 *     θ - offset = g(u + u₀) - offset,   u₀ = g⁻¹(offset)
 *
 * Both sides are near zero, where single precision tells numbers apart; between them the arithmetic is double, in graphs too.
 */
import { add, cast, constant, sub, type Tensor } from "@amortis/graph";
import type { Bijection } from "./bijection.js";

/** Of a place in unconstrained space that is nearer to zero than this, single precision has digits enough. */
const NEAR = 1;

/** A function of a tensor in double precision, in the tensor's own. */
export function inDouble(x: Tensor, of: (x: Tensor) => Tensor): Tensor {
  return cast(of(cast(x, "float64")), x.dtype);
}

/** Numbers of a tensor [..., size] with others [size] put on, or taken off, each in its own type. */
const moved = (x: Tensor, by: readonly number[], sign: 1 | -1): Tensor =>
  (sign === 1 ? add : sub)(x, constant([...by], [by.length], x.dtype));

/**
 * The bijection onto what is left once an offset is taken off.
 *
 * @param offset [size]
 */
export function recentred(bijection: Bijection, offset: readonly number[]): Bijection {
  const origin = Array.from(bijection.inverse(offset), (u) => (Math.abs(u) > NEAR ? u : 0)).map(
    (u) => (Number.isFinite(u) ? u : 0),
  );
  const shifted = (x: ArrayLike<number>, by: readonly number[], sign: 1 | -1): Float64Array =>
    Float64Array.from(x, (value, i) => value + sign * (by[i] ?? 0));
  return {
    size: bijection.size,
    unconstrainedSize: bijection.unconstrainedSize,
    get coordinates() {
      return bijection.coordinates?.map((one, i) => recentred(one, offset.slice(i, i + 1)));
    },
    forward: (u) => shifted(bijection.forward(shifted(u, origin, 1)), offset, -1),
    inverse: (theta) => shifted(bijection.inverse(shifted(theta, offset, 1)), origin, -1),
    logJacobian: (u) => bijection.logJacobian(shifted(u, origin, 1)),
    graph: {
      forward: (u) =>
        inDouble(u, (x) => moved(bijection.graph.forward(moved(x, origin, 1)), offset, -1)),
      inverse: (theta) =>
        inDouble(theta, (x) => moved(bijection.graph.inverse(moved(x, offset, 1)), origin, -1)),
      logJacobian: (u) => inDouble(u, (x) => bijection.graph.logJacobian(moved(x, origin, 1))),
    },
  };
}
