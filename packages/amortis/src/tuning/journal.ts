/**
 * A search in a folder: what was tried, and the estimators that it may yet choose.
 */
import { fs, path as paths } from "#platform";
import { InvalidArgumentError } from "@amortis/graph";
import * as z from "zod";
import { loadPosterior } from "../estimators/load-kinds.js";
import { readBytes, writeBytes } from "../files/bytes.js";
import { FileError } from "../files/container.js";
import type { AnyModel } from "../model/index.js";
import type { Runtime } from "@amortis/graph";
import { explain } from "../settings/explain.js";
import { trialSchema, type Contender, type TrialRecord } from "./trial.js";

const FILE = "search.json";

const schema = z.object({
  format: z.literal("amortis-search"),
  version: z.literal(1),
  fingerprint: z.string(),
  trials: z.array(trialSchema),
});

/** How estimators are opened again. */
export interface Reopening {
  readonly model: AnyModel;
  readonly runtime?: Runtime | undefined;
  readonly threads?: number | undefined;
}

/** What was tried, kept in a folder where there is one. */
export class Journal {
  readonly #folder: string | undefined;
  readonly #fingerprint: string;
  #trials: readonly TrialRecord[];

  private constructor(
    folder: string | undefined,
    fingerprint: string,
    trials: readonly TrialRecord[],
  ) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
    this.#trials = trials;
  }

  /**
   * Opens a folder, or begins one.
   *
   * @throws InvalidArgumentError where it holds the search of something else; FileError where it cannot be read.
   */
  static async open(folder: string | undefined, fingerprint: string): Promise<Journal> {
    const found = folder === undefined ? undefined : await read(paths.join(folder, FILE));
    if (folder !== undefined && found !== undefined && found.fingerprint !== fingerprint) {
      throw new InvalidArgumentError(
        `tune: ${folder} holds the search of another model, data, configuration or seed: give another folder, or remove it`,
      );
    }
    return new Journal(folder, fingerprint, found?.trials ?? []);
  }

  get trials(): readonly TrialRecord[] {
    return this.#trials;
  }

  /** Notes a training. @throws FileError where it cannot be written. */
  async add(trial: TrialRecord): Promise<void> {
    this.#trials = [...this.#trials, trial];
    if (this.#folder === undefined) return;
    const whole: z.output<typeof schema> = {
      format: "amortis-search",
      version: 1,
      fingerprint: this.#fingerprint,
      trials: [...this.#trials],
    };
    await this.write(FILE, whole);
  }

  /** Forgets trainings: to be made again. */
  forget(drop: (trial: TrialRecord) => boolean): void {
    this.#trials = this.#trials.filter((trial) => !drop(trial));
  }

  /** Writes a document. */
  async write(name: string, document: unknown): Promise<void> {
    if (this.#folder === undefined) return;
    const text = `${JSON.stringify(document, undefined, 2)}\n`;
    await writeBytes(paths.join(this.#folder, name), new TextEncoder().encode(text));
  }

  /** Saves an estimator. */
  async save(name: string, estimator: Contender): Promise<void> {
    if (this.#folder !== undefined) await estimator.save(paths.join(this.#folder, name));
  }

  /** Removes a file, where there is one. */
  async remove(name: string): Promise<void> {
    if (this.#folder !== undefined) await fs.rm(paths.join(this.#folder, name), { force: true });
  }

  /** Opens an estimator; undefined where there is none, or no longer. */
  async load(name: string, how: Reopening): Promise<Contender | undefined> {
    if (this.#folder === undefined) return undefined;
    const { model, runtime, threads } = how;
    try {
      return await loadPosterior(paths.join(this.#folder, name), {
        model,
        ...(runtime !== undefined && { runtime }),
        ...(threads !== undefined && { threads }),
      });
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    }
  }
}

async function read(file: string): Promise<z.output<typeof schema> | undefined> {
  const there = await fs.access(file).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const text = new TextDecoder().decode(await readBytes(file));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FileError(`${file} is no JSON: remove it to search anew`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new FileError(
    `${file} is not what a search writes (${explain(parsed.error.issues, json)}): remove it to search anew`,
  );
}
