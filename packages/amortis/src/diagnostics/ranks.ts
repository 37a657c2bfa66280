/**
 * Simulation-based calibration: ranks of true parameters among posterior draws (Talts et al. 2018, arXiv 1804.06788).
 *
 * If θ ~ p(θ), Z ~ p(Z | θ), and θ₁ .. θ_L are draws of the posterior given Z, the rank of θ among them is uniform on 0 .. L. The rank's distribution
 * function then keeps to a band about the diagonal: here at K points z of (0, 1), where its distance from z is compared in standard errors,
 *
 *     T = max_z |F̂(z) - z| / √(z (1 - z) / n),
 *
 * with the distribution of T under uniformity found by simulation, so that band and test are simultaneous over z (after Säilynoja, Bürkner & Vehtari
 * 2022, arXiv 2103.10522). Ties, as discrete parameters have them, are broken at random.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { stream, type Stream } from "../random/index.js";

/** Points of (0, 1) at which the distribution function is compared. */
const POINTS = 24;

/** Samples of uniform ranks by which the band is found. */
const NULL_SAMPLES = 2000;

/**
 * Ranks of true values among draws, as fractions of (0, 1): uniform where the posterior is right.
 *
 * @param draws [n, each] of one parameter.
 * @param truth [n].
 * @param random breaks ties, and spreads each rank over its share of (0, 1).
 * @throws InvalidArgumentError where draws and truths do not fit.
 * @example fractionalRanks(posteriors.draws, test.parameters, stream(1));   // of a model of one parameter
 */
export function fractionalRanks(
  draws: ArrayLike<number>,
  truth: ArrayLike<number>,
  random: Stream,
): Float64Array {
  const n = truth.length;
  const each = draws.length / n;
  if (n === 0 || !Number.isInteger(each)) {
    throw new InvalidArgumentError(
      `ranks need as many draws for each truth, but there are ${draws.length} draws for ${n}`,
    );
  }
  return Float64Array.from({ length: n }, (_, i) => {
    const theta = truth[i] ?? Number.NaN;
    let [below, equal] = [0, 0];
    for (let j = i * each; j < (i + 1) * each; j++) {
      const draw = draws[j] ?? Number.NaN;
      if (draw < theta) below++;
      else if (draw === theta) equal++;
    }
    const rank = below + Math.floor(random.uniform() * (equal + 1));
    return (rank + random.uniform()) / (each + 1);
  });
}

/** How far fractional ranks are from uniform. */
export interface Uniformity {
  /** Points z of (0, 1). */
  readonly points: Float64Array;
  /** F̂(z) - z at each. */
  readonly difference: Float64Array;
  /** Half the width of the band at each, that holds all of them in 95 % of cases where ranks are uniform. */
  readonly band: Float64Array;
  /** Of the hypothesis that they are uniform. */
  readonly pValue: number;
}

/**
 * Tests whether values of (0, 1) are uniform, all over the interval at once.
 *
 * @throws InvalidArgumentError where there are none.
 * @example uniformity(ranks).pValue < 0.01;   // not uniform
 */
export function uniformity(values: ArrayLike<number>): Uniformity {
  const n = values.length;
  if (n === 0) throw new InvalidArgumentError("uniformity needs values, but was given none");
  const points = Float64Array.from({ length: POINTS }, (_, k) => (k + 1) / (POINTS + 1));
  const error = points.map((z) => Math.sqrt((z * (1 - z)) / n));
  const difference = differences(values, points);
  const fromNull = nullStatistics(n, points, error);
  const statistic = largest(difference, error);
  const critical = fromNull[Math.floor(0.95 * NULL_SAMPLES)] ?? Number.NaN;
  const beyond = fromNull.filter((value) => value >= statistic).length;
  return {
    points,
    difference,
    band: error.map((value) => critical * value),
    pValue: (1 + beyond) / (NULL_SAMPLES + 1),
  };
}

function differences(values: ArrayLike<number>, points: Float64Array): Float64Array {
  const sorted = Float64Array.from(values).toSorted();
  let below = 0;
  return points.map((z) => {
    while (below < sorted.length && (sorted[below] ?? Infinity) <= z) below++;
    return below / sorted.length - z;
  });
}

function largest(difference: Float64Array, error: Float64Array): number {
  return difference.reduce((most, d, k) => Math.max(most, Math.abs(d) / (error[k] ?? 1)), 0);
}

/** The latest null distribution: all parameters of a diagnosis ask for the same. */
let latest: { readonly n: number; readonly statistics: Float64Array } | undefined;

function nullStatistics(n: number, points: Float64Array, error: Float64Array): Float64Array {
  if (latest?.n !== n) latest = { n, statistics: simulateNull(n, points, error) };
  return latest.statistics;
}

/** T of uniform values, sorted: cell by cell, by binomial counts of what is left. */
function simulateNull(n: number, points: Float64Array, error: Float64Array): Float64Array {
  const random = stream("uniformity").split(n);
  return Float64Array.from({ length: NULL_SAMPLES }, () => {
    let [left, below, from] = [n, 0, 0];
    const difference = points.map((z) => {
      const count = random.binomial(left, (z - from) / (1 - from));
      left -= count;
      below += count;
      from = z;
      return below / n - z;
    });
    return largest(difference, error);
  }).toSorted();
}
