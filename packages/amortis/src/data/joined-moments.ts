/**
 * Moments of numbers of several arrays, side by side.
 */
import type { Moments, Tails } from "./moments.js";

/**
 * Moments of numbers side by side, each from those of its own array.
 *
 * @param list one number of each, as it is picked from the moments of its array.
 * @param isOverDecades whether any array has tails: a width of zero stands for none.
 */
export function joinedMoments(
  list: (pick: (moments: Moments) => readonly number[]) => readonly number[],
  isOverDecades: boolean,
): Moments {
  const linear = { mean: list(({ mean }) => mean), sd: list(({ sd }) => sd) };
  if (!isOverDecades) return linear;
  const tail = (key: keyof Tails, otherwise: number): readonly number[] =>
    list(({ tails }) => tails?.[key] ?? [otherwise]);
  return {
    ...linear,
    tails: {
      center: tail("center", 0),
      width: tail("width", 0),
      mean: tail("mean", 0),
      sd: tail("sd", 1),
    },
  };
}
