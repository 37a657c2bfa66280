/**
 * What bijections coordinate by coordinate have in common on the host.
 */
import type { Bijection } from "./bijection.js";

/** The maps of one coordinate, of its value and its place. */
export interface CoordinateMaps {
  readonly forward: (u: number, i: number) => number;
  readonly inverse: (theta: number, i: number) => number;
  readonly logJacobian: (u: number, i: number) => number;
}

/** The host's part of a bijection of `size` coordinates, each by itself. */
export function coordinatewise(
  size: number,
  maps: CoordinateMaps,
): Pick<Bijection, "size" | "unconstrainedSize" | "forward" | "inverse" | "logJacobian"> {
  const each =
    (map: CoordinateMaps["forward"]) =>
    (values: ArrayLike<number>): Float64Array =>
      Float64Array.from({ length: size }, (_, i) => map(values[i] ?? Number.NaN, i));
  return {
    size,
    unconstrainedSize: size,
    forward: each(maps.forward),
    inverse: each(maps.inverse),
    logJacobian: (u) => {
      let total = 0;
      for (let i = 0; i < size; i++) total += maps.logJacobian(u[i] ?? Number.NaN, i);
      return total;
    },
  };
}
