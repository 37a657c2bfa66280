/**
 * Poisson and binomial log-probabilities by the saddle-point expansion: nothing cancels, however large the counts
 * (Loader 2000, "Fast and accurate computation of binomial probabilities"). Counts need not be whole, so gamma and beta densities
 * follow from them.
 */
import { LOG_SQRT_2PI, stirlingError } from "./gamma.js";

/** x log(x / m) + m - x ≥ 0, also where x is close to m. */
export function deviance(x: number, m: number): number {
  if (x === 0 || m === Infinity) return m;
  const difference = x - m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * logRatio(x, m) + m - x;
  const v = difference / (x + m);
  let sum = difference * v;
  let power = 2 * x * v;
  // Of |v| < 0.1 each term is less than a hundredth of the one before; NaN never settles.
  for (let j = 1; j < 20; j++) {
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
  return sum;
}

/** log(x / m), also where the quotient is too small or too large to be written down. */
function logRatio(x: number, m: number): number {
  const ratio = x / m;
  return ratio > 0 && ratio < Infinity ? Math.log(ratio) : Math.log(x) - Math.log(m);
}

/** log of e⁻ᵐ mᵏ / Γ(k + 1), k ≥ 0. */
export function poissonLogMass(k: number, m: number): number {
  if (k === 0) return -m;
  if (m === 0) return -Infinity;
  return -stirlingError(k) - deviance(k, m) - LOG_SQRT_2PI - 0.5 * Math.log(k);
}

/**
 * log of Γ(n + 1) / (Γ(k + 1) Γ(n - k + 1)) pᵏ qⁿ⁻ᵏ, 0 ≤ k ≤ n.
 *
 * @param q 1 - p, given apart so that it may be small.
 */
export function binomialLogMass(k: number, n: number, p: number, q = 1 - p): number {
  if (k === 0) return n === 0 ? 0 : n * (p < 0.1 ? Math.log1p(-p) : Math.log(q));
  if (k === n) return n * (q < 0.1 ? Math.log1p(-q) : Math.log(p));
  if (p === 0 || q === 0) return -Infinity;
  const rest = n - k;
  return (
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(rest) -
    deviance(k, n * p) -
    deviance(rest, n * q) -
    LOG_SQRT_2PI -
    0.5 * (Math.log(k) + Math.log1p(-k / n))
  );
}
