/**
 * What `train` takes beside the method, and how it is completed.
 */
import { InvalidArgumentError, requireThreads, type Runtime } from "@amortis/graph";
import type { Corruption } from "../corruptions/index.js";
import type { Contents } from "../estimators/contents.js";
import type { Estimator } from "../estimators/load.js";
import type { InvalidPolicy, SimulatedData, StoredDataSet } from "../simulation/index.js";
import {
  trainingSchema,
  type TrainSettings,
  type TrainSettingsInput,
} from "../settings/training.js";
import { explain } from "../settings/explain.js";
import { isStored } from "./stored.js";
import type { HistoryRecord } from "../estimators/contents.js";
import type { StopSignal } from "../stop-signal.js";
import type { NetworkSource } from "./network-file.js";
import type { TrainingReport } from "../progress/report.js";
import type { UnlabelledOptions } from "./unlabelled.js";
import { requireKnown, requireUnread, type KnownOptions } from "../known-options.js";

/**
 * What `train` takes beside the method: settings, where data come from, and how it runs.
 *
 * Invalid simulations are left out unless `onInvalid` is "fatal"; `details.training` keeps their number, and where in θ they lie.
 */
export interface TrainOptions extends Omit<TrainSettingsInput, "validation">, InvalidPolicy {
  /**
   * Simulations made before, all of which are trained on: `simulations` is refused beside them. Of `openDataSet`, they are read from disk again and again while
   * the network learns, so that there may be more than fit memory; the last shards are held out, 20,000 simulations at most.
   */
  readonly data?: SimulatedData | StoredDataSet;
  /** Simulations on disk that are held and shuffled at once, twice; by default 64 MiB of them. */
  readonly buffer?: number;
  /**
   * An estimator to go on from, of the same method with the same networks: its weights are what training begins with, and data are standardised as its were. For more
   * simulations, others of the same model, or those of another simulator of the same parameters, priors and data: what a cheap simulator taught leaves less to learn from a dear one.
   */
  readonly from?: { readonly contents: Contents };
  /** Parts of the networks that keep the weights of `from`, such as ["summary"]: the others learn for them, in less time a step. */
  readonly freeze?: readonly string[];
  /**
   * Parts of the networks that begin with weights of their own, not with those of `from`, and may be other networks: ["summary"] replaces the summary of an estimator. Where another
   * part is made for what it gives, as a density for so many summaries, that begins anew too.
   */
  readonly anew?: readonly string[];
  /** Share of the simulations held out, or a data set of its own. */
  readonly validation?: number | SimulatedData;
  /**
   * Takes `data` and `validation` whose parameters were drawn from another prior than the model's. Likelihoods and ratios then answer
   * under the prior of the model, all other methods under that of the simulations.
   */
  readonly allowOtherPrior?: boolean;
  /**
   * What may happen to data between the model and those who have them: done to each simulation, validation among them, and anew for each epoch (for each simulation, where it is an emulator that
   * learns). Answers are then those given corrupted data. `spikeAndSlab`, `inShare`, or a function of your own.
   */
  readonly corrupt?: Corruption;
  /**
   * Data sets without known parameters, real ones above all, from which posteriors learn beside the simulations: by the likelihood, they are to answer these as Bayes' rule says. For models that
   * describe real data less well than they should, and for few simulations. Not in the place of a better model: what is learned is its posterior of these data. With `from`, a trained estimator
   * goes on with them.
   */
  readonly unlabelled?: UnlabelledOptions;
  /** Threads that simulate; by default one a processor. 0 simulates in this thread. */
  readonly workers?: number;
  /** Threads the networks run on, and how many networks of an ensemble are trained at once; by default as many as there are processors. */
  readonly threads?: number;
  /**
   * Trains the networks elsewhere, as many at once as there are, and leaves to this process what comes before and after: on other machines, by `trainNetwork`. What comes back has the bits that it would
   * have here, on machines of one kind. The signal then ends all: there are no best weights so far.
   */
  readonly networks?: NetworkSource;
  /** File in which training is kept each epoch, and from which it goes on after a stop. */
  readonly checkpoint?: string;
  /** What trains, and what then answers; by default the native runtime trains where there is one, and the engine's own answers but for large calls of posteriors and estimates (docs/engine.md). */
  readonly runtime?: Runtime;
  /**
   * Is given, after each epoch, an estimator with the weights of that epoch (not the best ones), and waited for; the estimator is released afterwards. Not for ensembles, of which there is none
   * before the end.
   */
  readonly onSnapshot?: (estimator: Estimator, epoch: number) => void | Promise<void>;
  /** Whether the estimator's file is to say how it answers simulations that were held out (`details.calibration`); true by default; it takes a part of a second, and longer of densities that draw in many steps. */
  readonly calibrate?: boolean;
  /** Ends training early and keeps the best weights so far. */
  readonly signal?: StopSignal;
  /** Where training stands, many times a second. */
  readonly onProgress?: (report: TrainingReport) => void;
  /** Whether a line on a terminal's standard error shows where training stands; true by default, where there is a terminal and no `onProgress`. */
  readonly progress?: boolean;
  /** Hears of each epoch once it is done: a log, a line each. */
  readonly onEpoch?: (record: EpochRecord) => void;
}

/** One epoch, for a log. */
export interface EpochRecord extends HistoryRecord {
  /** Mean of the gradient's norm over the steps, before it is cut down. */
  readonly gradientNorm: number;
  /** Share of steps whose gradient was larger than `clipNorm`. */
  readonly clipped: number;
  readonly bestValidationLoss: number;
  /** Of an ensemble: which network's it is, from 1. Several are trained at once. */
  readonly network?: number;
}

const BESIDE_SETTINGS: KnownOptions<Omit<TrainOptions, keyof TrainSettings>> = {
  data: true,
  buffer: true,
  allowOtherPrior: true,
  corrupt: true,
  unlabelled: true,
  workers: true,
  threads: true,
  networks: true,
  checkpoint: true,
  runtime: true,
  signal: true,
  onProgress: true,
  progress: true,
  onEpoch: true,
  onSnapshot: true,
  from: true,
  freeze: true,
  anew: true,
  calibrate: true,
  onInvalid: true,
  onWarning: true,
};

/**
 * Settings with defaults filled in.
 *
 * @param usual defaults of a method's own, in the place of the general ones.
 * @throws InvalidArgumentError where one is out of its range.
 */
export function resolveSettings(
  options: TrainOptions,
  usual: Partial<TrainSettings> = {},
): TrainSettings {
  const { validation } = options;
  const names = Object.keys(trainingSchema.shape).map((name) => [name, true] as const);
  requireKnown("train", options, { ...Object.fromEntries(names), ...BESIDE_SETTINGS });
  requireAllRead(options);
  // Of all threads: what members have of them is checked where they run.
  requireThreads(options.threads);
  const plain = Object.fromEntries(
    Object.keys(trainingSchema.shape).flatMap((key) => {
      const value =
        key === "validation"
          ? undefined
          : options[key as Exclude<keyof TrainSettings, "validation">];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  if (options.data !== undefined && options.data.size < 2) {
    throw new InvalidArgumentError(
      `train: data must hold 2 simulations at least, one of which is held out, but has ${options.data.size}`,
    );
  }
  const given = {
    ...usual,
    ...plain,
    ...(typeof validation === "number" && { validation }),
    ...(options.data && { simulations: options.data.size }),
  };
  const parsed = trainingSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`train: ${explain(parsed.error.issues, given)}`);
}

/** @throws InvalidArgumentError where an option has nothing to say beside another. */
function requireAllRead(options: TrainOptions): void {
  const { buffer } = options;
  if (buffer !== undefined && (!Number.isSafeInteger(buffer) || buffer < 1)) {
    throw new InvalidArgumentError(
      `train: buffer must be a whole number of simulations from 1 on, but is ${buffer}`,
    );
  }
  if (buffer !== undefined && !isStored(options.data)) {
    throw new InvalidArgumentError(
      "train: buffer is of simulations on disk, but data is none of openDataSet",
    );
  }
  if (options.onTheFly === true) {
    const share = typeof options.validation === "number" ? options : {};
    requireUnread("train", share, "onTheFly, which has a validation set of its own", [
      "validation",
    ]);
    requireUnread("train", options, "onTheFly, which makes its own simulations", ["data"]);
  }
  requireRefreshable(options);
  for (const name of ["freeze", "anew"] as const) {
    if (options[name] === undefined || options.from !== undefined) continue;
    throw new InvalidArgumentError(
      `train: ${name} names parts of the networks of another estimator, but there is none: give from as well`,
    );
  }
  if (options.networks !== undefined) {
    requireUnread("train", options, "networks", ["checkpoint", "onSnapshot", "onEpoch"]);
    if (options.onTheFly === true) {
      throw new InvalidArgumentError(
        "train: networks that are trained elsewhere leave no account of simulations made on the fly: give data, or leave out onTheFly",
      );
    }
  }
  if (options.data !== undefined) {
    requireUnread("train", options, "data", ["simulations"]);
  } else if (options.allowOtherPrior === true && typeof options.validation !== "object") {
    throw new InvalidArgumentError(
      "train: allowOtherPrior is of simulations made before, but there is neither data nor validation with some",
    );
  }
}

/** @throws InvalidArgumentError where simulations are to be drawn anew that are not there to be, or are drawn once. */
function requireRefreshable(options: TrainOptions): void {
  const asked = (["refreshData", "refreshParameters"] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (asked.length === 0) return;
  if (options.onTheFly === true) {
    requireUnread("train", options, "onTheFly, which draws each simulation once", asked);
  }
  if (isStored(options.data)) {
    requireUnread("train", options, "data that stay on disk", asked);
  }
  if (options.refreshParameters !== undefined && options.allowOtherPrior === true) {
    throw new InvalidArgumentError(
      "train: refreshParameters draws from the prior of the model, and allowOtherPrior takes simulations of another: leave out one of the two",
    );
  }
}

/** How networks are optimised, as far as the user says: not on what, nor by what seed. */
export function settingsIn(options: TrainOptions): TrainOptions {
  const { epochs, batch, learningRate, schedule, warmUp, clipNorm, patience } = options;
  const all = { epochs, batch, learningRate, schedule, warmUp, clipNorm, patience };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Epochs where none are given. */
export function defaultEpochs(stepsPerEpoch: number): number {
  return Math.min(60, Math.max(8, Math.round(12_000 / stepsPerEpoch)));
}
