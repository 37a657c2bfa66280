/**
 * Which numbers of a data set tell of the parameters, as far as each shows it by itself.
 *
 * Of many numbers few may depend on the parameters at all. Ranks of each number, and their squares, are held against ranks of each parameter, their squares, and products of
 * two: a location or a scale that rises, falls or turns with a parameter, or with two together, shows in one of these correlations. A number is taken to tell something where
 * the largest is beyond what chance gives one in a hundred such screenings (Bonferroni). Screening by marginal association: Fan & Lv (2008, arXiv math/0612857); by ranks: Li,
 * Peng, Zhang & Zhu (2012). What tells something only beside other numbers is not seen.
 */
import { normalQuantile } from "../math/normal.js";
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

/** Ranks from -1 to 1; what is equal has the mean of its ranks. */
function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const all = new Float64Array(values.length);
  const last = Math.max(1, values.length - 1);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let i = start; i < end; i++) all[order[i] ?? 0] = (start + end - 1) / last - 1;
    start = end;
  }
  return all;
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

/** 0 where one of them is constant. */
function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / n;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [(a[i] ?? 0) - meanA, (b[i] ?? 0) - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
