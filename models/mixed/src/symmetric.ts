/**
 * Small matrices in double precision, row-major, in arrays that are used again: what is asked thousands of times an answer makes no garbage.
 */

/**
 * The lower Cholesky factor in place of a symmetric matrix [d, d], of which the lower triangle is read; what lies above the diagonal is left as it is.
 *
 * @returns log |A|; NaN where the matrix is not positive definite.
 */
export function factorize(a: Float64Array, d: number): number {
  let logDeterminant = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let value = a[i * d + j] ?? 0;
      for (let k = 0; k < j; k++) value -= (a[i * d + k] ?? 0) * (a[j * d + k] ?? 0);
      if (i === j) {
        if (!(value > 0)) return Number.NaN;
        logDeterminant += Math.log(value);
        a[i * d + i] = Math.sqrt(value);
      } else {
        a[i * d + j] = value / (a[j * d + j] ?? 1);
      }
    }
  }
  return logDeterminant;
}

/** X with L X = B in place of B [d, columns]. */
export function forward(l: Float64Array, b: Float64Array, d: number, columns: number): void {
  for (let i = 0; i < d; i++) {
    for (let c = 0; c < columns; c++) {
      let value = b[i * columns + c] ?? 0;
      for (let k = 0; k < i; k++) value -= (l[i * d + k] ?? 0) * (b[k * columns + c] ?? 0);
      b[i * columns + c] = value / (l[i * d + i] ?? 1);
    }
  }
}

/** X with Lᵀ X = B in place of B [d, columns]. */
export function backward(l: Float64Array, b: Float64Array, d: number, columns: number): void {
  for (let i = d - 1; i >= 0; i--) {
    for (let c = 0; c < columns; c++) {
      let value = b[i * columns + c] ?? 0;
      for (let k = i + 1; k < d; k++) value -= (l[k * d + i] ?? 0) * (b[k * columns + c] ?? 0);
      b[i * columns + c] = value / (l[i * d + i] ?? 1);
    }
  }
}
