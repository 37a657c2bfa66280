/**
 * What the stages of the first experiment have in common.
 */
import type { PosteriorBatch, PosteriorEstimator, Posterior } from "amortis";
import type { Column } from "amortis/extend";
import { MAX_RANGE, type gaussianField } from "@amortis/gaussian-field";
import { answersOfDraws, finiteOrNull, rounded, type Answers } from "../answers.js";
import { gaussianFields } from "../fields.js";
import type { Cost, MethodResult } from "../results.js";
import type { StageContext } from "../stage.js";
import { peakMemoryMiB, type TrainingCost } from "../training.js";

/** Parameters of the model. */
export type Range = (typeof gaussianField)["parameters"];

/** Points of the grid on which close looks have their densities. */
const CLOSE_POINTS = 400;

/** θ at which close looks have their densities: midpoints of equal cells. */
export const CLOSE_GRID: readonly number[] = Array.from({ length: CLOSE_POINTS }, (_, i) =>
  Number((((i + 0.5) / CLOSE_POINTS) * MAX_RANGE).toPrecision(7)),
);

/** What a stage of the first experiment leaves about one method. */
export interface GaussianRecord {
  readonly answers: Answers;
  readonly cost: Cost;
  readonly closeDensities?: readonly (readonly number[])[];
  readonly diagnostics?: MethodResult["diagnostics"];
  readonly notes: readonly string[];
}

/** Batches of answers, of whatever kind of estimator. */
export type AnswerFields = (z: Column, samples: number) => Promise<PosteriorBatch<Range>>;

/** What is known of answers beside them. */
interface AnswerFacts {
  readonly notes?: readonly string[];
  /** Whether draws are stratified, as those of grids and of importance resampling are. */
  readonly stratified?: boolean;
}

/**
 * Answers all test fields in one batch, timed, and the close looks.
 *
 * The first answer compiles programs; the time is that of the second.
 */
export async function answerFields(
  context: StageContext,
  training: TrainingCost | undefined,
  answer: AnswerFields,
  { notes = [], stratified = false }: AnswerFacts = {},
): Promise<GaussianRecord> {
  const { samples } = context.settings.gaussian;
  const test = await gaussianFields.test(context);
  const close = await gaussianFields.close(context);
  const looked = await answer(close.data.z, samples);
  await answer(test.data.z.subarray(0, 256 * Math.min(test.size, 260)), samples);
  const started = performance.now();
  const posteriors = await answer(test.data.z, samples);
  const seconds = (performance.now() - started) / 1000;
  const answers = answersOfDraws(posteriors.draws, test.parameters, { stratified });
  const logDensity = await posteriors.logDensity(Float32Array.from(test.parameters));
  return {
    answers: { ...answers, logDensity: finiteOrNull(logDensity) },
    cost: costOf(training, seconds / test.size),
    closeDensities: await densitiesOf(looked, close),
    notes,
  };
}

/** Answers by an estimator of posteriors. */
export function byEstimator(estimator: PosteriorEstimator<Range>): AnswerFields {
  return (z, samples) => estimator.givenBatch({ z }, { samples });
}

async function densitiesOf(
  posteriors: PosteriorBatch<Range>,
  close: { readonly size: number },
): Promise<number[][]> {
  const grid = Float32Array.from(CLOSE_GRID);
  return Promise.all(
    Array.from({ length: close.size }, async (_, i) => {
      const posterior: Posterior<Range> = posteriors.at(i);
      const logDensities = await posterior.logDensities(grid);
      return rounded(logDensities.map((value) => Math.exp(value)));
    }),
  );
}

/** What a method cost. The peak of memory is that of training and, so far, of this process, which answers. */
export function costOf(training: TrainingCost | undefined, inferenceSecondsPerField: number): Cost {
  return {
    simulations: training?.simulations ?? 0,
    trainingSeconds: training?.trainingSeconds ?? 0,
    inferenceSecondsPerField,
    peakMemoryMiB: Math.max(training?.peakMemoryMiB ?? 0, peakMemoryMiB()),
  };
}

/** The cost of methods that were trained one after another. */
export function together(...costs: readonly TrainingCost[]): TrainingCost {
  const last = costs.at(-1);
  return {
    simulations: Math.max(...costs.map(({ simulations }) => simulations)),
    trainingSeconds: costs.reduce((total, cost) => total + cost.trainingSeconds, 0),
    peakMemoryMiB: Math.max(...costs.map((cost) => cost.peakMemoryMiB)),
    epochs: last?.epochs ?? 0,
    bestValidationLoss: last?.bestValidationLoss ?? Number.NaN,
  };
}

/** What is said of every training. */
export function trainingNote(cost: TrainingCost): string {
  return `best validation loss ${cost.bestValidationLoss.toFixed(4)} of ${cost.epochs} epochs`;
}
