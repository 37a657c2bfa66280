/**
 * The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x), and their inverse.
 *
 * P by its series below x = a + 1, Q by its continued fraction above (Abramowitz & Stegun 6.5.29, 6.5.31), so that the smaller of
 * the two keeps its relative accuracy; the factor before them by the saddle-point expansion, so that it does so for large a.
 */
import { logGamma } from "./gamma.js";
import { invertIncreasing, type Tails } from "./invert.js";
import { poissonLogMass } from "./saddle-point.js";

const EPSILON = 1e-17;
const TINY = 1e-300;

/** x^a e⁻ˣ / Γ(a + 1). */
function prefactor(a: number, x: number): number {
  return Math.exp(a < 1 ? a * Math.log(x) - x - logGamma(a + 1) : poissonLogMass(a, x));
}

/** P(a, x) and Q(a, x), a > 0. */
export function incompleteGamma(a: number, x: number): Tails {
  if (Number.isNaN(x) || !(a > 0)) return { lower: Number.NaN, upper: Number.NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Infinity) return { lower: 1, upper: 0 };
  if (x < a + 1) {
    let term = 1;
    let sum = 1;
    for (let n = 1; term > EPSILON * sum; n++) {
      term *= x / (a + n);
      sum += term;
    }
    const lower = Math.min(1, prefactor(a, x) * sum);
    return { lower, upper: 1 - lower };
  }
  // Lentz's algorithm, as modified by Thompson & Barnett (1986).
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 1e7; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / nonzero(an * d + b);
    c = nonzero(b + an / c);
    const change = c * d;
    h *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  const upper = Math.min(1, prefactor(a, x) * a * h);
  return { lower: 1 - upper, upper };
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
      logDensity: (y) => {
        const x = Math.exp(y);
        return (a < 1 ? a * y - x - logGamma(a + 1) : poissonLogMass(a, x)) + Math.log(a);
      },
      lower: logLeast,
      upper: Math.log(a + 1) + 10,
      start: Math.max(logLeast, Math.log(a)),
    },
    p,
    q,
  );
}
