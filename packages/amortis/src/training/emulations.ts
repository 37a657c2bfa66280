/**
 * Emulators in the training of an ensemble: examples of theirs beside those of the simulations, for the members that learn from them.
 */
import type { Standardization } from "../data/standardization.js";
import type { EmulationPlan } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { Emulator, joinExamples, type Emulation } from "./emulate.js";
import type { Examples } from "./source.js";
import type { TrainingData } from "./gather.js";
import type { MemberRun } from "./members.js";
import { TrainingError } from "./optimize.js";
import type { TrainSettings } from "../settings/training.js";
import { settingsIn, type TrainOptions } from "./options.js";

/** What emulators are learned from, and with. */
export interface EmulationJob {
  readonly model: AnyModel;
  readonly data: TrainingData;
  readonly standardization: Standardization;
  /** Trains one. */
  readonly learn: Emulation["learn"];
  /** Arrays to train on. */
  readonly prepare: (simulated: SimulatedData) => Promise<Examples>;
  readonly random: Stream;
  readonly seed: number;
}

/**
 * Examples with those of an emulator beside them.
 *
 * It is learned when it is asked for, from the simulations that are trained on, and takes no part in checkpoints: the same seed and simulations give the same. Where
 * its training diverges, that is said, and there are the simulations alone.
 */
export function emulations(
  job: EmulationJob,
): (examples: Examples, run: MemberRun, plan?: EmulationPlan) => Promise<Examples> {
  return async (examples, run, plan) => {
    // Of one simulation nothing can be learned.
    if (plan === undefined || job.data.training.size < 2) return examples;
    try {
      const made = await emulated(job, run, plan);
      return made === undefined ? examples : joinExamples(examples, made);
    } catch (error) {
      if (!(error instanceof TrainingError)) throw error;
      (run.options.onWarning ?? console.warn)(
        `train: no emulator could be learned (${error.message}), so that a network learns from the simulations alone`,
      );
      return examples;
    }
  };
}

async function emulated(
  { data: { training, validation }, prepare, ...job }: EmulationJob,
  { runtime, meter, options }: MemberRun,
  { simulations, only, smooth, emulator }: EmulationPlan,
): Promise<Examples | undefined> {
  const { threads, signal } = options;
  const learned = await Emulator.learn(
    { ...job, training, validation, only, smooth, emulator },
    {
      ...settingsIn(options),
      runtime,
      seed: job.seed,
      // Its parameters are numbers of data sets, which no prior knows.
      allowOtherPrior: true,
      ...(threads !== undefined && { threads }),
      ...(signal && { signal }),
      onWarning: () => {},
      onProgress: ({ epoch, epochs, step, steps }) => {
        meter.update({ phase: "emulating", epoch, epochs, step, steps });
      },
    },
  );
  try {
    // What was stopped is no emulator, and nothing will be trained on it.
    if (signal?.aborted === true) return undefined;
    const count = emulationsIn(options, training.size, simulations);
    return await prepare(await learned.simulate(count));
  } finally {
    await learned.release();
  }
}

/** Simulations of an emulator for training of so many epochs as the user asks for: none that it would not come to. */
function emulationsIn({ epochs }: TrainOptions, size: number, planned: number): number {
  return epochs === undefined ? planned : Math.min(planned, epochs * size);
}

/** The epochs that the user asks for, where they are longer by the simulations of an emulator: of about as many steps. */
export function asManySteps(
  options: TrainOptions,
  { size }: SimulatedData,
  planned: number,
): Partial<TrainSettings> {
  if (options.epochs === undefined) return {};
  const all = size + emulationsIn(options, size, planned);
  return { epochs: Math.max(1, Math.round((options.epochs * size) / all)) };
}

/** What tells apart training by emulators, for checkpoints; nothing of what has none. */
export function fingerprintOfEmulation(plan: EmulationPlan | undefined): readonly unknown[] {
  return plan === undefined ? [] : [plan.simulations, plan.description];
}
