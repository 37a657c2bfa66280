/**
 * Whether an estimator's answers can be trusted where the model is right: fresh simulations are answered, and their draws, or estimates, diagnosed.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { answersWith } from "../estimators/answer.js";
import type { Estimator } from "../estimators/load.js";
import type { PointEstimator } from "../estimators/point-estimator.js";
import { unbatched } from "../data/layout.js";
import type { AnyModel, ParameterSpec } from "../model/index.js";
import type { Derive, PosteriorBatch } from "../posterior/index.js";
import { stream } from "../random/index.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import { sharedSimulations } from "../simulation/origin.js";
import { requireKnown, requireUnread, type KnownOptions } from "../known-options.js";
import { hpdLevels } from "./coverage.js";
import { diagnoseDraws, type DrawsDiagnosis } from "./diagnose-draws.js";
import { derivedFrom } from "./scored-draws.js";
import { scoredProbabilities } from "./scored-probabilities.js";
import {
  diagnoseEstimates,
  type EstimatesDiagnosis,
  type ScoredEstimates,
} from "./diagnose-estimates.js";

/** How to diagnose. P: the model's parameters. */
export interface DiagnoseOptions<P = ParameterSpec> {
  /** Fresh data sets; 1,000 by default. */
  readonly simulations?: number;
  /** Draws of each posterior; 255 by default. None of an estimator of points. */
  readonly samples?: number;
  /** Of the fresh data sets. Seeds of training are numbers: the default, a text, is none of them. */
  readonly seed?: number | string;
  /** Simulations made before, and used for nothing else, in the place of fresh ones: `simulations`, `seed` and `workers` are refused beside them. */
  readonly data?: SimulatedData;
  /** Threads that simulate. */
  readonly workers?: number;
  /** Quantities that follow from the parameters, as of `posterior.map`: their posteriors are diagnosed beside the parameters'. None of an estimator of points, which has no posteriors of them. */
  readonly derived?: Derive<P>;
}

const KNOWN: KnownOptions<DiagnoseOptions> = {
  simulations: true,
  samples: true,
  seed: true,
  data: true,
  workers: true,
  derived: true,
};

/** Draws of each posterior whose density is asked for. */
const DENSITIES = 31;

/** Whether answers can be trusted, and why not. */
export interface Diagnosis extends DrawsDiagnosis {
  /** How many of the data sets are among the simulations that were trained on: they have the same seed. */
  readonly shared: number;
}

/** Whether estimates can be trusted, and why not. */
export interface PointDiagnosis extends EstimatesDiagnosis {
  /** How many of the data sets are among the simulations that were trained on: they have the same seed. */
  readonly shared: number;
}

/** Estimators whose answers are posteriors, ratios and likelihoods among them: or which `diagnose` refuses. */
type OfPosteriors = Exclude<Estimator, { readonly kind: "point" }>;

/**
 * Diagnoses an estimator: its posteriors by their draws, also those that follow from a ratio or a likelihood; points and quantiles by their errors.
 *
 * @throws UnsupportedError where it gives summaries, or posteriors of ranks; InvalidArgumentError, SimulationError as `simulate` does.
 * @example
 * const { verdict, parameters } = await diagnose(estimator, line, { simulations: 1_000 });
 * parameters[0]?.coverage;   // of 50, 80, 90 and 95 % intervals
 * (await diagnose(estimator, line, { derived: ({ slope, noise }) => ({ ratio: slope / noise }) })).derived[0]?.coverage;
 */
export function diagnose(
  estimator: PointEstimator,
  model: AnyModel,
  options?: Omit<DiagnoseOptions, "samples" | "derived">,
): Promise<PointDiagnosis>;
export function diagnose<M extends AnyModel>(
  estimator: OfPosteriors,
  model: M,
  options?: DiagnoseOptions<M["parameters"]>,
): Promise<Diagnosis>;
export function diagnose<M extends AnyModel>(
  estimator: Estimator,
  model: M,
  options?: DiagnoseOptions<M["parameters"]>,
): Promise<Diagnosis | PointDiagnosis>;
export async function diagnose(
  estimator: Estimator,
  model: AnyModel,
  options: DiagnoseOptions = {},
): Promise<Diagnosis | PointDiagnosis> {
  requireKnown("diagnose", options, KNOWN);
  if (options.data !== undefined) {
    requireUnread("diagnose", options, "data", ["simulations", "seed", "workers"]);
  }
  if (estimator.kind === "point") {
    requireUnread("diagnose", options, "an estimator of points", ["samples", "derived"]);
    return diagnosePoints(estimator, await freshFor(model, options));
  }
  if (!("givenBatch" in estimator)) {
    const { gives } = await answersWith(estimator);
    throw new UnsupportedError(
      `diagnose needs posteriors or estimates, but ${estimator.details.method} gives ${gives}`,
    );
  }
  const { samples = 255 } = options;
  if (samples < 20) {
    throw new InvalidArgumentError(
      `diagnose needs 20 draws of each posterior, but ${samples} were asked for`,
    );
  }
  const fresh = await freshFor(model, options);
  return diagnosePosteriors(estimator, model, fresh, samples, options.derived);
}

async function freshFor(
  model: AnyModel,
  { data, simulations = 1000, seed = "diagnosis", workers }: DiagnoseOptions,
): Promise<SimulatedData> {
  if (data !== undefined) return data;
  return simulate(model, { simulations, seed, ...(workers !== undefined && { workers }) });
}

async function diagnosePosteriors(
  estimator: Extract<Estimator, { readonly givenBatch: unknown }>,
  model: AnyModel,
  fresh: SimulatedData,
  samples: number,
  derive: Derive | undefined,
): Promise<Diagnosis> {
  const posteriors = await estimator.givenBatch({ ...fresh.data }, { samples });
  const { draws, parameterNames: names, slots } = posteriors;
  const scored = { draws, truth: fresh.parameters, names };
  const levels =
    estimator.kind === "posterior" ? await levelsOf(posteriors, fresh.parameters) : undefined;
  const found = diagnoseDraws(scored, {
    data: numbersOf(fresh),
    support: model.prior.support,
    ...(levels && { densityLevels: levels }),
    ...(derive && { derived: derivedFrom(scored, slots, derive) }),
  });
  return { ...found, ...seenOf(estimator, fresh, found) };
}

async function diagnosePoints(
  estimator: PointEstimator,
  fresh: SimulatedData,
): Promise<PointDiagnosis> {
  const scoring = estimator.values === undefined ? scoredPoints : scoredProbabilities;
  const found = diagnoseEstimates(await scoring(estimator, fresh), { data: numbersOf(fresh) });
  return { ...found, ...seenOf(estimator, fresh, found) };
}

async function scoredPoints(
  estimator: PointEstimator,
  fresh: SimulatedData,
): Promise<ScoredEstimates> {
  const { slots, levels, parameterNames: names, details } = estimator;
  const data = { ...fresh.data };
  const p = names.length;
  const points = unbatched(slots, await estimator.estimateBatch(data));
  const quantiles = new Float64Array(points.length * levels.length);
  const all = levels.length === 0 ? [] : await estimator.quantilesBatch(data);
  for (const [level, own] of all.entries()) {
    for (const [at, value] of unbatched(slots, own).entries()) {
      quantiles[(Math.floor(at / p) * levels.length + level) * p + (at % p)] = value;
    }
  }
  const estimate = details.answers.kind === "point" ? details.answers.estimate : "estimate";
  return { names, truth: fresh.parameters, points, estimate, levels, quantiles };
}

/** How many of the data sets were trained on; where some were, no fault that is not found says anything. */
function seenOf(
  { details }: Estimator,
  fresh: SimulatedData,
  { calibrated, verdict }: Pick<Diagnosis, "calibrated" | "verdict">,
): Pick<Diagnosis, "shared" | "calibrated" | "verdict"> {
  const shared = sharedSimulations(details.training.origin, fresh);
  if (shared === 0) return { shared, calibrated, verdict };
  return { shared, calibrated: false, verdict: [seenBefore(shared, fresh.size), ...verdict] };
}

/** Levels at which highest-density regions begin to hold the truth; none of answers without densities. */
async function levelsOf(
  posteriors: PosteriorBatch,
  truth: Float64Array,
): Promise<Float64Array | undefined> {
  const { size, drawsEach, draws } = posteriors;
  const p = posteriors.parameterNames.length;
  const each = 1 + Math.min(DENSITIES, drawsEach);
  const asked = new Float64Array(size * each * p);
  for (let i = 0; i < size; i++) {
    asked.set(truth.subarray(i * p, (i + 1) * p), i * each * p);
    const own = draws.subarray(i * drawsEach * p, (i * drawsEach + each - 1) * p);
    asked.set(own, (i * each + 1) * p);
  }
  try {
    const logs = await posteriors.logDensity(asked);
    return hpdLevels(
      logs.filter((_, at) => at % each > 0),
      logs.filter((_, at) => at % each === 0),
      stream("density"),
    );
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

/** All numbers of each data set, [n, k]. */
function numbersOf({ data, size }: SimulatedData): Float64Array {
  const columns = Object.keys(data)
    .toSorted()
    .map((name) => ({ values: data[name] ?? [], width: (data[name]?.length ?? 0) / size }));
  const k = columns.reduce((total, { width }) => total + width, 0);
  const numbers = new Float64Array(size * k);
  let offset = 0;
  for (const { values, width } of columns) {
    for (let at = 0; at < size * width; at++) {
      numbers[Math.floor(at / width) * k + offset + (at % width)] = values[at] ?? Number.NaN;
    }
    offset += width;
  }
  return numbers;
}

function seenBefore(shared: number, n: number): string {
  return `${shared} of the ${n} data sets are among the simulations that it was trained on, which it may know by heart: what follows says nothing of others; simulate them with another seed`;
}
