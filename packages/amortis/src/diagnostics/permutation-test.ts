/**
 * Two-sample tests by permutation: of statistics of pairs, with p-values that are right for any number of points.
 *
 * Points of both samples are exchangeable where they are of one law. So the statistic is compared with its values when the labels are dealt anew,
 *
 *     p = (1 + #{ T_b ≥ T }) / (1 + B),
 *
 * which is at most α with probability at most α, whatever the law, the dimension and the statistic. Each point is compared with others only, and no point is in two samples: a null by
 * subsets of a reference that is also compared with is too narrow, and rejects right models.
 *
 * With a similarity k of pairs, T = mean k(x, x') + mean k(y, y') - 2 mean k(x, y) over different pairs: MMD² by a kernel, the energy distance by minus the distance.
 *
 * Reference: Gretton et al. (2012), "A Kernel Two-Sample Test", JMLR 13; Phipson & Smyth (2010), "Permutation p-values should never be zero".
 */
import { stream, type Stream } from "../random/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How labels are dealt anew. */
export interface PermutationOptions {
  /** How often, 499 by default: no p-value is below one over their number. */
  readonly permutations?: number;
  /** 1 by default. */
  readonly seed?: number;
}

const KNOWN: KnownOptions<PermutationOptions> = { permutations: true, seed: true };

/** What a test by permutation finds. */
export interface PermutationTest {
  readonly statistic: number;
  readonly pValue: number;
  /** The statistic with labels dealt anew, sorted. */
  readonly permuted: Float64Array;
}

/** The share of values that are at least a statistic, which counts itself. */
export function permutationPValue(statistic: number, permuted: ArrayLike<number>): number {
  let beyond = 0;
  // Equal up to rounding: sums in another order.
  const limit = statistic - 1e-9 * Math.abs(statistic);
  for (let b = 0; b < permuted.length; b++) if ((permuted[b] ?? NaN) >= limit) beyond++;
  return (1 + beyond) / (1 + permuted.length);
}

/**
 * Tests two samples by similarities of pairs of points, of which the first `first` are of one sample.
 *
 * @param similarity of the points i and j.
 */
export function permutationTest(
  first: number,
  points: number,
  similarity: (i: number, j: number) => number,
  options: PermutationOptions = {},
): PermutationTest {
  requireKnown("a test by permutation", options, KNOWN);
  const { permutations = 499, seed = 1 } = options;
  const random = stream(seed).split("permutations");
  const matrix = new Float64Array(points * points);
  const rowSums = new Float64Array(points);
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < i; j++) {
      const k = similarity(i, j);
      matrix[i * points + j] = k;
      matrix[j * points + i] = k;
      rowSums[i] = (rowSums[i] ?? 0) + k;
      rowSums[j] = (rowSums[j] ?? 0) + k;
    }
  }
  const total = rowSums.reduce((a, b) => a + b, 0) / 2;
  // Sums within the smaller sample; those between and within the other follow from the sums of rows.
  const small = Math.min(first, points - first);
  const statisticOf = (chosen: Uint32Array): number => {
    let [within, rows] = [0, 0];
    for (const [a, i] of chosen.entries()) {
      rows += rowSums[i] ?? 0;
      for (let b = 0; b < a; b++) within += matrix[i * points + (chosen[b] ?? 0)] ?? 0;
    }
    const between = rows - 2 * within;
    const large = points - small;
    return (
      (2 * within) / (small * (small - 1)) +
      (2 * (total - within - between)) / (large * (large - 1)) -
      (2 * between) / (small * large)
    );
  };
  const own = first <= points - first ? 0 : first;
  const statistic = statisticOf(Uint32Array.from({ length: small }, (_, i) => own + i));
  const permuted = Float64Array.from({ length: permutations }, () =>
    statisticOf(random.permutation(points).subarray(0, small)),
  ).toSorted();
  return { statistic, pValue: permutationPValue(statistic, permuted), permuted };
}

/**
 * Tests pairs, the members of each of which are exchangeable, by a statistic Σ_{i<j} h_ij that changes its sign with each swap: T_b = Σ_{i<j} s_i s_j h_ij, s = ±1.
 *
 * @param h of the pairs i and j.
 */
export function swapTest(
  pairs: number,
  h: (i: number, j: number) => number,
  random: Stream,
  swaps: number,
): PermutationTest {
  const rows = Array.from({ length: pairs }, (_, i) =>
    Float64Array.from({ length: i }, (__, j) => h(i, j)),
  );
  const scale = 2 / (pairs * (pairs - 1));
  const [sum = Number.NaN] = signedSums(rows, [new Float64Array(pairs).fill(1)]);
  const statistic = scale * sum;
  const permuted = new Float64Array(swaps);
  for (let from = 0; from < swaps; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, swaps - from) }, () =>
      signs(pairs, random),
    );
    permuted.set(
      signedSums(rows, some).map((own) => scale * own),
      from,
    );
  }
  permuted.sort();
  return { statistic, pValue: permutationPValue(statistic, permuted), permuted };
}

/** Swaps whose sums are taken in one pass over the pairs: one sum would wait for each of its own additions. */
const AT_ONCE = 4;

/** Σ_{i<j} s_i s_j h_ij of up to four vectors of signs. */
function signedSums(
  rows: readonly Float64Array[],
  signs: readonly Float64Array[],
): readonly number[] {
  const [first = new Float64Array(rows.length)] = signs;
  const [a, b, c, d] = [first, signs[1] ?? first, signs[2] ?? first, signs[3] ?? first];
  const totals = [0, 0, 0, 0];
  for (const [i, row] of rows.entries()) {
    let [ofA, ofB, ofC, ofD] = [0, 0, 0, 0];
    for (let j = 0; j < i; j++) {
      const own = row[j] ?? 0;
      ofA += (a[j] ?? 0) * own;
      ofB += (b[j] ?? 0) * own;
      ofC += (c[j] ?? 0) * own;
      ofD += (d[j] ?? 0) * own;
    }
    for (const [k, part] of [ofA, ofB, ofC, ofD].entries()) {
      totals[k] = (totals[k] ?? 0) + ((signs[k] ?? first)[i] ?? 0) * part;
    }
  }
  return totals.slice(0, signs.length);
}

/** Signs at random, [n]. */
export function signs(n: number, random: Stream): Float64Array {
  return Float64Array.from({ length: n }, () => (random.uniform() < 0.5 ? -1 : 1));
}
