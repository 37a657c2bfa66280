/**
 * The same model by dense matrices: what the algebra of groups is held against.
 */
import type { FixedPrior, Observations } from "../src/problem.js";
import { backward, factorize, forward } from "../src/symmetric.js";

/** V = X S Xᵀ + Z Σ Zᵀ + σ² I with Σ = Λ Λᵀ, and the mean X m: [n, n], [n]. */
export function denseMoments(
  { response, fixed, random, group }: Observations,
  { mean, sd }: FixedPrior,
  sigma: number,
  lambda: Float64Array,
) {
  const n = response.length;
  const q = random.length;
  const covariance = new Float64Array(q * q);
  for (let r = 0; r < q; r++)
    for (let c = 0; c < q; c++)
      for (let k = 0; k <= Math.min(r, c); k++)
        covariance[r * q + c] =
          (covariance[r * q + c] ?? 0) + (lambda[r * q + k] ?? 0) * (lambda[c * q + k] ?? 0);
  const v = new Float64Array(n * n);
  const centre = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (const [k, column] of fixed.entries())
      centre[i] = (centre[i] ?? 0) + (column[i] ?? 0) * (mean[k] ?? 0);
    for (let j = 0; j < n; j++) {
      let value = i === j ? sigma * sigma : 0;
      for (const [k, column] of fixed.entries())
        value += (column[i] ?? 0) * (column[j] ?? 0) * (sd[k] ?? 0) ** 2;
      if (group[i] === group[j]) {
        for (let r = 0; r < q; r++)
          for (let c = 0; c < q; c++)
            value += (random[r]?.[i] ?? 0) * (covariance[r * q + c] ?? 0) * (random[c]?.[j] ?? 0);
      }
      v[i * n + j] = value;
    }
  }
  return { v, centre, covariance };
}

/** log N(y; m, V). */
export function denseLogDensity(
  y: ArrayLike<number>,
  centre: Float64Array,
  v: Float64Array,
): number {
  const n = y.length;
  const factor = v.slice();
  const logDeterminant = factorize(factor, n);
  const z = centre.map((value, i) => (y[i] ?? 0) - value);
  forward(factor, z, n, 1);
  return (
    -0.5 *
    (n * Math.log(2 * Math.PI) + logDeterminant + z.reduce((sum, value) => sum + value * value, 0))
  );
}

/** V⁻¹ (y - m). */
export function denseWeights(
  y: ArrayLike<number>,
  centre: Float64Array,
  v: Float64Array,
): Float64Array {
  const n = y.length;
  const factor = v.slice();
  factorize(factor, n);
  const z = centre.map((value, i) => (y[i] ?? 0) - value);
  forward(factor, z, n, 1);
  backward(factor, z, n, 1);
  return z;
}
