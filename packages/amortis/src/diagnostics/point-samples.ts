/**
 * Samples of points that are compared: two of them together, and how far points lie from each other.
 */
import { requireRows } from "./c2st.js";

/**
 * Two samples, one after the other: what is compared by permutation.
 *
 * @param reference [n, d], row-major.
 * @param samples [m, d], row-major.
 * @returns [n + m, d]
 * @throws InvalidArgumentError where rows do not have d columns, there are fewer than two, or values are not finite.
 */
export function together(reference: Float32Array, samples: Float32Array, d: number): Float32Array {
  requireRows("reference", reference, d, 2);
  requireRows("samples", samples, d, 2);
  const all = new Float32Array(reference.length + samples.length);
  all.set(reference);
  all.set(samples, reference.length);
  return all;
}

/** ‖x - y‖² of d numbers from places on. */
export function squaredDistance(
  x: ArrayLike<number>,
  i: number,
  y: ArrayLike<number>,
  j: number,
  d: number,
): number {
  let square = 0;
  for (let k = 0; k < d; k++) {
    const difference = (x[i + k] ?? Number.NaN) - (y[j + k] ?? Number.NaN);
    square += difference * difference;
  }
  return square;
}
