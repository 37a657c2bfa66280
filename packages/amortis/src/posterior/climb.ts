/**
 * The largest term of a likelihood, by a climb from the best of many draws of the prior.
 */
import type { Bijection, Distribution } from "../distributions/index.js";
import type { Stream } from "../random/index.js";

/** From where it climbs. */
export interface Climb {
  /** Draws of the prior [n, p], and their terms [n]. */
  readonly theta: Float64Array;
  readonly terms: Float64Array;
  readonly bijection: Bijection;
  readonly prior: Pick<Distribution, "logDensity">;
  /** Terms at θ [m, p]. */
  readonly ask: (theta: Float64Array) => Promise<Float64Array>;
}

/** Points that are gone on from, steps tried from each, and looks, each of which is half as wide. */
const BEST = 16;
const TRIED = 32;
const LOOKS = 12;

/** The largest term that is found: no less than that of the draws. */
export async function climb(
  { theta, terms, bijection, prior, ask }: Climb,
  random: Stream,
): Promise<number> {
  const { size: p, unconstrainedSize: k } = bijection;
  const order = Array.from(terms.keys()).toSorted((a, b) => (terms[b] ?? 0) - (terms[a] ?? 0));
  let best = order.slice(0, BEST).map((i) => ({
    u: bijection.inverse(theta.subarray(i * p, (i + 1) * p)),
    term: terms[i] ?? -Infinity,
  }));
  const spread = spreadOf(best.map(({ u }) => u));
  for (let look = 0; look < LOOKS; look++) {
    const tried = best.flatMap(({ u }) =>
      Array.from({ length: TRIED }, () =>
        u.map((value, j) => value + 2 ** -look * (spread[j] ?? 0) * random.normal()),
      ),
    );
    const asked = new Float64Array(tried.length * p);
    for (const [i, u] of tried.entries()) asked.set(bijection.forward(u), i * p);
    const found = await ask(asked);
    const inside = (i: number): boolean =>
      prior.logDensity(asked.subarray(i * p, (i + 1) * p)) > -Infinity;
    const all = tried.flatMap((u, i) => (inside(i) ? [{ u, term: found[i] ?? -Infinity }] : []));
    best = [...best, ...all].toSorted((a, b) => b.term - a.term).slice(0, BEST);
  }
  return best[0]?.term ?? -Infinity;

  /** Standard deviations of points along each axis. */
  function spreadOf(points: readonly Float64Array[]): Float64Array {
    return Float64Array.from({ length: k }, (_, j) => {
      const column = points.map((u) => u[j] ?? NaN).filter(Number.isFinite);
      const mean = column.reduce((a, b) => a + b, 0) / column.length;
      return Math.sqrt(column.reduce((sum, u) => sum + (u - mean) ** 2, 0) / column.length) || 1;
    });
  }
}
