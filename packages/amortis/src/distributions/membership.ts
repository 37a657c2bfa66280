/**
 * Membership of many points at once.
 */
import { isWithin, type Distribution } from "./distribution.js";

/** The parts of a distribution that are none of parts themselves, in their order. */
export function flattened(distributions: readonly Distribution[]): readonly Distribution[] {
  return distributions.flatMap((one) => (one.parts === undefined ? [one] : flattened(one.parts)));
}

/**
 * Says which of many points lie in a distribution's support, bounds included.
 *
 * @param points [n, size]
 * @returns 1 for each point that does, 0 for the others: [n].
 */
export function members(distribution: Distribution, points: ArrayLike<number>): Uint8Array {
  const { size, support } = distribution;
  const { lower, upper, values = [] } = support;
  const known = values.map((list) => list && new Set([...list, ...list.map(Math.fround)]));
  // Of a simplex, of a region, and of what depends on other parameters, bounds do not say all.
  const isBox = flattened([distribution]).every(
    (part) => !["simplex", "region", "dependent"].includes(part.support.kind),
  );
  const found = new Uint8Array(points.length / size).fill(1);
  for (let at = 0; at < points.length; at++) {
    const x = points[at] ?? Number.NaN;
    const i = at % size;
    const set = known[i];
    const isIn =
      set === undefined ? isWithin(x, lower[i] ?? -Infinity, upper[i] ?? Infinity) : set.has(x);
    if (!isIn) found[Math.floor(at / size)] = 0;
  }
  if (isBox) return found;
  return found.map((isIn, row) =>
    isIn === 1 && distribution.contains(rowOf(points, row, size)) ? 1 : 0,
  );
}

function rowOf(points: ArrayLike<number>, row: number, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => points[row * size + i] ?? Number.NaN);
}
