/**
 * Inverting distribution functions.
 */

/** A distribution function and its complement, each with its own relative accuracy. */
export interface Tails {
  readonly lower: number;
  readonly upper: number;
}

/** A distribution function over the real line to invert. */
export interface Invertible {
  tails(y: number): Tails;
  /** log of its derivative. */
  logDensity(y: number): number;
  /** A point known to lie at or below the quantile. */
  readonly lower: number;
  /** A point above the quantile, or a guess at one: it is doubled away until it is. */
  readonly upper: number;
  readonly start: number;
}

/** The y at which the lower tail is p and the upper one q = 1 - p, by Newton's method on the logarithm of the smaller tail, held within a bracket. */
export function invertIncreasing(f: Invertible, p: number, q = 1 - p): number {
  const logP = p <= 0.5 ? Math.log(p) : Math.log(q);
  // Increasing in y, zero at the quantile.
  const error = ({ lower, upper }: Tails): number =>
    p <= 0.5 ? Math.log(lower) - logP : logP - Math.log(upper);
  let lo = f.lower;
  let hi = f.upper;
  for (let step = 1; error(f.tails(hi)) < 0 && step < 1e300; step *= 2) {
    lo = hi;
    hi += step;
  }
  let y = Math.min(hi, Math.max(lo, f.start));
  for (let i = 0; i < 200; i++) {
    const tails = f.tails(y);
    const e = error(tails);
    if (e === 0) return y;
    if (e < 0) lo = y;
    else hi = y;
    const slope = Math.exp(f.logDensity(y) - Math.log(p <= 0.5 ? tails.lower : tails.upper));
    let next = y - e / slope;
    if (!(next > lo && next < hi)) next = lo + (hi - lo) / 2;
    if (Math.abs(next - y) <= 1e-16 * Math.abs(y) || next === lo || next === hi) return next;
    y = next;
  }
  return y;
}
