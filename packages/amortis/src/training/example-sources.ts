/**
 * Where the examples of a member come from: simulations on the fly, ones that stay on disk, or ones in memory, drawn anew now and then or with those of an emulator beside them.
 */
import type { Standardization } from "../data/standardization.js";
import type { Method } from "../methods/method.js";
import type { AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import type { Corruptor } from "./corrupt.js";
import { emulations, type EmulationJob } from "./emulations.js";
import { policyOf, type TrainingData } from "./gather.js";
import type { MembersJob } from "./members.js";
import { isRefreshed, type TrainSettings } from "../settings/training.js";
import type { TrainOptions } from "./options.js";
import {
  fixedSource,
  onTheFlySource,
  planOnTheFly,
  type Examples,
  type ExampleSource,
  type OnTheFlyOptions,
} from "./source.js";
import { Refresher } from "./refresh.js";
import { storedSource } from "./stored-source.js";

/** What members learn from. */
export interface ExampleSourcesJob {
  readonly method: Method;
  /** As it is learned from. */
  readonly data: TrainingData;
  /** As it was simulated, before anything corrupted it. */
  readonly clean: TrainingData;
  readonly corruptor: Corruptor | undefined;
  readonly standardization: Standardization;
  /** Of all simulations in memory. */
  readonly examples: Examples;
  readonly prepare: EmulationJob["prepare"];
  readonly learn: EmulationJob["learn"];
  readonly random: Stream;
  readonly seed: number;
  readonly options: TrainOptions;
  /** What was simulated on the fly before a training was interrupted. */
  readonly before: OnTheFlyOptions["before"];
}

/** Opens the examples of each member. */
export function exampleSources(job: ExampleSourcesJob): MembersJob["open"] {
  const { method, data, clean, corruptor, examples, prepare, random, options, before } = job;
  const { model } = method;
  const { stored } = data;
  const withEmulations = emulations({
    model,
    data,
    standardization: job.standardization,
    learn: job.learn,
    prepare,
    random: random.split("emulator"),
    seed: job.seed,
  });
  const corrupted = (simulated: SimulatedData, epoch: number): SimulatedData =>
    corruptor?.apply(simulated, epoch) ?? simulated;
  return async ({ member, settings }, own, select, run): Promise<ExampleSource> => {
    if (settings.onTheFly) {
      return openSimulations(model, data, settings, options, {
        prepare: async (simulated) => select(await prepare(corrupted(simulated, 0))),
        before,
      });
    }
    const each = own.split("training");
    if (stored !== undefined) {
      return storedSource(model, stored, settings, each, async (simulated, epoch) =>
        select(await prepare(corrupted(simulated, epoch))),
      );
    }
    if (isRefreshed(settings)) {
      const refresher = new Refresher(model, clean.training, settings, each, options);
      return fixedSource(
        select(examples),
        settings,
        each,
        refreshedExamples(
          refresher,
          options,
          async (simulated, epoch) => select(await prepare(corrupted(simulated, epoch))),
          corruptor === undefined,
        ),
      );
    }
    return fixedSource(
      select(await withEmulations(examples, run, member.emulation)),
      settings,
      each,
      // What an emulator makes is of simulations as they were corrupted first.
      corruptor && member.emulation === undefined
        ? async (epoch) => select(await prepare(corruptor.apply(clean.training, epoch)))
        : undefined,
    );
  };
}

/**
 * The examples of each epoch; none, where the signal comes while they are drawn.
 *
 * @param same whether the same simulations make the same examples in each epoch.
 */
function refreshedExamples(
  refresher: Refresher,
  { signal }: TrainOptions,
  prepare: (simulated: SimulatedData, epoch: number) => Promise<Examples>,
  same: boolean,
): (epoch: number) => Promise<Examples | undefined> {
  let last: { readonly simulated: SimulatedData; readonly examples: Examples } | undefined;
  return async (epoch) => {
    try {
      const simulated = await refresher.at(epoch);
      if (!same || last?.simulated !== simulated) {
        last = { simulated, examples: await prepare(simulated, epoch) };
      }
      return last.examples;
    } catch (error) {
      // What was learned so far is kept.
      if (signal?.aborted === true) return undefined;
      throw error;
    }
  };
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
