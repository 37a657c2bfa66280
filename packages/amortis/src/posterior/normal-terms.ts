/**
 * Normal distributions, recognised by their log-densities: these are quadratic.
 */
import type { NormalTerms } from "../samplers/denoisers.js";

/** How far a log-density may be from quadratic: maps to normal scores are right to some digits. */
const CLOSE = 0.01;

/** How far from zero it is tried. */
const REACH = [-3, -2, 2, 3];

/**
 * Precision and weighted mean of a normal distribution, or undefined of any other.
 *
 * @param logDensity of points [d], up to a constant.
 * @example normalTermsOf(([x = 0]) => -((x - 1) ** 2), 1) // precision [2], weighted [2]
 */
export function normalTermsOf(
  logDensity: (point: Float64Array) => number,
  d: number,
): NormalTerms | undefined {
  const at = (...steps: readonly (readonly [axis: number, length: number])[]): number => {
    const point = new Float64Array(d);
    for (const [axis, length] of steps) point[axis] = (point[axis] ?? 0) + length;
    return logDensity(point);
  };
  const middle = at();
  const ahead = Array.from({ length: d }, (_, i) => at([i, 1]) - middle);
  const behind = Array.from({ length: d }, (_, i) => at([i, -1]) - middle);
  const weighted = Float64Array.from(ahead, (value, i) => (value - (behind[i] ?? 0)) / 2);
  const precision = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    precision[i * d + i] = -(ahead[i] ?? 0) - (behind[i] ?? 0);
    for (let j = 0; j < i; j++) {
      const both = at([i, 1], [j, 1]) - middle;
      const value = (ahead[i] ?? 0) + (ahead[j] ?? 0) - both;
      precision[i * d + j] = value;
      precision[j * d + i] = value;
    }
  }
  const quadratic = (i: number, x: number, j: number, y: number): number =>
    (weighted[i] ?? 0) * x +
    (weighted[j] ?? 0) * y -
    ((precision[i * d + i] ?? 0) * x * x) / 2 -
    ((precision[j * d + j] ?? 0) * y * y) / 2 -
    (precision[i * d + j] ?? 0) * x * y;
  // Along each axis, and off the axes: of a scale that depends on another parameter each axis by itself is normal.
  for (let i = 0; i < d; i++) {
    for (const x of REACH) {
      if (!isClose(at([i, x]) - middle, quadratic(i, x, i, 0), x * x)) return undefined;
      for (let j = 0; j < i; j++) {
        for (const y of REACH) {
          const found = at([i, x], [j, y]) - middle;
          if (!isClose(found, quadratic(i, x, j, y), x * x + y * y)) return undefined;
        }
      }
    }
  }
  return precision.every((value) => Number.isFinite(value)) ? { precision, weighted } : undefined;
}

function isClose(found: number, expected: number, square: number): boolean {
  // Written so that a NaN is not close.
  return Math.abs(found - expected) < CLOSE * square;
}
