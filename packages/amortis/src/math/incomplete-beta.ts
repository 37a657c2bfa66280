/**
 * The regularised incomplete beta function I_x(a, b), its complement, and its inverse.
 *
 * By its continued fraction (Abramowitz & Stegun 26.5.8) on the side of the mean where it converges fast. Near the mean it takes as many terms as the root of the smaller shape: where that is
 * large, the smaller tail is a quadrature of the density of log(x / y), whose work does not grow.
 */
import { logBeta } from "./gamma.js";
import { incompleteGamma } from "./incomplete-gamma.js";
import { invertIncreasing, type Tails } from "./invert.js";
import { logConcaveTail } from "./log-concave-tail.js";
import { binomialLogMass } from "./saddle-point.js";

const TINY = 1e-300;

/** Factors of a continued fraction that differ from one by less are rounding, which never ends. */
const SETTLED = 4 * Number.EPSILON;

/** Both shapes from this on, the smaller tail is a quadrature. */
const LARGE = 1e4;

/** One shape from this on and the other below `LARGE`, a beta distribution is a gamma distribution of log x to rounding (Temme 1996, Special Functions, section 11.3.3.3). */
const HUGE = 1e15;

/** More than any shapes of which one is less than `LARGE` take. */
const MOST_TERMS = 1e4;

/**
 * log of x^a y^b / B(a, b), with y = 1 - x given apart.
 */
export function logBetaKernel(a: number, b: number, x: number, y: number): number {
  if (a < 1 || b < 1 || a + b < 20) {
    return a * logOf(x, y) + b * logOf(y, x) - logBeta(a, b);
  }
  // x^a y^b / B(a, b) = C(a + b, a) x^a y^b · a b / (a + b).
  return binomialLogMass(a, a + b, x, y) + Math.log(a) + Math.log(b) - Math.log(a + b);
}

/** I_x(a, b) and I_y(b, a) = 1 - I_x(a, b), with y = 1 - x given apart so that it may be small; a and b positive. */
export function incompleteBeta(a: number, b: number, x: number, y = 1 - x): Tails {
  if (Number.isNaN(x)) return { lower: Number.NaN, upper: Number.NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  if (y <= 0) return { lower: 1, upper: 0 };
  if (Math.min(a, b) >= LARGE) return ofLarge(a, b, x, y);
  if (b >= HUGE) return incompleteGamma(a, (b + (a - 1) / 2) * -logOf(y, x));
  if (a >= HUGE) {
    const { lower, upper } = incompleteGamma(b, (a + (b - 1) / 2) * -logOf(x, y));
    return { lower: upper, upper: lower };
  }
  const kernel = Math.exp(logBetaKernel(a, b, x, y));
  if (x * (a + b + 2) < a + 1) {
    const lower = Math.min(1, (kernel * continuedFraction(a, b, x)) / a);
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, (kernel * continuedFraction(b, a, y)) / b);
  return { lower: 1 - upper, upper };
}

/** By the density of v = log(x / y), whose logarithm is a log x + b log y and a constant. */
function ofLarge(a: number, b: number, x: number, y: number): Tails {
  const direction = x * b < y * a ? -1 : 1;
  // Of the two forms that are the same, the one whose terms are small.
  const [ends, own, sign] = x <= y ? [a, x, direction] : [b, y, -direction];
  const fall = (t: number): number =>
    (a + b) * Math.log1p(own * Math.expm1(sign * t)) - ends * sign * t;
  const density = Math.exp(logBetaKernel(a, b, x, y));
  const scale = Math.sqrt(1 / a + 1 / b);
  const small = density > 0 ? Math.min(1, density * logConcaveTail(fall, scale)) : 0;
  return direction < 0 ? { lower: small, upper: 1 - small } : { lower: 1 - small, upper: small };
}

/** log x, by y = 1 - x where that is small. */
function logOf(x: number, y: number): number {
  return x > 0.9 ? Math.log1p(-y) : Math.log(x);
}

/** Lentz's algorithm, as modified by Thompson & Barnett (1986). */
function continuedFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / nonzero(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    const change = d * c;
    h *= change;
    if (Math.abs(change - 1) < SETTLED) break;
  }
  return h;
}

function nonzero(x: number): number {
  return Math.abs(x) < TINY ? TINY : x;
}

/** x and 1 - x of v = log(x / (1 - x)). */
function unit(v: number): readonly [number, number] {
  return [1 / (1 + Math.exp(-v)), 1 / (1 + Math.exp(v))];
}

/** The x at which I_x(a, b) = p; NaN outside [0, 1]. */
export function incompleteBetaInverse(a: number, b: number, p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 || p === 1 ? p : Number.NaN;
  return unit(logitIncompleteBetaInverse(a, b, p, 1 - p))[0];
}

/** log(x / (1 - x)) of the x at which I_x(a, b) = p and its complement is q, both positive, each with its digits. */
export function logitIncompleteBetaInverse(a: number, b: number, p: number, q: number): number {
  // In v = log(x / (1 - x)), both ends of (0, 1) keep their digits.
  const mean = Math.log(a) - Math.log(b);
  let lower = mean - 1;
  for (let step = 1; incompleteBeta(a, b, ...unit(lower)).lower > p && lower > -700; step *= 2)
    lower -= step;
  return invertIncreasing(
    {
      tails: (v) => incompleteBeta(a, b, ...unit(v)),
      logDensity: (v) => logBetaKernel(a, b, ...unit(v)),
      lower,
      upper: mean + 1,
      start: mean,
    },
    p,
    q,
  );
}
