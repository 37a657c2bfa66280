/**
 * How much one call of a network takes.
 */

/** Data sets that one call of a network takes. The convolutions of 256 fields take a quarter longer each than those of 64, and more memory. */
export const DATA_SETS_PER_CALL = 64;

/**
 * Rows of draws that one call of a network takes. What a call works on then stays in the processor's caches: a thousand draws of each of a thousand data
 * sets take 2.1 s of the README's model in calls of 4,096, 2.7 s in calls of 32,768, and 3.0 s in calls of 2,048, at less memory.
 */
const ROWS_PER_CALL = 4096;

/**
 * The same for draws of so many numbers. Draws of one number take few numbers each on the way, since the functions of a flow follow from the context alone: calls of
 * 16,384 take 83 ms where those of 4,096 take 97.
 */
export function drawsPerCall(parameters: number): number {
  return parameters === 1 ? 4 * ROWS_PER_CALL : ROWS_PER_CALL;
}

/** What one call of a network takes: draws [first, last) of each of the data sets [from, to). */
export interface Block {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
}

/**
 * The data sets [start, end) with `each` draws, cut so that one call takes about `most` draws: whole data sets together, or pieces of
 * one. Draws come in the order in which they lie in an array [end - start, each].
 */
export function* blocks(
  start: number,
  end: number,
  each: number,
  most = ROWS_PER_CALL,
): Generator<Block> {
  const step = Math.max(1, Math.floor(most / each));
  for (let from = start; from < end; from += step) {
    const to = Math.min(from + step, end);
    for (let first = 0; first < each; first += most) {
      yield { from, to, first, last: Math.min(first + most, each) };
    }
  }
}
