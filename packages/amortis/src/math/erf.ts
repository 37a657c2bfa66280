/**
 * The error function, its complement, its scaled complement and its inverse.
 */

// Chebyshev coefficients of log(erfc(z) exp(z²) / t) in t = 2 / (2 + z) (Press et al., Numerical Recipes, 3rd edition,
// section 6.2.2); relative error below 1.2e-16.
const ERFC = [
  -1.3026537197817094, 0.6419697923564902, 0.019476473204185836, -0.00956151478680863,
  -9.46595344482036e-4, 3.66839497852761e-4, 4.2523324806907e-5, -2.0278578112534e-5,
  -1.624290004647e-6, 1.30365583558e-6, 1.5626441722e-8, -8.5238095915e-8, 6.529054439e-9,
  5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12, -6.886027e-12,
  8.94487e-13, 3.13092e-13, -1.12708e-13, 3.81e-16, 7.106e-15, -1.523e-15, -9.4e-17, 1.21e-16,
  -2.8e-17,
];

/** log of erfc(z) exp(z²) for z ≥ 0: finite however large z is. */
export function logErfcx(z: number): number {
  if (z === Infinity) return -Infinity;
  const t = 2 / (2 + z);
  const ty = 4 * t - 2;
  let d = 0;
  let previous = 0;
  for (let j = ERFC.length - 1; j > 0; j--) {
    const kept = d;
    d = ty * d - previous + (ERFC[j] ?? 0);
    previous = kept;
  }
  return Math.log(t) + 0.5 * ((ERFC[0] ?? 0) + ty * d) - previous;
}

/** erf(x) = 2/√π ∫₀ˣ exp(-t²) dt; full relative accuracy near zero. */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (z >= 1) return Math.sign(x) * (1 - erfc(z));
  // Only positive terms: x e^-x² Σ (2x²)ⁿ / (1·3·5 ⋯ (2n + 1)).
  const y = 2 * x * x;
  let term = 1;
  let sum = 1;
  for (let n = 3; term > 1e-17; n += 2) {
    term *= y / n;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x) * sum;
}

/** erfc(x) = 1 - erf(x), without cancellation for large x. */
export function erfc(x: number): number {
  if (x < 0.5) return 1 - erf(x);
  // It underflows from 27.3 on.
  if (x > 28) return 0;
  // The square in two parts: rounding it whole would cost x² ulps in the exponential.
  const coarse = Math.round(x * 16) / 16;
  return (
    Math.exp(logErfcx(x)) * Math.exp(-coarse * coarse) * Math.exp(-(x - coarse) * (x + coarse))
  );
}

// The odd rational approximation of Acklam (2003) to Φ⁻¹ about 1/2, good to 1e-9 before refinement.
const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
];
const B = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  1,
];

/** The value of a polynomial, highest coefficient first. */
export function horner(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const c of coefficients) value = value * x + c;
  return value;
}

/** The inverse of erf for |y| ≤ 0.95; full relative accuracy near zero. */
export function erfInverseCentral(y: number): number {
  const q = y / 2;
  const x = (Math.SQRT1_2 * horner(A, q * q) * q) / horner(B, q * q);
  const excess = (erf(x) - y) * (Math.sqrt(Math.PI) / 2) * Math.exp(x * x);
  return x - excess / (1 + x * excess);
}
