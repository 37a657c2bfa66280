/**
 * The modified Bessel function of the second kind, K_ν(x), of real order.
 *
 *   x² K″ + x K′ - (x² + ν²) K = 0,   K_ν(x) ~ √(π/2x) e^{-x} as x grows
 *
 * The order is split into ν = μ + n with |μ| ≤ 1/2. K_μ and K_{μ+1} come from Temme's series where x ≤ 2, and beyond from Steed's
 * evaluation of a continued fraction; K_{k+1} = K_{k-1} + (2k/x) K_k, stable upwards, does the rest.
 *
 * References: Temme (1975), "On the numerical evaluation of the modified Bessel function of the third kind", Journal of
 * Computational Physics 19; Thompson and Barnett (1987), "Modified Bessel functions I_ν(z) and K_ν(z) of real order and complex
 * argument, to selected accuracy", Computer Physics Communications 47.
 */

/** Where the series hands over to the continued fraction. */
const SERIES_END = 2;
/** Relative size of the last term. */
const EPSILON = 2 ** -54;
/** Terms that are never reached: the fraction takes about 60 at x = 2, the series 20. */
const MOST_TERMS = 1_000;

/** Taylor coefficients of 1/Γ(1 + μ) at zero (Abramowitz & Stegun 6.1.34). */
const RECIPROCAL_GAMMA = [
  1.0, 0.5772156649015329, -0.6558780715202539, -0.04200263503409524, 0.16653861138229148,
  -0.04219773455554433, -0.009621971527876973, 0.0072189432466631, -0.0011651675918590652,
  -0.00021524167411495098, 0.0001280502823881162, -2.013485478078824e-5, -1.2504934821426706e-6,
  1.133027231981696e-6, -2.056338416977607e-7, 6.116095104481416e-9, 5.002007644469223e-9,
  -1.18127457048702e-9, 1.0434267116911005e-10, 7.782263439905071e-12, -3.696805618642206e-12,
  5.100370287454476e-13, -2.0583260535665066e-14, -5.348122539423018e-15,
];

/** K_ν of one order. */
export interface BesselK {
  /** K_ν(x): infinite at 0, zero where it underflows, NaN for negative x. */
  value(x: number): number;
  /** e^x K_ν(x), which neither under- nor overflows as x grows. */
  scaled(x: number): number;
}

/** What Temme's series takes from the order alone. */
interface TemmeConstants {
  /** (1/Γ(1-μ) - 1/Γ(1+μ)) / 2μ */
  readonly odd: number;
  /** (1/Γ(1-μ) + 1/Γ(1+μ)) / 2 */
  readonly even: number;
  /** πμ / sin πμ */
  readonly reflection: number;
}

function temmeConstants(mu: number): TemmeConstants {
  let odd = 0;
  let even = 0;
  // Horner's rule in μ², so that nothing cancels as μ → 0.
  for (let k = RECIPROCAL_GAMMA.length - 2; k >= 0; k -= 2) {
    even = even * mu * mu + (RECIPROCAL_GAMMA[k] ?? 0);
    odd = odd * mu * mu - (RECIPROCAL_GAMMA[k + 1] ?? 0);
  }
  const angle = Math.PI * mu;
  return { odd, even, reflection: Math.abs(angle) < 1e-8 ? 1 : angle / Math.sin(angle) };
}

/** e^x K_μ(x) and e^x K_{μ+1}(x), |μ| ≤ 1/2. */
type Start = [low: number, high: number];

/** Temme's series, 0 < x ≤ 2. */
function series(mu: number, x: number, { odd, even, reflection }: TemmeConstants): Start {
  // The quotient overflows where x is subnormal.
  const log = x < 1e-300 ? Math.LN2 - Math.log(x) : Math.log(2 / x);
  const e = mu * log;
  const sinhc = Math.abs(e) < 1e-8 ? 1 : Math.sinh(e) / e;
  const power = Math.exp(e);
  let f = reflection * (odd * Math.cosh(e) + even * sinhc * log);
  let p = power / (2 * (even - mu * odd));
  let q = 1 / (2 * power * (even + mu * odd));
  let c = 1;
  let low = f;
  let high = p;
  for (let i = 1; i < MOST_TERMS; i++) {
    f = (i * f + p + q) / (i * i - mu * mu);
    c *= (x * x) / (4 * i);
    p /= i - mu;
    q /= i + mu;
    low += c * f;
    high += c * (p - i * f);
    if (c * f < low * EPSILON) break;
  }
  const scale = Math.exp(x);
  return [scale * low, (scale * high * 2) / x];
}

/** Steed's algorithm on the continued fraction CF2 of Thompson and Barnett, x > 2. */
function fraction(mu: number, x: number): Start {
  const first = 0.25 - mu * mu;
  let b = 2 * (1 + x);
  let d = 1 / b;
  let change = d;
  let h = d;
  let [before, last] = [0, 1];
  let a = -first;
  let c = first;
  let q = first;
  let sum = 1 + q * change;
  for (let i = 2; i < MOST_TERMS; i++) {
    a -= 2 * (i - 1);
    c = (-a * c) / i;
    const next = (before - b * last) / a;
    before = last;
    last = next;
    q += c * next;
    b += 2;
    d = 1 / (b + a * d);
    change *= b * d - 1;
    h += change;
    sum += q * change;
    if (Math.abs(q * change) < Math.abs(sum) * EPSILON) break;
  }
  const low = Math.sqrt(Math.PI / (2 * x)) / sum;
  return [low, (low * (mu + x + 0.5 - first * h)) / x];
}

/**
 * K_ν as a function of x: what depends on the order alone is computed once.
 *
 * @param order ν, real; K_{-ν} = K_ν.
 * @example
 * const k = besselKOfOrder(1.5);
 * k.value(0.1); k.scaled(1_000);
 */
export function besselKOfOrder(order: number): BesselK {
  const nu = Math.abs(order);
  const steps = Math.floor(nu + 0.5);
  const mu = nu - steps;
  const constants = temmeConstants(mu);
  const scaled = (x: number): number => {
    if (!(x >= 0 && nu < Infinity)) return Number.NaN;
    if (x === 0) return Infinity;
    if (x === Infinity) return 0;
    let [low, high] = x <= SERIES_END ? series(mu, x, constants) : fraction(mu, x);
    for (let k = 1; k <= steps; k++) [low, high] = [high, low + ((2 * (mu + k)) / x) * high];
    return low;
  };
  return {
    scaled,
    value: (x) => {
      const value = scaled(x);
      return value === Infinity ? value : Math.exp(-x) * value;
    },
  };
}

/**
 * K_ν(x), the modified Bessel function of the second kind; relative error about 1e-15 for orders up to 5.
 *
 * @param order ν, real; K_{-ν} = K_ν.
 * @param x ≥ 0.
 * @example besselK(0.5, 2)   // √(π/4) e^{-2}
 */
export function besselK(order: number, x: number): number {
  return besselKOfOrder(order).value(x);
}

/** e^x K_ν(x), where K itself would underflow. */
export function besselKScaled(order: number, x: number): number {
  return besselKOfOrder(order).scaled(x);
}
