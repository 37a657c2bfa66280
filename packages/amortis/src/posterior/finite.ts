/**
 * Answers that are numbers: whatever is not finite is no answer, and is said at once.
 */
import { DataError } from "../data/simulator-output.js";

/** What answers are of. */
export interface Asked {
  /** In words: "a draw". */
  readonly what: string;
  /** Number of the first data set, and how many there are; none where the answers are of parameters alone. */
  readonly first?: number;
  readonly sets?: number;
  /** Whether -Infinity is an answer: the logarithm of zero. */
  readonly log?: boolean;
}

/**
 * @param values [sets, ...].
 * @throws DataError where one is not finite, with its data set.
 */
export function requireFinite(
  values: Float32Array | Float64Array,
  { what, first = 0, sets, log = false }: Asked,
): void {
  // What is not finite less itself is no number: one pass without a branch finds whether there is any.
  let zero = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    zero += value - value;
  }
  if (zero === 0) return;
  for (const [i, value] of values.entries()) {
    if (Number.isFinite(value) || (log && value === -Infinity)) continue;
    const set = sets === undefined ? undefined : first + Math.floor(i / (values.length / sets));
    const [where, given] = set === undefined ? ["", "parameters"] : [`data set ${set}: `, "data"];
    throw new DataError(
      `${where}${what} is ${value}, which is no answer: the ${given} lie too far from all that the estimator was trained on, or its weights are damaged`,
    );
  }
}
