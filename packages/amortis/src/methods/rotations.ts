/**
 * Pairs of the product of two distributions, from a minibatch of their joint distribution.
 */
import { concat, InvalidArgumentError, slice, type Tensor } from "@amortis/graph";

/**
 * Rows turned on by 1, 2, ... places: none stays where it was, so that no data set meets its own parameters.
 *
 * @throws InvalidArgumentError where a batch has no more rows than that.
 */
export function rotations(what: string, rows: Tensor, count: number): readonly Tensor[] {
  const batch = Number(rows.shape[0]);
  if (count >= batch || count < 1) {
    throw new InvalidArgumentError(
      `${what}: ${count} negatives need batches of more than ${Math.max(1, count)} examples, but they have ${batch}`,
    );
  }
  return Array.from({ length: count }, (_, i) =>
    concat([slice(rows, 0, i + 1, batch), slice(rows, 0, 0, i + 1)], 0),
  );
}
