/**
 * Training as part of a stage: kept in a checkpoint, done once, with what it cost.
 */
import { rm } from "node:fs/promises";
import {
  load,
  train,
  type AnyModel,
  type EstimatorOf,
  type SimulatedData,
  type TrainingReport,
} from "amortis";
import type { AnswerKind, Method } from "amortis/extend";
import { z } from "zod";
import { ReviewError } from "./errors.js";
import { exists, paths, readJson, writeJson } from "./files.js";
import type { TrainingPlan } from "./settings.js";
import type { StageContext, StageDetail } from "./stage.js";

/** What training took. */
export interface TrainingCost {
  readonly simulations: number;
  readonly trainingSeconds: number;
  readonly peakMemoryMiB: number;
  readonly epochs: number;
  readonly bestValidationLoss: number;
}

/** What is trained, and on what. */
export interface TrainingJob<M extends AnyModel, K extends AnswerKind> {
  /** Name of its files. */
  readonly name: string;
  readonly method: Method<M, K>;
  readonly plan: TrainingPlan;
  /** Training and validation data, read only where there is something to train. */
  readonly data: () => Promise<{
    readonly data: SimulatedData;
    readonly validation: SimulatedData;
  }>;
  readonly report: (fraction: number, detail?: StageDetail) => void;
}

/** A trained estimator, and what it took. */
export interface Trained<K extends AnswerKind, P> {
  readonly fitted: EstimatorOf<K, P>;
  readonly cost: TrainingCost;
}

const recordSchema = z.object({
  simulations: z.number(),
  trainingSeconds: z.number(),
  peakMemoryMiB: z.number(),
  epochs: z.number(),
  // No number where training overflowed.
  bestValidationLoss: z
    .number()
    .nullable()
    .transform((loss) => loss ?? Number.NaN),
  /** What was trained, and how; records of the first version do not say. */
  job: z.object({ plan: z.json(), method: z.json() }).optional(),
});

/** What an estimator must have been trained as, to be taken instead of training. */
function jobOf({ method, plan }: Pick<TrainingJob<AnyModel, AnswerKind>, "method" | "plan">) {
  return { plan, method: method.description };
}

/**
 * What the training of an estimator took.
 *
 * @throws ReviewError where it was trained otherwise, or the record is damaged.
 */
async function readRecord(record: string, file: string, job: unknown): Promise<TrainingCost> {
  const parsed = recordSchema.safeParse(await readJson(record));
  if (!parsed.success) {
    throw new ReviewError(
      `${record} is no record of a training: remove it and ${file} to train again`,
    );
  }
  const { job: had, ...cost } = parsed.data;
  const [found, wanted] = [JSON.stringify(had), JSON.stringify(job)];
  if (had !== undefined && found !== wanted) {
    throw new ReviewError(
      `${file} was trained as ${found}, not as ${wanted}: choose another directory, or remove it and ${record} to train again`,
    );
  }
  return cost;
}

/**
 * Trains, or loads what was trained before.
 *
 * @throws ReviewError where what was trained before is something else; the signal's reason where it was stopped; the checkpoint is then gone on from.
 */
export async function trainOnce<M extends AnyModel, K extends AnswerKind>(
  context: StageContext,
  job: TrainingJob<M, K>,
): Promise<Trained<K, M["parameters"]>> {
  const { directory, seed, signal } = context;
  const { name, method, plan, report } = job;
  const file = paths.estimator(directory, name);
  const record = paths.training(directory, name);
  if ((await exists(file)) && (await exists(record))) {
    const cost = await readRecord(record, file, jobOf(job));
    const fitted = await load(file, { model: method.model });
    return { fitted: fitted as EstimatorOf<K, M["parameters"]>, cost };
  }
  const { data, validation } = await job.data();
  const checkpoint = paths.checkpoint(directory, name);
  const fitted = await train(method, {
    data,
    validation,
    ...plan,
    seed,
    patience: 20,
    checkpoint,
    signal,
    onProgress: (progress) => {
      report(fractionOf(progress), { kind: "training", report: progress });
    },
  });
  // It keeps the best so far when stopped; here only whole trainings count.
  signal.throwIfAborted();
  const { training } = fitted.details;
  const epochSeconds = training.history.reduce((total, { seconds }) => total + seconds, 0);
  const cost: TrainingCost = {
    simulations: data.size + validation.size,
    // After a stop and a resumption, this process saw a part only.
    trainingSeconds: Math.max(training.seconds, epochSeconds),
    peakMemoryMiB: peakMemoryMiB(),
    epochs: training.history.length,
    bestValidationLoss: training.bestValidationLoss,
  };
  await fitted.save(file);
  await writeJson(record, { ...cost, job: jobOf(job) });
  await rm(checkpoint, { force: true });
  return { fitted, cost };
}

function fractionOf({ phase, step, steps }: TrainingReport): number {
  if (phase === "done") return 1;
  return steps > 0 ? step / steps : 0;
}

/** Peak resident memory of this process so far. */
export function peakMemoryMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
