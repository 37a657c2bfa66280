/**
 * One training of one contestant, scored by simulations that it did not see.
 */
import { AmortisError, InvalidArgumentError } from "@amortis/graph";
import * as z from "zod";
import { methodOf, readConfiguration, type Configuration } from "../configuration/index.js";
import { average } from "../diagnostics/averages.js";
import { logDensities } from "../diagnostics/expected-log-density.js";
import type { PosteriorSourceEstimator } from "../estimators/load-kinds.js";
import type { Method } from "../methods/method.js";
import type { AnyModel, ParameterSpec } from "../model/index.js";
import type { TrainOptions } from "../training/options.js";
import { plannedTraining } from "../training/planned.js";
import { train } from "../training/train.js";
import type { TuneOptions } from "./options.js";
import type { Plain } from "./plain.js";
import { DEFAULT, FULL, SHARES, type Heat } from "./racing.js";
import type { Split } from "./split.js";

export const trialSchema = z.strictObject({
  /** 0 is the default. */
  contestant: z.int().min(0),
  rung: z.int().min(0).max(FULL),
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain data, which is only read
  configuration: z.record(z.string(), z.json()) as z.ZodType<Plain>,
  /** Mean log posterior density of the simulations that contestants are chosen by; null where the training failed. */
  score: z.number().nullable(),
  standardError: z.number().nullable(),
  /** Of training and scoring. */
  seconds: z.number().min(0),
  /** Why there is no score. */
  failed: z.string().optional(),
});

/** What is kept of a training. */
export type TrialRecord = z.output<typeof trialSchema>;

/** What answers with posteriors that have densities. */
export type Contender = PosteriorSourceEstimator<ParameterSpec>;

/** A training that is done. */
export interface Trial {
  readonly record: TrialRecord;
  /** Undefined where it failed. */
  readonly estimator: Contender | undefined;
}

/** What all trials share. */
export interface TrialContext {
  readonly model: AnyModel;
  readonly split: Split;
  readonly seed: number;
  readonly options: TuneOptions;
}

/** Settings that the search has of its own. */
const SEARCHED = ["simulations", "seed", "onTheFly"] as const;

/**
 * The method of a configuration and the settings of its training.
 *
 * @throws InvalidArgumentError where it says something that is not known, or does not answer with posteriors.
 */
export async function readContestant(
  configuration: Plain,
  model: AnyModel,
  { transform }: TuneOptions,
): Promise<{ readonly method: Method; readonly training: Configuration["training"] }> {
  const { training, ...rest } = readConfiguration(configuration);
  const own = SEARCHED.find((name) => training[name] !== undefined);
  if (own !== undefined) {
    throw new InvalidArgumentError(
      `tune: the configuration has training.${own}, which is the search's own: leave it out${own === "onTheFly" ? "" : `, and give ${own} as an option`}`,
    );
  }
  const method = await methodOf(rest, model, transform && { transform });
  if (!["posterior", "ratio", "likelihood"].includes(method.answers.kind)) {
    throw new InvalidArgumentError(
      `tune compares posterior densities, which ${rest.method} does not give: choose among npe, nre, synthetic-likelihood and variational`,
    );
  }
  return { method, training };
}

/**
 * Trains a contestant for its share of epochs, and scores it.
 *
 * @throws what the training of the default throws; others that fail are scored as failed.
 */
export async function runTrial(
  heat: Heat,
  configuration: Plain,
  context: TrialContext,
  how: Pick<TrainOptions, "signal" | "onProgress">,
): Promise<Trial> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const about = { ...heat, configuration };
  try {
    const estimator = await trainContender(heat, configuration, context, how);
    const each = await logDensities(estimator, context.split.selection);
    const { value, standardError } = average(each);
    const failed = Number.isFinite(value) ? undefined : withoutDensity(each);
    const record = {
      ...about,
      score: failed === undefined ? value : null,
      standardError: failed === undefined ? standardError : null,
      seconds: seconds(),
      ...(failed !== undefined && { failed }),
    };
    return { record, estimator };
  } catch (error) {
    if (heat.contestant === DEFAULT || !(error instanceof AmortisError)) throw error;
    const failed = error.message;
    const record = { ...about, score: null, standardError: null, seconds: seconds(), failed };
    return { record, estimator: undefined };
  }
}

async function trainContender(
  { contestant, rung }: Heat,
  configuration: Plain,
  { model, split, seed, options }: TrialContext,
  how: Pick<TrainOptions, "signal" | "onProgress">,
): Promise<Contender> {
  const { threads, runtime, onWarning } = options;
  const { method, training } = await readContestant(configuration, model, options);
  const { epochs } = plannedTraining(method, training, split.training.size);
  const estimator = await train(method, {
    ...training,
    ...(rung < FULL && {
      epochs: Math.max(1, Math.ceil(epochs * (SHARES[rung] ?? 1))),
      calibrate: false,
    }),
    data: split.training,
    seed,
    progress: false,
    ...(threads !== undefined && { threads }),
    ...(runtime !== undefined && { runtime }),
    ...how,
    // What is true of the model or the data, the default's training says once.
    onWarning: contestant === DEFAULT ? (onWarning ?? console.warn) : () => {},
  });
  if (
    estimator.kind !== "posterior" &&
    estimator.kind !== "ratio" &&
    estimator.kind !== "likelihood"
  ) {
    throw new TypeError("contestants answer with posteriors");
  }
  return estimator;
}

/** Why a mean log density is no number. */
function withoutDensity(each: Float64Array): string {
  const unknown = each.filter((value) => Number.isNaN(value)).length;
  const [count, what] =
    unknown > 0
      ? [unknown, "have no normalised density"]
      : [
          each.filter((value) => !Number.isFinite(value)).length,
          "have no density at the true parameters",
        ];
  return `the posteriors of ${count} of ${each.length} data sets ${what}`;
}
