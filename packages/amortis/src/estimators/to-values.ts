/**
 * Quantiles of discrete parameters as values that they can take.
 *
 * The quantile at level q of a discrete distribution is its least value with P(θ ≤ value) ≥ q, and jumps from value to value as data change. A network's is the smooth curve
 * through the jumps that loses least, which is halfway where they are: so the nearest value is the quantile, ends of the range too, and an interval between two covers at least what
 * it says. Rounded outwards instead, half of all intervals would be a value too wide at either end.
 */
import type { Floats } from "../data/layout.js";

/**
 * The value that is nearest; of two as near, the one away from the median.
 *
 * @param values increasing.
 */
export function nearestValue(x: number, level: number, values: readonly number[]): number {
  const below = values.findLast((value) => value <= x) ?? values[0] ?? x;
  const above = values.find((value) => value >= x) ?? values.at(-1) ?? x;
  const [toBelow, toAbove] = [x - below, above - x];
  if (toBelow === toAbove) return level > 0.5 ? above : below;
  return toAbove < toBelow ? above : below;
}

/**
 * Rounds the discrete ones among quantiles.
 *
 * @param quantiles [n, levels, p]
 * @param values of each flat parameter, undefined where it is continuous.
 */
export function toValues(
  quantiles: Floats,
  levels: readonly number[],
  values: readonly (readonly number[] | undefined)[],
): Float64Array {
  const p = values.length;
  return Float64Array.from(quantiles, (x, at) => {
    const list = values[at % p];
    const level = levels[Math.floor(at / p) % levels.length] ?? 0.5;
    return list === undefined ? x : nearestValue(x, level, list);
  });
}
