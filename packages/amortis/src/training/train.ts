/**
 * The one trainer that all methods share.
 *
 * It simulates (or takes simulations), learns the standardisation, compiles the method's losses into a training loop, and
 * goes through the data: in stretches of about a quarter of a second, between which progress is reported and an interruption is
 * heeded; with a validation after each epoch, whose best weights are the ones kept.
 */
import { Variables, type HostTensor } from "@amortis/graph";
import type { AnswerKind, Method } from "../estimators/method.js";
import { openFitted, type FittedOf } from "../fitted/fitted.js";
import { defaultRuntime } from "../fitted/runtime.js";
import type { AnyModel } from "../model/index.js";
import { stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { assemble } from "./assemble.js";
import { fingerprintOf, loadCheckpoint } from "./checkpoint.js";
import { learnStandardization, prepareExamples } from "./examples.js";
import { gatherData, type TrainingData } from "./gather.js";
import { compileNetworks, type Networks } from "./networks.js";
import { firstSnapshot, optimize } from "./optimize.js";
import { resolveSettings, type TrainOptions, type TrainSettings } from "./options.js";
import { ProgressMeter } from "./progress.js";
import { fixedSource, onTheFlySource, planOnTheFly, type ExampleSource } from "./source.js";
import { Transformation, type DataArrays } from "./transformation.js";

/**
 * Trains a method.
 *
 * @returns a trained estimator, with the weights of the best validation loss.
 * @throws InvalidArgumentError where a setting is out of range or there are too few simulations.
 * @example
 * const estimator = await train(npe(field), { simulations: 20_000, seed: 1 });
 */
export async function train<M extends AnyModel, K extends AnswerKind>(
  method: Method<M, K>,
  options: TrainOptions = {},
): Promise<FittedOf<K, M["parameters"]>> {
  const { model } = method;
  const settings = resolveSettings(options);
  const meter = new ProgressMeter(options.onProgress);
  const runtime = options.runtime ?? (await defaultRuntime());
  const data = await gatherData(model, settings, options, meter);
  const root = stream(settings.seed);
  const fingerprint = await fingerprintOf([
    method.description,
    model.name,
    settings,
    data.training.size,
    Array.from(data.training.parameters.subarray(0, 16)),
  ]);
  const resumed =
    options.checkpoint === undefined
      ? undefined
      : await loadCheckpoint(options.checkpoint, fingerprint);
  meter.update({ phase: "compiling" });
  const transformation = await Transformation.open(method, runtime);
  const variables = new Variables();
  let networks: Networks | undefined;
  try {
    const transformed = await transformation.run(data.training);
    const standardization =
      resumed?.standardization ?? learnStandardization(model, data.training, transformed);
    const { threads } = options;
    const { shapes } = transformation;
    const compiled = await compileNetworks(
      method,
      variables,
      shapes,
      standardization,
      settings,
      runtime,
      { validationRows: data.validation.size, ...(threads !== undefined && { threads }) },
    );
    networks = compiled;
    const prepare = async (given: SimulatedData, arrays?: DataArrays) =>
      compiled.select(
        prepareExamples(
          method,
          given,
          arrays ?? (await transformation.run(given)),
          standardization,
        ),
      );
    const source = settings.onTheFly
      ? openSimulations(model, data, settings, options, prepare)
      : fixedSource(await prepare(data.training, transformed), settings, root.split("training"));
    const snapshot = await optimize({
      networks: compiled,
      source,
      validation: await prepare(data.validation),
      settings,
      start: resumed ?? firstSnapshot(variables, settings, root, fingerprint, standardization),
      random: root,
      meter,
      options,
    });
    const contents = assemble(method, variables, standardization, snapshot, settings, {
      invalidSimulations: data.invalid + source.invalid(),
      seconds: meter.secondsElapsed,
    });
    meter.update({ phase: "done" });
    return openFitted<K, M["parameters"]>(contents, {
      model,
      runtime,
      ...(threads !== undefined && { threads }),
    });
  } finally {
    await transformation.release();
    await networks?.training.release();
    await networks?.evaluation.release();
  }
}

/** Fresh simulations, after those that training begins with. */
function openSimulations(
  model: AnyModel,
  { training, validation, invalid }: TrainingData,
  settings: TrainSettings,
  { workers, signal }: TrainOptions,
  prepare: (data: SimulatedData) => Promise<Readonly<Record<string, HostTensor>>>,
): ExampleSource {
  const met = training.size + validation.size + invalid;
  return onTheFlySource({
    model,
    seed: settings.seed,
    batch: settings.batch,
    plan: planOnTheFly(settings, 1 - invalid / met),
    firstIndex: met,
    prepare,
    ...(workers !== undefined && { workers }),
    ...(signal && { signal }),
  });
}
