/**
 * Pairs of the product of two distributions, from a minibatch of their joint distribution.
 */
import { concat, InvalidArgumentError, slice, type Tensor } from "@amortis/graph";

/** How many rotations there are: as many as the user asks for; else as is usual, or as the batch has. */
export interface Negatives {
  readonly asked: number | undefined;
  readonly usual: number;
}

/**
 * Rows turned on by 1, 2, ... places: none stays where it was, so that no data set meets its own parameters.
 *
 * @throws InvalidArgumentError where a batch has no more rows than were asked for, or one alone.
 */
export function rotations(
  what: string,
  rows: Tensor,
  { asked, usual }: Negatives,
): readonly Tensor[] {
  const batch = Number(rows.shape[0]);
  if (batch < 2) {
    throw new InvalidArgumentError(
      `${what}: each data set is paired with parameters of others, but a batch has one example: give 4 simulations or more, and batches of 2 or more`,
    );
  }
  const count = asked ?? Math.min(usual, batch - 1);
  if (count >= batch || count < 1) {
    throw new InvalidArgumentError(
      `${what}: ${count} negatives need batches of more than ${Math.max(1, count)} examples, but they have ${batch}, of those that are trained on or held out: ask for fewer negatives, or give more simulations`,
    );
  }
  return Array.from({ length: count }, (_, i) =>
    concat([slice(rows, 0, i + 1, batch), slice(rows, 0, 0, i + 1)], 0),
  );
}
