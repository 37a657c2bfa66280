/**
 * Answers of estimators as one kind of document, whatever their method.
 */
import type { DataInput } from "../data/match-data.js";
import type { Floats, ParameterSlot } from "../data/layout.js";
import { beside, type Derive } from "../posterior/derived.js";
import type { PosteriorBatch } from "../posterior/posterior.js";
import type { AnswerCheck, AnswerLabel, AnswerStatus } from "../posterior/refusal.js";
import type { AnswerSettings } from "./kind-of-answer.js";

/** Levels of the quantiles that are reported of posteriors. */
const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** A number for each flat parameter, by name. */
export type NamedNumbers = Readonly<Record<string, number>>;

/** What is said of one data set. */
export interface DataSetAnswer {
  /** Where no network alone answered: "grid", "mcmc", "importance"; or "refused", which has a note and nothing else. */
  readonly status?: AnswerStatus;
  /** What the answer claims, where it was asked to be trusted; and by what it was checked. */
  readonly label?: AnswerLabel;
  readonly check?: AnswerCheck;
  /** Why it is refused, in few words that are the same for all data sets with that cause. */
  readonly cause?: string;
  /** How typical the data are of the model, a p-value; where the estimator's file can say. */
  readonly typicality?: number;
  /** Why another method would not do, or why the data set is refused. */
  readonly note?: string;
  readonly mean?: NamedNumbers;
  /** Not where there is one draw only. */
  readonly sd?: NamedNumbers;
  /** The share of draws of each label, of categorical parameters; of points by a loss of probabilities, the probabilities of all values. */
  readonly probabilities?: Readonly<Record<string, NamedNumbers>>;
  /** Point estimates, under the name of what they estimate. */
  readonly estimate?: NamedNumbers;
  /** By level. */
  readonly quantiles?: Readonly<Record<string, NamedNumbers>>;
  /** Of an estimator of summaries. */
  readonly summary?: readonly number[];
}

/** What an estimator says of data, as JSON. */
export interface AnswerDocument {
  readonly parameters: readonly string[];
  /** What point estimates are of: "mean", "median", "mode". */
  readonly estimate?: string;
  readonly datasets: readonly DataSetAnswer[];
  /** How the data were read, where that could have been otherwise. */
  readonly notes?: readonly string[];
}

/** Answers, and their numbers as an array. */
export interface AnswerSheet {
  readonly document: AnswerDocument;
  readonly shape: readonly number[];
  /** In double precision where single would lose digits. */
  readonly array: Floats;
  /** Of draws [data sets, draws, p]: the parameters that they are of. */
  readonly slots?: readonly ParameterSlot[];
}

/** What answers with posteriors. */
interface Answering {
  readonly parameterNames: readonly string[];
  givenBatch(data: DataInput, options: AnswerSettings): Promise<PosteriorBatch>;
}

/**
 * Summaries of posteriors, and their draws [data sets, draws, parameters]: NaN of data sets that are refused.
 *
 * @param options those of ratios and likelihoods mean nothing to other estimators.
 */
export async function posteriorSheet(
  fitted: Answering,
  data: DataInput,
  { derived, ...options }: AnswerSettings,
): Promise<AnswerSheet> {
  return sheetOf(await fitted.givenBatch(data, options), derived);
}

/** The same of posteriors that are there; with derived quantities after the parameters, where some are asked for. */
export function sheetOf(given: PosteriorBatch, derived?: Derive): AnswerSheet {
  const posteriors = derived === undefined ? given : given.map(beside(given.slots, derived));
  const names = posteriors.parameterNames;
  const named = namer(posteriors.slots, names);
  const [mean, sd] = [posteriors.mean(), posteriors.sd()];
  const quantiles = LEVELS.map((level) => [level, posteriors.quantile(level)] as const);
  const shares = given.probabilities();
  const datasets = posteriors.answers.map(
    ({ status, label, check, note, typicality, refusal }, i) => ({
      ...(status !== "amortized" && { status }),
      ...(label !== undefined && { label }),
      ...(check !== undefined && { check }),
      ...(refusal !== undefined && { cause: refusal.because }),
      ...(typicality !== undefined && { typicality }),
      ...(note !== undefined && { note }),
      ...(status !== "refused" && {
        mean: named(mean, i),
        ...(Object.keys(shares[i] ?? {}).length > 0 && { probabilities: shares[i] ?? {} }),
        // One draw says nothing of how far others lie.
        ...(posteriors.drawsEach > 1 && { sd: named(sd, i) }),
        quantiles: Object.fromEntries(
          quantiles.map(([level, values]) => [level, named(values, i)]),
        ),
      }),
    }),
  );
  return {
    document: { parameters: names, datasets },
    shape: [posteriors.size, posteriors.drawsEach, names.length],
    array: posteriors.draws,
    // Those of parameters know labels.
    slots: posteriors.slots.map((slot, i) => given.slots[i] ?? slot),
  };
}

/** Picks the numbers of one data set from arrays of many, by flat names. */
export function namer(
  slots: readonly ParameterSlot[],
  names: readonly string[],
): (batch: Readonly<Record<string, Float64Array>>, index: number) => NamedNumbers {
  return (batch, index) =>
    Object.fromEntries(
      slots.flatMap(({ name, offset, size }) =>
        Array.from({ length: size }, (_, i) => [
          names[offset + i] ?? name,
          batch[name]?.[index * size + i] ?? Number.NaN,
        ]),
      ),
    );
}
