/**
 * The training itself: epoch after epoch, until done, stopped early, or interrupted.
 */
import { nextTurn } from "../turn.js";
import {
  constantSchedule,
  initialState,
  warmUpCosine,
  type HostTensor,
  type Schedule,
  AmortisError,
  type Variables,
} from "@amortis/graph";
import type { HistoryRecord } from "../estimators/contents.js";
import { FileError } from "../files/container.js";
import type { Stream } from "../random/index.js";
import { adviceOn } from "./advice.js";
import { saveCheckpoint, type TrainingSnapshot } from "./checkpoint.js";
import { answeringWeights, optimizerOf, type Networks } from "./loops.js";
import type { TrainSettings } from "../settings/training.js";
import type { TrainOptions } from "./options.js";
import type { EndedBy } from "../progress/report.js";
import type { ProgressMeter } from "./progress.js";
import type { ExampleSource } from "./source.js";
import type { Standardization } from "../data/standardization.js";

/** Gradients so many times larger than `clipNorm` are said to explode; to be cut down a little is what most are. */
const EXPLODING = 20;

/** Seconds that one call of the runtime should take. */
const STRETCH_SECONDS = 0.25;

/** Training before its first step. */
export function firstSnapshot(
  variables: Variables,
  settings: TrainSettings,
  root: Stream,
  fingerprint: string,
  standardization: Standardization,
  weights = variables.initialize(root.split("weights")),
): TrainingSnapshot {
  return {
    fingerprint,
    state: initialState(variables, optimizerOf(settings), weights),
    best: { weights, loss: Infinity, epoch: 0 },
    epoch: 0,
    history: [],
    standardization,
    seconds: 0,
  };
}

/** Training that failed. */
export class TrainingError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("training", message, options);
  }
}

/** All that training needs. */
export interface Optimization {
  readonly networks: Networks;
  readonly source: ExampleSource;
  readonly validation: Readonly<Record<string, HostTensor>>;
  readonly settings: TrainSettings;
  readonly start: TrainingSnapshot;
  readonly random: Stream;
  readonly meter: ProgressMeter;
  readonly options: TrainOptions;
  /** Whether to say what might be changed, once it is over: the members of an ensemble balance each other. */
  readonly advise: boolean;
  /** Is given where training stands after each epoch, the weights that answer, and the loss of each example held out. */
  readonly watched?: (
    snapshot: TrainingSnapshot,
    weights: Float32Array,
    losses: Float32Array,
  ) => Promise<void>;
}

/** Training that ended, and why. */
export interface Outcome {
  readonly snapshot: TrainingSnapshot;
  readonly endedBy: EndedBy;
}

/**
 * Epoch after epoch, until done, stopped early, or interrupted.
 *
 * @throws TrainingError where the loss diverges before any epoch was validated, or no validation loss is finite.
 */
export async function optimize(job: Optimization): Promise<Outcome> {
  const { source, meter } = job;
  const { epochs } = source;
  meter.update({
    phase: "training",
    epoch: job.start.epoch,
    epochs,
    step: job.start.state.step,
    steps: epochs * source.stepsPerEpoch,
  });
  try {
    return await runEpochs(job);
  } finally {
    await source.close();
  }
}

async function runEpochs(job: Optimization): Promise<Outcome> {
  const { networks, source, validation, settings, meter, options } = job;
  const { epochs } = source;
  const schedule = scheduleOf(settings, epochs * source.stepsPerEpoch);
  let snapshot = await validated(job);
  let stretch = 8;
  let endedBy = endOf(snapshot, epochs, settings, options);
  let lastLosses: Float32Array | undefined;
  let [steps, exploded] = [0, 0];
  while (endedBy === undefined) {
    const before = performance.now();
    const pass = await runEpoch(job, schedule, snapshot, stretch);
    stretch = pass.stretch;
    if (pass.diverged) {
      const answers = Number.isFinite(snapshot.best.loss) && snapshot.best.epoch > 0;
      if (!answers) throw diverged(snapshot.epoch + 1, settings);
      endedBy = "diverged";
      break;
    }
    if (pass.state.step === snapshot.state.step) {
      if (!pass.interrupted) throw withoutExamples(snapshot.epoch + 1);
      endedBy = "interrupted";
      break;
    }
    const weights = answeringWeights(pass.state, settings);
    lastLosses = await networks.evaluation.run(weights, validation);
    const validationLoss = lastLosses.reduce((a, b) => a + b, 0) / lastLosses.length;
    const epoch = snapshot.epoch + 1;
    // A loss of -Infinity is no better: it comes of weights that cannot answer.
    const better = Number.isFinite(validationLoss) && validationLoss < snapshot.best.loss;
    const record: HistoryRecord = {
      epoch,
      step: pass.state.step,
      trainingLoss: pass.loss,
      validationLoss,
      learningRate: schedule(pass.state.step),
      seconds: (performance.now() - before) / 1000,
    };
    options.onEpoch?.({
      ...record,
      gradientNorm: pass.gradientNorm,
      clipped: pass.clipped,
      bestValidationLoss: better ? validationLoss : snapshot.best.loss,
    });
    steps += pass.steps;
    exploded += pass.exploded * pass.steps;
    const best = better ? { weights, loss: validationLoss, epoch } : snapshot.best;
    snapshot = {
      ...snapshot,
      state: pass.state,
      best,
      epoch,
      history: [...snapshot.history, record],
      seconds: snapshot.seconds + record.seconds,
      ...(source.invalid && { simulated: source.invalid.toRecord() }),
    };
    // An interrupted epoch counts for the answer, but a checkpoint holds whole epochs only.
    if (options.checkpoint !== undefined && !pass.interrupted) {
      await keepCheckpoint(options.checkpoint, snapshot, options);
    }
    meter.update({ epoch, validationLoss, bestValidationLoss: best.loss });
    await job.watched?.(snapshot, weights, lastLosses);
    endedBy = pass.interrupted ? "interrupted" : endOf(snapshot, epochs, settings, options);
  }
  const { history, best } = snapshot;
  if (history.length > 0 && !Number.isFinite(best.loss)) {
    throw withoutLoss(history.length, lastLosses);
  }
  for (const line of !job.advise
    ? []
    : adviceOn(history, best.epoch, settings, exploded / Math.max(1, steps))) {
    (options.onWarning ?? console.warn)(line);
  }
  return { snapshot, endedBy };
}

/** The start; where it is a linear trend, with its validation loss: where nothing is to be learned beyond it, it is what is kept. */
async function validated({ networks, validation, start }: Optimization): Promise<TrainingSnapshot> {
  if (start.epoch > 0 || start.standardization.trend === undefined) return start;
  const losses = await networks.evaluation.run(start.best.weights, validation);
  const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
  return Number.isFinite(loss) ? { ...start, best: { ...start.best, loss } } : start;
}

/** Writes a checkpoint; where it cannot be written, training goes on without it, and says so. */
async function keepCheckpoint(
  path: string,
  snapshot: TrainingSnapshot,
  { onWarning = console.warn }: TrainOptions,
): Promise<void> {
  try {
    await saveCheckpoint(path, snapshot);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    onWarning(`training goes on, but its checkpoint is not kept: ${error.message}`);
  }
}

/** Why training is over after whole epochs; undefined while it is not. */
function endOf(
  { epoch, best }: TrainingSnapshot,
  epochs: number,
  { patience }: TrainSettings,
  { signal }: TrainOptions,
): EndedBy | undefined {
  if (epoch >= epochs) return "complete";
  if (epoch - best.epoch >= patience) return "patience";
  return signal?.aborted === true ? "interrupted" : undefined;
}

function diverged(epoch: number, { learningRate }: TrainSettings): TrainingError {
  return new TrainingError(
    `training diverged in epoch ${epoch}: the loss is not a number; lower the learning rate (now ${learningRate}), or look for extreme values in the data`,
  );
}

function withoutExamples(epoch: number): TrainingError {
  return new TrainingError(
    `no chunk of epoch ${epoch} has enough valid simulations for one batch: look at why simulations are invalid, or make the batch smaller`,
  );
}

function withoutLoss(epochs: number, losses: Float32Array | undefined): TrainingError {
  const bad = losses?.reduce((count, loss) => count + (Number.isFinite(loss) ? 0 : 1), 0);
  const last =
    bad === undefined
      ? ""
      : ` (in the last, that of ${bad} of ${losses?.length} validation examples)`;
  return new TrainingError(
    `training found no weights to keep: the validation loss is not finite after any of ${epochs} epoch(s)${last}; look for extreme values in the data, or lower the learning rate`,
  );
}

function scheduleOf({ schedule, learningRate, warmUp }: TrainSettings, steps: number): Schedule {
  return schedule === "constant"
    ? constantSchedule(learningRate)
    : warmUpCosine({ peak: learningRate, steps, warmUp: Math.floor(warmUp * steps) });
}

interface Pass {
  readonly state: TrainingSnapshot["state"];
  readonly loss: number;
  readonly steps: number;
  /** Mean norm of the gradient, and share of steps in which it was larger than `clipNorm`. */
  readonly gradientNorm: number;
  readonly clipped: number;
  /** Share of steps in which it was far larger. */
  readonly exploded: number;
  readonly stretch: number;
  /** Whether the signal cut the epoch short. */
  readonly interrupted: boolean;
  readonly diverged: boolean;
}

/** One pass over the examples, stretch by stretch. */
async function runEpoch(
  { networks, source, settings, random, meter, options }: Optimization,
  schedule: Schedule,
  snapshot: TrainingSnapshot,
  firstStretch: number,
): Promise<Pass> {
  let { state } = snapshot;
  let stretch = firstStretch;
  let [total, count, norms, large, exploded] = [0, 0, 0, 0, 0];
  const pass = (ended: Partial<Pass> = {}): Pass => ({
    state,
    loss: total / count,
    steps: count,
    gradientNorm: norms / count,
    clipped: large / count,
    exploded: exploded / count,
    stretch,
    interrupted: false,
    diverged: false,
    ...ended,
  });
  for await (const { data, indices } of source.epoch(snapshot.epoch)) {
    const blockSteps = indices.length / settings.batch;
    for (let at = 0; at < blockSteps;) {
      if (options.signal?.aborted) return pass({ interrupted: true });
      const steps = Math.min(stretch, blockSteps - at);
      const before = performance.now();
      const base = state.step;
      const progress = await networks.training.run(state, {
        data,
        indices: indices.subarray(at * settings.batch, (at + steps) * settings.batch),
        learningRates: Array.from({ length: steps }, (_, k) => schedule(base + k + 1)),
        fillNoise: (values, kind, step, which) => {
          const noise = random.split("noise").split(which).split(step);
          if (kind === "normal") noise.fillNormal(values);
          else noise.fillUniform(values);
        },
      });
      const seconds = (performance.now() - before) / 1000;
      state = progress.state;
      const sum = progress.losses.reduce((a, b) => a + b, 0);
      for (const norm of progress.gradientNorms) {
        norms += norm;
        if (norm > settings.clipNorm) large++;
        if (norm > EXPLODING * settings.clipNorm) exploded++;
      }
      total += sum;
      count += steps;
      at += steps;
      stretch = Math.max(1, Math.min(1000, Math.round((steps * STRETCH_SECONDS) / seconds)));
      meter.update({ step: state.step, trainingLoss: sum / steps });
      if (!Number.isFinite(sum)) return pass({ diverged: true });
      // Interruptions and finished simulations come in between stretches.
      await nextTurn();
    }
  }
  // A source that simulates ends its epoch when the signal comes: what was missed must be made good after resuming.
  const whole = count >= source.stepsPerEpoch;
  return pass({ interrupted: options.signal?.aborted === true && !whole });
}
