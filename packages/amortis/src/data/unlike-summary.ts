/**
 * Summaries unlike those of anything that was simulated: numbers each of which was met in training, but not together.
 */
import type { Moments } from "./moments.js";

/** Part of the range's length by which a number of a summary may leave it: learned summaries have tails that nobody chose. */
const MARGIN = 0.5;

/** Data sets that one warning names. */
const NAMED = 3;

/** Least and greatest of each number of summaries [n, width]. */
export function summaryRange(
  values: ArrayLike<number>,
  width: number,
): Required<Pick<Moments, "range">>["range"] {
  const lower = Array<number>(width).fill(Infinity);
  const upper = Array<number>(width).fill(-Infinity);
  for (let at = 0; at < values.length; at++) {
    const [i, value] = [at % width, values[at] ?? Number.NaN];
    lower[i] = Math.min(lower[i] ?? value, value);
    upper[i] = Math.max(upper[i] ?? value, value);
  }
  return { lower, upper };
}

/** Data sets whose summary lies far outside what training had. */
export interface UnlikeSummaries {
  readonly sets: ReadonlySet<number>;
  /** In one line; undefined where there are none. */
  readonly warning: string | undefined;
}

/**
 * Data sets whose summary lies far outside what training had.
 *
 * @param values [n, width]
 * @param known data sets that are said to be unlike the simulations already.
 */
export function findUnlikeSummaries(
  values: ArrayLike<number>,
  { lower, upper }: Required<Pick<Moments, "range">>["range"],
  known: ReadonlySet<number>,
): UnlikeSummaries {
  const width = lower.length;
  const size = values.length / width;
  const found: string[] = [];
  const sets = new Set<number>();
  for (let set = 0; set < size; set++) {
    const i = known.has(set) ? -1 : worstOf(values, set * width, lower, upper);
    if (i < 0) continue;
    sets.add(set);
    const [value, least, most] = [values[set * width + i], lower[i], upper[i]].map((x) =>
      Number((x ?? Number.NaN).toPrecision(4)),
    );
    const which = size === 1 ? "" : ` of data set ${set}`;
    found.push(
      `number ${i + 1} of ${width}${which} is ${value}, where simulations ran from ${least} to ${most}`,
    );
  }
  if (found.length === 0) return { sets, warning: undefined };
  const rest = found.length > NAMED ? `, and ${found.length - NAMED} more data sets` : "";
  const subject =
    size === 1
      ? "the data, each of which alone was met in training,"
      : `${found.length} of ${size} data sets, each number of which alone was met in training,`;
  return {
    sets,
    warning: `${subject} have a summary unlike that of anything that was simulated, so the answer is a guess: ${found.slice(0, NAMED).join("; ")}${rest}`,
  };
}

/** Place of the number that is the farthest outside, in lengths of its range; -1 where none is. */
function worstOf(
  values: ArrayLike<number>,
  start: number,
  lower: readonly number[],
  upper: readonly number[],
): number {
  let [worst, most] = [-1, MARGIN];
  for (const [i, least] of lower.entries()) {
    const greatest = upper[i] ?? least;
    const value = values[start + i] ?? Number.NaN;
    // A number that never varied is a unit that never was on: how far it may go is not known.
    if (!(greatest > least)) continue;
    const beyond = Math.max(least - value, value - greatest) / (greatest - least);
    if (beyond > most) [worst, most] = [i, beyond];
  }
  return worst;
}
