/**
 * Where a number lies among others, as a normal score: Φ⁻¹ of its rank, which goes on beyond their range in proportion to its distance.
 *
 * A rank says of a number below all others that it is the least, and no more. Beyond the outermost quantiles that are kept, scores go on by a line whose unit is a third of the
 * distance from the median to them, so that far is told from beyond. Where several numbers are equal, their score is that of the middle of their ranks.
 */
import { normalCdf } from "../math/index.js";

/** Quantiles at Φ(z), z = -3, -2.75, ..., 3. */
export type QuantileTable = readonly number[];

const [END, STEP] = [3, 0.25];

/** How many quantiles a table has. */
export const TABLE_SIZE = (2 * END) / STEP + 1;

/** The table of some values; those that are NaN are left out. */
export function quantileTable(values: Float64Array): QuantileTable {
  const sorted = values.filter(Number.isFinite).toSorted();
  const last = sorted.length - 1;
  return Array.from({ length: TABLE_SIZE }, (_, i) => {
    const at = normalCdf(i * STEP - END) * last;
    const [below = 0, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
    return below + (at - Math.floor(at)) * (above - below);
  });
}

/** The normal score of a value; 0, which says nothing, of NaN. */
export function normalScore(table: QuantileTable, value: number): number {
  const [first = 0, median = 0, last = 0] = [table[0], table[(TABLE_SIZE - 1) / 2], table.at(-1)];
  const least = Number.MIN_VALUE + 1e-9 * Math.max(Math.abs(first), Math.abs(last));
  const unit = (length: number): number => Math.max(length / END, (last - first) / 6, least);
  if (value < first) return -END - (first - value) / unit(median - first);
  if (value > last) return END + (value - last) / unit(last - median);
  const from = table.findIndex((quantile) => quantile >= value);
  const to = table.findLastIndex((quantile) => quantile <= value);
  // NaN is neither above nor below.
  if (from < 0 || to < 0) return 0;
  const z = (at: number): number => at * STEP - END;
  if (from <= to) return (z(from) + z(to)) / 2;
  const [below = 0, above = 0] = [table[to], table[from]];
  return z(to) + (STEP * (value - below)) / (above - below);
}
