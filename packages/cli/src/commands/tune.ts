/**
 * `amortis tune`: which methods, networks and settings suit a model, within a budget.
 */
import { join } from "node:path";
import { tune, type Tuned } from "amortis";
import {
  methodNames,
  ProgressLine,
  readConfiguration,
  trialInWords,
  tuneInWords,
  tuningLine,
  type TrialSource,
} from "amortis/extend";
import { Option, type Command } from "commander";
import { mergeConfig } from "../config.js";
import { InterruptedError, UsageError } from "../failures.js";
import { listenForInterrupt } from "../interrupt.js";
import { findModel, findTransforms, MODEL_HELP } from "../models.js";
import {
  MOST_THREADS,
  onInvalidOption,
  positive,
  print,
  printAside,
  printJson,
  requireWritable,
  share,
  wholeFrom,
} from "../options.js";
import { queueOption, throughOption } from "../queue-package.js";
import { askQueue, type AskedQueue } from "../queued-training.js";
import {
  collect,
  columnOption,
  dataOption,
  parametersOption,
  readGiven,
  transformOption,
} from "../simulations-given.js";

interface TuneArguments {
  readonly out: string;
  readonly minutes?: number;
  readonly trials?: number;
  readonly method?: readonly string[];
  readonly config?: string;
  readonly simulations?: number;
  readonly data?: readonly string[];
  readonly parameters?: string;
  readonly selection?: number;
  readonly test?: number;
  readonly transform?: readonly string[];
  readonly column?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  readonly workers?: number;
  readonly onInvalid?: "exclude" | "fatal";
  readonly threads?: number;
  readonly queue?: string;
  readonly through?: string;
  readonly atOnce?: number;
  readonly json?: true;
  readonly quiet?: true;
}

const DETAILS = `
Simulations are cut once in three: to train on, to choose by, and to test with. The default, which is what --config says or nothing, is trained first and in
whole; others around it are trained for a ninth of their epochs, the best third of those for a third, and the best third of these in whole. What is compared is
the log posterior density at the true parameters. The gain that is reported is over the default, on simulations that nothing was chosen by, with its standard
error: chance in the choice does not flatter it. The default stays unless another leads by more than a standard error.

DIR gets best.amortis, the estimator that is chosen; settings.json, for amortis train --config; report.json; and what it takes to go on: Ctrl-C ends the
search and says what was found so far, the same command goes on with it, and a larger --minutes or --trials makes it longer. With --trials alone the result
depends on the seed alone. Simulations are made again each time: where they take long, make them with amortis simulate, and give --data.

--queue URL has \`amortis worker --queue URL\` train, on any machines that have MODEL, --data and --through at the same paths: as many at once as there are workers, --at-once at most.
Scores are looked at in the order that they have here, so that with --trials alone the result is the same, to the bit, on machines of one kind. Each worker simulates anew where
there is no --data.

Examples:
  amortis tune line.ts --minutes 10 --out tuned
  amortis tune line.ts --minutes 60 --data data/line --method npe --method nre --out tuned
  amortis train line.ts --config tuned/settings.json --simulations 100000 --out line.amortis`;

/** What the subcommand takes and does. */
export function addTune(command: Command): void {
  command
    .description(
      "Search methods, networks and settings of training for those that suit a model, and say what they gain over the default.",
    )
    .argument("<MODEL>", MODEL_HELP)
    .requiredOption("--out <DIR>", "folder for what is found, and to go on from")
    .option("--minutes <N>", "time for trainings, simulating apart", positive)
    .option("--trials <T>", "trainings, short ones too", wholeFrom(1))
    .addOption(
      new Option(
        "--method <METHOD>",
        "a method that takes part (default: npe, or that of --config); may be given several times",
      ).argParser(collect),
    )
    .option("--config <FILE>", "JSON file with what all have: see amortis train --help")
    .option(
      "--n, --simulations <N>",
      "number of simulations in all (default: 20,000)",
      wholeFrom(1),
    )
    .addOption(dataOption("as of amortis train", ["simulations"]))
    .addOption(parametersOption())
    .option("--selection <SHARE>", "share of the simulations to choose by (default: 0.1)", share)
    .option("--test <SHARE>", "share of the simulations to test with (default: 0.1)", share)
    .addOption(transformOption())
    .addOption(columnOption("see amortis train --help"))
    .option("--seed <S>", "seed of all randomness (default: 1)", wholeFrom(0))
    .option(
      "--workers <W>",
      "threads that simulate (default: one a processor)",
      wholeFrom(0, MOST_THREADS),
    )
    .addOption(onInvalidOption())
    .option("--threads <T>", "threads the networks run on", wholeFrom(1, MOST_THREADS))
    .addOption(queueOption("train", []))
    .addOption(throughOption("DIR/trials"))
    .option(
      "--at-once <N>",
      "trainings of --queue that are under way at once (default: 4)",
      wholeFrom(1, MOST_THREADS),
    )
    .option("--json", "print one JSON document on standard output")
    .option("-q, --quiet", "no progress on standard error")
    .addHelpText("after", `${DETAILS}\n\nMethods: ${methodNames.join(", ")}.`)
    .action(runTune);
}

async function runTune(source: string, options: TuneArguments): Promise<void> {
  const { config, transform: transforms, column: columns, method: methods, out, quiet } = options;
  const configuration = await mergeConfig(config, { transform: transforms, columns });
  const read = readConfiguration(configuration, config ?? "the options");
  await requireWritable(join(out, "report.json"));
  const model = await findModel(source);
  const transform = await findTransforms(read.transform);
  const data = await readGiven(options, model, (message) => {
    printAside(`note: ${message}`);
  });
  const queue = await queueOf(source, options, configuration, read.transform);
  const progress = new ProgressLine(process.stderr, quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("stopping");
  });
  let tuned: Tuned<unknown>;
  try {
    tuned = await tune(model, {
      ...given(options),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain data, as just read
      configuration: configuration as Readonly<Record<string, never>>,
      ...(methods && { methods }),
      ...(transform && { transform }),
      ...(data && { data }),
      ...(queue && { trainings: queue.trainings }),
      folder: out,
      signal: interruption.signal,
      onProgress: (report) => {
        progress.show(tuningLine(report));
      },
      onTrial: (trial) => {
        if (quiet !== true) progress.note(trialInWords(trial));
      },
      onWarning: (message) => {
        progress.note(`warning: ${message}`);
      },
    });
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw new InterruptedError(
      "interrupted before the default was trained, so there is nothing to say",
      { cause: error },
    );
  } finally {
    progress.finish();
    interruption.close();
    await queue?.close();
  }
  await queue?.done();
  const { report, estimator } = tuned;
  await estimator.release();
  if (options.json === true) printJson({ folder: out, ...report });
  else {
    for (const line of tuneInWords(report)) print(line);
    print(
      `${join(out, "best.amortis")}: the estimator; ${join(out, "settings.json")}: for --config`,
    );
  }
}

/** Who trains, where a queue is named. */
async function queueOf(
  source: string,
  options: TuneArguments,
  configuration: unknown,
  transform: readonly string[],
): Promise<(Pick<AskedQueue, "close" | "done"> & { readonly trainings: TrialSource }) | undefined> {
  const { queue: url, out, through = join(out, "trials"), atOnce = 4 } = options;
  if (url === undefined) {
    const idle = options.through !== undefined || options.atOnce !== undefined;
    if (!idle) return undefined;
    throw new UsageError("--through and --at-once are of --queue: give it too");
  }
  const { data, parameters, onInvalid, method: methods } = options;
  const { workers: _, threads: __, ...plain } = given(options);
  const queue = await askQueue(url, through);
  const asked = {
    model: source,
    transform,
    configuration,
    options: { ...plain, ...(methods && { methods }) },
    ...(data && { data }),
    ...(parameters !== undefined && { parameters }),
    ...(onInvalid && { onInvalid }),
  };
  return { trainings: queue.trainings(asked, atOnce), close: queue.close, done: queue.done };
}

/** Options that are given and mean the same to the library. */
function given(options: TuneArguments): Readonly<Record<string, unknown>> {
  const { minutes, trials, simulations, selection, test, seed, workers, threads, onInvalid } =
    options;
  const all = { minutes, trials, simulations, selection, test, seed, workers, threads, onInvalid };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
