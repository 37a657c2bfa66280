/**
 * Whether data are like those of the model, as a p-value: by how far their learned summary lies from those of simulations, and by their patterns, which may be too small as well as too large.
 *
 * Three scores, of which each sees what the others miss: the distance of a summary s from the middle, by the simulations' mean and covariance (Mahalanobis), too large, or too small where hardly a simulation is in the middle; that to the
 * nearest of some simulations' summaries, where they lie on a curve or in clusters; and the most unusual of the data's patterns (`patterns.ts`), each by itself and given the summary and the others,
 *
 *     e_k = (P v)_k / √P_kk,      v = (patterns, s, s²),  P = Cov(v)⁻¹,
 *
 * which sees what a summary for the parameters leaves out: data with less noise than any of the model's, or more regular than their level allows. Each is a normal score among training
 * simulations, and the largest of the three is ranked among those of simulations that were held out of training,
 *
 *     p = (1 + #{ held-out scores ≥ that of the data }) / (1 + #held-out),
 *
 * which for data of the model is at most α with probability at most α, whatever the networks and the scores (a conformal p-value).
 *
 * References: Schmitt, Bürkner, Köthe & Radev (2021), "Detecting model misspecification in amortized Bayesian inference with neural networks", arXiv 2112.08866; Bates et al. (2023),
 * "Testing for outliers with conformal p-values", arXiv 2104.08279.
 */
import type { DataSets } from "./data-sets.js";
import { patternsOf, type Combinations } from "./patterns.js";
import { normalScore, type QuantileTable } from "./quantile-table.js";
import { distancesOf, whiten, type Distances, type SummarySpace } from "./summary-distances.js";

/** What is kept of simulations' patterns. */
export interface TypicalPatterns {
  /** In words, which say what they are: [k]. */
  readonly names: readonly string[];
  readonly combinations?: Combinations;
  /** Of each pattern, [k]. */
  readonly tables: readonly QuantileTable[];
  /** Of v, [k + ...]: patterns' normal scores, and what there is of summaries. */
  readonly mean: readonly number[];
  /** The first k rows of P, each by 1 / √P_kk, [k, k + ...]. */
  readonly precision: readonly number[];
  /** Of e, [k]. */
  readonly given: readonly QuantileTable[];
}

/** What is kept of simulations. */
export interface Typicality extends SummarySpace {
  /** Of simulations held out, increasing: scores, or, in files from before there were any, distances. */
  readonly heldOut: {
    readonly middle: readonly number[];
    readonly nearest: readonly number[];
    readonly scores?: readonly number[];
  };
  /** Of the three numbers that scores are of. */
  readonly tables?: Readonly<Record<keyof Distances | "pattern", QuantileTable>>;
  readonly patterns?: TypicalPatterns;
}

/** p-value below which data are said to be untypical: one in a hundred data sets of the model is. */
export const UNTYPICAL = 0.01;

/** Numbers of a summary up to which patterns are looked at given it, and up to which given its squares as well. */
const [GIVEN, SQUARED] = [40, 20];

/**
 * The middle of simulations is empty where hardly one is nearer to it than this share of their median distance, as of many numbers that vary alone. Of few numbers it is where they are densest: counts
 * that are the most ordinary of all lie exactly there.
 */
const EMPTY = 0.25;

/** What is to be judged: data sets, and what networks make of them, [n, d]. */
export interface Judged {
  readonly sets: DataSets;
  readonly summaries: Float32Array;
}

/** How typical data sets are. */
export interface Judgement {
  /** [n] */
  readonly pValues: Float64Array;
  /** By what a data set is the most unusual, in words. */
  readonly by: (dataSet: number) => string;
}

/** How many simulations data are held against. */
export function heldOutCount({ heldOut: { middle, scores = middle } }: Typicality): number {
  return scores.length;
}

/**
 * p-values of n data sets: small where they are unlike those of the model.
 *
 * @returns undefined where the patterns that are known are not those of the data: of a file of another version.
 * @example judge({ sets, summaries }, typicality)?.pValues[0] < 0.01
 */
export function judge(judged: Judged, typicality: Typicality): Judgement | undefined {
  const { heldOut } = typicality;
  if (heldOut.scores === undefined) return byDistances(judged.summaries, typicality);
  const found = scoresOf(judged, typicality);
  const scores = heldOut.scores;
  return (
    found && {
      pValues: Float64Array.from(found, ({ score }) => pValueIn(scores, score)),
      by: (dataSet) => found[dataSet]?.by ?? "",
    }
  );
}

/** What files from before there were scores say: p = min(1, 2 min(p₁, p₂)) of the two distances. */
function byDistances(summaries: Float32Array, typicality: Typicality): Judgement {
  const d = typicality.mean.length;
  const { middle, nearest } = typicality.heldOut;
  const pValues = Float64Array.from({ length: summaries.length / d }, (_, i) => {
    const found = distancesOf(summaries, i * d, typicality);
    const least = Math.min(pValueIn(middle, found.middle), pValueIn(nearest, found.nearest));
    return Math.min(1, 2 * least);
  });
  return { pValues, by: () => "the summary" };
}

/** A score, and what it is of. */
interface Score {
  readonly score: number;
  readonly by: string;
}

/** Scores of data sets by all that is known. */
export function scoresOf(
  { sets, summaries }: Judged,
  typicality: Omit<Typicality, "heldOut">,
): readonly Score[] | undefined {
  const { mean, tables, patterns } = typicality;
  const d = mean.length;
  const unusual =
    patterns === undefined
      ? undefined
      : unusualPatterns({ sets, summaries }, { ...typicality, patterns });
  if (tables === undefined || (patterns !== undefined && unusual === undefined)) return undefined;
  return Array.from({ length: sets.size }, (_, i) => {
    const far: Score[] = [];
    if (d > 0) {
      const distances = distancesOf(summaries, i * d, typicality);
      const score = Math.max(
        farOrNear(tables.middle, distances),
        normalScore(tables.nearest, distances.nearest),
      );
      far.push({ score, by: "the summary" });
    }
    const own = unusual?.[i];
    if (own !== undefined) far.push({ score: normalScore(tables.pattern, own.score), by: own.by });
    return far.reduce((a, b) => (b.score > a.score ? b : a), { score: -Infinity, by: "" });
  });
}

/** The score of a distance from the middle: too large, or too small where the middle is empty, and no simulation as near as the middle itself. */
function farOrNear(table: QuantileTable, { middle, nearest }: Distances): number {
  const [least = 0, median = 0] = [table[0], table[(table.length - 1) / 2]];
  const score = normalScore(table, middle);
  return least > EMPTY * median && nearest > middle ? Math.abs(score) : score;
}

/** The most unusual pattern of each data set, by the size of its normal score. */
export function unusualPatterns(
  { sets, summaries }: Judged,
  typicality: Pick<SummarySpace, "mean" | "factor"> & { readonly patterns: TypicalPatterns },
): readonly Score[] | undefined {
  const { names, combinations, tables, given } = typicality.patterns;
  const found = patternsOf(sets, combinations);
  if (found.length !== names.length || found.some(({ name }, k) => name !== names[k]))
    return undefined;
  return Array.from({ length: sets.size }, (_, i) => {
    const own = found.map(({ values }, k) => normalScore(tables[k] ?? [], values[i] ?? NaN));
    const v = [...own, ...summaryTerms(summaries, i, typicality)];
    const left = leftOfPatterns(v, typicality.patterns);
    let best: Score = { score: 0, by: "" };
    for (const [k, name] of names.entries()) {
      for (const [z, beside] of [
        [own[k] ?? 0, ""],
        [normalScore(given[k] ?? [], left[k] ?? 0), " beside the rest of them"],
      ] as const) {
        if (!(Math.abs(z) > best.score)) continue;
        best = { score: Math.abs(z), by: `${name}, too ${z < 0 ? "small" : "large"}${beside}` };
      }
    }
    return best;
  });
}

/** What there is of a summary in v: its whitened numbers, and their squares where they are few. */
export function summaryTerms(
  summaries: Float32Array,
  row: number,
  { mean, factor }: Pick<SummarySpace, "mean" | "factor">,
): readonly number[] {
  const d = mean.length;
  if (d === 0 || d > GIVEN) return [];
  const z = [...whiten(summaries, row * d, mean, factor)];
  return d > SQUARED ? z : [...z, ...z.map((x) => x * x)];
}

/** e of v. */
export function leftOfPatterns(
  v: readonly number[],
  { names, mean, precision }: Pick<TypicalPatterns, "names" | "mean" | "precision">,
): readonly number[] {
  return names.map((_, k) =>
    v.reduce((sum, x, j) => sum + (precision[k * v.length + j] ?? 0) * (x - (mean[j] ?? 0)), 0),
  );
}

function pValueIn(sorted: readonly number[], value: number): number {
  // The first that is at least the value.
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? Infinity) >= value) to = middle;
    else from = middle + 1;
  }
  return (1 + sorted.length - from) / (1 + sorted.length);
}
