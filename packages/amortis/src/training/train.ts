/**
 * The one trainer that all methods share.
 *
 * It simulates (or takes simulations), learns the standardisation, compiles the method's losses into a training loop, and
 * goes through the data: in stretches of about a quarter of a second, between which progress is reported and an interruption is
 * heeded; with a validation after each epoch, whose best weights are the ones kept.
 */
import { terminal } from "#platform";
import { InvalidArgumentError } from "@amortis/graph";
import type { AnswerKind, EstimatorOf } from "../estimators/kinds.js";
import { openEstimator, type Estimator } from "../estimators/load.js";
import type { Budget, Method } from "../methods/method.js";
import { adviseRuntime, defaultRuntime } from "../runtime.js";
import type { DataSets } from "../data/data-sets.js";
import { tellingPlaces } from "../data/screening.js";
import type { AnyModel } from "../model/index.js";
import { ProgressLine, trainingLine } from "../progress/index.js";
import { stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { describeLostDigits } from "../data/precision.js";
import { describeConstant } from "../data/unlike.js";
import { otherPrior, priorsOf } from "../simulation/origin.js";
import { refuseInWorker } from "../simulation/worker-flag.js";
import { assemble, requireAnswerable, type Making } from "./assemble.js";
import { calibrate } from "./calibrate.js";
import { learnsLikelihood } from "./check-origin.js";
import { fingerprintOf, loadCheckpoint } from "./checkpoint.js";
import { Corruptor } from "./corrupt.js";
import { asManySteps, emulations, fingerprintOfEmulation } from "./emulations.js";
import { dataSetsOf, learnStandardization, prepareExamples } from "./examples.js";
import { gatherData, policyOf, type TrainingData } from "./gather.js";
import { learnValidity } from "./learn-validity.js";
import { planMembers, trainMembers, type PlannedMember } from "./members.js";
import { resolveSettings, type TrainOptions, type TrainSettings } from "./options.js";
import { ProgressMeter } from "./progress.js";
import { snapshotWatcher } from "./snapshots.js";
import { membersIn, resultOf } from "./result.js";
import {
  fixedSource,
  onTheFlySource,
  planOnTheFly,
  type ExampleSource,
  type OnTheFlyOptions,
} from "./source.js";
import { digestOf, type Contents } from "../estimators/contents.js";
import { describeCalibration } from "../posterior/local-calibration.js";
import { standardizationFrom } from "./warm-start.js";
import { isStored, simulationBytes, type StoredTraining } from "./stored.js";
import { storedSource } from "./stored-source.js";
import { withLocalCalibration } from "./local-calibration.js";
import { withSummaryRange } from "./summary-range.js";
import { NOTHING_LEARNED, withTable } from "./with-table.js";
import { ValidityRecord } from "./validity-record.js";
import { Transformation } from "./transformation.js";
import { withTrend } from "./trend.js";
import type { Standardization } from "../data/standardization.js";

/**
 * Trains a method.
 *
 * @returns a trained estimator, with the weights of the best validation loss.
 * @throws InvalidArgumentError where a setting is out of range, there are too few simulations, or those given are not the model's.
 * @throws SimulationError where all simulations are invalid, or any with `onInvalid: "fatal"`; TrainingError where the loss diverges.
 * @example
 * const estimator = await train(npe(field), { simulations: 20_000, seed: 1 });
 */
export async function train<M extends AnyModel, K extends AnswerKind>(
  method: Method<M, K>,
  options: TrainOptions = {},
): Promise<EstimatorOf<K, M["parameters"]>> {
  refuseInWorker("trains");
  const { progress = true, onProgress } = options;
  const stream = progress && onProgress === undefined ? terminal() : undefined;
  if (stream === undefined) return trainWith(method, options);
  const line = new ProgressLine(stream);
  const shown: TrainOptions = {
    ...options,
    onProgress: (report) => {
      line.show(trainingLine(report));
    },
    // Whatever else is printed would be drawn over.
    onWarning: (message) => {
      if (options.onWarning === undefined) line.note(message);
      else options.onWarning(message);
    },
  };
  try {
    return await trainWith(method, shown);
  } finally {
    line.finish();
  }
}

async function trainWith<M extends AnyModel, K extends AnswerKind>(
  given: Method<M, K>,
  options: TrainOptions,
): Promise<EstimatorOf<K, M["parameters"]>> {
  const meter = new ProgressMeter(options.onProgress);
  const { onWarning = console.warn } = options;
  const wanted = resolveSettings(options);
  requireKept(given, wanted, options);
  if (options.runtime === undefined) await adviseRuntime(onWarning);
  const runtime = options.runtime ?? (await defaultRuntime());
  const clean = await gatherData(given, wanted, options, meter);
  const corruptor = corruptorOf(given.model, options, clean.training, wanted.seed);
  const data = corruptor === undefined ? clean : corruptAll(clean, corruptor);
  const method = given.sized?.(budgetOf(given.model, data, wanted)) ?? given;
  const { model } = method;
  // A minibatch is never larger than what there is.
  const batchOf = ({ onTheFly, batch }: TrainSettings): number =>
    onTheFly ? batch : Math.min(batch, data.stored?.size ?? data.training.size);
  const settings = { ...wanted, batch: batchOf(wanted) };
  const members = planMembers(method, (usual, emulations) => {
    const own = resolveSettings(options, usual);
    return {
      ...own,
      batch: batchOf(own),
      ...(emulations > 0 &&
        data.stored === undefined &&
        asManySteps(options, data.training, emulations)),
    };
  });
  const [only = { settings }] = members;
  const root = stream(settings.seed);
  const { from } = options;
  const beginning = from && digestOf(from.contents.weights);
  const { now, ...others } = await fingerprintsOf(
    method,
    members,
    settings,
    data.training,
    [beginning, corruptor?.description, data.stored && describeStored(data.stored)].filter(
      (text) => text !== undefined,
    ),
  );
  const resumed =
    options.checkpoint === undefined
      ? undefined
      : await loadCheckpoint(options.checkpoint, now, others);
  meter.update({ phase: "compiling" });
  const transformation = await Transformation.open(method, runtime);
  try {
    const transformed = await transformation.run(dataSetsOf(model, data.training));
    method.requireData?.(transformed);
    const standardization =
      resumed?.standardization ??
      (from && standardizationFrom(from.contents, method)) ??
      (await withTrend(
        method,
        data.training,
        transformed,
        learnStandardization(method, data.training, transformed),
        runtime,
      ));
    requireAnswerable(method, standardization);
    warnOfData(method, standardization, onWarning);
    const { threads } = options;
    const prepare = async (simulated: SimulatedData, arrays?: DataSets) =>
      prepareExamples(
        method,
        simulated,
        arrays ?? (await transformation.run(dataSetsOf(model, simulated))),
        standardization,
      );
    const { stored } = data;
    const examples = settings.onTheFly || stored ? {} : await prepare(data.training, transformed);
    const validation = await prepare(data.validation);
    let source: ExampleSource | undefined;
    const withEmulations = emulations({
      model,
      data,
      standardization,
      learn: trainWith,
      prepare,
      random: root.split("emulator"),
      seed: settings.seed,
    });
    const begun = new ValidityRecord(model);
    begun.add(data.all);
    const learnedValidity = async (record: ValidityRecord) =>
      record.hasInvalid && learnsLikelihood(method)
        ? await learnValidity(model, record.all(), settings, runtime, threads)
        : undefined;
    const before = settings.onTheFly ? undefined : await learnedValidity(begun);
    const making: Making = {
      invalid: data.invalid,
      origin: data.origin,
      seconds: resumed?.seconds ?? 0,
      validity: before,
      corruption: corruptor?.description,
      members: undefined,
      runtime,
    };
    const finished =
      method.learnsNothing === true
        ? [NOTHING_LEARNED]
        : await trainMembers(members, {
            watched: snapshotWatcher(
              {
                method,
                standardization,
                settings: only.settings,
                made: making,
                members: members.length,
              },
              options,
            ),
            method,
            specs: transformation.specs,
            standardization,
            runtime,
            threads,
            validation,
            exampleBytes: stored
              ? 2 * data.training.size * simulationBytes(model)
              : Object.values(examples).reduce((n, { data: { byteLength } }) => n + byteLength, 0),
            open: async ({ member, settings: own }, random, select, run) => {
              source = own.onTheFly
                ? openSimulations(model, data, own, options, {
                    prepare: async (simulated) =>
                      select(await prepare(corruptor?.apply(simulated, 0) ?? simulated)),
                    before: resumed?.simulated,
                  })
                : stored
                  ? storedSource(
                      model,
                      stored,
                      own,
                      random.split("training"),
                      async (simulated, epoch) =>
                        select(await prepare(corruptor?.apply(simulated, epoch) ?? simulated)),
                    )
                  : fixedSource(
                      select(await withEmulations(examples, run, member.emulation)),
                      own,
                      random.split("training"),
                      // What an emulator makes is of simulations as they were corrupted first.
                      corruptor && member.emulation === undefined
                        ? async (epoch) =>
                            select(await prepare(corruptor.apply(clean.training, epoch)))
                        : undefined,
                    );
              return source;
            },
            fingerprint: now,
            resumed,
            random: root,
            meter,
            options,
          });
    // Of simulations on the fly it is known at the end alone which were valid.
    const made: ExampleSource | undefined = source;
    const validity = made?.validity ? await learnedValidity(begun.joined(made.validity)) : before;
    const result = resultOf(finished, finished.length < members.length, method.ensemble?.weighing);
    const assembled = assemble(
      method,
      standardization,
      result,
      members.length > 1 ? settings : only.settings,
      {
        ...making,
        invalid: source?.invalid ? data.invalid.addRecord(source.invalid.toRecord()) : data.invalid,
        origin:
          source?.end === undefined
            ? data.origin
            : data.origin && { ...data.origin, end: source.end },
        seconds: meter.secondsElapsed + (resumed?.seconds ?? 0),
        validity,
        members: membersIn(result, members),
      },
    );
    const opening = { runtime, ...(threads !== undefined && { threads }) };
    const heldOut = dataSetsOf(model, data.validation);
    const ranged = await withSummaryRange(
      assembled,
      dataSetsOf(model, data.training),
      heldOut,
      opening,
    );
    const tabled =
      method.keepsTable === true
        ? await withTable(
            ranged,
            model,
            [data.training, data.validation],
            options.runtime && { runtime: options.runtime },
          )
        : ranged;
    const contents = await withLocalCalibration(tabled, heldOut, data.validation.parameters, {
      ...opening,
      model,
    });
    warnOfCalibration(contents, model, onWarning);
    const open = (of: Contents, onHeldOut?: () => void) =>
      openEstimator<K, M["parameters"]>(of, {
        model,
        // What was trained here is no stranger's: native code may answer. A last digit that differs would lead chains elsewhere.
        ...(options.runtime
          ? { runtime: options.runtime }
          : !learnsLikelihood(method) && { largeRuntime: runtime }),
        ...(threads !== undefined && { threads }),
        ...(options.onWarning && { onWarning: options.onWarning }),
        ...(onHeldOut && { onWarning: onHeldOut }),
      });
    const calibrated =
      options.calibrate === false || options.signal?.aborted === true
        ? contents
        : await withCalibration(contents, open, heldOut, data.validation.parameters);
    meter.update({ phase: "done", endedBy: result.endedBy });
    return await open(calibrated);
  } finally {
    await transformation.release();
  }
}

/** @throws InvalidArgumentError where simulations that are to be kept are made on the fly, or stay on disk. */
function requireKept(
  { keepsTable = false, name }: Method,
  { onTheFly }: TrainSettings,
  { data }: TrainOptions,
): void {
  if (keepsTable && isStored(data)) {
    throw new InvalidArgumentError(
      `train: ${name} keeps all simulations, so that they must be in memory: give data: await stored.read()`,
    );
  }
  if (!(keepsTable && onTheFly)) return;
  throw new InvalidArgumentError(
    `train: ${name} keeps all simulations, and those made on the fly are not kept: leave out onTheFly, or simulate into a directory and give that as the table`,
  );
}

/** Which simulations on disk are trained on, and in what order. */
function describeStored({ stored, shards, buffered }: StoredTraining): string {
  const { seed, firstIndex, rows, shardSize } = stored.info;
  return JSON.stringify({ seed, firstIndex, rows, shardSize, shards, buffered });
}

/** The same, that says how it answers simulations held out. */
async function withCalibration(
  contents: Contents,
  open: (of: Contents, onWarning: () => void) => Promise<Estimator>,
  heldOut: DataSets,
  parameters: ArrayLike<number>,
): Promise<Contents> {
  // Of what was simulated nobody need be warned.
  const estimator = await open(contents, () => {});
  try {
    const calibration = await calibrate(estimator, heldOut, parameters);
    return {
      ...contents,
      details: { ...contents.details, ...(calibration && { calibration }) },
    };
  } finally {
    await estimator.release();
  }
}

/** What corrupts simulations, where something does. */
function corruptorOf(
  model: AnyModel,
  { corrupt }: TrainOptions,
  clean: SimulatedData,
  seed: number,
): Corruptor | undefined {
  if (corrupt === undefined) return undefined;
  return new Corruptor(model, corrupt, clean, stream(seed).split("corruption"));
}

/** Simulations to begin with, corrupted. */
function corruptAll(clean: TrainingData, corruptor: Corruptor): TrainingData {
  return {
    ...clean,
    training: corruptor.apply(clean.training, 0),
    validation: corruptor.apply(clean.validation, "validation"),
  };
}

/** What a method that suits itself to what it learns from is told of it. */
function budgetOf(
  model: AnyModel,
  { all, training, invalid, origin, stored }: TrainingData,
  { onTheFly }: TrainSettings,
): Budget {
  const drawn = origin !== undefined && otherPrior(origin, model) === undefined;
  return {
    simulations: stored?.stored.size ?? all.size,
    // What suits few simulations, in memory, is of no use for more than fit there.
    onTheFly: onTheFly || stored !== undefined,
    fromPrior: drawn && invalid.count === 0,
    telling: () => tellingPlaces(dataSetsOf(model, training), training.parameters),
  };
}

/** Warns of posteriors that are known not to be as wide as they should be. */
function warnOfCalibration(
  { details: { answers } }: Contents,
  { parameterNames }: AnyModel,
  onWarning: (message: string) => void,
): void {
  if (answers.kind !== "posterior" || answers.calibration === undefined) return;
  const warning = describeCalibration(answers.calibration, parameterNames);
  if (warning !== undefined) onWarning(warning);
}

/** Warns of what the simulations cannot teach. */
function warnOfData(
  { model: { dataSpecs, parameterNames }, wholeParameters = false, limits }: Method,
  standardization: Standardization,
  onWarning: (message: string) => void,
): void {
  if (limits !== undefined) onWarning(limits);
  const constant = describeConstant(dataSpecs, standardization);
  if (constant !== undefined) onWarning(constant);
  const { mean, sd, offset = [] } = standardization.parameters;
  const whole = wholeParameters ? mean.map((value, i) => value + (offset[i] ?? 0)) : mean;
  const lost = describeLostDigits("parameters", parameterNames, { mean: whole, sd });
  if (lost !== undefined) onWarning(lost);
}

/** What is trained, and on what: a checkpoint of anything else is not gone on from. */
async function fingerprintsOf(
  { description: own, ensemble, model }: Method,
  members: readonly PlannedMember[],
  settings: TrainSettings,
  training: SimulatedData,
  /** Of the weights that training begins with, where they are another's; of what happens to simulations, where something does. */
  beside: readonly string[],
): Promise<{ readonly now: string; readonly earlier?: string; readonly mapped?: string[] }> {
  const { size, parameters } = training;
  const description =
    ensemble === undefined
      ? own
      : [
          own,
          members.map(({ member, settings: { weightDecay, learningRate } }) => [
            member.description,
            weightDecay,
            learningRate,
            ...fingerprintOfEmulation(member.emulation),
          ]),
        ];
  const known = [
    description,
    model.name,
    settings,
    size,
    Array.from(parameters.subarray(0, 16)),
    ...beside,
  ];
  const firstRows = Object.entries(dataSetsOf(model, training).row(0)).map(([name, values]) => [
    name,
    Array.from(values),
  ]);
  const priors = Object.entries(model.parameters).map(([name, prior]) => [name, prior.toJSON()]);
  const now = await fingerprintOf([...known, firstRows, priors]);
  // Version 0.1 looked at neither the data nor the priors.
  const earlier = await fingerprintOf(known);
  // Nor did priors have links, but probit: weights for another map are of no use.
  const before = Object.entries(priorsOf(model));
  if (JSON.stringify(priors).includes("normal-scores")) {
    return { now, mapped: [earlier, await fingerprintOf([...known, firstRows, before])] };
  }
  return { now, earlier };
}

/** Fresh simulations, after those that training begins with. */
function openSimulations(
  model: AnyModel,
  { training, validation, invalid }: TrainingData,
  settings: TrainSettings,
  options: TrainOptions,
  how: Pick<OnTheFlyOptions, "prepare" | "before">,
): ExampleSource {
  const { workers, signal } = options;
  const met = training.size + validation.size + invalid.count;
  return onTheFlySource({
    model,
    seed: settings.seed,
    batch: settings.batch,
    plan: planOnTheFly(settings, 1 - invalid.count / met),
    firstIndex: met,
    ...how,
    ...policyOf(options),
    ...(workers !== undefined && { workers }),
    ...(signal && { signal }),
  });
}
