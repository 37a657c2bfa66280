/**
 * Where in parameter space a posterior is wrong: ranks of data sets whose posterior means lie in each of four parts of equal numbers.
 *
 * Ranks are uniform given the data where posteriors are right, so they may be cut by anything that follows from the data, as the posterior mean does. (Cut by the truth they are not
 * uniform even where posteriors are right.) Squared scores of all parts together are chi-square, with two degrees of freedom a part.
 */
import { incompleteGamma } from "../math/index.js";
import { rankScores, type RankScores } from "./ranks.js";

/** Parts of the space. */
const PARTS = 4;

/** Data sets that a part has, at least. */
const FEWEST = 10;

/** Data sets whose posterior mean lies between two values. */
export interface Place extends RankScores {
  readonly lower: number;
  readonly upper: number;
  /** Data sets in it. */
  readonly size: number;
}

/** Parts of the space, and whether ranks are uniform in all of them. */
export interface Places {
  readonly parts: readonly Place[];
  /** Of the hypothesis that posteriors are right in each part. */
  readonly pValue: number;
  /** Of the hypothesis that they are right or wrong in the same way everywhere. */
  readonly samePValue: number;
}

/**
 * Ranks by place.
 *
 * @param ranks fractional ranks of one parameter, [n].
 * @param mean posterior means, [n], by draws and truth together, or by other draws than those of the ranks.
 * @example placesOf(fractionalRanks(draws, truth, stream(1)), means).parts[0]?.spread.z
 */
export function placesOf(ranks: Float64Array, mean: Float64Array): Places {
  const n = ranks.length;
  const order = Uint32Array.from(ranks, (_, i) => i).toSorted(
    (a, b) => (mean[a] ?? 0) - (mean[b] ?? 0),
  );
  const count = Math.max(1, Math.min(PARTS, Math.floor(n / FEWEST)));
  const parts = Array.from({ length: count }, (_, k) => {
    const rows = order.subarray(Math.round((k * n) / count), Math.round(((k + 1) * n) / count));
    return {
      ...rankScores(Float64Array.from(rows, (row) => ranks[row] ?? Number.NaN)),
      lower: mean[rows[0] ?? 0] ?? Number.NaN,
      upper: mean[rows.at(-1) ?? 0] ?? Number.NaN,
      size: rows.length,
    };
  });
  const scores = [parts.map(({ shift }) => shift.z), parts.map(({ spread }) => spread.z)];
  const all = scores.flat().reduce((sum, z) => sum + z * z, 0);
  const apart = scores.reduce((sum, z) => sum + spreadOf(z), 0);
  return {
    parts,
    pValue: incompleteGamma(count, all / 2).upper,
    samePValue: count > 1 ? incompleteGamma(count - 1, apart / 2).upper : 1,
  };
}

function spreadOf(z: readonly number[]): number {
  const mean = z.reduce((a, b) => a + b, 0) / z.length;
  return z.reduce((sum, own) => sum + (own - mean) ** 2, 0);
}
