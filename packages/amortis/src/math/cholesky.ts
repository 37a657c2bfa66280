/**
 * Cholesky factors of small matrices on the host, in double precision, row-major.
 */

/** Lower factor L of A = L Lᵀ, or undefined where the matrix is not positive definite. Reads the lower triangle. */
export function choleskyFactor(matrix: Float64Array, d: number): Float64Array | undefined {
  const factor = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let value = matrix[i * d + j] ?? Number.NaN;
      for (let k = 0; k < j; k++) value -= (factor[i * d + k] ?? 0) * (factor[j * d + k] ?? 0);
      if (i === j && !(value > 0 && value < Infinity)) return undefined;
      factor[i * d + j] = i === j ? Math.sqrt(value) : value / (factor[j * d + j] ?? 1);
    }
  }
  return factor;
}

/** x with L x = b. */
export function solveLower(factor: Float64Array, b: ArrayLike<number>): Float64Array {
  const d = b.length;
  const x = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    let value = b[i] ?? Number.NaN;
    for (let j = 0; j < i; j++) value -= (factor[i * d + j] ?? 0) * (x[j] ?? 0);
    x[i] = value / (factor[i * d + i] ?? 1);
  }
  return x;
}

/** L⁻¹, lower triangular. */
export function invertLower(factor: Float64Array, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    const column = solveLower(
      factor,
      Float64Array.from({ length: d }, (_, i) => (i === j ? 1 : 0)),
    );
    for (let i = j; i < d; i++) inverse[i * d + j] = column[i] ?? 0;
  }
  return inverse;
}
