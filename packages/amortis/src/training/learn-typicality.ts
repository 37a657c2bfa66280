/**
 * Learning which data are typical of the model: see `typicality.ts`.
 *
 * Tables of normal scores are of training simulations but those that others are held against; scores that p-values are ranks among, of simulations held out.
 */
import { takeRows } from "../data/data-sets.js";
import { columnMoments } from "../data/moments.js";
import { quantileTable } from "../data/quantile-table.js";
import { NEAREST, distancesOf, whiten } from "../data/summary-distances.js";
import { scoresOf, unusualPatterns, type Judged, type Typicality } from "../data/typicality.js";
import { choleskyFactor } from "../math/index.js";
import { learnPatterns, rounded } from "./learn-patterns.js";

/** Numbers of a summary up to which their correlations are kept. */
const FEW = 40;

/** Summaries that others are held against, and numbers of them in all. */
const [MOST_REFERENCES, MOST_NUMBERS] = [256, 6_000];

/** Simulations held out whose scores are kept, and fewest that say anything. */
const [MOST_HELD, FEWEST_HELD] = [999, 19];

/** Part of a variance that is added to it: units that were never on have none. */
const JITTER = 1e-6;

/**
 * Learns what data are typical.
 *
 * @param training simulations, with their summaries [n, d], d = 0 where there are none.
 * @param heldOut the same of simulations that nothing was learned from.
 * @returns undefined where too few are held out.
 */
export function learnTypicality(
  training: Judged,
  heldOut: Judged,
  d: number,
): Typicality | undefined {
  const count = Math.min(MOST_HELD, heldOut.sets.size);
  const space = summarySpace(training.summaries, d);
  if (count < FEWEST_HELD || space === undefined) return undefined;
  const { reference, references, ...middle } = space;
  const others = Array.from({ length: training.sets.size }, (_, i) => i).filter(
    (i) => !references.has(i),
  );
  const known = taken(training, others, d);
  const found = others.map((_, i) => distancesOf(known.summaries, i * d, { ...middle, reference }));
  const patterns = learnPatterns(known, middle);
  // Without a summary or patterns there is nothing to hold data against.
  if (d === 0 && patterns === undefined) return undefined;
  const unusual = patterns && unusualPatterns(known, { ...middle, patterns });
  const table = (values: readonly number[]) =>
    quantileTable(Float64Array.from(values)).map(rounded);
  const base = {
    ...middle,
    reference,
    tables: {
      middle: table(found.map((one) => one.middle)),
      nearest: table(found.map((one) => one.nearest)),
      pattern: table(unusual?.map(({ score }) => score) ?? [0]),
    },
    ...(patterns && { patterns }),
  };
  const held = taken(
    heldOut,
    Array.from({ length: count }, (_, i) => i),
    d,
  );
  const scores = (scoresOf(held, base) ?? []).map(({ score }) => rounded(score));
  return {
    ...base,
    heldOut: { middle: [], nearest: [], scores: scores.toSorted((a, b) => a - b) },
  };
}

/** Mean and spread of summaries, some of them, and which: nothing of none. */
function summarySpace(summaries: Float32Array, d: number) {
  if (d === 0) return { mean: [], factor: [], reference: [], references: new Set<number>() };
  const { mean, sd } = columnMoments(summaries, d);
  const factor = factorOf(summaries, mean, sd, d);
  if (factor === undefined) return undefined;
  const rows = summaries.length / d;
  const most = Math.min(MOST_REFERENCES, Math.floor(MOST_NUMBERS / d), Math.floor(rows / 2));
  const count = Math.max(NEAREST, most);
  const references = new Set(
    Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count)),
  );
  const reference = [...references].flatMap((row) =>
    [...whiten(summaries, row * d, mean, factor)].map(rounded),
  );
  return { mean: mean.map(rounded), factor: factor.map(rounded), reference, references };
}

function taken({ sets, summaries }: Judged, rows: readonly number[], d: number): Judged {
  return { sets: sets.take(rows), summaries: takeRows(summaries, d, rows) };
}

/** Standard deviations, or a Cholesky factor of the covariance. */
function factorOf(
  values: Float32Array,
  mean: readonly number[],
  sd: readonly number[],
  d: number,
): readonly number[] | undefined {
  if (d > FEW) return sd;
  const n = values.length / d;
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      const x = (values[i * d + j] ?? 0) - (mean[j] ?? 0);
      for (let k = 0; k <= j; k++) {
        const y = (values[i * d + k] ?? 0) - (mean[k] ?? 0);
        covariance[j * d + k] = (covariance[j * d + k] ?? 0) + (x * y) / n;
      }
    }
  }
  const trace = sd.reduce((sum, s) => sum + s * s, 0) / d;
  for (let j = 0; j < d; j++) {
    covariance[j * d + j] = (covariance[j * d + j] ?? 0) + JITTER * trace;
  }
  const factor = choleskyFactor(covariance, d);
  return factor && [...factor];
}
