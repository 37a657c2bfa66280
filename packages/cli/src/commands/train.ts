/**
 * `amortis train`: an estimator from a model, or from simulations made before.
 */
import { appendFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import {
  deviceRuntime,
  load,
  readData,
  SimulationError,
  tensorBoardLog,
  train,
  type AnyModel,
  type Estimator,
  type TrainOptions,
} from "amortis";
import type { ShortDiagnosis } from "amortis/diagnostics";
import {
  configurationHelp,
  methodNames,
  methodOf,
  methodsHelp,
  type Configuration,
  ProgressLine,
  trainingLine,
} from "amortis/extend";
import { Option, type Command } from "commander";
import { readConfig } from "../config.js";
import { InterruptedError, UsageError } from "../failures.js";
import { bestWhere, count, duration, plural, short } from "../format.js";
import { listenForInterrupt } from "../interrupt.js";
import { findCorruption, findModel, findTransforms, MODEL_HELP } from "../models.js";
import {
  deviceOption,
  MOST_THREADS,
  exists,
  onInvalidOption,
  positive,
  print,
  printAside,
  printJson,
  requireOther,
  requireWritable,
  share,
  wholeFrom,
} from "../options.js";
import { queueOption, throughOption } from "../queue-package.js";
import { goingOnOptions, overrides, queueOf, type TrainArguments } from "../train-arguments.js";
import {
  columnOption,
  dataOption,
  parametersOption,
  openGiven,
  readGiven,
  transformOption,
} from "../simulations-given.js";

const DETAILS = `
Ctrl-C ends training early and saves the best so far. With --checkpoint, training is kept in a file after each epoch and goes on from
there when the same command is given again; the file is removed once training is complete.

--data takes simulations from Python, R, Julia or a spreadsheet as .npz, .npy, .parquet, .csv or .json: data and parameters under the model's names, or all
parameters as one array "theta", [n, p], in the model's order; a .npy file is an array of its own name. Simulations lie along the first axis, or
along the last. What names leave open is asked for, or noted.

${configurationHelp()}
Options given on the command line come first.

--queue URL has the networks trained by \`amortis worker --queue URL\`, each of an ensemble by whoever is free, on any machines that have MODEL, --data and --through at the same paths.
What comes out has the bits of a training here, on machines of one kind. Several trainings may be asked for at once: other seeds, other methods. Each worker simulates anew
where there is no --data.

Examples:
  amortis train gaussian-field --method npe --simulations 20000 --out field.amortis
  amortis train ./coin.ts --method nbe --interval 0.9 --out coin.amortis --seed 7
  amortis train ./coin.ts --data data/coin --config coin.json --out coin.amortis --checkpoint
  amortis train ./coin.ts --data simulations.npz --out coin.amortis
  amortis train ./coin.ts --parameters theta.npy --data heads.npy --out coin.amortis
  amortis train max-stable --transform max-stable#logData --out storms.amortis
  amortis train ./coin.ts --from coin.amortis --data more --out longer.amortis
  amortis train ./dear.ts --from cheap.amortis --members 1 --n 500 --out dear.amortis
  amortis train ./field.ts --refresh-data 1 --refresh-parameters 10 --out field.amortis
  amortis train ./survey.ts --column income=log --column 'site={"kind":"oneHot","categories":5}' --out survey.amortis

A likelihood of a learned summary, and the posterior by it; with rkl.json { "likelihood": "likelihood.amortis" }:
  amortis train gaussian-field --method summary --out learned.amortis
  amortis train gaussian-field --method synthetic-likelihood --transform learned.amortis --out likelihood.amortis
  amortis train gaussian-field --method variational --transform learned.amortis --config rkl.json --out field.amortis`;

/** What the subcommand takes and does. */
export function addTrain(command: Command): void {
  for (const option of goingOnOptions()) command.addOption(option);
  command
    .description(`Train an estimator by one of the methods ${methodsHelp()}.`)
    .argument("<MODEL>", MODEL_HELP)
    .requiredOption("--out <FILE.amortis>", "file to write the estimator to")
    .addOption(
      new Option("--method <METHOD>", "what is trained (default: npe)").choices(methodNames),
    )
    .addOption(transformOption())
    .addOption(
      columnOption(
        "log, logit, linear, drop, or JSON with its settings, see below; may be given several times",
      ),
    )
    .option(
      "--n, --simulations <N>",
      "number of simulations to train on (default: 20,000)",
      wholeFrom(2),
    )
    .addOption(
      dataOption("the folder of `amortis simulate`, or a file, see below", [
        "simulations",
        "onTheFly",
      ]),
    )
    .addOption(parametersOption())
    .option(
      "--stream",
      "read the folder in --data again for each epoch, and hold a part at a time (default: where it would take a quarter of the memory)",
    )
    .option("--no-stream", "read the folder in --data whole, however large it is")
    .option(
      "--buffer <N>",
      "simulations of --stream that are held and shuffled at a time (default: 64 MiB of them)",
      wholeFrom(1),
    )
    .option(
      "--allow-other-prior",
      "take --data that were simulated under another prior than the model's",
    )
    .option("--config <FILE>", "JSON file with networks and training settings, see below")
    .option(
      "--corrupt <FILE#NAME>",
      "what may happen to data, done to each simulation: an export (data, random) => data of a module",
    )
    .option(
      "--unlabelled <FILE>",
      "npe: data sets without known parameters, real ones, to learn from beside the simulations, by the model's likelihood",
    )
    .option("--interval <LEVEL>", "nbe: also estimate the ends of a central interval", share)
    .option(
      "--members <K>",
      "networks that are trained apart and answer together (default: by the method, see below)",
      wholeFrom(1, 16),
    )
    .option("--seed <S>", "seed of all randomness (default: 1)", wholeFrom(0))
    .option(
      "--epochs <N>",
      "passes over the simulations (default: as many as they need)",
      wholeFrom(1),
    )
    .option("--batch <N>", "simulations a training step", wholeFrom(1))
    .option("--learning-rate <RATE>", "highest learning rate", positive)
    .option("--on-the-fly", "fresh simulations for every step, made while the network trains")
    .option(
      "--workers <W>",
      "threads that simulate (default: one a processor)",
      wholeFrom(0, MOST_THREADS),
    )
    .addOption(onInvalidOption())
    .option("--threads <T>", "threads the networks run on", wholeFrom(1, MOST_THREADS))
    .addOption(deviceOption())
    .addOption(
      queueOption("train the networks", [
        "checkpoint",
        "resume",
        "log",
        "tensorboard",
        "device",
        "onTheFly",
        "from",
      ]),
    )
    .addOption(throughOption("FILE.amortis.networks"))
    .option("--checkpoint [FILE]", "keep training in a file, by default FILE.amortis.checkpoint")
    .option("--resume", "go on from the checkpoint; it is an error if there is none")
    .option("--log <FILE>", "append a line of JSON for each epoch: losses, rate, gradient norms")
    .option(
      "--tensorboard <DIR>",
      "folder of the run for TensorBoard: the same numbers, in its event files",
    )
    .option("--json", "print one JSON document on standard output")
    .option("-q, --quiet", "no progress on standard error")
    .addHelpText("after", DETAILS)
    .action(runTrain);
}

async function runTrain(source: string, options: TrainArguments): Promise<void> {
  const { training, ...config } = await gatherConfig(options);
  const checkpoint = await checkpointOf(options);
  const { out, log } = options;
  await requireWritable(out);
  if (log !== undefined) await requireWritable(log);
  const model = await findModel(source);
  const transform = await findTransforms(config.transform);
  const method = await methodOf(config, model, { transform });
  const corrupt = options.corrupt === undefined ? undefined : await findCorruption(options.corrupt);
  const unlabelled =
    options.unlabelled === undefined
      ? undefined
      : await readData(options.unlabelled, {
          onNote: (message) => {
            printAside(`note: ${message}`);
          },
        });
  const stored = await openGiven(options, model, options.stream);
  const data =
    stored ??
    (await readGiven(options, model, (message) => {
      printAside(`note: ${message}`);
    }));
  const from = options.from === undefined ? undefined : await load(options.from, { model });
  const device = await runtimeOf(options);
  const { tensorboard } = options;
  const board = tensorboard === undefined ? undefined : tensorBoardLog(tensorboard);
  const queue = await queueOf(source, options, config.transform, stored !== undefined);
  const progress = new ProgressLine(process.stderr, options.quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("stopping");
  });
  let fitted: Estimator;
  try {
    fitted = await train(method, {
      ...training,
      ...overrides(options),
      ...device,
      ...(data && { data }),
      ...(corrupt && { corrupt }),
      ...(from && { from }),
      ...(unlabelled && { unlabelled: { data: unlabelled } }),
      ...(checkpoint !== undefined && { checkpoint }),
      signal: interruption.signal,
      onProgress: (report) => {
        progress.show(trainingLine(report));
      },
      ...(queue && { networks: queue.networks }),
      ...((log !== undefined || board !== undefined) && {
        onEpoch: (record) => {
          if (log !== undefined) appendFileSync(log, `${JSON.stringify(record)}\n`);
          board?.(record);
        },
      }),
      onWarning: (message) => {
        progress.note(`warning: ${message}`);
      },
    });
    requireTrained(fitted, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    const kept =
      checkpoint !== undefined && (await exists(checkpoint))
        ? `; ${checkpoint} keeps what there is`
        : "";
    throw new InterruptedError(
      `interrupted before an epoch was complete, so there is no estimator to save${kept}`,
      { cause: error },
    );
  } finally {
    progress.finish();
    interruption.close();
    await queue?.close();
    await from?.release();
  }
  await fitted.save(options.out);
  await queue?.done();
  const interrupted = interruption.signal.aborted;
  if (checkpoint !== undefined && !interrupted) await rm(checkpoint, { force: true });
  const judged = interrupted ? undefined : await judge(fitted, model, interruption.signal);
  report(fitted, options, interrupted, judged);
  await fitted.release();
}

/** The configuration, with what the command line says of the method. */
async function gatherConfig(options: TrainArguments): Promise<Configuration> {
  const { config, method, interval, members, transform, column: columns, data } = options;
  const read = await readConfig(config, { method, interval, members, transform, columns });
  if (data !== undefined && read.training.onTheFly === true) {
    throw new UsageError(
      `--data gives the simulations, but ${config} asks for new ones (onTheFly)`,
    );
  }
  return read;
}

async function checkpointOf(options: TrainArguments): Promise<string | undefined> {
  const { checkpoint, resume, out } = options;
  if (checkpoint === undefined && resume === undefined) return undefined;
  const path = typeof checkpoint === "string" ? checkpoint : `${out}.checkpoint`;
  if (resume === true && !(await exists(path))) {
    throw new UsageError(`there is nothing to resume: ${path} does not exist`);
  }
  // Complete training removes its checkpoint.
  requireOther("--checkpoint", path, "--out", out);
  await requireWritable(path);
  return path;
}

/** What trains, where a device was named: it is tried, and said which one it is. */
async function runtimeOf({
  device,
  threads,
}: TrainArguments): Promise<Pick<TrainOptions, "runtime">> {
  if (device === undefined) return {};
  const runtime = await deviceRuntime(device, threads);
  printAside(`networks run on ${runtime.name}`);
  return { runtime };
}

/** An interruption before the first validation leaves nothing but random weights. */
function requireTrained(fitted: Estimator, signal: AbortSignal): void {
  if (fitted.history.length === 0) signal.throwIfAborted();
}

/** A short diagnosis; what cannot be simulated again, as a model of files alone, has none, nor what is interrupted: the estimator is saved. */
async function judge(
  fitted: Estimator,
  model: AnyModel,
  signal: AbortSignal,
): Promise<ShortDiagnosis | undefined> {
  const { shortDiagnosis } = await import("amortis/diagnostics");
  try {
    return await shortDiagnosis(fitted, model, signal);
  } catch (error) {
    if (error instanceof SimulationError || signal.aborted) return undefined;
    throw error;
  }
}

function report(
  fitted: Estimator,
  { out, json }: TrainArguments,
  interrupted: boolean,
  judged: ShortDiagnosis | undefined,
): void {
  const { method, model, training } = fitted.details;
  if (json === true) {
    printJson({
      file: out,
      method,
      model: model.name,
      parameters: fitted.parameterNames,
      interrupted,
      simulations: training.simulations,
      invalidSimulations: training.invalidSimulations,
      ...(training.whereInvalid !== undefined && { whereInvalid: training.whereInvalid }),
      ...(training.endedBy !== undefined && { endedBy: training.endedBy }),
      epochs: training.history.length,
      bestEpoch: training.bestEpoch,
      bestValidationLoss: training.bestValidationLoss,
      seconds: training.seconds,
      ...(judged && { diagnosis: judged }),
      history: training.history,
    });
    return;
  }
  const invalid =
    training.invalidSimulations > 0
      ? ` (${count(training.invalidSimulations)} more were invalid)`
      : "";
  if (fitted.kind === "abc" && training.history.length === 0) {
    print(
      `${out}: ${method} for ${model.name}, a table of ${count(fitted.tableSize)} simulations${invalid}, in ${duration(training.seconds)}; nothing is trained`,
    );
    return;
  }
  print(
    `${out}: ${method} for ${model.name}, ${interrupted ? "interrupted" : "trained"} after ` +
      `${plural(training.history.length, "epoch")} on ${count(training.simulations)} simulations${invalid}, in ${duration(training.seconds)}; ` +
      `validation loss ${short(training.bestValidationLoss)}${bestWhere(training)}`,
  );
  if (judged !== undefined) print(judged.verdict);
  if (training.whereInvalid !== undefined) print(training.whereInvalid);
  if (training.endedBy === "diverged") {
    print(
      `the training diverged after epoch ${training.history.length}: what is saved is the best before; try a lower learning rate`,
    );
  }
}
