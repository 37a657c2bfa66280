/**
 * The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x), and their inverse.
 *
 * P by its series below x = a + 1, Q by its continued fraction above (Abramowitz & Stegun 6.5.29, 6.5.31), so that the smaller of
 * the two keeps its relative accuracy; the factor before them by the saddle-point expansion, so that it does so for large a. Near x = a both take √a terms: for large a the smaller one is a
 * quadrature of the density of log x, whose work does not grow.
 */
import { logGamma } from "./gamma.js";
import { invertIncreasing, type Tails } from "./invert.js";
import { logConcaveTail } from "./log-concave-tail.js";
import { poissonLogMass } from "./saddle-point.js";

const EPSILON = 1e-17;
const TINY = 1e-300;

/** Factors of a continued fraction that differ from one by less are rounding, which never ends. */
const SETTLED = 4 * Number.EPSILON;

/** More than any a below `LARGE` takes. */
const MOST_TERMS = 1e4;

/** From this a on the smaller tail is a quadrature. */
const LARGE = 1e4;

/** log of x^a e⁻ˣ / Γ(a + 1). */
function logPrefactor(a: number, x: number): number {
  return a < 1 ? a * Math.log(x) - x - logGamma(a + 1) : poissonLogMass(a, x);
}

/** P(a, x) and Q(a, x), a > 0. */
export function incompleteGamma(a: number, x: number): Tails {
  if (Number.isNaN(x) || !(a > 0)) return { lower: Number.NaN, upper: Number.NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Infinity) return { lower: 1, upper: 0 };
  if (a >= LARGE) return ofLarge(a, x);
  if (x < a + 1) {
    let term = 1;
    let sum = 1;
    for (let n = 1; term > EPSILON * sum; n++) {
      term *= x / (a + n);
      sum += term;
    }
    const lower = Math.min(1, Math.exp(logPrefactor(a, x)) * sum);
    return { lower, upper: 1 - lower };
  }
  // Lentz's algorithm, as modified by Thompson & Barnett (1986).
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / nonzero(an * d + b);
    c = nonzero(b + an / c);
    const change = c * d;
    h *= change;
    if (Math.abs(change - 1) < SETTLED) break;
  }
  const upper = Math.min(1, Math.exp(logPrefactor(a, x)) * a * h);
  return { lower: 1 - upper, upper };
}

/** By the density of y = log x, whose logarithm is a y - eʸ and a constant. */
function ofLarge(a: number, x: number): Tails {
  const direction = x < a ? -1 : 1;
  const fall = (t: number): number => x * Math.expm1(direction * t) - a * direction * t;
  const scale = 1 / Math.sqrt(a);
  const density = Math.exp(logPrefactor(a, x) + Math.log(a));
  const small = density > 0 ? Math.min(1, density * logConcaveTail(fall, scale)) : 0;
  return direction < 0 ? { lower: small, upper: 1 - small } : { lower: 1 - small, upper: small };
}

function nonzero(x: number): number {
  return Math.abs(x) < TINY ? TINY : x;
}

/** The x at which P(a, x) = p; NaN outside [0, 1]. */
export function incompleteGammaInverse(a: number, p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? 0 : p === 1 ? Infinity : Number.NaN;
  return Math.exp(logIncompleteGammaInverse(a, p, 1 - p));
}

/** log of the x at which P(a, x) = p and Q(a, x) = q, both positive, each with its digits. */
export function logIncompleteGammaInverse(a: number, p: number, q: number): number {
  // For small x, P(a, x) ≤ x^a / Γ(a + 1) with equality in the limit: exact where it lies far below one.
  const logLeast = (Math.log(p) + logGamma(a + 1)) / a;
  if (logLeast < -80) return logLeast;
  return invertIncreasing(
    {
      tails: (y) => incompleteGamma(a, Math.exp(y)),
      // The logarithm of x itself: of small a, x may be no number.
      logDensity: (y) =>
        (a < 1 ? a * y - Math.exp(y) - logGamma(a + 1) : poissonLogMass(a, Math.exp(y))) +
        Math.log(a),
      lower: logLeast,
      upper: Math.log(a + 1) + 10,
      start: Math.max(logLeast, Math.log(a)),
    },
    p,
    q,
  );
}
