/**
 * The one trainer that all methods share.
 *
 * It simulates (or takes simulations), learns the standardisation, compiles the method's losses into a training loop, and
 * goes through the data: in stretches of about a quarter of a second, between which progress is reported and an interruption is heeded;
 * with a validation after each epoch, whose best weights are the ones kept.
 */
import {
  adam,
  adamW,
  constantSchedule,
  encodeProgram,
  EvaluationLoop,
  initialState,
  input,
  leavesOf,
  Scope,
  TrainingLoop,
  UnsupportedError,
  Variables,
  warmUpCosine,
  type HostTensor,
  type Named,
  type Runtime,
  type Schedule,
  type Tensor,
} from "@amortis/graph";
import { parameterBounds } from "../estimators/parameter-space.js";
import type { Method } from "../estimators/method.js";
import type { Contents, HistoryRecord } from "../fitted/contents.js";
import { openFitted, type Fitted } from "../fitted/fitted.js";
import { defaultRuntime } from "../fitted/runtime.js";
import type { AnyModel } from "../model/index.js";
import { stream, type Stream } from "../random/index.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import { VERSION } from "../version.js";
import {
  fingerprintOf,
  loadCheckpoint,
  saveCheckpoint,
  type TrainingSnapshot,
} from "./checkpoint.js";
import {
  dataName,
  learnStandardization,
  PARAMETERS,
  prepareExamples,
  sliceData,
  UNCONSTRAINED,
} from "./examples.js";
import {
  defaultEpochs,
  resolveSettings,
  type TrainOptions,
  type TrainSettings,
} from "./options.js";
import { ProgressMeter } from "./progress.js";
import { fixedSource, onTheFlySource, type ExampleSource } from "./source.js";
import { standardize, type Standardization } from "./standardization.js";

/** Rows that one step of a validation takes. */
const EVALUATION_BATCH = 256;
/** Seconds that one call of the runtime should take. */
const STRETCH_SECONDS = 0.25;

/**
 * Trains a method.
 *
 * @returns a trained estimator, with the weights of the best validation loss.
 * @throws InvalidArgumentError where a setting is out of range or there are too few simulations.
 * @example
 * const estimator = await train(npe(field), { simulations: 20_000, seed: 1 });
 */
export async function train<M extends AnyModel>(
  method: Method<M>,
  options: TrainOptions = {},
): Promise<Fitted<M["parameters"]>> {
  const settings = resolveSettings(options);
  const meter = new ProgressMeter(options.onProgress);
  const runtime = options.runtime ?? (await defaultRuntime());
  const data = await gatherData(method.model, settings, options, meter);
  const root = stream(settings.seed);
  const fingerprint = await fingerprintOf([
    method.description,
    method.model.name,
    settings,
    data.training.size,
    Array.from(data.training.parameters.subarray(0, 16)),
  ]);
  const resumed =
    options.checkpoint === undefined
      ? undefined
      : await loadCheckpoint(options.checkpoint, fingerprint);
  const standardization =
    resumed?.standardization ?? learnStandardization(method.model, data.training);

  meter.update({ phase: "compiling" });
  const variables = new Variables();
  const networks = await compileNetworks(
    method,
    variables,
    standardization,
    settings,
    runtime,
    options,
  );
  try {
    const source = makeSource(
      method.model,
      networks.select,
      data,
      settings,
      standardization,
      options,
      root,
    );
    const validation = networks.select(
      prepareExamples(method.model, data.validation, standardization),
    );
    const snapshot = await optimize({
      networks,
      source,
      validation,
      settings,
      start: resumed ?? firstSnapshot(variables, settings, root, fingerprint, standardization),
      random: root,
      meter,
      options,
    });
    const contents = assemble(method, variables, standardization, snapshot, settings, data, meter);
    meter.update({ phase: "done" });
    return openFitted<M["parameters"]>(contents, {
      runtime,
      ...(options.threads !== undefined && { threads: options.threads }),
    });
  } finally {
    await networks.training.release();
    await networks.evaluation.release();
  }
}

interface TrainingData {
  readonly training: SimulatedData;
  readonly validation: SimulatedData;
  readonly invalid: number;
}

async function gatherData(
  model: AnyModel,
  settings: TrainSettings,
  options: TrainOptions,
  meter: ProgressMeter,
): Promise<TrainingData> {
  const { validation } = options;
  const held = Math.max(1, Math.round(settings.simulations * settings.validation));
  // On the fly, only the validation set and a start for the standardisation are simulated beforehand.
  const needed = settings.onTheFly ? 2 * held : settings.simulations;
  const all =
    options.data ??
    (await simulate(model, {
      simulations: needed,
      seed: settings.seed,
      ...(options.workers !== undefined && { workers: options.workers }),
      ...(options.signal && { signal: options.signal }),
      onProgress: (simulated) => {
        meter.update({ phase: "simulating", simulated });
      },
    }));
  if (typeof validation === "object") {
    return { training: all, validation, invalid: all.invalid.length };
  }
  const size = Math.max(1, Math.round(all.size * (settings.onTheFly ? 0.5 : settings.validation)));
  return {
    training: sliceData(model, all, 0, all.size - size),
    validation: sliceData(model, all, all.size - size, all.size),
    invalid: all.invalid.length,
  };
}

interface Networks {
  readonly training: TrainingLoop;
  readonly evaluation: EvaluationLoop;
  /** The examples that the losses depend on. */
  readonly select: (
    examples: Readonly<Record<string, HostTensor>>,
  ) => Readonly<Record<string, HostTensor>>;
}

/** The losses of a minibatch, and the example inputs they depend on. */
function buildLosses(
  method: Method,
  scope: Scope,
  standardization: Standardization,
  batch: number,
): { readonly losses: Tensor; readonly examples: Named } {
  const { model } = method;
  const inputs: Record<string, Tensor> = {
    [PARAMETERS]: input(PARAMETERS, [batch, model.parameterSize]),
  };
  const size = standardization.unconstrained?.mean.length;
  if (size !== undefined) inputs[UNCONSTRAINED] = input(UNCONSTRAINED, [batch, size]);
  const data: Record<string, Tensor> = {};
  for (const [name, shape] of Object.entries(model.dataShapes)) {
    const raw = input(dataName(name), [batch, ...shape]);
    inputs[dataName(name)] = raw;
    data[name] = standardize(raw, standardization.data[name] ?? { mean: [0], sd: [1] });
  }
  const { [PARAMETERS]: parameters, [UNCONSTRAINED]: unconstrained } = inputs;
  if (parameters === undefined) throw new TypeError("the parameters are always an input");
  const losses = method.losses({
    scope,
    standardization,
    data,
    parameters,
    unconstrained: () => {
      if (unconstrained !== undefined) return unconstrained;
      throw new UnsupportedError(
        `${method.name} needs parameters with an unconstrained space, but the model "${model.name}" has a discrete one`,
      );
    },
  });
  const used = leavesOf([losses]);
  const examples = Object.fromEntries(Object.entries(inputs).filter(([, leaf]) => used.has(leaf)));
  return { losses, examples };
}

async function compileNetworks(
  method: Method,
  variables: Variables,
  standardization: Standardization,
  settings: TrainSettings,
  runtime: Runtime,
  { threads }: TrainOptions,
): Promise<Networks> {
  const sessionOptions = threads === undefined ? {} : { threads };
  const scope = Scope.root(variables, "training");
  const { losses, examples } = buildLosses(method, scope, standardization, settings.batch);
  const optimizer = optimizerOf(settings);
  const training = await TrainingLoop.create(
    {
      variables,
      losses,
      examples,
      noise: scope.noiseInputs,
      assignments: scope.assignments,
      optimizer,
      clipNorm: settings.clipNorm,
    },
    runtime,
    sessionOptions,
  );
  const inference = buildLosses(
    method,
    Scope.root(variables, "inference"),
    standardization,
    EVALUATION_BATCH,
  );
  const evaluation = await EvaluationLoop.create(
    { variables, losses: inference.losses, examples: inference.examples },
    runtime,
    sessionOptions,
  );
  return {
    training,
    evaluation,
    select: (all) => Object.fromEntries(Object.entries(all).filter(([name]) => name in examples)),
  };
}

function optimizerOf({ weightDecay }: TrainSettings) {
  return weightDecay > 0 ? adamW({ weightDecay }) : adam();
}

function makeSource(
  model: AnyModel,
  select: Networks["select"],
  data: TrainingData,
  settings: TrainSettings,
  standardization: Standardization,
  options: TrainOptions,
  root: Stream,
): ExampleSource {
  if (!settings.onTheFly) {
    const examples = select(prepareExamples(model, data.training, standardization));
    return fixedSource(examples, settings.batch, root.split("training"));
  }
  const held = data.validation.size + data.training.size + data.invalid;
  const epochs = settings.epochs ?? 20;
  return onTheFlySource({
    model,
    seed: settings.seed,
    batch: settings.batch,
    stepsPerEpoch: Math.max(1, Math.floor(settings.simulations / settings.batch / epochs)),
    firstIndex: held,
    standardization,
    select,
    ...(options.workers !== undefined && { workers: options.workers }),
    ...(options.signal && { signal: options.signal }),
  });
}

function firstSnapshot(
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

interface Optimization {
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
async function optimize(job: Optimization): Promise<TrainingSnapshot> {
  const { networks, source, validation, settings, meter, options } = job;
  const epochs = settings.epochs ?? (settings.onTheFly ? 20 : defaultEpochs(source.stepsPerEpoch));
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
      const losses = await networks.evaluation.run(pass.state.weights, validation);
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
      const best = better
        ? { weights: pass.state.weights, loss: validationLoss, epoch }
        : snapshot.best;
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
    }
  }
  return { state, loss: total / count, stretch, interrupted: false };
}

function assemble(
  method: Method,
  variables: Variables,
  standardization: Standardization,
  snapshot: TrainingSnapshot,
  settings: TrainSettings,
  data: TrainingData,
  meter: ProgressMeter,
): Contents {
  const { model } = method;
  const inputs: Record<string, Tensor> = {};
  const standardized: Record<string, Tensor> = {};
  for (const [name, shape] of Object.entries(model.dataShapes)) {
    const raw = input(name, ["batch", ...shape]);
    inputs[name] = raw;
    standardized[name] = standardize(raw, standardization.data[name] ?? { mean: [0], sd: [1] });
  }
  const programs = method.programs({
    scope: Scope.root(variables, "inference"),
    variables,
    standardization,
    inputs,
    data: standardized,
  });
  const models = Object.fromEntries(
    Object.entries(programs).map(([name, program]) => [
      name,
      encodeProgram({ name, ...program, variables }),
    ]),
  );
  const { lower, upper } = parameterBounds(model);
  const finite = (bounds: readonly number[]) => bounds.map((b) => (Number.isFinite(b) ? b : null));
  return {
    weights: snapshot.best.weights,
    programs: models,
    details: {
      createdBy: `amortis ${VERSION}`,
      method: method.name,
      model: {
        name: model.name,
        parameters: Object.entries(model.parameters).map(([name, prior]) => ({
          name,
          shape: [...prior.shape],
          prior: prior.toJSON(),
        })),
        lower: finite(lower),
        upper: finite(upper),
        data: Object.fromEntries(Object.entries(model.dataShapes).map(([k, s]) => [k, [...s]])),
      },
      description: method.description as Contents["details"]["description"],
      answers: method.answers as Contents["details"]["answers"],
      standardization: standardization as Contents["details"]["standardization"],
      training: {
        settings: settings as Contents["details"]["training"]["settings"],
        simulations: settings.simulations,
        invalidSimulations: data.invalid,
        seconds: meter.secondsElapsed,
        bestEpoch: snapshot.best.epoch,
        bestValidationLoss: snapshot.best.loss,
        history: [...snapshot.history],
      },
      variables: variables.entries.map(({ name, shape }) => ({ name, shape: [...shape] })),
      programs: Object.keys(models),
    },
  };
}
