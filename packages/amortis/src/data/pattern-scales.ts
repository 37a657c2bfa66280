/**
 * Logarithms of scales of the numbers of one data set: how much they vary, how rough they are, and what others leave of them. NaN is not there.
 */
import { choleskyFactor, invertLower } from "../math/index.js";

/** Added to what a logarithm is taken of. */
const LEAST = 1e-30;

/** Part of a variance that is added to it. */
const JITTER = 1e-12;

/** log of a square, which may be zero. */
export function logOf(value: number): number {
  return Math.log(Math.min(value + LEAST, Number.MAX_VALUE));
}

/** Moments of what is there; NaN of fewer than three. */
export function momentsOf(values: Float64Array) {
  let [n, mean, square, largest] = [0, 0, 0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    n++;
    const delta = value - mean;
    mean += delta / n;
    square += delta * (value - mean);
  }
  for (const value of values) if ((value - mean) ** 2 > largest) largest = (value - mean) ** 2;
  return n < 3
    ? { mean: NaN, variance: NaN, largest: NaN }
    : { mean, variance: square / n, largest };
}

/** log of the mean square of what `left` leaves of each number with two neighbours. */
export function roughness(
  values: Float64Array,
  length: number,
  stride: number,
  left: (before: number, here: number, after: number) => number,
): number {
  let [n, sum] = [0, 0];
  for (let i = stride; i < values.length - stride; i++) {
    const along = Math.floor(i / stride) % length;
    if (along === 0 || along === length - 1) continue;
    const difference = left(
      values[i - stride] ?? Number.NaN,
      values[i] ?? Number.NaN,
      values[i + stride] ?? Number.NaN,
    );
    const square = difference * difference;
    if (Number.isNaN(square)) continue;
    n++;
    sum += square;
  }
  return n === 0 ? Number.NaN : logOf(sum / n);
}

/** log of the mean square of pseudo-residuals of a channel in the order of another, to the variance of the numbers. */
export function roughnessOver(over: Float64Array, values: Float64Array): number {
  const order = Array.from(values.keys())
    .filter((i) => !Number.isNaN(over[i] ?? NaN) && !Number.isNaN(values[i] ?? NaN))
    .toSorted((a, b) => (over[a] ?? 0) - (over[b] ?? 0));
  if (order.length < 3) return Number.NaN;
  const [x, y] = [over, values].map((all) => order.map((i) => all[i] ?? 0));
  let sum = 0;
  for (let i = 1; i < order.length - 1; i++) {
    const [x0 = 0, x1 = 0, x2 = 0] = x?.slice(i - 1, i + 2) ?? [];
    const [y0 = 0, y1 = 0, y2 = 0] = y?.slice(i - 1, i + 2) ?? [];
    const a = x2 > x0 ? (x2 - x1) / (x2 - x0) : 0.5;
    sum += (y1 - a * y0 - (1 - a) * y2) ** 2 / (1 + a * a + (1 - a) ** 2);
  }
  return logOf(sum / (order.length - 2));
}

/** log of the variance that a linear regression on the other channels leaves of one. */
export function leftOf(channels: readonly Float64Array[], which: number): number {
  const k = channels.length;
  const moments = channels.map(momentsOf);
  const covariance = new Float64Array(k * k);
  const [first] = channels;
  let n = 0;
  for (const i of (first ?? []).keys()) {
    const z = channels.map(
      (values, c) =>
        ((values[i] ?? NaN) - (moments[c]?.mean ?? 0)) /
        Math.sqrt((moments[c]?.variance ?? 0) + LEAST),
    );
    if (z.some(Number.isNaN)) continue;
    n++;
    for (let a = 0; a < k; a++)
      for (let b = 0; b < k; b++)
        covariance[a * k + b] = (covariance[a * k + b] ?? 0) + (z[a] ?? 0) * (z[b] ?? 0);
  }
  if (n < k + 2) return Number.NaN;
  const factor = choleskyFactor(
    covariance.map((sum, i) => sum / n + (i % (k + 1) === 0 ? JITTER : 0)),
    k,
  );
  if (factor === undefined) return Number.NaN;
  const inverse = invertLower(factor, k);
  let precision = 0;
  for (let row = which; row < k; row++) precision += (inverse[row * k + which] ?? 0) ** 2;
  return logOf((moments[which]?.variance ?? 0) / precision);
}
