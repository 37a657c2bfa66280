/**
 * θ = centre + scale sinh(u), coordinate by coordinate: of the real line onto itself, additive about the centre and logarithmic far out, for priors
 * whose tails are powers.
 */
import {
  customGradient,
  abs,
  add,
  clip,
  div,
  expm1,
  less,
  log,
  log1p,
  maximum,
  mul,
  neg,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  where,
} from "@amortis/graph";
import type { Bijection } from "./bijection.js";
import { coordinatewise } from "./coordinatewise.js";
import { row } from "./coordinates.js";

/** Where sinh is still finite, with room for a scale. */
const FARTHEST = { float32: 80, float64: 680 } as const;

const MADE = new WeakMap<Bijection, readonly [readonly number[], readonly number[]]>();

const held = (u: number): number => Math.min(FARTHEST.float64, Math.max(-FARTHEST.float64, u));
/** log cosh(u), without overflow. */
const logCosh = (u: number): number =>
  Math.abs(u) + Math.log1p(Math.exp(-2 * Math.abs(u))) - Math.LN2;

/** The bijection θ = centre + scale sinh(u); scales are positive. */
export function sinhBijection(centre: readonly number[], scale: readonly number[]): Bijection {
  const logScale = scale.map(Math.log);
  const inverseScale = scale.map((s) => 1 / s);
  const made: Bijection = {
    ...coordinatewise(centre.length, {
      forward: (u, i) => (centre[i] ?? 0) + (scale[i] ?? 1) * Math.sinh(held(u)),
      inverse: (theta, i) => Math.asinh((theta - (centre[i] ?? 0)) / (scale[i] ?? 1)),
      logJacobian: (u, i) => (logScale[i] ?? 0) + logCosh(u),
    }),
    get coordinates() {
      return centre.length === 1
        ? [made]
        : centre.map((value, i) => sinhBijection([value], [scale[i] ?? 1]));
    },
    joined: (next) => {
      const other = MADE.get(next);
      return other && sinhBijection([...centre, ...other[0]], [...scale, ...other[1]]);
    },
    graph: {
      forward: (u) => {
        const far = FARTHEST[u.dtype === "float64" ? "float64" : "float32"];
        const size = clip(abs(u), 0, far);
        // sinh = sign(u) (E + E / (E + 1)) / 2 with E = e^|u| - 1: nothing cancels near zero.
        const e = expm1(size);
        const half = mul(add(e, div(e, add(e, 1))), 0.5);
        const slope = mul(add(add(e, 1), div(1, add(e, 1))), 0.5);
        const signed = customGradient(where(less(u, 0), neg(half), half), [u], (g) => [
          mul(g, slope),
        ]);
        return add(mul(signed, row(scale, u)), row(centre, u));
      },
      inverse: (theta) => {
        const x = mul(sub(theta, row(centre, theta)), row(inverseScale, theta));
        const size = abs(x);
        // asinh(x) = log1p(x + x² / (1 + √(1 + x²))); where x² would overflow, log(2 x).
        const near = clip(size, 0, 1e8);
        const squared = square(near);
        const small = log1p(add(near, div(squared, add(sqrt(add(squared, 1)), 1))));
        const large = add(log(clip(size, 1, Infinity)), Math.LN2);
        const u = where(less(size, 1e8), small, large);
        return customGradient(where(less(x, 0), neg(u), u), [x], (g) => [
          div(g, maximum(sqrt(add(squared, 1)), size)),
        ]);
      },
      logJacobian: (u) => {
        const size = abs(u);
        const each = add(
          add(size, softplus(mul(size, -2))),
          row(
            logScale.map((s) => s - Math.LN2),
            u,
          ),
        );
        return sum(each, { axes: [-1] });
      },
    },
  };
  MADE.set(made, [centre, scale]);
  return made;
}
