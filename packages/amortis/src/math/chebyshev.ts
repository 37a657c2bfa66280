/**
 * Chebyshev series on [-1, 1]: of a function by its values, of its integral, and their values.
 *
 *     f(x) ≈ Σ_k a_k T_k(x),     x_j = cos(π j / n), j = 0 … n,
 *
 * interpolates f at the points x_j; of a smooth function coefficients fall off geometrically, so that the last ones say how far the series is from it
 * (Trefethen 2013, "Approximation Theory and Approximation Practice").
 */

/** The points x_j of degree n, from 1 down to -1. */
export function chebyshevPoints(n: number): Float64Array {
  return Float64Array.from({ length: n + 1 }, (_, j) => Math.cos((Math.PI * j) / n));
}

/** Coefficients a_0 … a_n by the values at the points of degree n. */
export function chebyshevCoefficients(values: ArrayLike<number>): Float64Array {
  const n = values.length - 1;
  const cosines = Float64Array.from({ length: 2 * n }, (_, m) => Math.cos((Math.PI * m) / n));
  const half = (j: number): number => (j === 0 || j === n ? 0.5 : 1);
  return Float64Array.from({ length: n + 1 }, (_, k) => {
    let total = 0;
    for (let j = 0; j <= n; j++) {
      total += half(j) * (values[j] ?? 0) * (cosines[(j * k) % (2 * n)] ?? 0);
    }
    return (2 / n) * half(k) * total;
  });
}

/** Coefficients of the integral from -1 on. */
export function chebyshevIntegral(coefficients: ArrayLike<number>): Float64Array {
  const length = coefficients.length + 1;
  const at = (k: number): number => (k === 0 ? 2 : 1) * (coefficients[k] ?? 0);
  const result = Float64Array.from({ length }, (_, k) =>
    k === 0 ? 0 : (at(k - 1) - at(k + 1)) / (2 * k),
  );
  // Zero at -1, where T_k is (-1)^k.
  result[0] = -result.reduce((sum, b, k) => sum + (k % 2 === 0 ? b : -b), 0);
  return result;
}

/** Σ_k a_k T_k(x), by Clenshaw's recurrence. */
export function chebyshevValue(coefficients: ArrayLike<number>, x: number): number {
  let [next, afterNext] = [0, 0];
  for (let k = coefficients.length - 1; k > 0; k--) {
    [next, afterNext] = [2 * x * next - afterNext + (coefficients[k] ?? 0), next];
  }
  return x * next - afterNext + (coefficients[0] ?? 0);
}
