/**
 * What `amortis train` is given, and what of it `train` is told.
 */
import type { Device, TrainOptions } from "amortis";
import type { NetworkSource } from "amortis/extend";
import { Option } from "commander";
import { mergeConfig } from "./config.js";
import { UsageError } from "./failures.js";
import { names, wholeFrom } from "./options.js";
import { askQueue, type AskedQueue } from "./queued-training.js";

/** Options of the command line. */
export interface TrainArguments {
  readonly out: string;
  readonly method?: string;
  readonly simulations?: number;
  readonly data?: readonly string[];
  readonly parameters?: string;
  readonly allowOtherPrior?: true;
  readonly config?: string;
  readonly interval?: number;
  readonly members?: number;
  readonly transform?: readonly string[];
  readonly corrupt?: string;
  readonly unlabelled?: string;
  readonly column?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  readonly onTheFly?: true;
  readonly refreshData?: number;
  readonly refreshParameters?: number;
  readonly from?: string;
  readonly freeze?: readonly string[];
  readonly anew?: readonly string[];
  readonly workers?: number;
  readonly onInvalid?: "exclude" | "fatal";
  readonly threads?: number;
  readonly device?: Device;
  readonly stream?: boolean;
  readonly buffer?: number;
  readonly queue?: string;
  readonly through?: string;
  readonly checkpoint?: string | true;
  readonly resume?: true;
  readonly log?: string;
  readonly tensorboard?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Options of simulations that are drawn anew, and of a training that goes on from another. */
export function goingOnOptions(): readonly Option[] {
  const epochs = wholeFrom(1);
  return [
    new Option(
      "--refresh-data <EPOCHS>",
      "draw data anew every so many epochs, given the same parameters",
    ).argParser(epochs),
    new Option(
      "--refresh-parameters <EPOCHS>",
      "draw parameters anew every so many epochs, and data with them",
    ).argParser(epochs),
    new Option(
      "--from <FILE.amortis>",
      "go on from an estimator of the same method and networks, with other simulations, or those of a dearer simulator of the same parameters and data",
    ),
    new Option(
      "--freeze <PARTS>",
      "parts of the networks of --from that keep their weights, such as summary",
    ).argParser(names),
    new Option(
      "--anew <PARTS>",
      "parts of the networks of --from that begin anew and may be others, such as summary,density",
    ).argParser(names),
  ];
}

/** Options that `train` takes as they are. */
export function overrides(options: TrainArguments): TrainOptions {
  const { simulations, seed, epochs, batch, learningRate, onTheFly } = options;
  const { workers, threads, onInvalid, allowOtherPrior } = options;
  const { buffer, refreshData, refreshParameters, freeze, anew } = options;
  const drawn = { onTheFly, refreshData, refreshParameters };
  const given = { buffer, simulations, seed, epochs, batch, learningRate, ...drawn, freeze, anew };
  const all = { ...given, workers, threads, onInvalid, allowOtherPrior };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Networks from the workers of a queue. */
export interface QueuedNetworks extends Pick<AskedQueue, "close" | "done"> {
  readonly networks: NetworkSource;
}

/**
 * Who trains, where a queue is named.
 *
 * @param transform names of transforms, of the configuration and the options.
 * @param stream whether the simulations stay on disk.
 * @throws UsageError where --through stands alone, or the queue's package is not installed; QueueError where it cannot be reached.
 */
export async function queueOf(
  source: string,
  options: TrainArguments,
  transform: readonly string[],
  stream: boolean,
): Promise<QueuedNetworks | undefined> {
  const { queue: url, through = `${options.out}.networks` } = options;
  if (url === undefined) {
    if (options.through === undefined) return undefined;
    throw new UsageError("--through is of --queue: give both");
  }
  const { config, method, interval, members, transform: own, column: columns } = options;
  const said = { method, interval, members, transform: own, columns };
  const { data, parameters, onInvalid, corrupt } = options;
  const { threads: _, workers: __, ...settings } = overrides(options);
  const queue = await askQueue(url, through);
  const networks = queue.networks({
    model: source,
    transform,
    configuration: await mergeConfig(config, said),
    options: settings,
    stream,
    ...(data && { data }),
    ...(parameters !== undefined && { parameters }),
    ...(onInvalid && { onInvalid }),
    ...(corrupt !== undefined && { corrupt }),
  });
  return { networks, close: queue.close, done: queue.done };
}
