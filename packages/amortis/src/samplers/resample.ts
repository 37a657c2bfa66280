/**
 * Resampling by weights.
 */

/** Where resampling has its randomness from; a Stream is one. */
export interface ResampleSource {
  uniform(): number;
  permutation(n: number): Uint32Array;
}

/**
 * Rows by their weights: stratified, so that shares of draws are as close to the weights as they can be, and in random order.
 *
 * @param weights not negative, with sum one.
 * @returns the row of each draw.
 * @example resample([0.25, 0.75], 4, stream(1));   // a row 0 and three rows 1, in random order
 */
export function resample(
  weights: ArrayLike<number>,
  draws: number,
  random: ResampleSource,
): Uint32Array {
  const order = random.permutation(draws);
  const chosen = new Uint32Array(draws);
  let row = 0;
  let reached = weights[0] ?? 0;
  for (let j = 0; j < draws; j++) {
    const level = (j + random.uniform()) / draws;
    while (level > reached && row + 1 < weights.length) reached += weights[++row] ?? 0;
    chosen[order[j] ?? j] = row;
  }
  return chosen;
}
