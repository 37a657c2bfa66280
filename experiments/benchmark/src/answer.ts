/**
 * Training for a task, and the samples of its observations.
 */
import { readFile } from "node:fs/promises";
import {
  load,
  readData,
  simulate,
  train,
  type AnyModel,
  type Estimator,
  type TrainingReport,
  type TrainOptions,
} from "amortis";
import { expectedLogDensity } from "amortis/diagnostics";
import { isArrayData, type Method } from "amortis/extend";
import { writeNpy } from "amortis/files";
import { BenchmarkError } from "./errors.js";
import type { Observation } from "./observations.js";
import { paths, type RunKey, type TaskResult } from "./results.js";

/** Fresh simulations that the expected log density is a mean over. */
const FRESH = 2_000;
/** Fresh simulations are of another seed than any training's. */
const FRESH_SEED = 1_000_000_007;

/** An estimator that has posteriors. */
type Answering = Extract<Estimator, { readonly kind: "posterior" | "ratio" | "likelihood" }>;

/** How a method is trained. */
export interface TrainingPlan {
  readonly method: Method;
  readonly model: AnyModel;
  readonly options: TrainOptions;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (report: TrainingReport) => void;
}

/**
 * The estimator that the directory keeps, or one that is trained now and kept.
 *
 * @throws BenchmarkError where the method has no posteriors; the signal's reason where it is aborted.
 */
export async function obtainEstimator(
  directory: string,
  key: RunKey,
  plan: TrainingPlan,
): Promise<{ readonly estimator: Answering; readonly trained: TaskResult["trained"] }> {
  const { method, model, options, signal, onProgress } = plan;
  requirePosteriors(method.answers.kind, key.method);
  const path = paths.estimator(directory, key);
  const processor = process.cpuUsage();
  const estimator: Estimator = await train(method, {
    ...options,
    simulations: key.simulations,
    seed: key.seed,
    checkpoint: paths.checkpoint(directory, key),
    onProgress,
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  const { user, system } = process.cpuUsage(processor);
  await estimator.save(path);
  const { training } = estimator.details;
  const density = await logDensityOf(estimator, model);
  return {
    estimator: answering(estimator, key.method),
    trained: {
      wallSeconds: training.seconds,
      processorSeconds: (user + system) / 1e6,
      epochs: training.history.length,
      bestValidationLoss: training.bestValidationLoss,
      ...(density && { expectedLogDensity: density }),
    },
  };
}

/** The estimator that the directory keeps; undefined where there is none. */
export async function keptEstimator(
  directory: string,
  key: RunKey,
  model: AnyModel,
): Promise<Answering | undefined> {
  const path = paths.estimator(directory, key);
  const isThere = await readFile(path).then(
    () => true,
    () => false,
  );
  return isThere ? answering(await load(path, { model }), key.method) : undefined;
}

async function logDensityOf(
  estimator: Estimator,
  model: AnyModel,
): Promise<{ readonly value: number; readonly standardError: number } | undefined> {
  if (estimator.kind !== "posterior") return undefined;
  const fresh = await simulate(model, { simulations: FRESH, seed: FRESH_SEED, workers: 0 });
  const { value, standardError } = await expectedLogDensity(estimator, fresh);
  return { value, standardError };
}

function requirePosteriors(kind: string, method: string): void {
  if (["posterior", "ratio", "likelihood"].includes(kind)) return;
  throw new BenchmarkError(
    `${method} has no posteriors, which the benchmark scores: choose npe, nre, variational or another method that has`,
  );
}

function answering(estimator: Estimator, method: string): Answering {
  const { kind } = estimator;
  if (kind === "posterior" || kind === "ratio" || kind === "likelihood") return estimator;
  requirePosteriors(kind, method);
  throw new TypeError("every kind is one or the other");
}

/** Samples of one observation, [draws, p], and the seconds they took. */
export async function drawSamples(
  estimator: Answering,
  { x, k }: Observation,
  draws: number,
  seed: number,
): Promise<{ readonly samples: Float32Array; readonly seconds: number }> {
  const before = performance.now();
  const data = { x: { shape: [1, x.length], data: x } };
  const posteriors = await estimator.givenBatch(data, { samples: draws, seed: seed + k });
  return {
    samples: Float32Array.from(posteriors.draws),
    seconds: (performance.now() - before) / 1000,
  };
}

/**
 * Samples from a file, [n, p].
 *
 * @returns undefined where there is no file.
 * @throws BenchmarkError where it holds something else.
 */
export async function readSamples(path: string, p: number): Promise<Float32Array | undefined> {
  const isThere = await readFile(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const found = await readData(path);
  if (!isArrayData(found) || found.shape.length !== 2 || found.shape[1] !== p) {
    const shape = isArrayData(found) ? `[${found.shape.join(", ")}]` : "named arrays";
    throw new BenchmarkError(`${path} should hold samples [n, ${p}], but holds ${shape}`);
  }
  return Float32Array.from(found.data);
}

/** Writes samples, [n, p]. */
export async function writeSamples(path: string, samples: Float32Array, p: number): Promise<void> {
  await writeNpy(path, { shape: [samples.length / p, p], data: samples });
}
