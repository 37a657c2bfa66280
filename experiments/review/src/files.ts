/**
 * Files of a comparison: settings, stages' results, estimators, checkpoints, simulations.
 */
import { access, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeBytes } from "amortis/files";
import { z } from "zod";
import { ReviewError } from "./errors.js";
import type { ReviewSettings, Scale } from "./settings.js";
import type { Stage } from "./stage.js";

const FORMAT = "amortis-review";
const VERSION = 1;

/** Paths within the directory. */
export const paths = {
  header: (directory: string): string => join(directory, "review.json"),
  stage: (directory: string, name: string): string => join(directory, "stages", `${name}.json`),
  estimator: (directory: string, name: string): string =>
    join(directory, "estimators", `${name}.amortis`),
  training: (directory: string, name: string): string =>
    join(directory, "estimators", `${name}.json`),
  checkpoint: (directory: string, name: string): string =>
    join(directory, "checkpoints", `${name}.checkpoint`),
  data: (directory: string, name: string): string => join(directory, "data", name),
  results: (directory: string): string => join(directory, "results.json"),
} as const;

/** Whether there is a file or directory. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Writes JSON, whole or not at all. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeBytes(path, new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}

/** Codes of errors that say there is no such file. */
const MISSING: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

/** Reads JSON; undefined where there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && MISSING.has(String(error.code))) {
      return undefined;
    }
    throw new ReviewError(`cannot read ${path}`, { cause: error });
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReviewError(`${path} is damaged: it is no JSON; remove it to compute it again`, {
      cause,
    });
  }
}

const headerSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  scale: z.string(),
  seed: z.number(),
});

/**
 * Opens a directory for a comparison: a new or an empty one, or one that holds the same comparison.
 *
 * @throws ReviewError where it holds something else.
 */
export async function openDirectory(directory: string, scale: Scale, seed: number): Promise<void> {
  const path = paths.header(directory);
  const found = await readJson(path);
  if (found === undefined) {
    await requireEmpty(directory);
    await writeJson(path, { format: FORMAT, version: VERSION, scale, seed });
    return;
  }
  const parsed = headerSchema.safeParse(found);
  if (!parsed.success) {
    throw new ReviewError(`${path} is not of a comparison: choose an empty or a new directory`);
  }
  const { data } = parsed;
  if (data.scale !== scale || data.seed !== seed) {
    throw new ReviewError(
      `${directory} holds a comparison of scale ${data.scale} with seed ${data.seed}, not of scale ${scale} with seed ${seed}: give the same, or another directory`,
    );
  }
}

async function requireEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new ReviewError(`cannot write into ${directory}: it is no directory`, { cause: error });
  });
  const [first] = names.filter((name) => !name.endsWith(".tmp"));
  if (first !== undefined) {
    throw new ReviewError(
      `${directory} holds other files, such as ${first}: choose an empty or a new directory`,
    );
  }
}

const stageSchema = z.object({
  stage: z.string(),
  settings: z.unknown(),
  seconds: z.number(),
  value: z.unknown(),
});

/** A stage's result as it is kept. */
export interface StageResult {
  readonly seconds: number;
  readonly value: unknown;
}

/**
 * A stage's result, or undefined where it is still to be computed.
 *
 * @throws ReviewError where it was computed with other settings.
 */
export async function readStage(
  directory: string,
  stage: Stage,
  settings: ReviewSettings,
): Promise<StageResult | undefined> {
  const path = paths.stage(directory, stage.name);
  const found = await readJson(path);
  if (found === undefined) return undefined;
  const parsed = stageSchema.safeParse(found);
  if (!parsed.success || parsed.data.stage !== stage.name) {
    throw new ReviewError(
      `${path} is no result of the stage ${stage.name}: remove it to compute it again`,
    );
  }
  const wanted = JSON.stringify(stage.settings(settings));
  const had = JSON.stringify(parsed.data.settings);
  if (had !== wanted) {
    throw new ReviewError(
      `${path} was computed with the settings ${had}, not ${wanted}: choose another directory, or remove it and its estimator to compute them again`,
    );
  }
  return parsed.data;
}

/** Keeps a stage's result. */
export async function writeStage(
  directory: string,
  stage: Stage,
  settings: ReviewSettings,
  result: StageResult,
): Promise<void> {
  await writeJson(paths.stage(directory, stage.name), {
    stage: stage.name,
    settings: stage.settings(settings),
    ...result,
  });
}

/** The value that a stage left, which a later one needs. */
export async function valueOf<T>(directory: string, name: string): Promise<T> {
  const found = stageSchema.safeParse(await readJson(paths.stage(directory, name)));
  if (found.success) return found.data.value as T;
  throw new ReviewError(`the stage ${name} must come first, but has left no result`);
}
