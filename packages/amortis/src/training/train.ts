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
import type { OpenOptions } from "../estimators/base.js";
import { openEstimator } from "../estimators/load.js";
import type { Method } from "../methods/method.js";
import { adviseRuntime, defaultRuntime, isOther } from "../runtime.js";
import type { DataSets } from "../data/data-sets.js";
import type { AnyModel } from "../model/index.js";
import { ProgressLine, trainingLine } from "../progress/index.js";
import { stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { refuseInWorker } from "../simulation/worker-flag.js";
import { assemble, requireAnswerable, type Making } from "./assemble.js";
import { learnsLikelihood } from "./check-origin.js";
import { loadCheckpoint, type TrainedMember } from "./checkpoint.js";
import { Corruptor } from "./corrupt.js";
import { describeAnswers } from "./describe-answers.js";
import { exampleSources } from "./example-sources.js";
import { dataSetsOf, learnStandardization, prepareExamples } from "./examples.js";
import { describeStored, describeUnlabelled, fingerprintsOf } from "./fingerprints.js";
import { budgetOf, gatherData, type TrainingData } from "./gather.js";
import { learnValidity } from "./learn-validity.js";
import { trainMembers, trainOneMember, type MembersJob } from "./members.js";
import { writeNetwork } from "./network-file.js";
import { isRefreshed, type TrainSettings } from "../settings/training.js";
import { resolveSettings, type TrainOptions } from "./options.js";
import { fittingBatch, plannedMembers } from "./plan-members.js";
import { ProgressMeter } from "./progress.js";
import { snapshotWatcher } from "./snapshots.js";
import { membersIn, resultOf } from "./result.js";
import type { ExampleSource } from "./source.js";
import { digestOf, type Contents } from "../estimators/contents.js";
import { beginningOf, requireGoingOn, standardizationFrom } from "./warm-start.js";
import { isStored, simulationBytes } from "./stored.js";
import { NOTHING_LEARNED } from "./with-table.js";
import { ValidityRecord } from "./validity-record.js";
import { Transformation } from "../networks/transformation.js";
import { resolveUnlabelled } from "./unlabelled.js";
import { withTrend } from "./trend.js";
import { warnOfData } from "./warnings.js";

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

function trainWith<M extends AnyModel, K extends AnswerKind>(
  given: Method<M, K>,
  options: TrainOptions,
): Promise<EstimatorOf<K, M["parameters"]>> {
  return withTraining(given, options, async ({ trainAll, finish }) => finish(await trainAll()));
}

/**
 * Trains one network of a method, the only one or a member of its ensemble, for `train` of another process with `networks`. It has the bits that it has there, on
 * machines of one kind.
 *
 * @param network from 0.
 * @param options those of that `train`, but for how it runs here: `threads`, `workers`, `runtime`, `signal`, `onProgress`, `onEpoch`, `onWarning`.
 * @param fingerprint what it is asked for by, which says whether method, settings and simulations are the same.
 * @returns what that `train` reads.
 * @throws InvalidArgumentError where it is another training than was asked for; the signal's reason, where it comes; as `train` does.
 * @example
 * const bytes = await trainNetwork(npe(field), 2, { data, seed: 1 });   // on one machine
 * await train(npe(field), { data, seed: 1, networks: ({ network }) => fetchFrom(network) });   // on another
 */
export async function trainNetwork(
  method: Method,
  network: number,
  options: TrainOptions = {},
  fingerprint?: string,
): Promise<Uint8Array> {
  refuseInWorker("trains");
  return withTraining(method, { ...options, progress: false }, async (training) => {
    const { networks } = training;
    const asked = { network, networks, fingerprint: training.fingerprint };
    if (!Number.isSafeInteger(network) || network < 0 || network >= networks) {
      throw new InvalidArgumentError(
        `trainNetwork: network ${network} is none of the ${networks} that ${method.name} has here, counted from 0`,
      );
    }
    if (fingerprint !== undefined && fingerprint !== training.fingerprint) {
      throw new InvalidArgumentError(
        "trainNetwork: method, settings or simulations are others than those of who asks: both need the same model, options, data and version",
      );
    }
    return writeNetwork(asked, await training.trainOne(network));
  });
}

/** A training that is ready to begin. */
interface ReadyTraining<M extends AnyModel, K extends AnswerKind> {
  readonly fingerprint: string;
  /** How many networks there are to train. */
  readonly networks: number;
  readonly trainAll: () => Promise<readonly TrainedMember[]>;
  readonly trainOne: (network: number) => Promise<TrainedMember>;
  /** The estimator of trained networks. */
  readonly finish: (trained: readonly TrainedMember[]) => Promise<EstimatorOf<K, M["parameters"]>>;
}

/** Gathers simulations and makes ready to train, and frees what that took at the end. */
async function withTraining<M extends AnyModel, K extends AnswerKind, T>(
  given: Method<M, K>,
  options: TrainOptions,
  use: (training: ReadyTraining<M, K>) => Promise<T>,
): Promise<T> {
  const meter = new ProgressMeter(options.onProgress);
  const { onWarning = console.warn } = options;
  const wanted = resolveSettings(options);
  requireKept(given, wanted, options);
  requireSeen(given);
  if (options.from) requireGoingOn(options.from.contents, given, options);
  if (options.runtime === undefined) await adviseRuntime(onWarning);
  const runtime = options.runtime ?? (await defaultRuntime());
  const clean = await gatherData(given, wanted, options, meter);
  const corruptor = corruptorOf(given.model, options, clean.training, wanted.seed);
  const data = corruptor === undefined ? clean : corruptAll(clean, corruptor);
  const method = given.sized?.(budgetOf(given.model, data, wanted)) ?? given;
  const { model } = method;
  const settings = fittingBatch(wanted, data);
  const wished = plannedMembers(method, options, data);
  const unlabelled =
    options.unlabelled && resolveUnlabelled(method, options.unlabelled, settings.batch);
  const root = stream(settings.seed);
  const { from, freeze, anew } = options;
  const beginning = from && digestOf(from.contents.weights);
  const { now, ...others } = await fingerprintsOf(
    method,
    wished,
    settings,
    data.training,
    [
      beginning,
      corruptor?.description,
      unlabelled && describeUnlabelled(unlabelled),
      data.stored && describeStored(data.stored),
      (freeze ?? anew) && JSON.stringify({ freeze, anew }),
    ].filter((text) => text !== undefined),
  );
  const resumed =
    options.checkpoint === undefined
      ? undefined
      : await loadCheckpoint(options.checkpoint, now, others);
  // What began when methods had no settings of their own ends by those that it began with.
  const isOld = resumed !== undefined && resumed.fingerprint !== now;
  const members = isOld ? plannedMembers({ ...method, usual: {} }, options, data) : wished;
  const [only = { settings }] = members;
  meter.update({ phase: "compiling" });
  const transformation = await Transformation.open(method, runtime);
  try {
    const transformed = await transformation.run(dataSetsOf(model, data.training));
    method.requireData?.(transformed);
    for (const caution of method.cautions?.(transformed) ?? []) onWarning(caution);
    const fresh = learnStandardization(method, data.training, transformed);
    const standardization =
      resumed?.standardization ??
      (from &&
        standardizationFrom(from.contents, method, options, { specs: transformed.specs, fresh })) ??
      (await withTrend(method, data.training, transformed, fresh, runtime));
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
    const openSource = exampleSources({
      method,
      data,
      clean,
      corruptor,
      standardization,
      examples,
      prepare,
      learn: trainWith,
      random: root,
      seed: settings.seed,
      options,
      before: resumed?.simulated,
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
      unlabelled: unlabelled?.description,
      from: from && beginningOf(from.contents),
      members: undefined,
      runtime,
    };
    const job: MembersJob = {
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
      unlabelled,
      specs: transformation.specs,
      standardization,
      runtime,
      threads,
      validation,
      exampleBytes: stored
        ? 2 * data.training.size * simulationBytes(model)
        : Object.values(examples).reduce((n, { data: { byteLength } }) => n + byteLength, 0),
      open: async (planned, random, select, run) => {
        const opened = await openSource(planned, random, select, run);
        source = opened;
        return opened;
      },
      fingerprint: resumed?.fingerprint ?? now,
      resumed,
      random: root,
      meter,
      options,
    };
    const finish = async (
      finished: readonly TrainedMember[],
    ): Promise<EstimatorOf<K, M["parameters"]>> => {
      // Of simulations on the fly it is known at the end alone which were valid.
      const made: ExampleSource | undefined = source;
      const validity = made?.validity ? await learnedValidity(begun.joined(made.validity)) : before;
      const result = resultOf(
        finished,
        finished.length < members.length,
        method.ensemble?.weighing,
      );
      const assembled = assemble(
        method,
        standardization,
        result,
        members.length > 1 ? settings : only.settings,
        {
          ...making,
          invalid: source?.invalid
            ? data.invalid.addRecord(source.invalid.toRecord())
            : data.invalid,
          origin:
            source?.end === undefined
              ? data.origin
              : data.origin && { ...data.origin, end: source.end },
          seconds: meter.secondsElapsed + (resumed?.seconds ?? 0),
          validity,
          members: membersIn(result, members),
        },
      );
      const open = async (
        contents: Contents,
        unheard: Partial<Pick<OpenOptions, "onWarning">> = {},
      ) =>
        openEstimator<K, M["parameters"]>(contents, {
          model,
          // What was trained here is no stranger's: native code may answer. A last digit that differs would lead chains elsewhere.
          ...(options.runtime
            ? { runtime: options.runtime }
            : !learnsLikelihood(method) && (await isOther(runtime)) && { largeRuntime: runtime }),
          ...(threads !== undefined && { threads }),
          ...(options.onWarning && { onWarning: options.onWarning }),
          ...unheard,
        });
      const contents = await describeAnswers(assembled, { method, data, runtime, options, open });
      meter.update({ phase: "done", endedBy: result.endedBy });
      return open(contents);
    };
    const nothing = method.learnsNothing === true;
    return await use({
      fingerprint: now,
      networks: nothing ? 0 : members.length,
      trainAll: async () => (nothing ? [NOTHING_LEARNED] : trainMembers(members, job)),
      trainOne: (network) => trainOneMember(members, network, job),
      finish,
    });
  } finally {
    await transformation.release();
  }
}

/** @throws InvalidArgumentError where states would be learned from as if they were data. */
function requireSeen({ name, model, answers }: Method): void {
  if (model.stateSpace === undefined || answers.kind === "states") return;
  throw new InvalidArgumentError(
    `train: the model "${model.name}" has states, which are never seen: take smoothing(model), or let ${name} learn withoutStates(model)`,
  );
}

/** @throws InvalidArgumentError where simulations that are to be kept are made on the fly or drawn anew, or stay on disk. */
function requireKept(
  { keepsTable = false, name }: Method,
  settings: TrainSettings,
  { data }: TrainOptions,
): void {
  if (keepsTable && isStored(data)) {
    throw new InvalidArgumentError(
      `train: ${name} keeps all simulations, so that they must be in memory: give data: await stored.read()`,
    );
  }
  const { onTheFly } = settings;
  if (!keepsTable || !(onTheFly || isRefreshed(settings))) return;
  const which = onTheFly
    ? ["made on the fly", "onTheFly"]
    : ["drawn anew", "refreshData and refreshParameters"];
  throw new InvalidArgumentError(
    `train: ${name} keeps all simulations, and those ${which[0]} are not kept: leave out ${which[1]}, or simulate into a directory and give that as the table`,
  );
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
