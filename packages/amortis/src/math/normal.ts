/**
 * The standard normal distribution: density, distribution function, tails, and their inverse.
 */
import { erf, erfc, erfInverseCentral, horner, logErfcx } from "./erf.js";
import { LOG_SQRT_2PI } from "./gamma.js";

/** log of the standard normal density. */
export function logNormalDensity(x: number): number {
  return -0.5 * x * x - LOG_SQRT_2PI;
}

/** Φ(x); full relative accuracy in the lower tail. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/** log of the upper tail, log(1 - Φ(x)), also where the tail underflows. */
export function logNormalTail(x: number): number {
  if (x === Infinity) return -Infinity;
  if (x >= 0) return logErfcx(x * Math.SQRT1_2) - 0.5 * x * x - Math.LN2;
  return Math.log1p(-0.5 * erfc(-x * Math.SQRT1_2));
}

/** log of the Mills ratio (1 - Φ(x)) / φ(x), x ≥ 0: about -log x for large x. */
export function logMillsRatio(x: number): number {
  return 0.5 * Math.log(Math.PI / 2) + logErfcx(x * Math.SQRT1_2);
}

/** Φ(b) - Φ(a) for a ≤ 0 ≤ b: nothing cancels, however close they are. */
export function normalMassAroundZero(a: number, b: number): number {
  return 0.5 * (erf(b * Math.SQRT1_2) - erf(a * Math.SQRT1_2));
}

// The tail's rational approximation of Acklam (2003), good to 1e-9 before refinement.
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];

/** Φ⁻¹(p); NaN outside [0, 1]. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  // Exact: 2p - 1 loses nothing in this range.
  if (p >= 0.25 && p <= 0.75) return Math.SQRT2 * erfInverseCentral(2 * p - 1);
  if (p > 0.5) return -normalQuantile(1 - p);
  let x: number;
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    x = horner(C, q) / horner(D, q);
  } else {
    x = Math.SQRT2 * erfInverseCentral(2 * p - 1);
  }
  // A step of Halley's method; the relative error of the tail in logarithms keeps its precision.
  const error = Math.expm1(logNormalTail(-x) - Math.log(p));
  const u = error * Math.exp(Math.log(p) - logNormalDensity(x));
  return x - u / (1 + (x * u) / 2);
}
