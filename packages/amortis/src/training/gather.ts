/**
 * The simulations that training begins with: to learn from, to standardise by, and to choose the best weights with.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { sizeOf } from "../data/shape.js";
import { findNonFinite } from "../data/simulator-output.js";
import { findRepeats } from "../data/repeats.js";
import { tellingPlaces } from "../data/screening.js";
import type { Budget, Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import {
  simulate,
  type InvalidPolicy,
  type SimulatedData,
  type StoredDataSet,
} from "../simulation/index.js";
import { judgeInvalid } from "../simulation/invalid-policy.js";
import { InvalidTally } from "../simulation/invalid-tally.js";
import { otherPrior, trainingOrigin, type TrainingOrigin } from "../simulation/origin.js";
import { describeParameters } from "../simulation/simulated-data.js";
import { checkPrior, checkShared, noteInvalid } from "./check-origin.js";
import { dataSetsOf, sliceData } from "./examples.js";
import type { TrainOptions } from "./options.js";
import type { ProgressMeter } from "./progress.js";
import { heldOut, isRefreshed, type TrainSettings } from "../settings/training.js";
import { planOnTheFly, requireOneBatch } from "./source.js";
import { cutStored, isStored, joinSimulations, type StoredTraining } from "./stored.js";

/** Simulations to train on and to validate with. */
export interface TrainingData {
  /** On the fly, what the standardisation is learned from. */
  readonly training: SimulatedData;
  readonly validation: SimulatedData;
  /** All that there is to begin with but what was given for validation, with the account of each that is invalid. */
  readonly all: SimulatedData;
  /** An account of the simulations that were left out. */
  readonly invalid: InvalidTally;
  /** The simulations on disk that `training` is a part of, where they are there. */
  readonly stored?: StoredTraining;
  /** Where they come from, those that are made on the fly included; undefined where that is not known. */
  readonly origin: TrainingOrigin | undefined;
}

/**
 * Simulates, or takes what was simulated before, and holds some out.
 *
 * @throws InvalidArgumentError where data are not the model's, under another prior, or too few. SimulationError where all simulations
 *   are invalid, or any with `onInvalid: "fatal"`.
 */
export async function gatherData(
  method: Method,
  settings: TrainSettings,
  options: TrainOptions,
  meter: ProgressMeter,
): Promise<TrainingData> {
  const { model } = method;
  const { validation } = options;
  const apart = typeof validation === "object" ? validation : undefined;
  if (apart !== undefined) checkGiven(method, apart, "validation", options);
  if (isStored(options.data)) return gatherStored(method, settings, options, options.data, apart);
  const held = heldOut(settings.simulations, settings.validation);
  // On the fly, only the validation set and a start for the standardisation are simulated beforehand.
  const needed = settings.onTheFly ? held + (apart ? 0 : held) : settings.simulations;
  // Fails before anything is simulated, not after.
  if (settings.onTheFly) planOnTheFly(settings, 1);
  else requireOneBatch(settings.simulations - (apart ? 0 : held), 1);
  if (options.data !== undefined) checkGiven(method, options.data, "data", options);
  const all =
    options.data ??
    (await simulate(model, {
      simulations: needed,
      seed: settings.seed,
      ...(options.workers !== undefined && { workers: options.workers }),
      ...(options.signal && { signal: options.signal }),
      ...policyOf(options),
      onProgress: (simulated) => {
        meter.update({ phase: "simulating", simulated });
      },
    }));
  if (apart !== undefined) checkShared(all, apart, options);
  const invalid = new InvalidTally(model.parameterNames).add(all);
  // What is simulated here was judged already, and of data given one was warned when they were made.
  if (options.onInvalid === "fatal") judgeInvalid(invalid, options);
  if (invalid.count > 0) noteInvalid(method, invalid, options);
  const share = settings.onTheFly ? 0.5 : settings.validation;
  const size = apart ? 0 : heldOut(all.size, share);
  const training = sliceData(model, all, 0, all.size - size);
  requireOneBatch(training.size, 1);
  return {
    training,
    validation: apart ?? sliceData(model, all, all.size - size, all.size),
    all,
    invalid,
    origin: trainingOrigin(all),
  };
}

/** Of simulations on disk: some to begin with, and those that are held out. */
async function gatherStored(
  method: Method,
  settings: TrainSettings,
  options: TrainOptions,
  data: StoredDataSet,
  apart: SimulatedData | undefined,
): Promise<TrainingData> {
  const { model } = method;
  const share = apart === undefined ? settings.validation : 0;
  const stored = await cutStored(model, data, share, options.buffer);
  const { sample, validation } = stored;
  checkGiven(method, sample, "data", options);
  if (apart === undefined) checkGiven(method, validation, "data", options);
  else checkShared(sample, apart, options);
  const all = joinSimulations(model, [sample, validation]);
  const invalid = new InvalidTally(model.parameterNames).add(all);
  const { info } = data;
  // The reasons of those in shards that are not looked at yet are on disk.
  const others = info.invalid - invalid.count;
  if (others > 0) {
    const reasons = { "not looked at": others };
    invalid.addRecord({ total: info.rows - invalid.total, invalid: others, reasons, ranges: [] });
  }
  if (options.onInvalid === "fatal") judgeInvalid(invalid, options);
  if (invalid.count > 0) noteInvalid(method, invalid, options);
  const known = trainingOrigin(all);
  const origin = known && { ...known, first: info.firstIndex, end: info.firstIndex + info.rows };
  return {
    training: sample,
    validation: apart ?? validation,
    all,
    invalid,
    stored,
    origin: info.saved === true ? known : origin,
  };
}

/** What a method that suits itself to what it learns from is told of it. */
export function budgetOf(
  model: AnyModel,
  { all, training, invalid, origin, stored }: TrainingData,
  settings: TrainSettings,
): Budget {
  const drawn = origin !== undefined && otherPrior(origin, model) === undefined;
  return {
    simulations: stored?.stored.size ?? all.size,
    // What suits few simulations, in memory, is of no use for more than fit there.
    onTheFly: settings.onTheFly || stored !== undefined,
    refreshed: isRefreshed(settings),
    fromPrior: drawn && invalid.count === 0,
    telling: () => tellingPlaces(dataSetsOf(model, training), training.parameters),
    repeats: () => findRepeats(dataSetsOf(model, training)),
  };
}

/** @throws InvalidArgumentError where simulations are not those of the model, or under another prior. */
export function checkGiven(
  method: Method,
  data: SimulatedData,
  option: "data" | "validation",
  options: Pick<TrainOptions, "allowOtherPrior">,
): void {
  checkArrays(method.model, data, option);
  checkPrior(method, data, option, options);
  checkSupport(method.model, data, option);
}

function unfit(model: AnyModel, option: string, problem: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `train: ${option} must be simulations of the model "${model.name}", but ${problem}`,
  );
}

/** What is done about invalid simulations. */
export function policyOf({ onInvalid, onWarning }: InvalidPolicy): InvalidPolicy {
  return {
    ...(onInvalid !== undefined && { onInvalid }),
    ...(onWarning !== undefined && { onWarning }),
  };
}

/** @throws InvalidArgumentError where simulations do not have the arrays of the model, or there are none. */
function checkArrays(model: AnyModel, given: SimulatedData, option: string): void {
  const { size, parameters, data } = given;
  const fail = (problem: string): never => {
    throw unfit(model, option, problem);
  };
  if (size < 1) fail("it holds none");
  if (parameters.length !== size * model.parameterSize) {
    fail(
      `it has ${parameters.length} parameter values for ${size} simulations of ${model.parameterSize} parameters`,
    );
  }
  for (const [name, shape] of Object.entries(model.dataShapes)) {
    const values = data[name];
    if (values === undefined) {
      return fail(`it lacks the array "${name}"; it has ${Object.keys(data).join(", ")}`);
    }
    if (values.length !== size * sizeOf(shape)) {
      fail(
        `its array "${name}" has ${values.length} values for ${size} simulations of shape [${shape.join(", ")}]`,
      );
    }
  }
  const sets = dataSetsOf(model, given);
  for (let row = 0; row < size; row++) {
    const problem = findNonFinite(sets, row);
    if (problem !== undefined) fail(`in simulation ${row}, ${problem}`);
  }
}

/** @throws InvalidArgumentError where θ is no possible draw of the model's prior. */
function checkSupport(model: AnyModel, { size, parameters }: SimulatedData, option: string): void {
  const p = model.parameterSize;
  for (let row = 0; row < size; row++) {
    const theta = parameters.subarray(row * p, (row + 1) * p);
    const logPrior = model.logPrior(theta);
    if (logPrior > -Infinity) continue;
    const at = describeParameters(model.parameterNames, Array.from(theta));
    throw unfit(
      model,
      option,
      `simulation ${row}, at ${at}, ${Number.isNaN(logPrior) ? "has a prior log-density that is not a number" : "lies outside the support of its prior"}: simulate with the priors of the model, or give the model the priors of the simulations`,
    );
  }
}
