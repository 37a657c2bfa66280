/**
 * Moments of some columns.
 */
import type { Moments } from "./moments.js";

/** Entries [from, to) of all lists. */
export function sliceMoments(
  { mean, sd, tails, range }: Moments,
  from: number,
  to: number,
): Moments {
  const cut = (list: readonly number[]): readonly number[] => list.slice(from, to);
  return {
    mean: cut(mean),
    sd: cut(sd),
    ...(tails && {
      tails: {
        center: cut(tails.center),
        width: cut(tails.width),
        mean: cut(tails.mean),
        sd: cut(tails.sd),
      },
    }),
    ...(range && { range: { lower: cut(range.lower), upper: cut(range.upper) } }),
  };
}
