/**
 * Eigenvalues and eigenvectors of small symmetric matrices on the host, by Jacobi's rotations (Golub & Van Loan, Matrix Computations, section 8.5).
 */

/** Sweeps after which rotations end, whatever is left: a dozen do for any matrix. */
const SWEEPS = 50;

/** Eigenvalues [k], in no order, and the eigenvector of each as a row of [k, k]. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** A = Σ λ v vᵀ of a symmetric matrix [k, k]; reads all of it. */
export function symmetricEigen(matrix: Float64Array, k: number): Eigen {
  const a = matrix.slice();
  const vectors = new Float64Array(k * k);
  for (let i = 0; i < k; i++) vectors[i * (k + 1)] = 1;
  for (let sweep = 0; sweep < SWEEPS && offDiagonal(a, k) > 0; sweep++) {
    for (let p = 0; p < k; p++) {
      for (let q = p + 1; q < k; q++) rotate(a, vectors, k, p, q);
    }
  }
  return { values: Float64Array.from({ length: k }, (_, i) => a[i * (k + 1)] ?? NaN), vectors };
}

/** Σ λ v vᵀ, [k, k]. */
export function fromEigen({ values, vectors }: Eigen): Float64Array {
  const k = values.length;
  const matrix = new Float64Array(k * k);
  for (const [n, value] of values.entries()) {
    for (let at = 0; at < k * k; at++) {
      const [i, j] = [Math.floor(at / k), at % k];
      matrix[at] =
        (matrix[at] ?? 0) + value * (vectors[n * k + i] ?? 0) * (vectors[n * k + j] ?? 0);
    }
  }
  return matrix;
}

/** What is left beside the diagonal that is more than rounding of it. */
function offDiagonal(a: Float64Array, k: number): number {
  let sum = 0;
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) {
      const scale = Math.abs(a[i * (k + 1)] ?? 0) + Math.abs(a[j * (k + 1)] ?? 0);
      const off = Math.abs(a[i * k + j] ?? 0);
      if (off > scale * Number.EPSILON) sum += off;
    }
  }
  return sum;
}

/** Makes a[p, q] zero by a rotation of both, and keeps it in the rows p and q of the vectors. */
function rotate(a: Float64Array, vectors: Float64Array, k: number, p: number, q: number): void {
  const off = a[p * k + q] ?? 0;
  if (off === 0) return;
  const theta = ((a[q * (k + 1)] ?? 0) - (a[p * (k + 1)] ?? 0)) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const turn = (values: Float64Array, first: number, second: number): void => {
    const [x, y] = [values[first] ?? 0, values[second] ?? 0];
    values[first] = c * (x - t * y);
    values[second] = c * (y + t * x);
  };
  for (let i = 0; i < k; i++) turn(a, i * k + p, i * k + q);
  for (let i = 0; i < k; i++) turn(a, p * k + i, q * k + i);
  for (let i = 0; i < k; i++) turn(vectors, p * k + i, q * k + i);
}
