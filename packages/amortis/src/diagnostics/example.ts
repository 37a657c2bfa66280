/**
 * One data set of a diagnosis looked at closely: its posterior beside the prior and the true parameters, and whether data that the posterior makes are like it.
 */
import { matchData } from "../data/match-data.js";
import type { Column } from "../data/data-sets.js";
import type { Floats } from "../data/layout.js";
import { sizeOf } from "../data/shape.js";
import type { Estimator } from "../estimators/load.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { AnyModel, ParameterSpec } from "../model/index.js";
import { beside, derivation, type Derive } from "../posterior/derived.js";
import type { Samples } from "../posterior/posterior-source.js";
import { stream } from "../random/index.js";
import { simulate } from "../simulation/index.js";
import { predictiveCheck, type Discrepancy, type PredictiveCheck } from "./predictive-check.js";

/** How to make an example. P: the model's parameters. */
export interface DiagnosisExampleOptions<P = ParameterSpec> {
  /** Draws of the posterior and of the prior; 1,000 by default. Data are made from 200 of them at most. */
  readonly samples?: number;
  /** Of the data set. Seeds of training are numbers: the default, a text, is none of them. */
  readonly seed?: number | string;
  readonly workers?: number;
  /** Quantities that follow from the parameters, which are shown beside them. */
  readonly derived?: Derive<P>;
}

const KNOWN: KnownOptions<DiagnosisExampleOptions> = {
  samples: true,
  seed: true,
  workers: true,
  derived: true,
};

/** One data set, answered. */
export interface DiagnosisExample {
  readonly posterior: Samples;
  readonly prior: Samples;
  /** In the order of the names. */
  readonly truth: ArrayLike<number>;
  /** Which of the names are of derived quantities; they follow the parameters. */
  readonly derived: readonly string[];
  /** Under the posterior, by `usualDiscrepancies`. */
  readonly checks: readonly PredictiveCheck[];
}

/** Data sets that predictive checks make, at most. */
const MADE = 200;

/** Arrays whose discrepancies are looked at. */
const ARRAYS = 3;

/**
 * Simulates one data set, answers it, and makes others from its posterior.
 *
 * @returns undefined where the estimator gives no posteriors of draws, or refuses this data set.
 * @throws SimulationError as `simulate` does.
 * @example diagnosisReport(await diagnose(estimator, line), { example: await diagnosisExample(estimator, line) })
 */
export async function diagnosisExample<M extends AnyModel>(
  estimator: Estimator,
  model: M,
  options: DiagnosisExampleOptions<M["parameters"]> = {},
): Promise<DiagnosisExample | undefined> {
  requireKnown("diagnosisExample", options, KNOWN);
  if (!("givenBatch" in estimator)) return undefined;
  const { samples = 1000, seed = "diagnosis example", workers } = options;
  const how = workers === undefined ? {} : { workers };
  const { data, parameters } = await simulate(model, { simulations: 1, seed, ...how });
  const own = matchData(model.dataSpecs, { ...data }).data.row(0);
  const batch = await estimator.givenBatch({ ...data }, { samples });
  const { draws, parameterNames } = batch;
  const p = parameterNames.length;
  const random = stream(seed).split("prior");
  if (!draws.every(Number.isFinite)) return undefined;
  const before = new Float64Array(samples * p);
  for (let i = 0; i < samples; i++) before.set(model.prior.sample(random.split(i)), i * p);
  const few = Math.min(MADE, samples);
  const shown =
    options.derived && derivation(batch.slots, beside(batch.slots, options.derived), parameters);
  const names = shown?.flatNames ?? parameterNames;
  const asShown = (flat: Floats): Floats => shown?.rows(flat) ?? flat;
  const shape = [samples, names.length];
  return {
    posterior: { names, shape, data: asShown(draws) },
    prior: { names, shape, data: asShown(before) },
    truth: asShown(parameters),
    derived: names.slice(p),
    checks: await predictiveCheck(model, own, {
      parameters: draws.subarray(0, few * p),
      discrepancies: usualDiscrepancies(model),
      ...how,
    }),
  };
}

/**
 * Discrepancies for any model: of each array, the first three of them, its value where it is one number, and else mean, standard deviation, smallest and largest of the values that are there.
 *
 * @example await predictiveCheck(line, { y }, { parameters: posterior.draws, discrepancies: usualDiscrepancies(line) })
 */
export function usualDiscrepancies({ dataSpecs }: AnyModel): Readonly<Record<string, Discrepancy>> {
  const all = Object.entries(dataSpecs).slice(0, ARRAYS);
  return Object.fromEntries(
    all.flatMap(([name, { shape }]): (readonly [string, Discrepancy])[] => {
      const of =
        (statistic: (values: readonly number[]) => number): Discrepancy =>
        (data) =>
          statistic(there(data[name]));
      if (sizeOf(shape) === 1) return [[name, of(([value = Number.NaN]) => value)]];
      return [
        [`mean of ${name}`, of(meanOf)],
        [
          `sd of ${name}`,
          of((values) => {
            const middle = meanOf(values);
            return Math.sqrt(meanOf(values.map((x) => (x - middle) ** 2)));
          }),
        ],
        [`smallest of ${name}`, of((values) => values.reduce((a, b) => Math.min(a, b), Infinity))],
        [`largest of ${name}`, of((values) => values.reduce((a, b) => Math.max(a, b), -Infinity))],
      ];
    }),
  );
}

function there(values: Column | undefined): readonly number[] {
  return Array.from(values ?? []).filter((x) => !Number.isNaN(x));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
