/**
 * Draws within a brushed region.
 */
import type { Answer } from "../protocol/types.js";

/**
 * The first draws that lie within.
 *
 * @param region from and to, by flat parameter.
 * @returns `rows` [at most `most`, p], and how many there are in all.
 */
export function drawsIn(
  { names, draws }: Answer,
  region: Readonly<Record<string, readonly [number, number]>>,
  most: number,
): { readonly rows: Float64Array; readonly inside: number } {
  const p = names.length;
  const bounds = names.map((name) => region[name]);
  const found: number[] = [];
  for (let i = 0; i < draws.length / p; i++) {
    const within = bounds.every((bound, k) => {
      const value = draws[i * p + k] ?? Number.NaN;
      return bound === undefined || (value >= bound[0] && value <= bound[1]);
    });
    if (within) found.push(i);
  }
  const rows = found.slice(0, most).flatMap((i) => [...draws.subarray(i * p, (i + 1) * p)]);
  return { rows: Float64Array.from(rows), inside: found.length };
}
