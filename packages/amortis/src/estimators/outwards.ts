/**
 * Quantiles of discrete parameters as values that they can take.
 *
 * A network's quantiles lie anywhere between values. Those below the median go to the value at or below them and those above it to the value at or
 * above, so that an interval holds what the network's held, ends included: it covers at least as much as it says. A median goes to the nearest.
 */

/** @param values increasing. */
export function roundOutwards(x: number, level: number, values: readonly number[]): number {
  const below = values.findLast((value) => value <= x) ?? values[0] ?? x;
  const above = values.find((value) => value >= x) ?? values.at(-1) ?? x;
  if (level < 0.5) return below;
  return level > 0.5 || above - x < x - below ? above : below;
}

/**
 * Rounds the discrete ones among quantiles.
 *
 * @param quantiles [n, levels, p]
 * @param values of each flat parameter, undefined where it is continuous.
 */
export function roundAllOutwards(
  quantiles: Float32Array,
  levels: readonly number[],
  values: readonly (readonly number[] | undefined)[],
): Float64Array {
  const p = values.length;
  return Float64Array.from(quantiles, (x, at) => {
    const list = values[at % p];
    const level = levels[Math.floor(at / p) % levels.length] ?? 0.5;
    return list === undefined ? x : roundOutwards(x, level, list);
  });
}
