/**
 * Cholesky factors of small dense matrices, A = L Lᵀ, in float64: lower triangle, row-major, in place.
 *
 * Sizes are multiples of four: the inner loops hold a tile of 2 rows × 4 columns in registers, which makes plain JavaScript about
 * twice as fast as one dot product at a time.
 */
import { AmortisError } from "amortis";

/** Columns of a tile; sizes of matrices are multiples of it. */
const TILE = 4;

/** A matrix that should be a covariance is not positive definite. */
export class NotPositiveDefiniteError extends AmortisError {
  constructor(pivot: number, value: number) {
    super(
      "not-positive-definite",
      `the covariance is not positive definite: pivot ${pivot} is ${value}; check the parameters`,
    );
  }
}

/**
 * Replaces the lower triangle of A by L, and zeroes nothing: the upper triangle is left as it is.
 *
 * @param a [n, n] row-major; only its lower triangle is read.
 * @param n a multiple of 4.
 * @throws NotPositiveDefiniteError where a pivot is not positive.
 */
export function choleskyInPlace(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j += TILE) {
    factorDiagonal(a, n, j);
    // n and j are multiples of four, so the rows below come in pairs.
    for (let i = j + TILE; i < n; i += 2) solvePanelRows(a, n, i, j);
  }
}

/** Rows and columns j..j+3: subtracts what columns before j explain, then factors the 4×4 block. */
function factorDiagonal(a: Float64Array, n: number, j: number): void {
  for (let r = j; r < j + TILE; r++) {
    for (let c = j; c <= r; c++) {
      let sum = a[r * n + c] ?? 0;
      for (let k = 0; k < c; k++) sum -= (a[r * n + k] ?? 0) * (a[c * n + k] ?? 0);
      if (c < r) {
        a[r * n + c] = sum / (a[c * n + c] ?? 0);
      } else {
        // NaN fails this comparison too.
        if (!(sum > 0)) throw new NotPositiveDefiniteError(r, sum);
        a[r * n + r] = Math.sqrt(sum);
      }
    }
  }
}

/** Rows i and i+1, columns j..j+3: subtracts what columns before j explain, then solves against the 4×4 block. */
function solvePanelRows(a: Float64Array, n: number, i: number, j: number): void {
  const p = i * n;
  const q = p + n;
  const r0 = j * n;
  const r1 = r0 + n;
  const r2 = r1 + n;
  const r3 = r2 + n;
  let p0 = a[p + j] ?? 0;
  let p1 = a[p + j + 1] ?? 0;
  let p2 = a[p + j + 2] ?? 0;
  let p3 = a[p + j + 3] ?? 0;
  let q0 = a[q + j] ?? 0;
  let q1 = a[q + j + 1] ?? 0;
  let q2 = a[q + j + 2] ?? 0;
  let q3 = a[q + j + 3] ?? 0;
  for (let k = 0; k < j; k++) {
    const x = a[p + k] ?? 0;
    const y = a[q + k] ?? 0;
    const c0 = a[r0 + k] ?? 0;
    const c1 = a[r1 + k] ?? 0;
    const c2 = a[r2 + k] ?? 0;
    const c3 = a[r3 + k] ?? 0;
    p0 -= x * c0;
    p1 -= x * c1;
    p2 -= x * c2;
    p3 -= x * c3;
    q0 -= y * c0;
    q1 -= y * c1;
    q2 -= y * c2;
    q3 -= y * c3;
  }
  const l00 = 1 / (a[r0 + j] ?? 0);
  const l10 = a[r1 + j] ?? 0;
  const l11 = 1 / (a[r1 + j + 1] ?? 0);
  const l20 = a[r2 + j] ?? 0;
  const l21 = a[r2 + j + 1] ?? 0;
  const l22 = 1 / (a[r2 + j + 2] ?? 0);
  const l30 = a[r3 + j] ?? 0;
  const l31 = a[r3 + j + 1] ?? 0;
  const l32 = a[r3 + j + 2] ?? 0;
  const l33 = 1 / (a[r3 + j + 3] ?? 0);
  p0 *= l00;
  q0 *= l00;
  p1 = (p1 - p0 * l10) * l11;
  q1 = (q1 - q0 * l10) * l11;
  p2 = (p2 - p0 * l20 - p1 * l21) * l22;
  q2 = (q2 - q0 * l20 - q1 * l21) * l22;
  p3 = (p3 - p0 * l30 - p1 * l31 - p2 * l32) * l33;
  q3 = (q3 - q0 * l30 - q1 * l31 - q2 * l32) * l33;
  a[p + j] = p0;
  a[p + j + 1] = p1;
  a[p + j + 2] = p2;
  a[p + j + 3] = p3;
  a[q + j] = q0;
  a[q + j + 1] = q1;
  a[q + j + 2] = q2;
  a[q + j + 3] = q3;
}

/**
 * y = L x for a part of each vector.
 *
 * @param l [n, n] row-major, lower triangle.
 * @param n a multiple of 4.
 * @param at where the part of n values starts in `x` and `y`, which must not be the same array.
 */
export function multiplyLower(
  l: Float64Array,
  n: number,
  x: Float64Array,
  y: Float64Array,
  at: number,
): void {
  // Four rows at a time share what they read of x, and do not wait for one another's sums.
  for (let i = 0; i < n; i += TILE) {
    const r0 = i * n;
    const r1 = r0 + n;
    const r2 = r1 + n;
    const r3 = r2 + n;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < i; k++) {
      const value = x[at + k] ?? 0;
      s0 += (l[r0 + k] ?? 0) * value;
      s1 += (l[r1 + k] ?? 0) * value;
      s2 += (l[r2 + k] ?? 0) * value;
      s3 += (l[r3 + k] ?? 0) * value;
    }
    const x0 = x[at + i] ?? 0;
    const x1 = x[at + i + 1] ?? 0;
    const x2 = x[at + i + 2] ?? 0;
    const x3 = x[at + i + 3] ?? 0;
    s0 += (l[r0 + i] ?? 0) * x0;
    s1 += (l[r1 + i] ?? 0) * x0;
    s1 += (l[r1 + i + 1] ?? 0) * x1;
    s2 += (l[r2 + i] ?? 0) * x0;
    s2 += (l[r2 + i + 1] ?? 0) * x1;
    s2 += (l[r2 + i + 2] ?? 0) * x2;
    s3 += (l[r3 + i] ?? 0) * x0;
    s3 += (l[r3 + i + 1] ?? 0) * x1;
    s3 += (l[r3 + i + 2] ?? 0) * x2;
    s3 += (l[r3 + i + 3] ?? 0) * x3;
    y[at + i] = s0;
    y[at + i + 1] = s1;
    y[at + i + 2] = s2;
    y[at + i + 3] = s3;
  }
}

/** ‖L⁻¹x‖² for a part of `x`, of n values from `at`; `scratch` takes n values. */
export function squaredNormOfSolution(
  l: Float64Array,
  n: number,
  x: Float64Array,
  at: number,
  scratch: Float64Array,
): number {
  let norm = 0;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let sum = x[at + i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (l[row + k] ?? 0) * (scratch[k] ?? 0);
    sum /= l[row + i] ?? 0;
    scratch[i] = sum;
    norm += sum * sum;
  }
  return norm;
}

/** log det L, the sum of the logarithms of its diagonal. */
export function logDeterminant(l: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(l[i * n + i] ?? 0);
  return sum;
}
