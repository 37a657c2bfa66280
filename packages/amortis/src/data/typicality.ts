/**
 * Whether data are like those of the model: how far their learned summary lies from those of simulations, as a p-value.
 *
 * Two distances of a summary s, of which each sees what the other misses: from the middle, by the simulations' mean and covariance (Mahalanobis), and to the nearest of some simulations'
 * summaries, where they lie on a curve or in clusters. Each is ranked among the distances of simulations that were held out of training,
 *
 *     p = (1 + #{ held-out distances ≥ that of s }) / (1 + #held-out),
 *
 * which for data of the model is at most α with probability at most α, whatever the networks (a conformal p-value); of the two together p = min(1, 2 min(p₁, p₂)).
 *
 * References: Schmitt, Bürkner, Köthe & Radev (2021), "Detecting model misspecification in amortized Bayesian inference with neural networks", arXiv 2112.08866; Bates et al. (2023),
 * "Testing for outliers with conformal p-values", arXiv 2104.08279.
 */
import { choleskyFactor, solveLower } from "../math/index.js";
import { columnMoments } from "./moments.js";

/** What is kept of simulations' summaries. */
export interface Typicality {
  readonly mean: readonly number[];
  /** Lower Cholesky factor of the covariance, row-major [d, d]; standard deviations [d] alone where d is large. */
  readonly factor: readonly number[];
  /** Some summaries less the mean, whitened by the factor, [m, d]. */
  readonly reference: readonly number[];
  /** Distances of simulations held out, increasing. */
  readonly heldOut: { readonly middle: readonly number[]; readonly nearest: readonly number[] };
}

/** p-value below which data are said to be untypical: one in a hundred data sets of the model is. */
export const UNTYPICAL = 0.01;

/** Numbers of a summary up to which their correlations are kept. */
const FEW = 40;

/** Summaries that others are held against, and numbers of them in all. */
const [MOST_REFERENCES, MOST_NUMBERS] = [256, 6_000];

/** Simulations held out whose distances are kept, and fewest that say anything. */
const [MOST_HELD, FEWEST_HELD] = [999, 19];

/** The distance to the nearest is a mean over so many. */
const NEAREST = 3;

/** Part of a variance that is added to it: units that were never on have none. */
const JITTER = 1e-6;

/** Data sets that one warning names. */
const NAMED = 3;

/**
 * Learns what summaries are typical.
 *
 * @param training [n, d]
 * @param heldOut [m, d], of simulations that nothing was learned from.
 * @returns undefined where too few are held out.
 */
export function learnTypicality(
  training: Float32Array,
  heldOut: Float32Array,
  d: number,
): Typicality | undefined {
  const held = Math.min(MOST_HELD, heldOut.length / d);
  const { mean, sd } = columnMoments(training, d);
  const factor = factorOf(training, mean, sd, d);
  if (held < FEWEST_HELD || factor === undefined) return undefined;
  const rows = training.length / d;
  const count = Math.max(NEAREST, Math.min(rows, MOST_REFERENCES, Math.floor(MOST_NUMBERS / d)));
  const reference = Array.from({ length: count }, (_, i) => {
    const row = Math.floor((i * rows) / count);
    return [...whiten(training, row * d, mean, factor)].map(rounded);
  }).flat();
  const base = { mean: mean.map(rounded), factor: factor.map(rounded), reference };
  const found = Array.from({ length: held }, (_, i) => distancesOf(heldOut, i * d, base));
  const sorted = (pick: (one: Distances) => number): number[] =>
    found.map((one) => rounded(pick(one))).toSorted((a, b) => a - b);
  return {
    ...base,
    heldOut: { middle: sorted(({ middle }) => middle), nearest: sorted(({ nearest }) => nearest) },
  };
}

/**
 * p-values of summaries [n, d]: small where data are unlike those of the model.
 *
 * @example typicalityOf(summaries, typicality)[0] < 0.01
 */
export function typicalityOf(values: Float32Array, typicality: Typicality): Float64Array {
  const d = typicality.mean.length;
  const { middle, nearest } = typicality.heldOut;
  return Float64Array.from({ length: values.length / d }, (_, i) => {
    const found = distancesOf(values, i * d, typicality);
    const least = Math.min(pValueIn(middle, found.middle), pValueIn(nearest, found.nearest));
    return Math.min(1, 2 * least);
  });
}

/**
 * Data sets that are untypical, in one line; undefined where there are none, or no more of many than chance has.
 *
 * @param known data sets that are said to be unlike the simulations already.
 * @param replicates whether all have the same parameters. Where these are far out all of their data may be, so that no count is more than chance has but half of them, which
 * are as untypical as this in one of fifty at most (Markov).
 */
export function describeUntypical(
  pValues: Float64Array,
  known: ReadonlySet<number>,
  replicates = false,
): string | undefined {
  const found = Array.from(pValues.keys()).filter(
    (i) => !known.has(i) && (pValues[i] ?? 1) < UNTYPICAL,
  );
  const n = pValues.length;
  // Of many data sets of the model a hundredth is found: three standard errors above it is more than chance.
  const expected = UNTYPICAL * n;
  const enough = replicates ? n / 2 : n > 1 ? expected + 3 * Math.sqrt(expected) : 1;
  if (found.length === 0 || found.length < enough) return undefined;
  if (n === 1) {
    return `the data are unlike those of the model: by their summary, at most ${short(100 * (pValues[0] ?? Number.NaN))} % of its own lie as far out; the model may not describe them, and the answer may be wrong; look at posterior-predictive checks`;
  }
  const named = found
    .toSorted((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0))
    .slice(0, NAMED)
    .map((i) => `${i} (p = ${short(pValues[i])})`);
  const rest = found.length > NAMED ? ` and ${found.length - NAMED} more` : "";
  return `${found.length} of ${n} data sets are unlike those of the model, by their summaries, where chance has ${short(expected)}: number ${named.join(", ")}${rest}; the model may not describe them, and their answers may be wrong`;
}

interface Distances {
  readonly middle: number;
  readonly nearest: number;
}

function distancesOf(
  values: Float32Array,
  start: number,
  { mean, factor, reference }: Pick<Typicality, "mean" | "factor" | "reference">,
): Distances {
  const d = mean.length;
  const z = whiten(values, start, mean, factor);
  const best = new Float64Array(NEAREST).fill(Infinity);
  for (let at = 0; at < reference.length; at += d) {
    let square = 0;
    for (let k = 0; k < d; k++) square += ((z[k] ?? 0) - (reference[at + k] ?? 0)) ** 2;
    // Kept in order: the largest of the nearest is replaced.
    for (let place = 0; place < NEAREST; place++) {
      const kept = best[place] ?? Infinity;
      if (square >= kept) continue;
      best.copyWithin(place + 1, place, NEAREST - 1);
      best[place] = square;
      break;
    }
  }
  return {
    middle: Math.sqrt(z.reduce((sum, x) => sum + x * x, 0)),
    nearest: best.reduce((sum, square) => sum + Math.sqrt(square), 0) / NEAREST,
  };
}

function whiten(
  values: Float32Array,
  start: number,
  mean: readonly number[],
  factor: readonly number[],
): Float64Array {
  const d = mean.length;
  const centred = Float64Array.from(mean, (m, k) => (values[start + k] ?? Number.NaN) - m);
  if (factor.length === d) return centred.map((x, k) => x / (factor[k] ?? 1));
  return solveLower(Float64Array.from(factor), centred);
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

/** Six digits are enough, and files stay small. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

function short(value: number | undefined): string {
  return String(Number((value ?? Number.NaN).toPrecision(2)));
}
