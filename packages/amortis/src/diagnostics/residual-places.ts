/**
 * Where in the space estimates are wrong: residuals of data sets whose estimates lie in each of four parts of equal numbers. Cut by what follows from the data, as estimates do, they average
 * to zero in each part where estimates are right; squared scores of all parts together are chi-square, with a degree of freedom a part.
 */
import { incompleteGamma } from "../math/index.js";
import type { Stream } from "../random/index.js";
import type { Departure } from "./ranks.js";
import { departureOf, residualsOf, type OneEstimate } from "./residuals.js";

/** Parts of the space, and data sets that each has at least. */
const [PARTS, FEWEST] = [4, 25];

/** Data sets whose estimate lies between two values. */
export interface PlacedDeparture extends Departure {
  readonly lower: number;
  readonly upper: number;
  /** Mean residual: of a mean, how much too high it is; of a quantile, the share below it less its level. */
  readonly residual: number;
}

/** Parts of the space, and whether estimates are right in all of them. */
export interface PlacedDepartures {
  readonly parts: readonly PlacedDeparture[];
  readonly pValue: number;
}

/** Residuals by place. */
export function placedDepartures(one: OneEstimate, random: Stream): PlacedDepartures {
  const { estimate } = one;
  const n = estimate.length;
  const order = Uint32Array.from(estimate.keys()).toSorted(
    (a, b) => (estimate[a] ?? 0) - (estimate[b] ?? 0),
  );
  const residuals = residualsOf(one);
  const count = Math.max(1, Math.min(PARTS, Math.floor(n / FEWEST)));
  const parts = Array.from({ length: count }, (_, k) => {
    const rows = order.subarray(Math.round((k * n) / count), Math.round(((k + 1) * n) / count));
    const sum = rows.reduce((total, row) => total + (residuals[row] ?? Number.NaN), 0);
    return {
      ...departureOf(one, rows, random.split(k)),
      lower: estimate[rows[0] ?? 0] ?? Number.NaN,
      upper: estimate[rows.at(-1) ?? 0] ?? Number.NaN,
      residual: sum / rows.length,
    };
  });
  const squares = parts.reduce((sum, { z }) => sum + z * z, 0);
  return { parts, pValue: incompleteGamma(count / 2, squares / 2).upper };
}
