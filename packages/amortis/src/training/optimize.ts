/**
 * The training itself: epoch after epoch, until done, stopped early, or interrupted.
 */
import {
  constantSchedule,
  initialState,
  warmUpCosine,
  type HostTensor,
  type Schedule,
  AmortisError,
  type Variables,
} from "@amortis/graph";
import type { HistoryRecord } from "../fitted/contents.js";
import type { Stream } from "../random/index.js";
import { saveCheckpoint, type TrainingSnapshot } from "./checkpoint.js";
import { answeringWeights, optimizerOf, type Networks } from "./networks.js";
import type { TrainOptions, TrainSettings } from "./options.js";
import type { ProgressMeter } from "./progress.js";
import type { ExampleSource } from "./source.js";
import type { Standardization } from "./standardization.js";

/** Seconds that one call of the runtime should take. */
const STRETCH_SECONDS = 0.25;

/** Training before its first step. */
export function firstSnapshot(
  variables: Variables,
  settings: TrainSettings,
  root: Stream,
  fingerprint: string,
  standardization: Standardization,
): TrainingSnapshot {
  const weights = variables.initialize(root.split("weights"));
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
}

/** Epoch after epoch, until done, stopped early, or interrupted. */
export async function optimize(job: Optimization): Promise<TrainingSnapshot> {
  const { networks, source, validation, settings, meter, options } = job;
  const { epochs } = source;
  const steps = epochs * source.stepsPerEpoch;
  const schedule = scheduleOf(settings, steps);
  let snapshot = job.start;
  let stretch = 8;
  meter.update({
    phase: "training",
    epoch: snapshot.epoch,
    epochs,
    step: snapshot.state.step,
    steps,
  });
  try {
    while (snapshot.epoch < epochs && !options.signal?.aborted) {
      const before = performance.now();
      const pass = await runEpoch(job, schedule, snapshot, stretch);
      stretch = pass.stretch;
      if (Number.isNaN(pass.loss)) {
        if (pass.state.step === snapshot.state.step || Number.isFinite(snapshot.best.loss)) break;
        throw new TrainingError(
          `training diverged in epoch ${snapshot.epoch + 1}: the loss is not a number; lower the learning rate (now ${settings.learningRate}), or look for extreme values in the data`,
        );
      }
      const weights = answeringWeights(pass.state, settings);
      const losses = await networks.evaluation.run(weights, validation);
      const validationLoss = losses.reduce((a, b) => a + b, 0) / losses.length;
      const epoch = snapshot.epoch + 1;
      const better = validationLoss < snapshot.best.loss;
      const record: HistoryRecord = {
        epoch,
        step: pass.state.step,
        trainingLoss: pass.loss,
        validationLoss,
        learningRate: schedule(pass.state.step),
        seconds: (performance.now() - before) / 1000,
      };
      const best = better ? { weights, loss: validationLoss, epoch } : snapshot.best;
      // An interrupted epoch counts for the answer, but a checkpoint holds whole epochs only.
      const whole = !pass.interrupted;
      snapshot = {
        ...snapshot,
        state: pass.state,
        best,
        epoch,
        history: [...snapshot.history, record],
        seconds: snapshot.seconds + record.seconds,
      };
      if (options.checkpoint !== undefined && whole)
        await saveCheckpoint(options.checkpoint, snapshot);
      meter.update({ epoch, validationLoss, bestValidationLoss: best.loss });
      if (epoch - best.epoch >= settings.patience) break;
    }
  } finally {
    await source.close();
  }
  return snapshot;
}

function scheduleOf({ schedule, learningRate, warmUp }: TrainSettings, steps: number): Schedule {
  return schedule === "constant"
    ? constantSchedule(learningRate)
    : warmUpCosine({ peak: learningRate, steps, warmUp: Math.floor(warmUp * steps) });
}

interface Pass {
  readonly state: TrainingSnapshot["state"];
  readonly loss: number;
  readonly stretch: number;
  readonly interrupted: boolean;
}

/** Lets the event loop turn: interruptions and finished simulations come in between stretches. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
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
  let total = 0;
  let count = 0;
  for await (const { data, indices } of source.epoch(snapshot.epoch)) {
    const blockSteps = indices.length / settings.batch;
    for (let at = 0; at < blockSteps;) {
      if (options.signal?.aborted)
        return { state, loss: total / count, stretch, interrupted: true };
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
      total += sum;
      count += steps;
      at += steps;
      stretch = Math.max(1, Math.min(1000, Math.round((steps * STRETCH_SECONDS) / seconds)));
      meter.update({ step: state.step, trainingLoss: sum / steps });
      if (!Number.isFinite(sum)) return { state, loss: Number.NaN, stretch, interrupted: true };
      await turn();
    }
  }
  return { state, loss: total / count, stretch, interrupted: false };
}
