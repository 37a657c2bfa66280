/**
 * Correlations of parameters by draws.
 */

import type { Floats } from "../data/layout.js";

/** Correlations with their names. */
export interface Correlations {
  /** Names of the flat parameters. */
  readonly names: readonly string[];
  /** [data sets, p, p], or [p, p] of one data set. */
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Pearson correlations of draws [n, drawsEach, p]; NaN where a parameter does not vary, or is NaN. */
export function correlations(
  draws: Floats,
  drawsEach: number,
  names: readonly string[],
): Correlations {
  const p = names.length;
  const size = draws.length / (drawsEach * p);
  const data = new Float64Array(size * p * p);
  for (let i = 0; i < size; i++) {
    const own = draws.subarray(i * drawsEach * p, (i + 1) * drawsEach * p);
    const columns = Array.from({ length: p }, (_, j) => standardized(own, j, p));
    for (const [a, first] of columns.entries()) {
      for (const [b, second] of columns.entries()) {
        const product = first.reduce((sum, x, k) => sum + x * (second[k] ?? NaN), 0);
        data[(i * p + a) * p + b] = a === b && !Number.isNaN(product) ? 1 : product;
      }
    }
  }
  return { names, shape: [size, p, p], data };
}

/** A column less its mean, of length one. */
function standardized(rows: Floats, column: number, p: number): Float64Array {
  const values = Float64Array.from(
    { length: rows.length / p },
    (_, k) => rows[k * p + column] ?? NaN,
  );
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0));
  return values.map((x) => (x - mean) / length);
}
