/**
 * From the whole line to positive numbers with a centre of one, so that what is flat near zero has normal tails:
 *
 *     u = -log₂ Φ(-v),      v = 0 where u = 1,      u ≈ Φ(v) / log 2 for v → -∞,      u ≈ v² / (2 log 2) for v → ∞.
 *
 * A standard deviation that may be zero has a density that does not vanish there: of its logarithm the lower tail would be exponential, of v it is normal.
 */
import { logNormalTail, normalQuantile } from "amortis/extend";

/** du/dv at v = 0. */
export const SLOPE = Math.sqrt(2 / Math.PI) / Math.LN2;

/** u of v. */
export function toPositive(v: number): number {
  return -logNormalTail(v) / Math.LN2;
}

/** v of u > 0. */
export function fromPositive(u: number): number {
  return u > 1 ? -normalQuantile(2 ** -u) : normalQuantile(-Math.expm1(-u * Math.LN2));
}

/** log du/dv. */
export function logSlope(v: number): number {
  return -0.5 * v * v - 0.5 * Math.log(2 * Math.PI) - logNormalTail(v) - Math.log(Math.LN2);
}
