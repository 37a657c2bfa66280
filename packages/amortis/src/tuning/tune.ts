/**
 * Tuning: which method, networks and settings of training suit a model, within a budget of time or of trainings.
 *
 * Simulations are cut once in three. Contestants, the default always one of them, are trained on the first part and compared by the mean log posterior density of the
 * second,
 *
 *     (1/n) Σᵢ log q(θᵢ | xᵢ),
 *
 * which is largest for the exact posterior and needs no reference. Who is trained for how long a race decides (`racing.ts`). The best of many scores on the same
 * simulations is flattered by having been chosen, so the gain over the default that is reported comes of the third part, of which no score was seen
 * before the choice was made; it is the mean of paired differences, with its standard error. The choice itself is careful: the default stays unless a challenger
 * leads by more than a standard error.
 *
 * The standard error is that of the simulations in the test: of another seed of the same training the score may differ by more.
 */
import { terminal } from "#platform";
import { InvalidArgumentError } from "@amortis/graph";
import { readConfiguration } from "../configuration/index.js";
import type { PosteriorSourceEstimator } from "../estimators/load-kinds.js";
import type { AnyModel } from "../model/index.js";
import { transformedSpecs } from "../networks/index.js";
import { ProgressLine } from "../progress/index.js";
import { judgeInvalid } from "../simulation/invalid-policy.js";
import { InvalidTally } from "../simulation/invalid-tally.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import { priorsOf } from "../simulation/origin.js";
import { refuseInWorker } from "../simulation/worker-flag.js";
import { anySignal, type StopSignal } from "../stop-signal.js";
import { fingerprintOf } from "../training/checkpoint.js";
import { dataSetsOf } from "../training/examples.js";
import { checkGiven, policyOf } from "../training/gather.js";
import { plannedTraining, type PlannedTraining } from "../training/planned.js";
import { Ahead, runApart, type TrialAsked } from "./apart.js";
import { Budget } from "./budget.js";
import { contestant, type Field } from "./contestants.js";
import { Finalists, resultsOf } from "./finalists.js";
import { Journal } from "./journal.js";
import { resolveTuning, type TuneOptions, type TuneSettings } from "./options.js";
import type { Plain } from "./plain.js";
import type { TuningReport } from "./progress.js";
import { DEFAULT, FULL, lastHeat, nextHeat, SHARES, type Heat } from "./racing.js";
import { choose, gainOf, type TuneReport } from "./report.js";
import { partSizes, splitSimulations, type Split } from "./split.js";
import { readContestant, runTrial, type TrialContext } from "./trial.js";
import { tuningLine } from "./words.js";

/** A search that is over. */
export interface Tuned<P> {
  readonly report: TuneReport;
  /** What is chosen, trained on the simulations of the first part. */
  readonly estimator: PosteriorSourceEstimator<P>;
}

/**
 * Searches methods, networks, densities and settings of training for those that suit a model best.
 *
 * With `trials` alone the result depends on the seed alone. With `folder` the search is kept, and goes on from there when it is asked for again with more
 * `minutes` or `trials`.
 *
 * @throws InvalidArgumentError where an option or the configuration is wrong, no budget is given, or there are too few simulations; what training the default throws; the
 *   signal's reason, where it comes before the default is trained.
 * @example
 * const { report, estimator } = await tune(field, { minutes: 10, simulations: 20_000, folder: "tuned" });
 * report.gain;            // { value: 0.31, standardError: 0.02 }, nats over the default, on simulations that nothing was chosen by
 * report.configuration;   // for `amortis train --config`, and readConfiguration
 */
export async function tune<M extends AnyModel>(
  model: M,
  options: TuneOptions,
): Promise<Tuned<M["parameters"]>> {
  refuseInWorker("tunes");
  const settings = resolveTuning(options);
  const stream = options.onProgress === undefined ? terminal() : undefined;
  if (stream === undefined) return search(model, options, settings);
  const line = new ProgressLine(stream);
  const onProgress = (report: TuningReport): void => {
    line.show(tuningLine(report));
  };
  try {
    return await search(model, { ...options, onProgress }, settings);
  } finally {
    line.finish();
  }
}

/** What a search begins with. */
interface Beginning {
  readonly base: Plain;
  readonly field: Field;
  readonly context: TrialContext;
  readonly fingerprint: string;
}

/** Gathers and cuts simulations, and says who takes part. */
async function begin(
  model: AnyModel,
  options: TuneOptions,
  settings: TuneSettings,
): Promise<Beginning> {
  const { seed } = settings;
  const base = options.configuration ?? {};
  const methods = methodsOf(base, options);
  // What is wrong is said before anything is simulated.
  partSizes(settings.simulations, settings);
  for (const name of methods) {
    const { method } = await readContestant({ ...base, method: name }, model, options);
    if (options.data !== undefined) checkGiven(method, options.data, "data", {});
  }
  const split = splitSimulations(model, await gather(model, options, settings), settings);
  const field = await fieldOf(model, base, methods, split, options, seed);
  const fingerprint = await fingerprintOfSearch(model, field, split, options, settings);
  return { base, field, context: { model, split, seed, options }, fingerprint };
}

/** Trainings for the search of another process. */
export interface OpenTrials {
  /** Trains and scores a contestant. @returns what `tune` reads. @throws InvalidArgumentError where it is another search than this; as `train` does; the signal's reason, where it comes. */
  run(asked: TrialAsked, signal?: StopSignal): Promise<Uint8Array>;
}

/**
 * Makes ready to train for the search of another process, by the same model and the same options: its `trainings` asks this.
 *
 * @param options those of that `tune`, but for how it runs here.
 * @throws as `tune` does.
 * @example
 * const trials = await openTrials(field, { trials: 30, simulations: 20_000, seed: 1 });   // on one machine
 * const train = (asked) => fetchFrom(asked);                                             // on another, which has trials.run(asked)
 * await tune(field, { trials: 30, simulations: 20_000, seed: 1, trainings: { width: 4, train } });
 */
export async function openTrials(model: AnyModel, options: TuneOptions): Promise<OpenTrials> {
  refuseInWorker("tunes");
  const { context, fingerprint } = await begin(model, options, resolveTuning(options));
  return {
    run: async (asked, signal) => {
      if (asked.fingerprint !== fingerprint) {
        throw new InvalidArgumentError(
          "openTrials: the search is another than that of who asks: both need the same model, options, data and version",
        );
      }
      return runApart(asked, context, signal);
    },
  };
}

async function search<M extends AnyModel>(
  model: M,
  options: TuneOptions,
  settings: TuneSettings,
): Promise<Tuned<M["parameters"]>> {
  const { base, field, context, fingerprint } = await begin(model, options, settings);
  const { seed, split } = context;
  const journal = await Journal.open(options.folder, fingerprint);
  const { runtime, threads } = options;
  const finalists = await Finalists.open(journal, { model, runtime, threads });
  const { trainings } = options;
  const ahead = trainings && new Ahead(trainings, field, context, fingerprint);
  try {
    const budget = new Budget(settings, journal.trials);
    const endedBy = await race(field, context, journal, finalists, budget, settings, ahead);
    const usual = finalists.default;
    if (usual === undefined) throw new TypeError("a race begins with the default");
    const choice = await choose(resultsOf(journal.trials), usual, finalists.challenger, split);
    const configuration = contestant(choice.contestant, field) ?? base;
    const { training, selection, test } = split;
    const report: TuneReport = {
      model: model.name,
      seed,
      simulations: { training: training.size, selection: selection.size, test: test.size },
      chosen: choice.contestant,
      configuration,
      ...(await gainOf(choice, usual, split)),
      selectionGain: choice.lead,
      trials: journal.trials,
      seconds: journal.trials.reduce((total, { seconds }) => total + seconds, 0),
      endedBy,
    };
    await journal.save("best.amortis", choice.estimator);
    await journal.write("settings.json", configuration);
    await journal.write("report.json", report);
    await finalists.releaseOthers(choice.estimator);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- trained for this model
    return { report, estimator: choice.estimator as PosteriorSourceEstimator<M["parameters"]> };
  } catch (error) {
    await finalists.releaseOthers();
    throw error;
  } finally {
    await ahead?.close();
  }
}

/** Training after training, until the budget is spent. */
async function race(
  field: Field,
  context: TrialContext,
  journal: Journal,
  finalists: Finalists,
  budget: Budget,
  { minutes, trials: trialsInAll }: TuneSettings,
  ahead: Ahead | undefined,
): Promise<TuneReport["endedBy"]> {
  const { signal, onProgress, onTrial } = context.options;
  const tell = (changes: Partial<TuningReport>): void => {
    onProgress?.({
      trials: journal.trials.length,
      ...(trialsInAll !== undefined && { trialsInAll }),
      seconds: budget.seconds,
      ...(minutes !== undefined && { secondsInAll: 60 * minutes }),
      ...leadIn(journal),
      ...changes,
    });
  };
  let exhausted = false;
  for (;;) {
    const results = resultsOf(journal.trials);
    const [next, last] = [nextHeat(results), lastHeat(results)];
    const heat = exhausted ? last : budget.choose(next, last, journal.trials);
    if (heat === undefined) return exhausted ? "exhausted" : "budget";
    if (signal !== undefined && isOver(signal)) return stopped(journal, signal);
    const configuration = contestant(heat.contestant, field);
    if (configuration === undefined) {
      exhausted = true;
      continue;
    }
    const limit = limitOf(heat, signal, budget);
    const about = { contestant: heat.contestant, share: SHARES[heat.rung] ?? 1 };
    tell(about);
    const room = (trialsInAll ?? Infinity) - journal.trials.length;
    const trial =
      ahead === undefined
        ? await runTrial(heat, configuration, context, {
            ...(limit && { signal: limit }),
            onProgress: (training) => {
              tell({ ...about, training });
            },
          })
        : await ahead.take(heat, configuration, journal.trials, room, limit);
    if (trial === undefined || isOver(limit)) {
      // What was cut short is no fair score.
      await trial?.estimator?.release();
      return signal !== undefined && isOver(signal) ? stopped(journal, signal) : "budget";
    }
    await finalists.add(trial);
    onTrial?.(trial.record);
    tell({});
  }
}

function isOver(signal: StopSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** An end before its time: without the default there is nothing to answer with. */
function stopped(journal: Journal, signal: StopSignal): "interrupted" {
  if (journal.trials.length === 0) signal.throwIfAborted();
  return "interrupted";
}

/** Longest time that a timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** What ends a training: the signal, and for all but the default the end of the time there is. */
function limitOf(
  { contestant: number }: Heat,
  signal: StopSignal | undefined,
  { secondsLeft }: Budget,
): StopSignal | undefined {
  if (number === DEFAULT || secondsLeft === Infinity) return signal;
  const end = AbortSignal.timeout(Math.min(LONGEST, Math.max(0, Math.ceil(1000 * secondsLeft))));
  return signal === undefined ? end : anySignal(signal, end);
}

/** By how much the best whole training leads that of the default. */
function leadIn({ trials }: Journal): { readonly lead?: number } {
  const whole = resultsOf(trials).filter(({ rung }) => rung === FULL);
  const usual = whole.find((result) => result.contestant === DEFAULT);
  if (usual === undefined) return {};
  return { lead: Math.max(...whole.map(({ score }) => score)) - usual.score };
}

/** Methods that take part, that of the configuration first. */
function methodsOf(base: Plain, { methods = [], transform }: TuneOptions): Field["methods"] {
  const read = readConfiguration(base);
  if (read.transform.length > 0 && transform === undefined) {
    throw new InvalidArgumentError(
      `tune: the configuration names the transform ${read.transform.join(", ")}, which only the command line finds: give it as the option transform`,
    );
  }
  const own = base["method"] === undefined ? (methods[0] ?? read.method) : read.method;
  return [own, ...new Set(methods.filter((name) => name !== own))];
}

async function fieldOf(
  model: AnyModel,
  base: Plain,
  methods: Field["methods"],
  { training: { size } }: Split,
  options: TuneOptions,
  seed: number,
): Promise<Field> {
  const usual: Record<string, PlannedTraining> = {};
  let { dataSpecs: data } = model;
  for (const name of methods) {
    const { method, training } = await readContestant({ ...base, method: name }, model, options);
    usual[name] = plannedTraining(method, training, size);
    data = transformedSpecs(model.dataSpecs, method.transform);
  }
  return { base, methods, data, usual, seed };
}

/** Simulations, given or fresh. */
async function gather(
  model: AnyModel,
  options: TuneOptions,
  { simulations, seed }: TuneSettings,
): Promise<SimulatedData> {
  const { data, workers, signal, onProgress } = options;
  if (data !== undefined) {
    if (options.onInvalid === "fatal") {
      judgeInvalid(new InvalidTally(model.parameterNames).add(data), options);
    }
    return data;
  }
  return simulate(model, {
    simulations,
    seed,
    ...(workers !== undefined && { workers }),
    ...(signal && { signal }),
    ...policyOf(options),
    onProgress: (simulated) => {
      onProgress?.({ trials: 0, seconds: 0, simulated });
    },
  });
}

/** What is searched, and on what: a folder with anything else is not gone on from. */
async function fingerprintOfSearch(
  model: AnyModel,
  { base, methods }: Field,
  { training, selection, test }: Split,
  { transform }: TuneOptions,
  { seed }: TuneSettings,
): Promise<string> {
  const first = dataSetsOf(model, training).row(0);
  return fingerprintOf([
    [model.name, priorsOf(model), seed, base, methods, SHARES, transform?.describe()],
    [training.size, selection.size, test.size],
    Array.from(training.parameters.subarray(0, 16)),
    Object.entries(first).map(([name, values]) => [name, Array.from(values)]),
  ]);
}
