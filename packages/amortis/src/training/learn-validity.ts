/**
 * Learning beside a likelihood or a ratio which simulations are valid.
 */
import type { Runtime, Variable } from "@amortis/graph";
import { Variables } from "@amortis/graph";
import { columnMoments, type Moments } from "../data/moments.js";
import type { Standardization } from "../data/standardization.js";
import { VALID, validityClassifier } from "../methods/validity.js";
import type { AnyModel } from "../model/index.js";
import { stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { centredParameters, dataSetsOf, prepareExamples, sliceData } from "./examples.js";
import { compileNetworks } from "./loops.js";
import { firstSnapshot, optimize } from "./optimize.js";
import { trainingSchema, type TrainSettings } from "../settings/training.js";
import { ProgressMeter } from "./progress.js";
import { fixedSource } from "./source.js";
import type { LabelledParameters } from "./validity-record.js";

/** A classifier of valid simulations, trained. */
export interface LearnedValidity {
  /** Its variables, in the order of `weights`. */
  readonly variables: readonly Variable[];
  readonly weights: Float32Array;
  /** Of the parameters of all simulations. */
  readonly moments: Moments;
  /** Share of the simulations that is valid. */
  readonly share: number;
  readonly report: {
    readonly simulations: number;
    readonly loss: number;
    readonly constantLoss: number;
  };
}

/** Steps, about: some seconds. */
const STEPS = 3_000;

/**
 * Trains the classifier on all simulations there are; undefined where all are valid.
 *
 * It takes no part in checkpoints: the same seed and simulations give the same; but after a stop, simulations on the fly are those since then.
 */
export async function learnValidity(
  model: AnyModel,
  { parameters, valid }: LabelledParameters,
  { seed }: Pick<TrainSettings, "seed">,
  runtime: Runtime,
  threads: number | undefined,
): Promise<LearnedValidity | undefined> {
  const all: SimulatedData = {
    size: valid.length,
    parameters,
    data: { [VALID]: valid },
    indices: Float64Array.from(valid, (_, i) => i),
    invalid: [],
  };
  const share = valid.reduce((a, b) => a + b, 0) / all.size;
  // Without both kinds, or with too few to hold one out, there is nothing to tell apart.
  if (!(share > 0 && share < 1) || all.size < 4) return undefined;
  const classifier = validityClassifier(model);
  const held = Math.max(1, Math.round(0.1 * all.size));
  const training = sliceData(classifier.model, all, 0, all.size - held);
  const validation = sliceData(classifier.model, all, all.size - held, all.size);
  const settings = settingsFor(training.size, seed);
  const moments = columnMoments(centredParameters(model, all.parameters), model.parameterSize);
  const standardization: Standardization = {
    data: { [VALID]: { mean: [0], sd: [1] } },
    parameters: moments,
  };
  const variables = new Variables();
  const networks = await compileNetworks(
    classifier,
    variables,
    classifier.model.dataSpecs,
    standardization,
    settings,
    runtime,
    { validationRows: held, ...(threads !== undefined && { threads }) },
  );
  const prepare = (given: SimulatedData) =>
    networks.select(
      prepareExamples(classifier, given, dataSetsOf(classifier.model, given), standardization),
    );
  const random = stream(settings.seed).split("validity");
  try {
    const { snapshot } = await optimize({
      networks,
      source: fixedSource(prepare(training), settings, random.split("training")),
      validation: prepare(validation),
      settings,
      start: firstSnapshot(variables, settings, random, "", standardization),
      random,
      meter: new ProgressMeter(),
      advise: false,
      // Its losses are no concern of the user's, and it ends by itself in seconds.
      options: { onWarning: () => {} },
    });
    return {
      variables: variables.entries,
      weights: snapshot.best.weights,
      moments,
      share,
      report: {
        simulations: all.size,
        loss: snapshot.best.loss,
        constantLoss: crossEntropy(validation.data[VALID] ?? [], share),
      },
    };
  } finally {
    await networks.training.release();
    await networks.evaluation.release();
  }
}

function settingsFor(size: number, seed: number): TrainSettings {
  const batch = Math.min(256, size);
  const perEpoch = Math.floor(size / batch);
  return trainingSchema.parse({
    simulations: Math.max(2, size),
    seed,
    batch,
    epochs: Math.min(200, Math.max(8, Math.round(STEPS / perEpoch))),
    learningRate: 3e-3,
    weightDecay: 0.01,
    patience: 20,
  });
}

/** Mean loss of a classifier that gives all the same probability. */
function crossEntropy(valid: ArrayLike<number>, share: number): number {
  const losses = Array.from(valid, (one) => -Math.log(one === 1 ? share : 1 - share));
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
