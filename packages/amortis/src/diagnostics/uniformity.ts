/**
 * Whether values of (0, 1) are uniform, all over the interval at once: simultaneous bands of the empirical distribution function.
 *
 * Of n uniform values the count R(z) of those up to z is binomial. How rare the count at a point is, on its own side, is a pointwise p-value
 *
 *     p_z = 2 min( P(Bin(n, z) ≤ R(z)), P(Bin(n, z) ≥ R(z)) ),
 *
 * and the statistic is the least of them over 99 points, γ = min_z p_z. Counts at successive points are a Markov chain, R(z') = R(z) + Bin(n - R(z), (z' - z) / (1 - z)), so that
 * P(γ ≤ g) follows exactly by a recursion over the points: neither the p-value nor the band is simulated or approximated.
 *
 * Reference: Säilynoja, Bürkner & Vehtari (2022), "Graphical test for discrete uniformity and its applications in goodness-of-fit evaluation and multiple sample comparison",
 * arXiv 2103.10522.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { binomialLogMass } from "../math/index.js";

/** Points of (0, 1) at which the distribution function is compared. */
const POINTS = 99;

/** Share of uniform samples whose distribution function stays within the band throughout. */
const LEVEL = 0.95;

/** Standard deviations beyond which a count has no mass in double precision. */
const REACH = 12;

/** Halvings by which the band's γ is found. */
const HALVINGS = 24;

/** How far values are from uniform. */
export interface Uniformity {
  /** Points z of (0, 1). */
  readonly points: Float64Array;
  /** F̂(z) - z at each. */
  readonly difference: Float64Array;
  /** The band of differences that holds all of them in 95 % of cases where values are uniform. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Of the hypothesis that they are uniform. */
  readonly pValue: number;
}

/**
 * Tests whether values of (0, 1) are uniform.
 *
 * @throws InvalidArgumentError where there are none.
 * @example uniformity(fractionalRanks(draws, truth, stream(1))).pValue < 0.01;   // not uniform
 */
export function uniformity(values: ArrayLike<number>): Uniformity {
  const n = values.length;
  if (n === 0) throw new InvalidArgumentError("uniformity needs values, but was given none");
  const counts = uniformCounts(n);
  const observed = countsUpTo(values, counts.points);
  const { lower, upper } = counts.band();
  const share = (count: Float64Array): Float64Array =>
    count.map((r, k) => r / n - (counts.points[k] ?? 0));
  return {
    points: counts.points,
    difference: share(observed),
    lower: share(lower),
    upper: share(upper),
    pValue: counts.pValue(observed),
  };
}

/** How many values are at most each point. */
function countsUpTo(values: ArrayLike<number>, points: Float64Array): Float64Array {
  const sorted = Float64Array.from(values).toSorted();
  let below = 0;
  return points.map((z) => {
    while (below < sorted.length && (sorted[below] ?? Infinity) <= z) below++;
    return below;
  });
}

/** Limits of the counts at each point, both of them allowed. */
interface Limits {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Counts of n uniform values up to each point. */
export interface UniformCounts {
  readonly points: Float64Array;
  /** The band of a level, 95 % unless said. */
  band(level?: number): Limits;
  /** γ of the band of a level: by how rare counts may be at each point. */
  gamma(level?: number): number;
  pValue(counts: ArrayLike<number>): number;
}

/** The latest: all quantities of a diagnosis ask for the same number. */
let latest: { readonly n: number; readonly counts: UniformCounts } | undefined;

function uniformCounts(n: number): UniformCounts {
  if (latest?.n !== n) {
    const points = Float64Array.from({ length: POINTS }, (_, k) => (k + 1) / (POINTS + 1));
    latest = { n, counts: countsOf(n, points) };
  }
  return latest.counts;
}

/**
 * The law of the counts of n uniform values up to increasing points of (0, 1).
 *
 * @throws InvalidArgumentError where the points do not increase within (0, 1).
 */
export function countsOf(n: number, points: Float64Array): UniformCounts {
  const bad = points.findIndex((z, k) => !(z > (points[k - 1] ?? 0) && z < 1));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      `points must increase within (0, 1), but number ${bad} is ${points[bad]}`,
    );
  }
  const tables = Array.from(points, (z) => new CountTable(n, z));
  const limits = (gamma: number): Limits => ({
    lower: Float64Array.from(tables, (table) => table.lower(gamma)),
    upper: Float64Array.from(tables, (table) => table.upper(gamma)),
  });
  const bands = new Map<number, number>();
  const gammaOf = (level: number): number => {
    const known = bands.get(level);
    if (known !== undefined) return known;
    // The band is as narrow as may be while it holds its level.
    let [wide, narrow] = [0, 1 - level];
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (wide + narrow) / 2;
      if (massWithin(n, points, limits(middle)) >= level) wide = middle;
      else narrow = middle;
    }
    bands.set(level, wide);
    return wide;
  };
  return {
    points,
    band: (level = LEVEL) => limits(gammaOf(level)),
    gamma: (level = LEVEL) => gammaOf(level),
    pValue: (counts) => {
      const rarest = tables.reduce(
        (least, table, k) => Math.min(least, table.rarity(counts[k] ?? 0)),
        Infinity,
      );
      // No p-value is below that of its rarest point, on one side, which rounding might hide.
      return Math.min(1, Math.max(1 - massWithin(n, points, limits(rarest)), rarest / 2));
    },
  };
}

/** The distribution function of Bin(n, z), over the counts that have any mass. */
class CountTable {
  readonly #first: number;
  /** P(R ≤ first + i). */
  readonly #below: Float64Array;
  /** P(R ≥ first + i). */
  readonly #above: Float64Array;

  constructor(n: number, z: number) {
    const reach = REACH * Math.sqrt(n * z * (1 - z)) + REACH;
    this.#first = Math.max(0, Math.floor(n * z - reach));
    const last = Math.min(n, Math.ceil(n * z + reach));
    const mass = Float64Array.from({ length: last - this.#first + 1 }, (_, i) =>
      Math.exp(binomialLogMass(this.#first + i, n, z)),
    );
    let total = 0;
    this.#below = mass.map((m) => (total += m));
    total = 0;
    this.#above = mass
      .toReversed()
      .map((m) => (total += m))
      .toReversed();
  }

  /** Twice the smaller tail of a count. */
  rarity(count: number): number {
    const i = count - this.#first;
    return 2 * Math.min(this.#below[i] ?? 0, this.#above[i] ?? 0);
  }

  /** The least count that is less rare than γ. */
  lower(gamma: number): number {
    const i = this.#below.findIndex((p) => 2 * p > gamma);
    return this.#first + Math.max(0, i);
  }

  /** The greatest. */
  upper(gamma: number): number {
    const i = this.#above.findLastIndex((p) => 2 * p > gamma);
    return this.#first + Math.max(0, i);
  }
}

/** P(lower ≤ R ≤ upper at all points), by recursion over the points. */
function massWithin(n: number, points: Float64Array, { lower, upper }: Limits): number {
  let [first, from] = [0, 0];
  let mass = Float64Array.of(1);
  for (const [k, z] of points.entries()) {
    const [least, most] = [lower[k] ?? 0, upper[k] ?? n];
    const next = new Float64Array(Math.max(0, most - least + 1));
    const chance = (z - from) / (1 - from);
    for (const [i, weight] of mass.entries()) {
      if (weight > 0) addMass(next, least, first + i, n, chance, weight);
    }
    [mass, first, from] = [next, least, z];
  }
  return mass.reduce((a, b) => a + b, 0);
}

/** Adds weight · P(count + Bin(n - count, chance) = least + i) to each place i. */
function addMass(
  into: Float64Array,
  least: number,
  count: number,
  n: number,
  chance: number,
  weight: number,
): void {
  const trials = n - count;
  const [from, to] = [
    Math.max(0, least - count),
    Math.min(trials, least + into.length - 1 - count),
  ];
  if (from > to) return;
  const odds = chance / (1 - chance);
  // From the likeliest, where nothing underflows, outwards.
  const middle = Math.min(to, Math.max(from, Math.floor(trials * chance)));
  const start = weight * Math.exp(binomialLogMass(middle, trials, chance));
  const offset = count - least;
  let mass = start;
  for (let j = middle; j <= to; j++) {
    into[offset + j] = (into[offset + j] ?? 0) + mass;
    mass *= ((trials - j) / (j + 1)) * odds;
  }
  mass = start;
  for (let j = middle; j > from; j--) {
    mass *= j / ((trials - j + 1) * odds);
    into[offset + j - 1] = (into[offset + j - 1] ?? 0) + mass;
  }
}
