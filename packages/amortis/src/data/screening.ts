/**
 * Which numbers of a data set tell of the parameters, as far as each shows it by itself.
 *
 * Of many numbers few may depend on the parameters at all. Ranks of each number, and their squares, are held against ranks of each parameter, their squares, and products of
 * two: a location or a scale that rises, falls or turns with a parameter, or with two together, shows in one of these correlations. A number is taken to tell something where
 * the largest is beyond what chance gives one in a hundred such screenings (Bonferroni). Screening by marginal association: Fan & Lv (2008, arXiv math/0612857); by ranks: Li,
 * Peng, Zhang & Zhu (2012). What tells something only beside other numbers is not seen.
 */
import { correlation } from "../math/correlation.js";
import { normalQuantile } from "../math/normal.js";
import { meanRanks } from "../math/ranks.js";
import type { DataSets } from "./data-sets.js";
import { sizeOf } from "./shape.js";

/** Share of screenings of numbers that tell nothing in which any seems to. */
const ERROR = 0.01;

/** Data sets that are looked at, at most. */
const MOST = 10_000;

/** Parameters up to which products of two are looked at. */
const FEW = 12;

/**
 * Places, increasing, of the numbers that tell of the parameters, of all arrays flattened and joined in alphabetical order of their names.
 *
 * @param parameters [n, p].
 */
export function tellingPlaces(sets: DataSets, parameters: Float64Array): readonly number[] {
  const p = parameters.length / sets.size;
  const rows = Math.min(MOST, sets.size);
  const ranked = columnsOf(parameters, p, rows).map(ranks);
  const features = [...ranked, ...ranked.map(squares), ...productsOf(ranked)];
  const numbers = Object.keys(sets.specs)
    .toSorted()
    .flatMap((name) => {
      const size = sizeOf(sets.specs[name]?.shape ?? []);
      return columnsOf(sets.column(name), size, rows);
    });
  const tests = 2 * features.length * numbers.length;
  const limit = normalQuantile(1 - ERROR / (2 * tests)) / Math.sqrt(rows);
  return numbers.flatMap((values, place) => {
    const own = ranks(values);
    // Of what is constant there is no correlation: NaN is above nothing.
    const tells = [own, squares(own)].some((number) =>
      features.some((feature) => Math.abs(correlation(number, feature)) > limit),
    );
    return tells ? [place] : [];
  });
}

/** The columns of the first rows of [n, size]. */
function columnsOf(values: ArrayLike<number>, size: number, rows: number): Float64Array[] {
  return Array.from({ length: size }, (_, k) =>
    Float64Array.from({ length: rows }, (__, row) => values[row * size + k] ?? 0),
  );
}

/** Ranks from -1 to 1. */
function ranks(values: Float64Array): Float64Array {
  const last = Math.max(1, values.length - 1);
  return meanRanks(values).map((rank) => (2 * (rank - 1)) / last - 1);
}

function squares(values: Float64Array): Float64Array {
  return values.map((value) => value * value);
}

function productsOf(ranked: readonly Float64Array[]): readonly Float64Array[] {
  if (ranked.length > FEW) return [];
  return ranked.flatMap((a, i) =>
    ranked.slice(i + 1).map((b) => a.map((value, row) => value * (b[row] ?? 0))),
  );
}
