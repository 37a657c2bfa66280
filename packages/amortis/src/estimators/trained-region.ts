/**
 * Where networks are asked: at parameters that training can have shown them.
 *
 * Outside a prior's support there is nothing to ask, and in a strip along a closed bound, where hardly a simulation lies, a density made in
 * unconstrained space says nothing: the bound is infinitely far away there. In the strip a network is asked at its inner edge θ', and the answer is
 * taken on to θ by the prior,
 *
 *     log q(θ | Z) = log q(θ' | Z) + log p(θ) - log p(θ'),       log p(Z | θ) = log p(Z | θ'):
 *
 * the ratio to the evidence hardly changes over it. So the density at a bound is its limit from inside.
 *
 * A likelihood learned by itself is one of data, with no bound near: it is good as far as there are simulations, and its strip begins where the last of them is expected. Beside the
 * bound of a scale, or of a prior over decades, it is anything but constant.
 */
import { flattened, isScalar, members, type Distribution } from "../distributions/index.js";

/** Simulations that are expected in a strip along a bound: a density learned of k of them errs by about 1 / √k of itself. */
const FEW = 20;

/** The same for likelihoods. */
const LAST = 1;

/** The narrowest and widest strips, as shares of the prior's mass. */
const SHARES = [1e-6, 0.005] as const;

/** Parameters as networks are to be asked of them. */
export interface Asked {
  /** [n, p] */
  readonly theta: Float32Array;
  /** 1 for each point of the support, 0 for others: [n]. */
  readonly inside: Uint8Array;
  /** log p(θ) - log p(θ') of each, [n]: zero outside the strips. */
  readonly shift: Float64Array;
}

/** The region in which a prior's simulations lie. */
export interface TrainedRegion {
  /** Inner edges of the strips, [p] each; infinite where there is none. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** @param parameters [n, p] */
  ask(parameters: ArrayLike<number>): Asked;
}

/** One coordinate: the edges of the strips along its bounds, infinite where there is none, and a point between them. */
interface Coordinate {
  readonly lower: number;
  readonly upper: number;
  readonly inner: number;
  /** How the prior changes from a point of a strip to the edge. */
  readonly change: (x: number, edge: number) => number;
}

/**
 * The region of so many simulations.
 *
 * @param isLikelihood whether what was learned there is a likelihood, and neither a posterior nor a ratio.
 */
export function trainedRegion(
  prior: Distribution,
  simulations: number,
  isLikelihood = false,
): TrainedRegion {
  const expected = isLikelihood ? LAST : FEW;
  const share = Math.min(SHARES[1], Math.max(SHARES[0], expected / Math.max(1, simulations)));
  const coordinates = flattened([prior]).flatMap((part) => coordinatesOf(part, share));
  const p = prior.size;
  return {
    lower: coordinates.map(({ lower }) => lower),
    upper: coordinates.map(({ upper }) => upper),
    ask(parameters) {
      const inside = members(prior, parameters);
      const theta = new Float32Array(parameters.length);
      const shift = new Float64Array(inside.length);
      for (const [i, { lower, upper, inner, change }] of coordinates.entries()) {
        for (let row = 0; row < inside.length; row++) {
          const x = parameters[row * p + i] ?? Number.NaN;
          const held = inside[row] === 1 ? Math.min(upper, Math.max(lower, x)) : inner;
          theta[row * p + i] = held;
          if (held !== x && inside[row] === 1) shift[row] = (shift[row] ?? 0) + change(x, held);
        }
      }
      return { theta, inside, shift };
    },
  };
}

function coordinatesOf(part: Distribution, share: number): readonly Coordinate[] {
  const { kind, lower, upper } = part.support;
  if (isScalar(part)) {
    const hasStrips = kind !== "discrete";
    return [
      {
        lower: hasStrips && Number.isFinite(lower[0]) ? part.quantile(share) : -Infinity,
        upper: hasStrips && Number.isFinite(upper[0]) ? part.quantile(1 - share) : Infinity,
        inner: part.quantile(0.5),
        change: (x, edge) => part.logDensity([x]) - part.logDensity([edge]),
      },
    ];
  }
  return lower.map((lo, i) => {
    const hi = upper[i] ?? Infinity;
    // Of a simplex or a region nobody knows here where its mass lies; of a box of one's own, no more than its sides.
    const isBox = kind !== "simplex" && kind !== "region";
    const strip = isBox && Number.isFinite(hi - lo) ? share * (hi - lo) : Number.NaN;
    return {
      lower: Number.isNaN(strip) ? -Infinity : lo + strip,
      upper: Number.isNaN(strip) ? Infinity : hi - strip,
      inner: middleOf(lo, hi),
      change: () => 0,
    };
  });
}

function middleOf(lower: number, upper: number): number {
  if (Number.isFinite(lower)) return Number.isFinite(upper) ? (lower + upper) / 2 : lower + 1;
  return Number.isFinite(upper) ? upper - 1 : 0;
}
