/**
 * Learning which patterns of data are typical of the model: see `data/patterns.ts`.
 */
import { mayLack } from "../data/array-spec.js";
import type { DataSets } from "../data/data-sets.js";
import { meansAndSds } from "../data/moments.js";
import { numberAt, patternsOf, type Combinations } from "../data/patterns.js";
import { normalScore, quantileTable } from "../data/quantile-table.js";
import { sizeOf } from "../data/shape.js";
import {
  leftOfPatterns,
  summaryTerms,
  type Judged,
  type Typicality,
  type TypicalPatterns,
} from "../data/typicality.js";
import { choleskyFactor, invertLower, symmetricEigen } from "../math/index.js";

/** Numbers of the data whose combinations are looked at, combinations, and fewest simulations for each number. */
const [MOST_NUMBERS, MOST_COMBINATIONS, EACH] = [64, 32, 4];

/** Simulations that are looked at, and numbers of them in all. */
const [MOST_SIMULATIONS, MOST_READ] = [4_096, 2e7];

/** Added to the variance of normal scores, which is about one. */
const JITTER = 1e-4;

/** The same of numbers' combinations, less: those that vary least are what is looked for. */
const LEAST = 1e-9;

/**
 * Learns patterns.
 *
 * @returns undefined where the data have none.
 */
export function learnPatterns(
  training: Judged,
  space: Pick<Typicality, "mean" | "factor">,
): TypicalPatterns | undefined {
  const width = Object.values(training.sets.specs).reduce(
    (sum, { shape }) => sum + sizeOf(shape),
    0,
  );
  const size = Math.min(training.sets.size, MOST_SIMULATIONS, Math.ceil(MOST_READ / width));
  const sets = training.sets.slice(0, size);
  const combinations = learnCombinations(sets, width);
  const found = patternsOf(sets, combinations);
  if (found.length === 0) return undefined;
  const tables = found.map(({ values }) => quantileTable(values).map(rounded));
  const rows = Array.from({ length: size }, (_, i) => [
    ...found.map(({ values }, k) => normalScore(tables[k] ?? [], values[i] ?? Number.NaN)),
    ...summaryTerms(training.summaries, i, space),
  ]);
  const names = found.map(({ name }) => name);
  const learned = { names, ...precisionOf(rows, names.length) };
  const left = rows.map((v) => leftOfPatterns(v, learned));
  const given = names.map((_, k) =>
    quantileTable(Float64Array.from(left, (one) => one[k] ?? 0)).map(rounded),
  );
  return { ...learned, ...(combinations && { combinations }), tables, given };
}

/** The mean of v, and rows of its precision. */
function precisionOf(
  rows: readonly (readonly number[])[],
  k: number,
): Pick<TypicalPatterns, "mean" | "precision"> {
  const d = rows[0]?.length ?? 0;
  const { mean, covariance } = covarianceOf(Float64Array.from(rows.flat()), d, JITTER);
  const factor = choleskyFactor(covariance, d);
  // With what is added on the diagonal there is a factor.
  const inverse = invertLower(factor ?? new Float64Array(d * d), d);
  const entry = (i: number, j: number): number => {
    let sum = 0;
    for (let row = 0; row < d; row++)
      sum += (inverse[row * d + i] ?? 0) * (inverse[row * d + j] ?? 0);
    return sum;
  };
  const precision = Array.from({ length: k }, (_, i) => {
    const scale = Math.sqrt(entry(i, i)) || 1;
    return Array.from({ length: d }, (__, j) => rounded(entry(i, j) / scale));
  });
  return { mean: mean.map(rounded), precision: precision.flat() };
}

/** Combinations of standardised numbers that vary least: the last principal components. Undefined where numbers may lack, or there are too few simulations. */
function learnCombinations(sets: DataSets, width: number): Combinations | undefined {
  const k = Math.min(width, MOST_NUMBERS);
  const specs = Object.values(sets.specs);
  if (k < 4 || sets.size < EACH * k || specs.some((spec) => mayLack(spec))) return undefined;
  const places = Array.from({ length: k }, (_, i) => Math.floor((i * width) / k));
  const values = new Float64Array(sets.size * k);
  for (const [j, place] of places.entries()) {
    const number = numberAt(sets, place);
    for (let row = 0; row < sets.size; row++) values[row * k + j] = number(row);
  }
  const { mean, sd } = meansAndSds(values, k);
  const { covariance } = covarianceOf(
    values.map((x, i) => (x - (mean[i % k] ?? 0)) / (sd[i % k] ?? 1)),
    k,
    LEAST,
  );
  const { values: variances, vectors } = symmetricEigen(covariance, k);
  const least = Array.from(variances.keys())
    .toSorted((a, b) => (variances[a] ?? 0) - (variances[b] ?? 0))
    .slice(0, Math.min(k >> 1, MOST_COMBINATIONS));
  const rows = least.flatMap((i) =>
    places.map((_, j) =>
      rounded((vectors[i * k + j] ?? 0) / Math.sqrt(variances[i] ?? 1) / (sd[j] ?? 1)),
    ),
  );
  return rows.every(Number.isFinite) ? { places, mean: mean.map(rounded), rows } : undefined;
}

/** Mean and covariance of rows [n, d], with something added on its diagonal. */
function covarianceOf(values: Float64Array, d: number, jitter: number) {
  const n = values.length / d;
  const mean = Array.from({ length: d }, () => 0);
  for (const [i, value] of values.entries()) mean[i % d] = (mean[i % d] ?? 0) + value / n;
  const covariance = new Float64Array(d * d);
  for (let row = 0; row < n; row++) {
    for (let a = 0; a < d; a++) {
      const x = (values[row * d + a] ?? 0) - (mean[a] ?? 0);
      for (let b = 0; b < d; b++) {
        const y = (values[row * d + b] ?? 0) - (mean[b] ?? 0);
        covariance[a * d + b] = (covariance[a * d + b] ?? 0) + (x * y) / n;
      }
    }
  }
  for (let a = 0; a < d; a++) covariance[a * (d + 1)] = (covariance[a * (d + 1)] ?? 0) + jitter;
  return { mean, covariance };
}

/** Six digits are enough, and files stay small. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
