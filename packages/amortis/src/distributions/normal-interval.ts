/**
 * A standard normal held to an interval, however far in the tail and however narrow.
 *
 * Everything is measured against the density at an anchor c, the point of [a, b] nearest to zero:
 *
 *     L = log ∫ₐᵇ exp(-(t² - c²) / 2) dt,   log p(z) = -(z - c)(z + c) / 2 - L,
 *
 * so that the huge exponents of a far tail never appear, let alone cancel.
 */
import {
  erf,
  erfInverseCentral,
  gaussLegendre,
  integrate,
  logMillsRatio,
  normalCdf,
  normalMassAroundZero,
  normalQuantile,
} from "../math/index.js";

const SQRT_2PI = Math.sqrt(2 * Math.PI);
const RULE = gaussLegendre(12);

/** A standard normal held to [a, b]. */
export interface NormalInterval {
  /** c, within [a, b]. */
  readonly anchor: number;
  /** L. */
  readonly logMass: number;
  /** P(Z ≤ anchor + y). */
  cdf(y: number): number;
  /** The y at which P(Z ≤ anchor + y) = p = 1 - q, 0 < p < 1. */
  quantile(p: number, q?: number): number;
}

/**
 * The standard normal held to [a, b], a < b; either may be infinite.
 *
 * @param width b - a, given apart so that it keeps its digits.
 */
export function normalInterval(a: number, b: number, width = b - a): NormalInterval {
  if (a <= 0 && b >= 0) return aroundZero(a, b);
  if (a > 0) return inUpperTail(a, width);
  const mirrored = inUpperTail(-b, width);
  return {
    anchor: b,
    logMass: mirrored.logMass,
    cdf: (y) => mirrored.survival(-y),
    quantile: (p, q = 1 - p) => -mirrored.solve(q, p),
  };
}

function aroundZero(a: number, b: number): NormalInterval {
  const mass = normalMassAroundZero(a, b);
  return {
    anchor: 0,
    logMass: Math.log(SQRT_2PI * mass),
    cdf: (z) => {
      if (z >= 0) return normalMassAroundZero(a, z) / mass;
      // Φ(z) - Φ(a) by the tail from -z to -a.
      const below = inUpperTail(-z, z - a).logMass - 0.5 * z * z;
      return Math.exp(below) / (SQRT_2PI * mass);
    },
    quantile: (p, q = 1 - p) => {
      // Near zero by the error function, which keeps relative accuracy there; in the tails by each tail.
      const e = q * erf(a * Math.SQRT1_2) + p * erf(b * Math.SQRT1_2);
      if (Math.abs(e) < 0.5) return Math.SQRT2 * erfInverseCentral(e);
      return e < 0
        ? normalQuantile(q * normalCdf(a) + p * normalCdf(b))
        : -normalQuantile(q * normalCdf(-a) + p * normalCdf(-b));
    },
  };
}

interface TailInterval extends NormalInterval {
  /** P(Z > anchor + y). */
  survival(y: number): number;
  /** The y at which P(Z ≤ anchor + y) = p = 1 - q. */
  solve(p: number, q: number): number;
}

/** b = a + width, 0 ≤ a < b. With y = z - a, the density is proportional to exp(-e(y)), e(y) = y (2a + y) / 2. */
function inUpperTail(a: number, width: number): TailInterval {
  const e = (y: number): number => 0.5 * y * (2 * a + y);
  const local = (from: number, to: number): number =>
    integrate((y) => Math.exp(-e(y)), from, to, RULE);
  /** log of the mass beyond a + y, all the way to infinity. */
  const logBeyond = (y: number): number =>
    y === Infinity ? -Infinity : logMillsRatio(a + y) - e(y);
  /** log of the mass between a + from and a + to: by quadrature where a difference would cancel. */
  const logMassBetween = (from: number, to: number): number => {
    if (e(to) - e(from) < 1) return Math.log(local(from, to));
    const [near, far] = [logBeyond(from), logBeyond(to)];
    return near + Math.log1p(-Math.exp(far - near));
  };
  const logMass = logMassBetween(0, width);
  const mass = Math.exp(logMass);
  const logWhole = logBeyond(0);
  /** Share of the tail that lies beyond b. */
  const cutOff = Math.exp(logBeyond(width) - logWhole);

  const solve = (p: number, q: number): number => {
    const share = p * (1 - cutOff);
    if (e(width) < 1 || share < 0.3) {
      // The mass up to y is concave, and y = p · mass is at or left of the solution: Newton's method rises to it, always.
      const target = p * mass;
      let y = Math.min(width, target);
      for (let i = 0; i < 100; i++) {
        const step = (target - local(0, y)) * Math.exp(e(y));
        y += step;
        if (!(Math.abs(step) > 1e-15 * y)) break;
      }
      return Math.min(width, Math.max(0, y));
    }
    // The logarithm of the mass beyond y is concave: the first step may go too far, and then each comes back without passing.
    const target = logWhole + (p < 0.5 ? Math.log1p(-share) : Math.log(q + p * cutOff));
    let y = 0;
    for (let i = 0; i < 100; i++) {
      const step = (logBeyond(y) - target) * Math.exp(logMillsRatio(a + y));
      y += step;
      if (!(Math.abs(step) > 1e-15 * y)) break;
    }
    return Math.min(width, Math.max(0, y));
  };
  return {
    anchor: a,
    logMass,
    cdf: (y) => Math.exp(logMassBetween(0, y) - logMass),
    survival: (y) => Math.exp(logMassBetween(y, width) - logMass),
    quantile: (p, q = 1 - p) => solve(p, q),
    solve,
  };
}
