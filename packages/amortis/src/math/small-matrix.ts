/**
 * Products of small square matrices on the host, in double precision, row-major.
 */

/** A x, of [d, d] and the first d numbers. */
export function product(matrix: Float64Array, x: ArrayLike<number>, d: number): Float64Array {
  return Float64Array.from({ length: d }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += (matrix[i * d + k] ?? 0) * (x[k] ?? 0);
    return sum;
  });
}

/** Aᵀ. */
export function transpose(matrix: Float64Array, d: number): Float64Array {
  return Float64Array.from(
    { length: d * d },
    (_, at) => matrix[(at % d) * d + Math.floor(at / d)] ?? 0,
  );
}

/** B A Bᵀ. */
export function congruent(b: Float64Array, a: Float64Array, d: number): Float64Array {
  const half = new Float64Array(d * d);
  const result = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++)
      for (let k = 0; k < d; k++)
        half[i * d + j] = (half[i * d + j] ?? 0) + (b[i * d + k] ?? 0) * (a[k * d + j] ?? 0);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++)
      for (let k = 0; k < d; k++)
        result[i * d + j] = (result[i * d + j] ?? 0) + (half[i * d + k] ?? 0) * (b[j * d + k] ?? 0);
  return result;
}

/** A + value I. */
export function plusDiagonal(matrix: Float64Array, value: number, d: number): Float64Array {
  return matrix.map((entry, at) => (at % (d + 1) === 0 ? entry + value : entry));
}
