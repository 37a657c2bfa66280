/**
 * Whether an estimator's answers can be trusted where the model is right: fresh simulations are answered, and their draws diagnosed.
 */
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { answersWith } from "../estimators/answer.js";
import type { Estimator } from "../estimators/load.js";
import type { AnyModel } from "../model/index.js";
import type { PosteriorBatch } from "../posterior/index.js";
import { stream } from "../random/index.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import { sharedSimulations } from "../simulation/origin.js";
import { requireKnown, requireUnread, type KnownOptions } from "../known-options.js";
import { hpdLevels } from "./coverage.js";
import { diagnoseDraws, type DrawsDiagnosis } from "./diagnose-draws.js";

/** How to diagnose. */
export interface DiagnoseOptions {
  /** Fresh data sets; 1,000 by default. */
  readonly simulations?: number;
  /** Draws of each posterior; 255 by default. */
  readonly samples?: number;
  /** Of the fresh data sets. Seeds of training are numbers: the default, a text, is none of them. */
  readonly seed?: number | string;
  /** Simulations made before, and used for nothing else, in the place of fresh ones: `simulations`, `seed` and `workers` are refused beside them. */
  readonly data?: SimulatedData;
  /** Threads that simulate. */
  readonly workers?: number;
}

const KNOWN: KnownOptions<DiagnoseOptions> = {
  simulations: true,
  samples: true,
  seed: true,
  data: true,
  workers: true,
};

/** Draws of each posterior whose density is asked for. */
const DENSITIES = 31;

/** Whether answers can be trusted, and why not. */
export interface Diagnosis extends DrawsDiagnosis {
  /** How many of the data sets are among the simulations that were trained on: they have the same seed. */
  readonly shared: number;
}

/**
 * Diagnoses an estimator of posteriors.
 *
 * @throws UnsupportedError where it gives no posteriors; InvalidArgumentError, SimulationError as `simulate` does.
 * @example
 * const { verdict, parameters } = await diagnose(estimator, line, { simulations: 1_000 });
 * parameters[0]?.coverage;   // of 50, 80, 90 and 95 % intervals
 */
export async function diagnose(
  estimator: Estimator,
  model: AnyModel,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  requireKnown("diagnose", options, KNOWN);
  if (options.data !== undefined) {
    requireUnread("diagnose", options, "data", ["simulations", "seed", "workers"]);
  }
  const { simulations = 1000, samples = 255, seed = "diagnosis", workers } = options;
  if (!("givenBatch" in estimator)) {
    const { gives } = await answersWith(estimator);
    throw new UnsupportedError(
      `diagnose needs posteriors, but ${estimator.details.method} gives ${gives === "points" ? "points: compare its estimates with the truth by scoreMarginal" : gives}`,
    );
  }
  if (samples < 20) {
    throw new InvalidArgumentError(
      `diagnose needs 20 draws of each posterior, but ${samples} were asked for`,
    );
  }
  const fresh =
    options.data ??
    (await simulate(model, { simulations, seed, ...(workers !== undefined && { workers }) }));
  const shared = sharedSimulations(estimator.details.training.origin, fresh);
  const posteriors = await estimator.givenBatch({ ...fresh.data }, { samples });
  const { draws, parameterNames: names } = posteriors;
  const levels =
    estimator.kind === "posterior" ? await levelsOf(posteriors, fresh.parameters) : undefined;
  const found = diagnoseDraws(
    { draws, truth: fresh.parameters, names },
    {
      data: numbersOf(fresh),
      support: model.prior.support,
      ...(levels && { densityLevels: levels }),
    },
  );
  if (shared === 0) return { ...found, shared };
  const verdict = [seenBefore(shared, fresh.size), ...found.verdict];
  return { ...found, shared, calibrated: false, verdict };
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
