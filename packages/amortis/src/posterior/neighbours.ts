/**
 * Data sets that lie beside each other, which are asked together.
 */

/** Ranges [from, to) of neighbours among ascending numbers: what can be evaluated together. */
export function neighbours(ascending: readonly number[]): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  for (const index of ascending) {
    const last = ranges.at(-1);
    if (last?.[1] === index) ranges[ranges.length - 1] = [last[0], index + 1];
    else ranges.push([index, index + 1]);
  }
  return ranges;
}
