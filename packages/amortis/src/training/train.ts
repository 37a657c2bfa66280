/**
 * The one trainer that all methods share.
 *
 * It simulates (or takes simulations), learns the standardisation, compiles the method's losses into a training loop, and
 * goes through the data: in stretches of about a quarter of a second, between which progress is reported and an interruption is
 * heeded; with a validation after each epoch, whose best weights are the ones kept.
 */
import { Variables } from "@amortis/graph";
import type { Method } from "../estimators/method.js";
import { openFitted, type Fitted } from "../fitted/fitted.js";
import { defaultRuntime } from "../fitted/runtime.js";
import type { AnyModel } from "../model/index.js";
import { stream, type Stream } from "../random/index.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import { assemble } from "./assemble.js";
import { fingerprintOf, loadCheckpoint } from "./checkpoint.js";
import { learnStandardization, prepareExamples, sliceData } from "./examples.js";
import { compileNetworks, type Networks } from "./networks.js";
import { firstSnapshot, optimize } from "./optimize.js";
import { resolveSettings, type TrainOptions, type TrainSettings } from "./options.js";
import { ProgressMeter } from "./progress.js";
import { fixedSource, onTheFlySource, type ExampleSource } from "./source.js";
import type { Standardization } from "./standardization.js";

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
    options.threads,
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
    const contents = assemble(method, variables, standardization, snapshot, settings, {
      invalidSimulations: data.invalid,
      seconds: meter.secondsElapsed,
    });
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
