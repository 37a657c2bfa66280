/**
 * Results: one document a task, method, budget and seed, and the files they are kept in.
 *
 *   DIR/<method>-<simulations>-<seed>/<task>.json      the result so far
 *   DIR/<method>-<simulations>-<seed>/<task>.amortis   the estimator, once trained
 *   DIR/<method>-<simulations>-<seed>/<task>_<k>.npy   samples of observation k, [10000, p]
 */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeBytes } from "amortis/files";
import { TASKS, type TaskName } from "@amortis/sbibm";
import { z } from "zod";
import { BenchmarkError } from "./errors.js";
import { CLASSIFIERS } from "./scores.js";

const score = z.object({
  k: z.int(),
  c2st: z.partialRecord(z.enum(CLASSIFIERS), z.number()),
  mmd: z.number(),
  slicedWasserstein: z.number(),
  meanError: z.number(),
  sdError: z.number(),
});

const trained = z.object({
  /** Simulating and training. */
  wallSeconds: z.number(),
  /** Since it was last gone on with. */
  processorSeconds: z.number(),
  epochs: z.int(),
  bestValidationLoss: z.number(),
  /** Mean log density of true parameters over fresh simulations, and its standard error; none where the answer has no density. */
  expectedLogDensity: z.object({ value: z.number(), standardError: z.number() }).optional(),
});

const result = z.object({
  format: z.literal("amortis-benchmark"),
  version: z.literal(1),
  task: z.enum(TASKS),
  method: z.string(),
  simulations: z.int(),
  seed: z.int(),
  /** What was trained and how, as the caller describes it. */
  settings: z.unknown(),
  trained: trained.optional(),
  /** Seconds for 10,000 draws, by observation. */
  sampling: z.record(z.string(), z.number()),
  scores: z.array(score),
});

/** What is known of a task, method, budget and seed. */
export type TaskResult = z.infer<typeof result>;

/** What a result is of. */
export type RunKey = Pick<TaskResult, "task" | "method" | "simulations" | "seed">;

/** Files of a run. */
export const paths = {
  folder: (directory: string, { method, simulations, seed }: RunKey): string =>
    join(directory, `${method}-${simulations}-${seed}`),
  result: (directory: string, key: RunKey): string =>
    join(paths.folder(directory, key), `${key.task}.json`),
  estimator: (directory: string, key: RunKey): string =>
    join(paths.folder(directory, key), `${key.task}.amortis`),
  checkpoint: (directory: string, key: RunKey): string =>
    join(paths.folder(directory, key), `${key.task}.checkpoint`),
  samples: (directory: string, key: RunKey, k: number): string =>
    join(paths.folder(directory, key), sampleName(key.task, k)),
} as const;

/** The name of a file of samples. */
export function sampleName(task: TaskName, k: number): string {
  return `${task}_${k}.npy`;
}

/** A result with nothing in it yet. */
export function emptyResult(key: RunKey, settings: unknown): TaskResult {
  const { task, method, simulations, seed } = key;
  const head = { format: "amortis-benchmark", version: 1 } as const;
  return { ...head, task, method, simulations, seed, settings, sampling: {}, scores: [] };
}

async function readResult(path: string): Promise<TaskResult | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = result.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BenchmarkError(
    `${path} is no result of the benchmark: remove it, or choose another directory`,
  );
}

/**
 * The result that a directory keeps, or an empty one.
 *
 * @throws BenchmarkError where it keeps one of other settings, or something else.
 */
export async function openResult(
  directory: string,
  key: RunKey,
  settings: unknown,
): Promise<TaskResult> {
  const path = paths.result(directory, key);
  const kept = await readResult(path);
  if (kept === undefined) return emptyResult(key, settings);
  if (JSON.stringify(kept.settings) !== JSON.stringify(settings)) {
    throw new BenchmarkError(
      `${path} was made with other settings, ${JSON.stringify(kept.settings)}: choose another directory, or remove it and what lies beside it`,
    );
  }
  return kept;
}

/** Keeps a result, whole or not at all. */
export async function keepResult(directory: string, kept: TaskResult): Promise<void> {
  const text = `${JSON.stringify(kept, undefined, 1)}\n`;
  await writeBytes(paths.result(directory, kept), new TextEncoder().encode(text));
}

/** All results that a directory keeps, in the order of methods, budgets, seeds and tasks. */
export async function readResults(directory: string): Promise<readonly TaskResult[]> {
  const folders = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const found: TaskResult[] = [];
  for (const folder of folders.filter((entry) => entry.isDirectory())) {
    for (const task of TASKS) {
      const one = await readResult(join(directory, folder.name, `${task}.json`));
      if (one !== undefined) found.push(one);
    }
  }
  return found.toSorted(
    (a, b) =>
      a.method.localeCompare(b.method) ||
      a.simulations - b.simulations ||
      a.seed - b.seed ||
      TASKS.indexOf(a.task) - TASKS.indexOf(b.task),
  );
}
