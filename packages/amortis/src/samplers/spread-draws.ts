/**
 * Some of the draws that chains kept.
 */

/**
 * Draws by turns from each chain, spread over the whole of it.
 *
 * @param all of the chains of one data set, [chains, kept, p].
 * @returns [draws, p]
 */
export function spreadDraws(
  all: Float32Array,
  { chains, kept, p }: Readonly<Record<"chains" | "kept" | "p", number>>,
  draws: number,
): Float32Array {
  const each = Math.ceil(draws / chains);
  const chosen = new Float32Array(draws * p);
  for (let j = 0; j < draws; j++) {
    const place = Math.floor(((Math.floor(j / chains) + 0.5) * kept) / each);
    const row = (j % chains) * kept + place;
    chosen.set(all.subarray(row * p, (row + 1) * p), j * p);
  }
  return chosen;
}
