/**
 * The normal distribution function, its tails and its inverse.
 */

// Chebyshev coefficients of the scaled complementary error function in t = 2 / (2 + x) (Press et al., Numerical Recipes, 3rd
// edition, section 6.2.2); relative error below 1.2e-16.
const ERFC = [
  -1.3026537197817094, 6.4196979235649026e-1, 1.9476473204185836e-2, -9.561514786808631e-3,
  -9.46595344482036e-4, 3.66839497852761e-4, 4.2523324806907e-5, -2.0278578112534e-5,
  -1.624290004647e-6, 1.30365583558e-6, 1.5626441722e-8, -8.5238095915e-8, 6.529054439e-9,
  5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12, -6.886027e-12,
  8.94487e-13, 3.13092e-13, -1.12708e-13, 3.81e-16, 7.106e-15, -1.523e-15, -9.4e-17, 1.21e-16,
  -2.8e-17,
];

const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

/** log erfc(z) for z ≥ 0, also where erfc itself underflows. */
function logErfc(z: number): number {
  const t = 2 / (2 + z);
  const ty = 4 * t - 2;
  let d = 0;
  let previous = 0;
  for (let j = ERFC.length - 1; j > 0; j--) {
    const kept = d;
    d = ty * d - previous + (ERFC[j] ?? 0);
    previous = kept;
  }
  return Math.log(t) - z * z + 0.5 * ((ERFC[0] ?? 0) + ty * d) - previous;
}

/** log of the upper tail, log(1 - Φ(x)). */
export function logNormalTail(x: number): number {
  if (x === Infinity) return -Infinity;
  if (x >= 0) return logErfc(x * Math.SQRT1_2) - Math.LN2;
  return Math.log1p(-Math.exp(logNormalTail(-x)));
}

/** Φ(x). */
export function normalCdf(x: number): number {
  return x <= 0 ? Math.exp(logNormalTail(-x)) : 1 - Math.exp(logNormalTail(x));
}

/** log of the standard normal density. */
export function logNormalDensity(x: number): number {
  return -0.5 * x * x - LOG_SQRT_2PI;
}

// Rational approximations of the inverse (Acklam 2003), good to 1e-9 before refinement.
const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
];
const B = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  1,
];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((value, c) => value * x + c, 0);

/** Φ⁻¹(p), refined by one step of Halley's method. */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p > 0.5) return p < 1 ? -normalQuantile(1 - p) : p === 1 ? Infinity : Number.NaN;
  if (!(p > 0)) return p === 0 ? -Infinity : Number.NaN;
  let x: number;
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    x = horner(C, q) / horner(D, q);
  } else {
    const q = p - 0.5;
    x = (horner(A, q * q) * q) / horner(B, q * q);
  }
  // The relative error of Φ in log space keeps its precision in the tail.
  const error = Math.expm1(logNormalTail(-x) - Math.log(p));
  const u = error * Math.exp(Math.log(p) - logNormalDensity(x));
  return x - u / (1 + (x * u) / 2);
}
