/**
 * Observations and reference posteriors, as the benchmark's own files hold them.
 *
 *   OBSERVATIONS/<task>/observation_<k>.json   { "observation": [...], "true_parameters": [...] }
 *   REFERENCE/<task>/reference_<k>.f32         samples of the exact posterior: little-endian float32, [n, p] row-major
 *
 * However many there are. Tasks that share a posterior share its files.
 */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { readBytes } from "amortis/files";
import { tasks, type TaskName } from "@amortis/sbibm";
import { z } from "zod";
import { BenchmarkError } from "./errors.js";

/** What was observed, and samples of what is to be found. */
export interface Observation {
  /** Its number, from the file's name. */
  readonly k: number;
  readonly x: Float32Array;
  /** Samples of the exact posterior, [n, p]. */
  readonly reference: Float32Array;
}

/** Where files are. */
export interface Folders {
  readonly observations: string;
  readonly reference: string;
}

/** Tasks whose posterior is another's. */
const SAME_POSTERIOR: Readonly<Partial<Record<TaskName, TaskName>>> = {
  slcp_distractors: "slcp",
  bernoulli_glm_raw: "bernoulli_glm",
};

const schema = z.object({ observation: z.array(z.number()) });

/**
 * All observations of a task, by their numbers.
 *
 * @throws BenchmarkError where there are none, or a file is missing or damaged.
 */
export async function readObservations(
  task: TaskName,
  { observations, reference }: Folders,
): Promise<readonly Observation[]> {
  const folder = join(observations, task);
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new BenchmarkError(
      `there are no observations of ${task}: ${folder} cannot be read; it should hold observation_1.json and so on`,
      { cause },
    );
  });
  const numbers = names
    .flatMap((name) => /^observation_(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
  if (numbers.length === 0) {
    throw new BenchmarkError(`${folder} holds no observation_<k>.json`);
  }
  return Promise.all(
    numbers.map(async (k) => ({
      k,
      x: await readObservation(join(folder, `observation_${k}.json`), task),
      reference: await readReference(reference, task, k),
    })),
  );
}

async function readObservation(path: string, task: TaskName): Promise<Float32Array> {
  const parsed = schema.safeParse(parseJson(await readFile(path, "utf8")));
  const [size = 0] = tasks[task].dataShapes["x"] ?? [];
  if (!parsed.success || parsed.data.observation.length !== size) {
    throw new BenchmarkError(`${path} holds no observation of ${task}, ${size} numbers`);
  }
  return Float32Array.from(parsed.data.observation);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readReference(folder: string, task: TaskName, k: number): Promise<Float32Array> {
  const own = join(folder, task, `reference_${k}.f32`);
  const shared = join(folder, SAME_POSTERIOR[task] ?? task, `reference_${k}.f32`);
  const bytes = await readBytes(own).catch(() => readBytes(shared));
  const p = tasks[task].parameterSize;
  if (bytes.length === 0 || bytes.length % (4 * p) !== 0) {
    throw new BenchmarkError(
      `${shared} should hold rows of ${p} float32 numbers, but has ${bytes.length} bytes`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
