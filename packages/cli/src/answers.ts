/**
 * Answers of estimators as one kind of document, whatever their method.
 */
import {
  parameterSlots,
  type AnswerStatus,
  type DataInput,
  type ParameterSlot,
  type PointEstimator,
  type PosteriorBatch,
  type SummaryEstimator,
  type TargetOptions,
} from "amortis";

/** Levels of the quantiles that are reported of posteriors. */
const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** A number for each flat parameter, by name. */
export type Named = Readonly<Record<string, number>>;

/** What is said of one data set. */
export interface DataSetAnswer {
  /** Where no network alone answered: "grid", "mcmc", "importance"; or "refused", which has a note and nothing else. */
  readonly status?: AnswerStatus;
  /** Why another method would not do, or why the data set is refused. */
  readonly note?: string;
  readonly mean?: Named;
  /** Not where there is one draw only. */
  readonly sd?: Named;
  /** Point estimates, under the name of what they estimate. */
  readonly estimate?: Named;
  /** By level. */
  readonly quantiles?: Readonly<Record<string, Named>>;
  /** Of an estimator of summaries. */
  readonly summary?: readonly number[];
}

/** The document that `infer --json` prints. */
export interface AnswerDocument {
  readonly parameters: readonly string[];
  /** What point estimates are of: "mean", "median", "mode". */
  readonly estimate?: string;
  readonly datasets: readonly DataSetAnswer[];
  /** How the data were read, where that could have been otherwise. */
  readonly notes?: readonly string[];
}

/** Answers, and their numbers as an array for a .npy file. */
export interface Answers {
  readonly document: AnswerDocument;
  readonly shape: readonly number[];
  readonly array: Float32Array;
}

/** What answers with posteriors. */
interface Answering {
  readonly parameterNames: readonly string[];
  givenBatch(data: DataInput, options: TargetOptions): Promise<PosteriorBatch>;
}

/**
 * Summaries of posteriors, and their draws [data sets, draws, parameters]: NaN of data sets that are refused.
 *
 * @param options those of ratios and likelihoods mean nothing to other estimators.
 */
export async function posteriorAnswers(
  fitted: Answering,
  data: DataInput,
  options: TargetOptions,
): Promise<Answers> {
  const posteriors = await fitted.givenBatch(data, options);
  const names = fitted.parameterNames;
  const named = namer(posteriors.slots, names);
  const [mean, sd] = [posteriors.mean(), posteriors.sd()];
  const quantiles = LEVELS.map((level) => [level, posteriors.quantile(level)] as const);
  const datasets = posteriors.answers.map(({ status, note }, i) => ({
    ...(status !== "amortized" && { status }),
    ...(note !== undefined && { note }),
    ...(status !== "refused" && {
      mean: named(mean, i),
      // One draw says nothing of how far others lie.
      ...(posteriors.drawsEach > 1 && { sd: named(sd, i) }),
      quantiles: Object.fromEntries(quantiles.map(([level, values]) => [level, named(values, i)])),
    }),
  }));
  return {
    document: { parameters: names, datasets },
    shape: [posteriors.size, posteriors.drawsEach, names.length],
    array: posteriors.draws,
  };
}

/** Summaries [data sets, size]. */
export async function summaryAnswers(fitted: SummaryEstimator, data: DataInput): Promise<Answers> {
  const { size } = fitted;
  const array = await fitted.summarize(data);
  const datasets = Array.from({ length: array.length / size }, (_, i) => ({
    summary: [...array.subarray(i * size, (i + 1) * size)],
  }));
  return {
    document: { parameters: fitted.parameterNames, datasets },
    shape: [datasets.length, size],
    array,
  };
}

/** Point estimates [data sets, parameters], and quantiles where there are any. */
export async function pointAnswers(fitted: PointEstimator, data: DataInput): Promise<Answers> {
  const names = fitted.parameterNames;
  const slots = parameterSlots(fitted.details.model.parameters);
  const named = namer(slots, names);
  const estimates = await fitted.estimateBatch(data);
  const quantiles = fitted.levels.length === 0 ? [] : await fitted.quantilesBatch(data);
  const size = (Object.values(estimates)[0]?.length ?? 0) / (slots[0]?.size ?? 1);
  const { answers } = fitted.details;
  const datasets = Array.from({ length: size }, (_, i) => ({
    estimate: named(estimates, i),
    ...(quantiles.length > 0 && {
      quantiles: Object.fromEntries(
        quantiles.map((values, level) => [String(fitted.levels[level]), named(values, i)]),
      ),
    }),
  }));
  return {
    document: {
      parameters: names,
      ...(answers.kind === "point" && { estimate: answers.estimate }),
      datasets,
    },
    shape: [size, names.length],
    array: Float32Array.from(
      datasets.flatMap(({ estimate }) => names.map((name) => estimate[name] ?? Number.NaN)),
    ),
  };
}

/** Picks the numbers of one data set from arrays of many, by flat names. */
function namer(
  slots: readonly ParameterSlot[],
  names: readonly string[],
): (batch: Readonly<Record<string, Float64Array>>, index: number) => Named {
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
