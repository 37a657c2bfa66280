/**
 * Tails of log-concave densities by quadrature: where series and continued fractions take a number of terms that grows with the parameters, as of gamma and beta distributions of large
 * shapes.
 *
 *     ∫ p(y + t) / p(y) dt = ∫₀^L exp(-fall(t)) dt,   L where p has fallen by more than what double precision holds.
 *
 * Beyond its mode such a density falls ever faster, so that one smooth piece of it is all of the tail, and a Gauss-Legendre rule has it to rounding.
 */
import { gaussLegendre, integrate, type QuadratureRule } from "./quadrature.js";

/** How far log p falls over the piece: beyond is less than 1e-17 of the tail. */
const [LEAST_FALL, MOST_FALL] = [40, 60];

/** Doublings and halvings of a length, at most: a double has no more. */
const MOST_STEPS = 2200;

const NODES = 64;

let rule: QuadratureRule | undefined;

/**
 * The mass of a log-concave density beyond a point, in units of the density there.
 *
 * @param fall log p(y) - log p(y ± t), t ≥ 0: convex, and never negative, since the point lies at the mode or beyond it.
 * @param scale a length to begin with, such as the standard deviation.
 */
export function logConcaveTail(fall: (t: number) => number, scale: number): number {
  rule ??= gaussLegendre(NODES);
  return integrate((t) => Math.exp(-fall(t)), 0, lengthOf(fall, scale), rule);
}

/** A length over which it falls by between the two. */
function lengthOf(fall: (t: number) => number, scale: number): number {
  let [below, length, above] = [0, scale, Infinity];
  for (let i = 0; i < MOST_STEPS; i++) {
    const own = fall(length);
    if (own >= LEAST_FALL && own <= MOST_FALL) break;
    if (own < LEAST_FALL) below = length;
    else above = length;
    const next = above === Infinity ? 2 * length : (below + above) / 2;
    if (!(next > below && next < above)) break;
    length = next;
  }
  return length;
}
