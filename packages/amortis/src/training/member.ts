/**
 * The training of one network: the only one of a method, or a member of an ensemble.
 */
import { Variables, type HostTensor, type Runtime } from "@amortis/graph";
import type { ArraySpecs } from "../data/array-spec.js";
import type { Standardization } from "../data/standardization.js";
import type { Member, Method } from "../methods/method.js";
import type { Stream } from "../random/index.js";
import { fitting, type TrainedMember, type TrainingSnapshot } from "./checkpoint.js";
import { compileNetworks } from "./loops.js";
import { firstSnapshot, optimize } from "./optimize.js";
import type { TrainSettings } from "../settings/training.js";
import type { TrainOptions } from "./options.js";
import type { ProgressMeter } from "./progress.js";
import type { ExampleSource } from "./source.js";
import type { Unlabelled } from "./unlabelled.js";
import { partOf, weightsFrom } from "./warm-start.js";

/** What the training of a member needs. */
export interface MemberJob {
  readonly method: Method;
  readonly losses: Member["losses"];
  readonly density: Member["density"];
  /** Data sets without known parameters, from which it learns beside the examples. */
  readonly unlabelled: Unlabelled | undefined;
  readonly settings: TrainSettings;
  readonly specs: ArraySpecs;
  readonly standardization: Standardization;
  readonly runtime: Runtime;
  readonly threads: number | undefined;
  readonly validation: Readonly<Record<string, HostTensor>>;
  /** Examples to train on, of those that the networks select. */
  readonly open: (select: Select) => Promise<ExampleSource>;
  readonly fingerprint: string;
  readonly resumed: TrainingSnapshot | undefined;
  /** Members before this one. */
  readonly finished: readonly TrainedMember[];
  readonly advise: boolean;
  /** Is given the network as it is after each epoch. */
  readonly watched?: ((trained: TrainedMember) => Promise<void>) | undefined;
  readonly random: Stream;
  readonly meter: ProgressMeter;
  readonly options: TrainOptions;
}

/** Those of examples that networks take. */
export type Select = (
  examples: Readonly<Record<string, HostTensor>>,
) => Readonly<Record<string, HostTensor>>;

/** Trains it, and validates its best weights once more, example by example. */
export async function trainMember(job: MemberJob): Promise<TrainedMember> {
  const {
    settings,
    runtime,
    threads,
    density,
    unlabelled,
    standardization,
    resumed,
    random,
    meter,
    options,
  } = job;
  const { freeze = [], from } = options;
  const variables = new Variables({ isFixed: (name) => freeze.includes(partOf(name)) });
  const networks = await compileNetworks(
    { ...job.method, losses: job.losses, ...(density && { density }) },
    variables,
    job.specs,
    standardization,
    settings,
    runtime,
    {
      validationRows: rowsOf(job.validation),
      unlabelled,
      ...(threads !== undefined && { threads }),
    },
  );
  // What is fixed here is a variable like others to whoever goes on.
  const answering = variables.entries.map((one) => ({ ...one, trainable: !one.state }));
  try {
    const validation = networks.select(job.validation);
    const first = {
      ...firstSnapshot(
        variables,
        settings,
        random,
        job.fingerprint,
        standardization,
        from &&
          weightsFrom(
            from.contents,
            variables,
            variables.initialize(random.split("weights")),
            options,
          ),
      ),
      finished: job.finished,
    };
    const start =
      resumed === undefined ? first : fitting(resumed, first, options.checkpoint ?? "checkpoint");
    const { snapshot, endedBy } = await optimize({
      networks,
      source: await job.open(networks.select),
      validation,
      settings,
      start,
      random,
      meter,
      options,
      advise: job.advise,
      ...(job.watched && {
        watched: ({ epoch, history }, weights, losses) =>
          job.watched?.({
            variables: answering,
            weights,
            losses,
            history,
            bestEpoch: epoch,
            bestLoss: history.at(-1)?.validationLoss ?? Number.NaN,
            endedBy: "interrupted",
          }) ?? Promise.resolve(),
      }),
    });
    const { best, history } = snapshot;
    return {
      variables: answering,
      weights: best.weights,
      losses: await networks.evaluation.run(best.weights, validation),
      history,
      bestEpoch: best.epoch,
      bestLoss: best.loss,
      endedBy,
    };
  } finally {
    await networks.training.release();
    await networks.evaluation.release();
  }
}

function rowsOf(examples: Readonly<Record<string, HostTensor>>): number {
  return Object.values(examples)[0]?.shape[0] ?? 0;
}
