/**
 * Maps of rows.
 */

/** A function of each row of [n, from], to [n, to]. */
export function eachRow(
  values: Float64Array,
  from: number,
  to: number,
  map: (row: Float64Array) => Float64Array,
): Float64Array {
  const rows = values.length / from;
  const result = new Float64Array(rows * to);
  for (let i = 0; i < rows; i++) result.set(map(values.subarray(i * from, (i + 1) * from)), i * to);
  return result;
}
