/**
 * `amortis simulate`: data sets of a model, into a directory.
 */
import { openDataSet, simulateToDirectory, writeSimulations, type AnyModel } from "amortis";
import { describeInvalid, ProgressLine, simulationLine } from "amortis/extend";
import { Option, type Command } from "commander";
import { addCommandOptions, withCommand, type CommandArguments } from "../command-options.js";
import { InterruptedError } from "../failures.js";
import { openFolder } from "../folders.js";
import { count, duration } from "../format.js";
import { listenForInterrupt } from "../interrupt.js";
import { findModel, MODEL_HELP } from "../models.js";
import {
  MOST_THREADS,
  onInvalidOption,
  partFrom,
  print,
  printJson,
  wholeFrom,
} from "../options.js";

interface SimulateArguments extends CommandArguments {
  readonly simulations: number;
  readonly out: string;
  readonly seed: number;
  readonly workers?: number;
  readonly shardSize?: number;
  readonly shard?: readonly [number, number];
  readonly queue?: string;
  readonly export?: string;
  readonly onInvalid?: "exclude" | "fatal";
  readonly json?: true;
  readonly quiet?: true;
}

const DETAILS = `
The directory is a Zarr v3 group (parameters, data/NAME, indices, valid) with checksums, which Python (zarr, xarray) and Julia read too.
Simulation i depends on the seed and on i alone, so the result is the same for any number of workers. Simulations that throw, or give
values that are not finite, are counted and left out, or with --on-invalid fatal end it.

Ctrl-C keeps what is written; the same command continues it. With a larger --n, a complete directory grows; where files of it are missing
or damaged, they are simulated again. One process at a time writes to a directory, but for --shard.

--out s3://BUCKET/PREFIX writes to S3, or to another store that speaks its protocol and honours conditions of writes: AWS_ENDPOINT_URL_S3 names it, and credentials are
those of AWS's own tools (npm i @amortis/s3). It is a directory like any other, also for --shard, --queue and amortis train --data.

--shard I/N is for the arrays of batch systems: N tasks, on any machines that share the directory, each simulate their share of its files, and the last one to
end completes it. A task that failed is run again, and does what is missing. All need the same --n, --seed and --shard-size.

--queue URL has it simulated by \`amortis worker --queue URL\`, on any machines that have MODEL and the directory at the same paths. A job is a file of the
directory; the same command again goes on after whatever stopped it. \`amortis queue URL\` says from anywhere where it stands.

--command takes any program for the simulator of MODEL, whose parameters and data it has. It reads a line of JSON for each simulation and answers one:
  {"id": 7, "seed": 5432101234, "parameters": {"bias": 0.2}}     on standard input
  {"id": 7, "data": {"heads": 3}}                                on standard output, at once; or {"id": 7, "error": "why"}
It ends where its input does. A simulation that makes it exit, hang or write anything else is left out, with what it wrote to standard error; it is started
anew for the others. With --format npy it reads parameters [n, p] and seeds [n] and writes an array for each of the model's data, as NumPy saves them.

Examples:
  amortis simulate gaussian-field --n 20000 --out data/field
  amortis simulate ./coin.ts --n 1000000 --out data/coin --seed 7 --workers 8
  amortis simulate ./models.ts#coin --n 100 --out data/coin --json
  amortis simulate ./coin.ts --n 1000000000 --out /shared/coin --shard $SLURM_ARRAY_TASK_ID/1000
  AWS_PROFILE=lab amortis simulate ./coin.ts --n 1000000 --out s3://simulations/coin
  amortis simulate ./coin.ts --command "python3 coin.py" --time-limit 10 --n 10000 --out data/coin`;

/** What the subcommand takes and does. */
export function addSimulate(command: Command): void {
  addCommandOptions(command)
    .description("Draw parameters from the model's prior and data given them, into a directory.")
    .argument("<MODEL>", MODEL_HELP)
    .requiredOption("--n, --simulations <N>", "number of simulations", wholeFrom(1))
    .requiredOption(
      "--out <DIR>",
      "directory to write, or to continue; s3://BUCKET/PREFIX: in a store of objects, see below",
    )
    .option("--seed <S>", "seed of all randomness", wholeFrom(0), 1)
    .option(
      "--workers <W>",
      "worker threads, or processes of --command; 0 is the main thread (default: one a processor)",
      wholeFrom(0, MOST_THREADS),
    )
    .option(
      "--shard <I/N>",
      "simulate the share of task I of N alone, with I from 0 on: all of them write to one directory",
      partFrom,
    )
    .addOption(
      new Option(
        "--queue <URL>",
        "have it simulated by the workers of a queue, such as redis://localhost:6379, see below",
      ).conflicts(["shard", "workers", "onInvalid"]),
    )
    .option(
      "--shard-size <S>",
      "simulations a file (default: up to 4,096, fewer where they are large or slow)",
      wholeFrom(1),
    )
    .addOption(
      new Option(
        "--export <FILE>",
        "write what DIR holds to a file as well: .npz, .csv or .parquet",
      ).conflicts("shard"),
    )
    .addOption(onInvalidOption())
    .option("--json", "print one JSON document on standard output")
    .option("-q, --quiet", "no progress on standard error")
    .addHelpText("after", DETAILS)
    .action(runSimulate);
}

async function runSimulate(source: string, options: SimulateArguments): Promise<void> {
  if (options.queue !== undefined) {
    const { simulateByQueue } = await import("../simulate-queue.js");
    const started = performance.now();
    const model = await findModel(source);
    await simulateByQueue(source, options, options.queue);
    await exportTo(model, options);
    await report(model.parameterNames, options, (performance.now() - started) / 1000);
    return;
  }
  const model = await withCommand(await findModel(source), options);
  if (options.shard !== undefined) {
    const { simulatePart } = await import("../simulate-part.js");
    await simulatePart(model, options, options.shard);
    return;
  }
  const folder = await openFolder(options.out);
  const progress = new ProgressLine(process.stderr, options.quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("stopping");
  });
  const started = performance.now();
  let done = 0;
  try {
    await simulateToDirectory(model, folder, {
      simulations: options.simulations,
      seed: options.seed,
      ...(options.workers !== undefined && { workers: options.workers }),
      ...(options.shardSize !== undefined && { shardSize: options.shardSize }),
      ...(options.onInvalid && { onInvalid: options.onInvalid }),
      signal: interruption.signal,
      onProgress: (report) => {
        ({ done } = report);
        progress.show(simulationLine(report));
      },
      onWarning: (message) => {
        progress.note(`warning: ${message}`);
      },
    });
  } catch (error) {
    progress.finish();
    if (!interruption.signal.aborted) throw error;
    throw new InterruptedError(
      `interrupted after ${count(done)} of ${count(options.simulations)} simulations; what ${options.out} holds is kept, and the same command continues it`,
      { cause: error },
    );
  } finally {
    interruption.close();
  }
  progress.finish();
  await exportTo(model, options);
  await report(model.parameterNames, options, (performance.now() - started) / 1000);
}

/** Writes what a directory holds to a file as well. */
async function exportTo(model: AnyModel, { out, export: file }: SimulateArguments): Promise<void> {
  if (file === undefined) return;
  await writeSimulations(file, model, await (await openDataSet(await openFolder(out))).read());
}

async function report(
  parameterNames: readonly string[],
  { out, json }: SimulateArguments,
  seconds: number,
): Promise<void> {
  const { info } = await openDataSet(await openFolder(out));
  if (json === true) {
    printJson({
      directory: out,
      model: info.model,
      simulations: info.rows,
      valid: info.valid,
      invalid: info.invalid,
      ...(info.invalid > 0 && {
        whereInvalid: await explainInvalid(out, info.rows, parameterNames),
      }),
      seconds,
      parameters: info.parameterNames,
      data: info.dataShapes,
    });
    return;
  }
  print(
    `${out}: ${count(info.valid)} simulations of ${info.model}, in ${duration(seconds)}; parameters ${parameterNames.join(", ")}; ` +
      `data ${Object.entries(info.dataShapes)
        .map(([name, shape]) => `${name} [${shape.join(", ")}]`)
        .join(", ")}`,
  );
  if (info.invalid > 0) print(await explainInvalid(out, info.rows, parameterNames));
}

async function explainInvalid(
  directory: string,
  total: number,
  parameterNames: readonly string[],
): Promise<string> {
  const invalid = [];
  const valid: number[] = [];
  for await (const shard of (await openDataSet(await openFolder(directory))).shards()) {
    for (const simulation of shard.invalid) invalid.push(simulation);
    for (const value of shard.parameters) valid.push(value);
  }
  return describeInvalid(invalid, total, parameterNames, valid) ?? "";
}
