/**
 * Trainings by the workers of a queue: what a job says, how a worker does it, and how it is asked for.
 */
import { openTrials, trainNetwork, type TrainOptions, type TuneOptions } from "amortis";
import {
  folderOf,
  methodOf,
  readConfiguration,
  type NetworkSource,
  type OpenTrials,
  type TrialSource,
} from "amortis/extend";
import { z } from "zod";
import { UsageError } from "./failures.js";
import { absoluteFolder, openFolder } from "./folders.js";
import { findCorruption, findModel, findTransforms, portable } from "./models.js";
import { importQueue } from "./queue-package.js";
import { openGiven, readGiven, type GivenSimulations } from "./simulations-given.js";

const given = {
  /** As the command line names it. */
  model: z.string(),
  data: z.array(z.string()).optional(),
  parameters: z.string().optional(),
  onInvalid: z.enum(["exclude", "fatal"]).optional(),
  transform: z.array(z.string()),
  /** What a configuration file and the command line say together. */
  configuration: z.json(),
  /** Options of the library that are plain data. */
  options: z.record(z.string(), z.json()),
};

const networkSchema = z.object({
  kind: z.literal("network"),
  ...given,
  corrupt: z.string().optional(),
  /** Whether the simulations stay on disk. */
  stream: z.boolean(),
  network: z.int().min(0),
  fingerprint: z.string(),
});

const trialSchema = z.object({
  kind: z.literal("trial"),
  ...given,
  contestant: z.int().min(0),
  rung: z.int().min(0),
  trial: z.json(),
  fingerprint: z.string(),
});

const taskSchema = z.discriminatedUnion("kind", [networkSchema, trialSchema]);

/** A training, as a job says it. */
export type TrainingTask = z.infer<typeof taskSchema>;

/** What is asked for, whichever network or trial it is. */
export interface AskedTraining extends GivenSimulations {
  readonly model: string;
  readonly transform: readonly string[];
  readonly configuration: unknown;
  readonly options: object;
}

/** How a worker does what it is asked. */
export interface TrainingWorker {
  /** Threads, or undefined for as many as there are. */
  readonly threads: number | undefined;
  /** The one model that may be trained. */
  readonly only: string | undefined;
}

/** Does trainings, and keeps what one has gathered for the next of the same search. */
export class Trainer {
  readonly #how: TrainingWorker;
  #search: { readonly key: string; readonly trials: OpenTrials } | undefined;

  constructor(how: TrainingWorker) {
    this.#how = how;
  }

  /** @throws UsageError where the job is none of this version, or of a model that may not run here; as training does. */
  async make(task: unknown): Promise<Uint8Array> {
    const parsed = taskSchema.safeParse(task);
    if (!parsed.success) {
      throw new UsageError(
        `the training is none of this version: ${z.prettifyError(parsed.error)}`,
      );
    }
    const { data } = parsed;
    const { only } = this.#how;
    if (only !== undefined && data.model !== portable(only)) {
      throw new UsageError(`this worker runs ${only} alone, not ${data.model}`);
    }
    return data.kind === "network" ? this.#network(data) : this.#trial(data);
  }

  async #network(task: z.infer<typeof networkSchema>): Promise<Uint8Array> {
    const model = await findModel(task.model);
    const { training, transform: _, ...config } = readConfiguration(task.configuration);
    const transform = await findTransforms(task.transform);
    const method = await methodOf({ ...config, transform: task.transform }, model, { transform });
    const corrupt = task.corrupt === undefined ? undefined : await findCorruption(task.corrupt);
    const stored = await openGiven(sourceOf(task), model, task.stream);
    const data = stored ?? (await readGiven(sourceOf(task), model, () => {}));
    const options: TrainOptions = {
      ...training,
      ...task.options,
      ...this.#threads(),
      ...(data && { data }),
      ...(corrupt && { corrupt }),
      // Who asks says them.
      onWarning: () => {},
    };
    return trainNetwork(method, task.network, options, task.fingerprint);
  }

  async #trial(task: z.infer<typeof trialSchema>): Promise<Uint8Array> {
    const { contestant, rung, trial, fingerprint, ...search } = task;
    const key = JSON.stringify([search, fingerprint]);
    if (this.#search?.key !== key) this.#search = { key, trials: await this.#open(search) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain data, as just read
    const configuration = trial as Readonly<Record<string, never>>;
    return this.#search.trials.run({ contestant, rung, configuration, fingerprint });
  }

  async #open(
    search: Pick<
      z.infer<typeof trialSchema>,
      "model" | "configuration" | "options" | "transform" | keyof GivenSimulations
    >,
  ): Promise<OpenTrials> {
    const model = await findModel(search.model);
    const transform = await findTransforms(search.transform);
    const data = await readGiven(sourceOf(search), model, () => {});
    const options: TuneOptions = {
      ...search.options,
      ...this.#threads(),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain data, as just read
      configuration: search.configuration as Readonly<Record<string, never>>,
      ...(transform && { transform }),
      ...(data && { data }),
      onWarning: () => {},
    };
    return openTrials(model, options);
  }

  #threads(): Pick<TrainOptions, "threads" | "workers"> {
    const { threads } = this.#how;
    return threads === undefined ? {} : { threads, workers: threads };
  }
}

function sourceOf({
  data,
  parameters,
  onInvalid,
}: {
  readonly data?: readonly string[] | undefined;
  readonly parameters?: string | undefined;
  readonly onInvalid?: "exclude" | "fatal" | undefined;
}): GivenSimulations {
  return {
    ...(data !== undefined && { data }),
    ...(parameters !== undefined && { parameters }),
    ...(onInvalid !== undefined && { onInvalid }),
  };
}

/** Asks a queue for trainings. */
export interface AskedQueue {
  /** For `train`. */
  networks(
    asked: AskedTraining & { readonly corrupt?: string; readonly stream: boolean },
  ): NetworkSource;
  /** For `tune`. */
  trainings(asked: AskedTraining, width: number): TrialSource;
  /** Ends it; the files that came stay, for who asks again. */
  readonly close: () => Promise<void>;
  /** Removes the files that came. */
  readonly done: () => Promise<void>;
}

/**
 * Opens a queue for trainings.
 *
 * @param through folder that all workers have, through which what they train comes.
 */
export async function askQueue(url: string, through: string): Promise<AskedQueue> {
  const { openPieces } = await importQueue();
  const pieces = await openPieces(url, { openFolder });
  const directory = absoluteFolder(through);
  const came: string[] = [];
  const task = (asked: AskedTraining): object => ({
    ...plain(asked),
    model: portable(asked.model),
    transform: asked.transform.map(portable),
    ...(asked.data && { data: asked.data.map(absoluteFolder) }),
    ...(asked.parameters !== undefined && { parameters: absoluteFolder(asked.parameters) }),
  });
  const ask = async (
    file: string,
    title: string,
    what: object,
    signal: Parameters<NetworkSource>[1],
  ) => {
    const bytes = await pieces.ask({ title, task: plain(what), directory, file }, signal);
    came.push(file);
    return bytes;
  };
  return {
    networks:
      (asked) =>
      ({ network, networks, fingerprint }, signal) =>
        ask(
          `${fingerprint}-${network}.network`,
          `${asked.model}, network ${network + 1} of ${networks}`,
          {
            ...task(asked),
            kind: "network",
            ...(asked.corrupt !== undefined && { corrupt: portable(asked.corrupt) }),
            network,
            fingerprint,
          },
          signal,
        ),
    trainings: (asked, width) => ({
      width,
      train: ({ contestant, rung, configuration, fingerprint }, signal) =>
        ask(
          `${fingerprint}-${contestant}-${rung}.trial`,
          `${asked.model}, contestant ${contestant} on rung ${rung + 1}`,
          { ...task(asked), kind: "trial", contestant, rung, trial: configuration, fingerprint },
          signal,
        ),
    }),
    close: () => pieces.close(),
    done: async () => {
      const folder = folderOf(await openFolder(directory));
      for (const file of came) await folder.remove(file);
      await folder.unmake?.();
    },
  };
}

/** What JSON says of a value: without what is undefined. */
function plain(value: object): Record<string, never> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain data, as JSON has just made it
  return JSON.parse(JSON.stringify(value)) as Record<string, never>;
}
