/**
 * Bijections for many rows at once, with gradients taken back through them: from d/dθ to d/du, θ = g(u), with that of log |dθ/du|.
 *
 * The maps onto intervals and half-lines have closed forms. Of any other the derivatives are central differences on the host: what they err by, some 1e-9, costs a
 * Hamiltonian sampler nothing but acceptance.
 */
import { COORDINATE_MAPS, kindOf } from "../distributions/coordinates.js";
import type { Bijection } from "../distributions/index.js";

/** A bijection for rows [n, k] in unconstrained space and [n, p] of parameters. */
export interface RowMaps {
  /** u to θ. */
  toParameters(position: Float64Array): Float64Array;
  /** Adds log |dθ/du| of each row to a number of each, [n]. */
  addJacobian(position: Float64Array, to: Float64Array): void;
  /** d/du, [n, k], of what has the gradient [n, p] in θ, and of log |dθ/du|. */
  pullBack(position: Float64Array, slope: Float64Array): Float64Array;
}

/** Step of central differences, of a coordinate in unconstrained space, whose scale is one. */
const STEP = 1e-5;

/** A bijection for rows. */
export function rowMaps(bijection: Bijection): RowMaps {
  const { bounds, coordinates } = bijection;
  if (bounds !== undefined) return ofIntervals(bounds);
  return ofRows(
    bijection,
    coordinates === undefined ? slopesOfAny(bijection) : slopesOfCoordinates(coordinates),
  );
}

/** θ = u, lower + eᵘ, upper - e⁻ᵘ, or lower + (upper - lower) σ(u), coordinate by coordinate. */
function ofIntervals({ lower, upper }: NonNullable<Bijection["bounds"]>): RowMaps {
  const k = lower.length;
  const bent = lower.flatMap((low, j) => {
    const high = upper[j] ?? Infinity;
    const kind = kindOf(low, high);
    return kind === "real" ? [] : [{ j, low, high, kind, map: COORDINATE_MAPS[kind] }];
  });
  return {
    toParameters: (position) => {
      const parameters = position.slice();
      for (const { j, low, high, map } of bent) {
        for (let at = j; at < position.length; at += k) {
          parameters[at] = map.forward(position[at] ?? NaN, low, high);
        }
      }
      return parameters;
    },
    addJacobian: (position, to) => {
      for (const { j, low, high, map } of bent) {
        for (let i = 0; i < to.length; i++) {
          to[i] = (to[i] ?? NaN) + map.logJacobian(position[i * k + j] ?? NaN, low, high);
        }
      }
    },
    pullBack: (position, slope) => {
      const pulled = slope.slice();
      for (const { j, low, high, kind } of bent) {
        for (let at = j; at < position.length; at += k) {
          const [u, s] = [position[at] ?? NaN, slope[at] ?? NaN];
          if (kind === "above") pulled[at] = s * Math.exp(u) + 1;
          else if (kind === "below") pulled[at] = s * Math.exp(-u) - 1;
          else {
            const share = 1 / (1 + Math.exp(-u));
            pulled[at] = s * (high - low) * share * (1 - share) + 1 - 2 * share;
          }
        }
      }
      return pulled;
    },
  };
}

/** Writes d/du, [k], of what has the gradient `slope` [p] in θ, and of log |dθ/du|. */
type Slopes = (u: Float64Array, slope: Float64Array, to: Float64Array) => void;

/** Any bijection, row by row. */
function ofRows(bijection: Bijection, slopes: Slopes): RowMaps {
  const { unconstrainedSize: k, size: p } = bijection;
  const row = (of: Float64Array, i: number, size: number): Float64Array =>
    of.subarray(i * size, (i + 1) * size);
  return {
    toParameters: (position) => {
      const parameters = new Float64Array((position.length / k) * p);
      for (let i = 0; i * k < position.length; i++) {
        parameters.set(bijection.forward(row(position, i, k)), i * p);
      }
      return parameters;
    },
    addJacobian: (position, to) => {
      for (const [i, value] of to.entries()) {
        to[i] = value + bijection.logJacobian(row(position, i, k));
      }
    },
    pullBack: (position, slope) => {
      const pulled = new Float64Array(position.length);
      for (let i = 0; i * k < position.length; i++) {
        slopes(row(position, i, k), row(slope, i, p), row(pulled, i, k));
      }
      return pulled;
    },
  };
}

/** Increasing maps of single coordinates: dθ/du is the exponential of log |dθ/du|. */
function slopesOfCoordinates(coordinates: readonly Bijection[]): Slopes {
  return (u, slope, to) => {
    for (const [j, map] of coordinates.entries()) {
      const at = u[j] ?? NaN;
      const bend = map.logJacobian([at + STEP]) - map.logJacobian([at - STEP]);
      to[j] = (slope[j] ?? NaN) * Math.exp(map.logJacobian([at])) + bend / (2 * STEP);
    }
  };
}

function slopesOfAny(bijection: Bijection): Slopes {
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
