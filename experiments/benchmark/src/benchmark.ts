/**
 * The benchmark: for each task trains, draws and scores, keeps each step, and goes on where it stopped.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { AnyModel, TrainingReport, TrainOptions } from "amortis";
import type { Method } from "amortis/extend";
import { tasks, type TaskName } from "@amortis/sbibm";
import {
  drawSamples,
  keptEstimator,
  obtainEstimator,
  readSamples,
  writeSamples,
} from "./answer.js";
import { BenchmarkError } from "./errors.js";
import { readObservations, type Folders, type Observation } from "./observations.js";
import {
  keepResult,
  openResult,
  paths,
  sampleName,
  type RunKey,
  type TaskResult,
} from "./results.js";
import { scoreAll } from "./score-all.js";
import type { ClassifierName, Scores } from "./scores.js";

/** Draws that posteriors are scored by, in the whole field. */
const DRAWS = 10_000;

/** What is being done. */
export type BenchmarkDetail =
  | { readonly kind: "training"; readonly report: TrainingReport }
  | { readonly kind: "drawing"; readonly done: number; readonly total: number }
  | { readonly kind: "scoring"; readonly fraction: number; readonly observations: number };

/** How far the benchmark is. */
export interface BenchmarkProgress {
  readonly task: TaskName;
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly detail: BenchmarkDetail;
}

/** What is benchmarked. */
export interface BenchmarkOptions {
  readonly tasks: readonly TaskName[];
  /** Name of the method, for people and for files. */
  readonly method: string;
  readonly simulations: number;
  readonly seed: number;
  /** Where results are kept, and gone on from. */
  readonly directory: string;
  /** Observations and references to score by; only expected log densities without them. */
  readonly folders?: Folders;
  readonly classifiers?: readonly ClassifierName[];
  /** Observations scored at once, 1 by default. */
  readonly jobs?: number;
  /** Makes the method for a task's model. */
  readonly makeMethod: (model: AnyModel) => Promise<Method>;
  /** Draws of each posterior, 10,000 by default; scores of other numbers are not to be compared with published ones. */
  readonly draws?: number;
  /** Of training. */
  readonly training?: TrainOptions;
  /** Where samples are to be read, `<task>_<k>.npy`, in the place of training: those of another program. */
  readonly samplesFrom?: string;
  /** Where samples are written as well. */
  readonly samplesOut?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BenchmarkProgress) => void;
  readonly onTask?: (result: TaskResult) => void;
}

/**
 * Runs the benchmark.
 *
 * @returns a result for each task.
 * @throws BenchmarkError where files are missing or do not fit, or the method has no posteriors; the signal's reason where it is aborted.
 * @example
 * await runBenchmark({ tasks: ["two_moons"], method: "npe", simulations: 1_000, seed: 1, directory: "out", makeMethod: async (model) => npe(model) });
 */
export async function runBenchmark(options: BenchmarkOptions): Promise<readonly TaskResult[]> {
  const { folders, signal } = options;
  // All that is needed in the end is looked at before hours are spent on what comes before.
  const observations = new Map<TaskName, readonly Observation[]>();
  for (const task of options.tasks) {
    observations.set(task, folders === undefined ? [] : await readObservations(task, folders));
  }
  const results: TaskResult[] = [];
  for (const [i, task] of options.tasks.entries()) {
    signal?.throwIfAborted();
    const run = new TaskRun(options, task, observations.get(task) ?? [], (detail) => {
      options.onProgress?.({ task, number: i + 1, of: options.tasks.length, detail });
    });
    const found = await run.run();
    results.push(found);
    options.onTask?.(found);
  }
  return results;
}

/** One task's way from nothing to its scores. */
class TaskRun {
  readonly #options: BenchmarkOptions;
  readonly #key: RunKey;
  readonly #observations: readonly Observation[];
  readonly #report: (detail: BenchmarkDetail) => void;
  readonly #model: AnyModel;

  constructor(
    options: BenchmarkOptions,
    task: TaskName,
    observations: readonly Observation[],
    report: (detail: BenchmarkDetail) => void,
  ) {
    const { method, simulations, seed } = options;
    this.#options = options;
    this.#key = { task, method, simulations, seed };
    this.#observations = observations;
    this.#report = report;
    this.#model = tasks[task];
  }

  async run(): Promise<TaskResult> {
    const { directory, samplesFrom } = this.#options;
    const method =
      samplesFrom === undefined ? await this.#options.makeMethod(this.#model) : undefined;
    // As it will be read again.
    const settings: unknown = JSON.parse(
      JSON.stringify(
        method
          ? { method: method.description, training: this.#options.training ?? {} }
          : { samples: "given" },
      ),
    );
    let result = await openResult(directory, this.#key, settings);
    if (method) result = await this.#train(method, result);
    const drawn = await this.#draw(result);
    await this.#copySamples(drawn.samples);
    return this.#score(drawn.result, drawn.samples);
  }

  async #train(method: Method, result: TaskResult): Promise<TaskResult> {
    if (result.trained !== undefined) return result;
    const { directory, training = {}, signal } = this.#options;
    const { estimator, trained } = await obtainEstimator(directory, this.#key, {
      method,
      model: this.#model,
      options: training,
      signal,
      onProgress: (report) => {
        this.#report({ kind: "training", report });
      },
    });
    await estimator.release();
    const next = { ...result, trained };
    await keepResult(directory, next);
    await rm(paths.checkpoint(directory, this.#key), { force: true });
    return next;
  }

  /** Samples of all observations: those kept or given, and new ones of the others. */
  async #draw(before: TaskResult): Promise<{
    readonly result: TaskResult;
    readonly samples: ReadonlyMap<number, Float32Array>;
  }> {
    const { directory, samplesFrom, seed, draws = DRAWS } = this.#options;
    const p = this.#model.parameterSize;
    const samples = new Map<number, Float32Array>();
    let result = before;
    for (const { k } of this.#observations) {
      const path =
        samplesFrom === undefined
          ? paths.samples(directory, this.#key, k)
          : join(samplesFrom, sampleName(this.#key.task, k));
      const kept = await readSamples(path, p);
      if (kept !== undefined) samples.set(k, kept);
      else if (samplesFrom !== undefined) throw new BenchmarkError(`there are no samples ${path}`);
    }
    const missing = this.#observations.filter(({ k }) => !samples.has(k));
    if (missing.length === 0) return { result, samples };
    const estimator = await keptEstimator(directory, this.#key, this.#model);
    if (estimator === undefined) {
      throw new BenchmarkError(
        `${paths.estimator(directory, this.#key)} is gone, though it was trained: remove ${paths.result(directory, this.#key)} to train again`,
      );
    }
    for (const [i, observation] of missing.entries()) {
      this.#options.signal?.throwIfAborted();
      this.#report({ kind: "drawing", done: i, total: missing.length });
      const { samples: drawn, seconds } = await drawSamples(estimator, observation, draws, seed);
      await writeSamples(paths.samples(directory, this.#key, observation.k), drawn, p);
      samples.set(observation.k, drawn);
      result = { ...result, sampling: { ...result.sampling, [observation.k]: seconds } };
      await keepResult(directory, result);
    }
    await estimator.release();
    return { result, samples };
  }

  async #copySamples(samples: ReadonlyMap<number, Float32Array>): Promise<void> {
    const { samplesOut } = this.#options;
    if (samplesOut === undefined) return;
    for (const [k, values] of samples) {
      const path = join(samplesOut, sampleName(this.#key.task, k));
      await writeSamples(path, values, this.#model.parameterSize);
    }
  }

  async #score(
    before: TaskResult,
    samples: ReadonlyMap<number, Float32Array>,
  ): Promise<TaskResult> {
    const { directory, classifiers = ["mlp"], jobs = 1, signal } = this.#options;
    let result = before;
    const known = (k: number): Scores | undefined => result.scores.find((one) => one.k === k);
    const p = this.#model.parameterSize;
    const orders = this.#observations.flatMap((observation) => {
      const kept = known(observation.k)?.c2st;
      const missing = classifiers.filter((name) => kept?.[name] === undefined);
      const drawn = samples.get(observation.k) ?? new Float32Array();
      return missing.length === 0 ? [] : [{ observation, samples: drawn, p, classifiers: missing }];
    });
    await scoreAll(orders, {
      jobs,
      signal,
      onProgress: (fraction) => {
        this.#report({ kind: "scoring", fraction, observations: orders.length });
      },
      onScores: async (scores) => {
        const others = result.scores.filter(({ k }) => k !== scores.k);
        const joined = { ...scores, c2st: { ...known(scores.k)?.c2st, ...scores.c2st } };
        const sorted = [...others, joined].toSorted((a, b) => a.k - b.k);
        result = { ...result, scores: sorted };
        await keepResult(directory, result);
      },
    });
    // Also where there was nothing to do, so that a directory always holds what it was asked for.
    await keepResult(directory, result);
    return result;
  }
}
