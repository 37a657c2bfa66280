/**
 * Peaks among points with known densities: those that are higher than all of their nearest neighbours, so that a climb from each ends at a mode of its own.
 *
 * Reference: Rinnooy Kan & Timmer 1987, "Stochastic global optimization methods II: multi level methods", for starts of local searches.
 */

import { meanOf, sdOf } from "./marginals.js";

/** Nearest neighbours that a peak is higher than: on a slope one point of 256 is that by chance. */
const NEIGHBOURS = 8;

/** Points that are looked at, the highest first. */
const CONSIDERED = 1024;

/**
 * @param points [n, k], of comparable scale along each axis.
 * @param heights of each; those of -Infinity are no peaks.
 * @returns rows of peaks, the highest first.
 * @example peaks(points, logDensities, 2).slice(0, 6)
 */
export function peaks(points: Float64Array, heights: Float64Array, k: number): readonly number[] {
  const order = Array.from(heights.keys())
    .filter((row) => (heights[row] ?? -Infinity) > -Infinity)
    .toSorted((a, b) => (heights[b] ?? 0) - (heights[a] ?? 0));
  // In the order of heights, so that loops go through memory as it lies.
  const sorted = Float64Array.from({ length: order.length * k }, (_, at) => {
    return points[(order[Math.floor(at / k)] ?? 0) * k + (at % k)] ?? 0;
  });
  return order.slice(0, CONSIDERED).filter((_, rank) => isPeak(sorted, rank, k));
}

/** Whether the point of a rank is nearer to enough others than to any higher one. */
function isPeak(sorted: Float64Array, rank: number, k: number): boolean {
  let toHigher = Infinity;
  for (let i = 0; i < rank; i++) toHigher = Math.min(toHigher, squareDistance(sorted, rank, i, k));
  let nearer = 0;
  for (let i = rank + 1; i * k < sorted.length && nearer < NEIGHBOURS; i++) {
    if (squareDistance(sorted, rank, i, k) < toHigher) nearer++;
  }
  return rank === 0 || nearer >= NEIGHBOURS;
}

function squareDistance(points: Float64Array, a: number, b: number, k: number): number {
  let sum = 0;
  for (let j = 0; j < k; j++) sum += ((points[a * k + j] ?? 0) - (points[b * k + j] ?? 0)) ** 2;
  return sum;
}

/** Points [n, k] with mean 0 and standard deviation 1 along each axis, of those that are numbers. */
export function whitened(points: Float64Array, k: number): Float64Array {
  const result = new Float64Array(points.length);
  for (let j = 0; j < k; j++) {
    const column = points.filter((_, at) => at % k === j);
    const known = column.filter(Number.isFinite);
    const [mean, sd] = [meanOf(known), sdOf(known)];
    for (const [i, value] of column.entries()) {
      result[i * k + j] = (value - mean) / (sd > 0 ? sd : 1);
    }
  }
  return result;
}
