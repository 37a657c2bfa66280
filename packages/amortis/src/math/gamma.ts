/**
 * The logarithms of the gamma and beta functions.
 */

/** log √(2π). */
export const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

/** 1 - γ, γ Euler's constant. */
const ONE_MINUS_EULER = 0.42278433509846713;

/** ζ(k) - 1 for k = 2, 3, ...; ζ is Riemann's. */
const ZETA_MINUS_ONE = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993,
  0.01734306198444914, 0.008349277381922827, 0.00407735619794434, 0.0020083928260822143,
  0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915,
  6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5, 7.637197637899763e-6,
  3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8,
  1.4901554828365043e-8, 7.45071178983543e-9, 3.725334024788457e-9,
];

/** log Γ(2 + z) for |z| ≤ 1/2, by its Taylor series: full relative accuracy also next to the zero (Abramowitz & Stegun 6.1.33). */
function logGammaNearTwo(z: number): number {
  let sum = 0;
  for (let i = ZETA_MINUS_ONE.length - 1; i >= 0; i--) {
    sum = (ZETA_MINUS_ONE[i] ?? 0) / (i + 2) - z * sum;
  }
  return z * (ONE_MINUS_EULER + z * sum);
}

/** What Stirling's formula for log Γ(x) leaves out, x ≥ 10: 1/(12 x) - 1/(360 x³) + ... */
function stirlingTail(x: number): number {
  const y = 1 / (x * x);
  const series =
    1 / 12 -
    y *
      (1 / 360 -
        y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - y * (691 / 360360 - y * (1 / 156))))));
  return series / x;
}

/** log Γ(x) for x > 0; relative error about 1e-15. */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : Number.NaN;
  if (x === Infinity) return Infinity;
  if (x >= 10) return (x - 0.5) * Math.log(x) - x + LOG_SQRT_2PI + stirlingTail(x);
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  if (x <= 1.5) return logGammaNearTwo(x - 1) - Math.log1p(x - 1);
  let product = 1;
  let reduced = x;
  while (reduced > 2.5) {
    reduced -= 1;
    product *= reduced;
  }
  return logGammaNearTwo(reduced - 2) + Math.log(product);
}

/** log B(a, b) = log Γ(a) + log Γ(b) - log Γ(a + b) for positive a and b, without cancellation where they are large. */
export function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large < 10) return logGamma(small) + logGamma(large) - logGamma(small + large);
  const total = small + large;
  const correction = stirlingTail(large) - stirlingTail(total);
  const ratio = -(large - 0.5) * Math.log1p(small / large);
  if (small < 10) return logGamma(small) + ratio - small * Math.log(total) + small + correction;
  return (
    ratio +
    small * Math.log(small / total) -
    0.5 * Math.log(small) +
    LOG_SQRT_2PI +
    stirlingTail(small) +
    correction
  );
}

/** δ(n) = log Γ(n + 1) - (n + 1/2) log n + n - log √(2π): the error of Stirling's formula, n > 0. */
export function stirlingError(n: number): number {
  if (n >= 10) return stirlingTail(n);
  return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - LOG_SQRT_2PI;
}
