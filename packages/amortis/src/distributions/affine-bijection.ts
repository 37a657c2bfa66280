/**
 * θ = shift + scale u, coordinate by coordinate.
 */
import { add, constant, mul, sub, sum } from "@amortis/graph";
import type { Bijection } from "./bijection.js";
import { coordinatewise } from "./coordinatewise.js";
import { row } from "./coordinates.js";

/** The affine maps there are, for their neighbours to join. */
const MADE = new WeakMap<Bijection, readonly [readonly number[], readonly number[]]>();

/**
 * The affine bijection of the real line, coordinate by coordinate.
 *
 * @param scale positive.
 */
export function affineBijection(shift: readonly number[], scale: readonly number[]): Bijection {
  const logScale = scale.map(Math.log);
  const total = logScale.reduce((a, b) => a + b, 0);
  const made: Bijection = {
    ...coordinatewise(shift.length, {
      forward: (u, i) => (shift[i] ?? 0) + (scale[i] ?? 1) * u,
      inverse: (theta, i) => (theta - (shift[i] ?? 0)) / (scale[i] ?? 1),
      logJacobian: (_, i) => logScale[i] ?? 0,
    }),
    get coordinates() {
      return shift.length === 1
        ? [made]
        : shift.map((value, i) => affineBijection([value], [scale[i] ?? 1]));
    },
    joined: (next) => {
      const other = MADE.get(next);
      return other && affineBijection([...shift, ...other[0]], [...scale, ...other[1]]);
    },
    graph: {
      forward: (u) => add(mul(u, row(scale, u)), row(shift, u)),
      inverse: (theta) =>
        mul(
          sub(theta, row(shift, theta)),
          row(
            scale.map((s) => 1 / s),
            theta,
          ),
        ),
      logJacobian: (u) => add(mul(sum(u, { axes: [-1] }), 0), constant(total, [], u.dtype)),
    },
  };
  MADE.set(made, [shift, scale]);
  return made;
}
