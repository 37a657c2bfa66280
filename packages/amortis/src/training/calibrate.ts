/**
 * How well a trained estimator answers simulations that were held out of its training, for its file.
 *
 * Nothing was learned from them but when to stop and which epoch's weights to keep, so that what is said here is a little too good where there are few;
 * `amortis diagnose` asks simulations that nothing has seen. Ranks: Talts et al. 2018, arXiv 1804.06788; recovery and contraction: Schad, Betancourt and
 * Vasishth 2021, arXiv 1904.12765; the calibration error of a classifier: Guo et al. 2017, arXiv 1706.04599.
 */
import type { ArrayData } from "../data/array-data.js";
import type { DataSets } from "../data/data-sets.js";
import { DataError } from "../data/simulator-output.js";
import { fractionalRanks } from "../diagnostics/ranks.js";
import type { Calibration } from "../estimators/calibration-schema.js";
import type { PointEstimator } from "../estimators/point-estimator.js";
import type { RatioEstimator } from "../estimators/ratio-estimator.js";
import type { Estimator } from "../estimators/load.js";
import { stream } from "../random/index.js";

/** Simulations that say enough to be worth saying, and that are asked at most. */
const [ENOUGH, MOST] = [100, 500];

/** Draws of each posterior. */
const DRAWS = 100;

/** Probabilities of central intervals. */
const LEVELS = [0.5, 0.8, 0.9, 0.95] as const;

/** Bins of ranks, and of a classifier's probabilities. */
const BINS = 10;

/** What a flat parameter's truths are held against. */
interface Recovered {
  readonly estimate: Float64Array;
  readonly truth: Float64Array;
}

/**
 * A calibration on simulations held out.
 *
 * @param heldOut as simulated, with their parameters [n, p].
 * @returns undefined where there are too few, for kinds of answer that say nothing of parameters, and where the networks make no numbers of some.
 */
export async function calibrate(
  estimator: Estimator,
  heldOut: DataSets,
  parameters: ArrayLike<number>,
): Promise<Calibration | undefined> {
  const n = Math.min(MOST, heldOut.size);
  if (n < ENOUGH) return undefined;
  const asked = heldOut.slice(0, n);
  const truths = Float64Array.from({ length: n * estimator.parameterNames.length }, (_, i) =>
    Number(parameters[i]),
  );
  try {
    switch (estimator.kind) {
      case "posterior":
      case "joint":
        return await ofPosteriors(estimator, asked, truths);
      case "point":
        return await ofPoints(estimator, asked, truths);
      case "ratio":
        return await ofRatio(estimator, asked, truths);
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** What answers with posteriors at once. */
type Answering = Extract<Estimator, { readonly kind: "posterior" | "joint" }>;

async function ofPosteriors(
  estimator: Answering,
  asked: DataSets,
  truths: Float64Array,
): Promise<Calibration | undefined> {
  const n = asked.size;
  const posteriors = await estimator.givenBatch(inputOf(asked), { samples: DRAWS });
  const draws = Float64Array.from(posteriors.draws);
  if (!draws.every(Number.isFinite)) return undefined;
  const names = estimator.parameterNames;
  const random = stream("calibration");
  return {
    simulations: n,
    draws: DRAWS,
    parameters: names.map((name, k) => {
      const own = columnOf(draws, names.length, k);
      const truth = columnOf(truths, names.length, k);
      const ranks = fractionalRanks(own, truth, random.split(k));
      const moments = Array.from({ length: n }, (_, i) =>
        momentsOf(own.subarray(i * DRAWS, (i + 1) * DRAWS)),
      );
      const estimate = Float64Array.from(moments, ({ mean }) => mean);
      const within = moments.reduce((sum, { variance }) => sum + variance, 0) / n;
      return {
        name,
        ...recovery({ estimate, truth }),
        contraction: 1 - within / momentsOf(truth).variance,
        coverage: LEVELS.map((level) => ({
          level,
          covered: shareOf(ranks, (u) => Math.abs(u - 0.5) <= level / 2),
        })),
        ranks: counts(ranks),
      };
    }),
  };
}

async function ofPoints(
  estimator: PointEstimator,
  asked: DataSets,
  truths: Float64Array,
): Promise<Calibration> {
  const { slots, parameterNames: names, levels } = estimator;
  const flat = (batch: Readonly<Record<string, Float64Array>>, k: number): Float64Array => {
    const slot = slots.find(({ offset, size }) => offset <= k && k < offset + size);
    return columnOf(batch[slot?.name ?? ""] ?? [], slot?.size ?? 1, k - (slot?.offset ?? 0));
  };
  const estimates = await estimator.estimateBatch(inputOf(asked));
  const quantiles = levels.length > 0 ? await estimator.quantilesBatch(inputOf(asked)) : [];
  return {
    simulations: asked.size,
    parameters: names.map((name, k) => {
      const truth = columnOf(truths, names.length, k);
      const below = levels.map((level, l) => {
        const quantile = flat(quantiles[l] ?? {}, k);
        return { level, below: shareOf(truth, (theta, i) => theta <= (quantile[i] ?? NaN)) };
      });
      return {
        name,
        ...recovery({ estimate: flat(estimates, k), truth }),
        ...(below.length > 0 && { quantiles: below }),
      };
    }),
  };
}

/** Each simulation with its own parameters, and with those of the next: a classifier is to tell one from the other. */
async function ofRatio(
  estimator: RatioEstimator,
  asked: DataSets,
  truths: Float64Array,
): Promise<Calibration | undefined> {
  const p = estimator.parameterNames.length;
  const theta = Float64Array.from({ length: 2 * truths.length }, (_, at) => {
    const [i, place] = [Math.floor(at / (2 * p)), at % (2 * p)];
    const shift = place < p ? 0 : p;
    return truths[(i * p + shift + (place % p)) % truths.length] ?? Number.NaN;
  });
  const ratios = await estimator.logRatio(inputOf(asked), theta);
  if (ratios.some(Number.isNaN)) return undefined;
  const said = Float64Array.from(ratios, (ratio) => 1 / (1 + Math.exp(-ratio)));
  const own = (i: number): boolean => i % 2 === 0;
  const bins = Array.from({ length: BINS }, () => ({ said: 0, own: 0 }));
  for (const [i, probability] of said.entries()) {
    const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))];
    if (bin === undefined) continue;
    bin.said += probability;
    if (own(i)) bin.own++;
  }
  return {
    simulations: asked.size,
    classifier: {
      accuracy: shareOf(said, (probability, i) => probability > 0.5 === own(i)),
      error: bins.reduce((sum, bin) => sum + Math.abs(bin.said - bin.own), 0) / said.length,
    },
  };
}

function inputOf({ specs, size, columns }: DataSets): Record<string, ArrayData> {
  const entries = Object.entries(specs).map(([name, { shape }]) => {
    const data = columns[name] ?? new Float64Array();
    return [name, { shape: [size, ...shape], data }] as const;
  });
  return Object.fromEntries(entries);
}

function recovery({ estimate, truth }: Recovered) {
  const errors = truth.map((theta, i) => (estimate[i] ?? Number.NaN) - theta);
  const bias = momentsOf(errors).mean;
  const squared = errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
  return { bias, rmse: Math.sqrt(squared), r2: 1 - squared / momentsOf(truth).variance };
}

/** Every `width`th value from place k on. */
function columnOf(values: ArrayLike<number>, width: number, k: number): Float64Array {
  return Float64Array.from(
    { length: values.length / width },
    (_, i) => values[i * width + k] ?? Number.NaN,
  );
}

function momentsOf(values: Float64Array): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

function shareOf(values: Float64Array, holds: (value: number, index: number) => boolean): number {
  return values.filter(holds).length / values.length;
}

function counts(ranks: Float64Array): number[] {
  const bins = Array.from({ length: BINS }, () => 0);
  for (const u of ranks) {
    const bin = Math.min(BINS - 1, Math.floor(u * BINS));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}
