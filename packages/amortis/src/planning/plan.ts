/**
 * What a training will cost, before it is paid for: a few short ones say how the loss falls with simulations and how long a step takes.
 *
 * The loss of an estimator of posteriors is E[-log q(θ | Z)], in nats; its distance from the limit that more simulations bring it to, by a learning curve, is the accuracy that is asked for.
 * Time is that of simulating, and that of the steps that training may take by its settings, at what those of the short trainings took. Where the model has a likelihood, posteriors by it
 * (`modelPosterior`: grids, or Markov chains) are timed as well: from so many data sets on, simulating and training once takes less.
 */
import { memory } from "#platform";
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { sizeOf } from "../data/shape.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import { modelPosterior } from "../posterior/model-posterior.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import type { StopSignal } from "../stop-signal.js";
import { sliceData } from "../training/examples.js";
import type { TrainOptions } from "../training/options.js";
import { plannedTraining } from "../training/planned.js";
import { train } from "../training/train.js";
import { gapAt, learningCurve, simulationsFor, type LearningCurve } from "./learning-curve.js";
import { lineOf } from "./line.js";

/** How to plan. */
export interface PlanOptions {
  /** How far from its limit the expected log density may be, in nats; 0.05 by default, of all parameters together. */
  readonly target?: number;
  /** Simulations of the largest short training; 2,000 by default. There are three, with a quarter and a half of it. */
  readonly pilot?: number;
  /** Settings of the training that is planned. */
  readonly training?: Omit<TrainOptions, "data" | "simulations" | "validation" | "onTheFly">;
  readonly seed?: number;
  /** Threads that simulate. */
  readonly workers?: number;
  /** Stops planning. */
  readonly signal?: StopSignal;
  /** Hears of each step. */
  readonly onProgress?: (words: string) => void;
}

const KNOWN: KnownOptions<PlanOptions> = {
  target: true,
  pilot: true,
  training: true,
  seed: true,
  workers: true,
  signal: true,
  onProgress: true,
};

/** One short training. */
export interface PilotTraining {
  readonly simulations: number;
  /** E[-log q(θ | Z)] on simulations held out. */
  readonly loss: number;
  readonly seconds: number;
  /** Steps of its first network that its settings allow. */
  readonly steps: number;
}

/** What a training will cost, about. */
export interface TrainingPlan {
  readonly target: number;
  /** Simulations for the accuracy that is asked for; never fewer than those of the largest short training, nor more than a hundred times as many. */
  readonly simulations: number;
  /** Whether it takes more than these: so far no short training can tell. */
  readonly beyond: boolean;
  /** How far from the limit the largest short training was. */
  readonly gap: number;
  readonly curve: LearningCurve;
  readonly pilots: readonly PilotTraining[];
  /** Seconds: of one simulation on the threads that simulate, of all of them, and of training. */
  readonly secondsEach: number;
  readonly simulatingSeconds: number;
  readonly trainingSeconds: number;
  /** Bytes that the process will have, about. */
  readonly bytes: number;
  /** Seconds of an amortized answer. */
  readonly answerSeconds: number;
  /** Of models with a likelihood: seconds of a posterior by it, and data sets from which on amortization takes less. */
  readonly likelihood?: { readonly secondsEach: number; readonly dataSets: number };
}

/** Parts of the pilot's simulations that trainings have. */
const PARTS = [0.25, 0.5, 1] as const;

/** Simulations held out, in parts of the pilot's, and at least. */
const [HELD, LEAST_HELD] = [0.25, 200];

/** Data sets that are answered for their time, by networks and by the likelihood, and draws of each. */
const [ANSWERED, SOLVED, DRAWS] = [50, 3, 1000];

/** How many times the largest short training a plan reaches. */
const FARTHEST = 100;

/** Copies of the data that training holds: as simulated, as examples, and on their way. */
const COPIES = 3;

/**
 * Plans a training.
 *
 * @throws UnsupportedError where the method does not learn a density of the parameters; InvalidArgumentError where a number is out of its range; SimulationError as `simulate` does.
 * @example
 * const plan = await planTraining(npe(line), { target: 0.02 });
 * plan.simulations; plan.trainingSeconds; plan.likelihood?.dataSets;
 */
export async function planTraining(
  method: Method<AnyModel, "posterior">,
  options: PlanOptions = {},
): Promise<TrainingPlan> {
  requireKnown("planTraining", options, KNOWN);
  const { target = 0.05, pilot = 2000, seed = 1, workers, signal, onProgress } = options;
  requireAsked(method, target, pilot);
  const { model } = method;
  const held = Math.max(LEAST_HELD, Math.round(HELD * pilot));
  const how = { ...(workers !== undefined && { workers }), ...(signal && { signal }) };
  onProgress?.(`simulating ${pilot + held}`);
  const started = performance.now();
  const all = await simulate(model, { simulations: pilot + held, seed, ...how });
  const secondsEach = (performance.now() - started) / 1000 / (pilot + held);
  const validation = sliceData(model, all, 0, Math.min(held, Math.floor(all.size / 2)));
  const rest = sliceData(model, all, validation.size, all.size);
  const settings: TrainOptions = {
    ...options.training,
    seed,
    progress: false,
    onWarning: () => {},
  };
  const pilots: PilotTraining[] = [];
  let answerSeconds = Number.NaN;
  for (const part of PARTS) {
    signal?.throwIfAborted();
    const data = sliceData(model, rest, 0, Math.max(2, Math.round(part * rest.size)));
    onProgress?.(`training with ${data.size} simulations`);
    const estimator = await train(method, {
      ...settings,
      data,
      validation,
      calibrate: false,
      ...(signal && { signal }),
    });
    const { seconds, bestValidationLoss: loss } = estimator.details.training;
    const { size: simulations } = data;
    pilots.push({ simulations, loss, seconds, steps: stepsOf(method, settings, simulations) });
    if (part === 1)
      answerSeconds = await timeOf(ANSWERED, validation, (some) =>
        estimator.givenBatch(some.data, { samples: DRAWS }),
      );
    await estimator.release();
  }
  const curve = learningCurve(pilots);
  const largest = pilots.at(-1)?.simulations ?? pilot;
  const needed = Math.max(largest, Math.ceil(simulationsFor(curve, target)));
  const simulations = Math.min(needed, FARTHEST * largest);
  const simulatingSeconds = secondsEach * simulations;
  const trainingSeconds = secondsOf(pilots, stepsOf(method, settings, simulations));
  onProgress?.("posteriors by the likelihood");
  const byLikelihood = await likelihoodSeconds(model, validation);
  const once = simulatingSeconds + trainingSeconds;
  return {
    target,
    simulations,
    beyond: needed > simulations,
    gap: gapAt(curve, largest),
    curve,
    pilots,
    secondsEach,
    simulatingSeconds,
    trainingSeconds,
    bytes: memory() + COPIES * bytesEach(model) * Math.max(0, simulations - pilot),
    answerSeconds,
    ...(byLikelihood !== undefined && {
      likelihood: {
        secondsEach: byLikelihood,
        dataSets: Math.max(1, Math.ceil(once / Math.max(1e-9, byLikelihood - answerSeconds))),
      },
    }),
  };
}

function requireAsked({ answers, name }: Method, target: number, pilot: number): void {
  if (answers.kind !== "posterior") {
    throw new UnsupportedError(
      `planTraining plans methods that learn posteriors, such as npe, but ${name} learns something else`,
    );
  }
  if (!(target > 0) || !(Number.isInteger(pilot) && pilot >= 200)) {
    throw new InvalidArgumentError(
      `planTraining needs a target above 0 nats and a pilot of 200 simulations or more, but was given ${target} and ${pilot}`,
    );
  }
}

/** Steps that the first network of a method may take. */
function stepsOf(method: Method, settings: TrainOptions, simulations: number): number {
  const { batch, epochs, training } = plannedTraining(method, settings, simulations);
  return epochs * Math.max(1, Math.floor(training / batch));
}

/** Seconds of so many steps: by a line through those of the short trainings. */
function secondsOf(pilots: readonly PilotTraining[], steps: number): number {
  const { intercept, slope } = lineOf(
    pilots.map((one) => one.steps),
    pilots.map(({ seconds }) => seconds),
  );
  return intercept + slope * steps;
}

/** Seconds of one data set, of so many. */
async function timeOf(
  count: number,
  from: SimulatedData,
  answer: (some: Pick<SimulatedData, "data">) => Promise<unknown>,
): Promise<number> {
  const size = Math.min(count, from.size);
  const data = Object.fromEntries(
    Object.entries(from.data).map(([name, column]) => [
      name,
      column.subarray(0, (column.length / from.size) * size),
    ]),
  );
  const started = performance.now();
  await answer({ data });
  return (performance.now() - started) / 1000 / size;
}

/** Seconds of a posterior by the model's likelihood; undefined where it has none. */
async function likelihoodSeconds(
  model: AnyModel,
  from: SimulatedData,
): Promise<number | undefined> {
  if (model.logLikelihood === undefined) return undefined;
  return timeOf(SOLVED, from, ({ data }) => modelPosterior(model, data, { samples: DRAWS }));
}

/** Bytes of one simulation, in double precision. */
function bytesEach({ parameterSize, dataSpecs }: AnyModel): number {
  const numbers = Object.values(dataSpecs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return 8 * (parameterSize + numbers);
}
