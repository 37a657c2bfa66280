/**
 * Gradients taken back through bijections: from d/dθ to d/du, θ = g(u), with that of log |dθ/du|.
 *
 * The maps onto intervals and half-lines have closed forms. Of any other the derivatives are central differences on the host: what they err by, some 1e-9, costs a
 * Hamiltonian sampler nothing but acceptance.
 */
import type { Bijection } from "../distributions/index.js";

/** Writes d/du, [k], of what has the gradient `slope` [p] in θ, and of log |dθ/du|. */
export type PullBack = (u: Float64Array, slope: Float64Array, to: Float64Array) => void;

/** Step of central differences, of a coordinate in unconstrained space, whose scale is one. */
const STEP = 1e-5;

/** How gradients are taken back through a bijection. */
export function pullBackOf(bijection: Bijection): PullBack {
  const { bounds } = bijection;
  if (bounds !== undefined) return throughIntervals(bounds);
  const { coordinates } = bijection;
  return coordinates === undefined ? throughAny(bijection) : throughCoordinates(coordinates);
}

/** θ = u, lower + eᵘ, upper - e⁻ᵘ, or lower + (upper - lower) σ(u). */
function throughIntervals({ lower, upper }: NonNullable<Bijection["bounds"]>): PullBack {
  return (u, slope, to) => {
    for (const [j, low] of lower.entries()) {
      const high = upper[j] ?? Infinity;
      const [x, s] = [u[j] ?? NaN, slope[j] ?? NaN];
      if (low === -Infinity && high === Infinity) to[j] = s;
      else if (high === Infinity) to[j] = s * Math.exp(x) + 1;
      else if (low === -Infinity) to[j] = s * Math.exp(-x) - 1;
      else {
        const share = 1 / (1 + Math.exp(-x));
        to[j] = s * (high - low) * share * (1 - share) + 1 - 2 * share;
      }
    }
  };
}

/** Increasing maps of single coordinates: dθ/du is the exponential of log |dθ/du|. */
function throughCoordinates(coordinates: readonly Bijection[]): PullBack {
  return (u, slope, to) => {
    for (const [j, map] of coordinates.entries()) {
      const at = u[j] ?? NaN;
      const bend = map.logJacobian([at + STEP]) - map.logJacobian([at - STEP]);
      to[j] = (slope[j] ?? NaN) * Math.exp(map.logJacobian([at])) + bend / (2 * STEP);
    }
  };
}

function throughAny(bijection: Bijection): PullBack {
  return (u, slope, to) => {
    for (const [j, value] of u.entries()) {
      const [above, below] = [u.with(j, value + STEP), u.with(j, value - STEP)];
      const [up, down] = [bijection.forward(above), bijection.forward(below)];
      const alongTheta = slope.reduce(
        (sum, s, i) => (up[i] === down[i] ? sum : sum + s * ((up[i] ?? 0) - (down[i] ?? 0))),
        0,
      );
      const jacobian = bijection.logJacobian(above) - bijection.logJacobian(below);
      to[j] = (alongTheta + jacobian) / (2 * STEP);
    }
  };
}
