/**
 * `amortis worker`: simulates and trains what a queue asks for.
 */
import type { Run } from "@amortis/queue";
import type { AnyModel } from "amortis";
import { ProgressLine } from "amortis/extend";
import type { Command } from "commander";
import { withCommand } from "../command-options.js";
import { UsageError } from "../failures.js";
import { openFolder } from "../folders.js";
import { count, short } from "../format.js";
import { listenForInterrupt } from "../interrupt.js";
import { findModel, portable } from "../models.js";
import { MOST_THREADS, positive, wholeFrom } from "../options.js";
import { importQueue } from "../queue-package.js";
import { Trainer } from "../queued-training.js";

interface WorkerArguments {
  readonly queue: string;
  readonly workers?: number;
  readonly only?: string;
  readonly shardLimit?: number;
  readonly lock?: number;
  readonly quiet?: true;
}

const DETAILS = `
Start as many as there are machines, with \`amortis simulate MODEL --queue URL\` from anywhere. Each takes a file of a data set at a time, simulates it, writes it
to the directory that all of them share, and then says that it is done. A worker may be killed at any moment: another one does what it had at hand, with the same
bits. Ctrl-C ends it after the file at hand.

It trains as well: a network of \`amortis train --queue URL\`, or a training of \`amortis tune --queue URL\`, at a time.

The queue says which modules and programs run here: whoever may write to it may run code. Guard it by a password, or name the one model with --only.

Examples:
  amortis worker --queue redis://:secret@queue.example:6379
  amortis worker --queue redis://localhost:6379 --workers 8 --only ./coin.ts`;

/** What the subcommand takes and does. */
export function addWorker(command: Command): void {
  command
    .description(
      "Simulate and train what a queue in Redis or Valkey asks for, until it is stopped.",
    )
    .requiredOption("--queue <URL>", "server of the queue, such as redis://localhost:6379")
    .option(
      "--workers <W>",
      "threads that simulate and train, or processes of a program (default: one a processor)",
      wholeFrom(1, MOST_THREADS),
    )
    .option("--only <MODEL>", "the one model that may run here, by its own simulator")
    .option(
      "--shard-limit <SECONDS>",
      "time a file may take before it counts as failed (default: 3,600)",
      positive,
    )
    .option(
      "--lock <SECONDS>",
      "time without a word after which a worker counts as dead (default: 30)",
      positive,
    )
    .option("-q, --quiet", "no progress on standard error")
    .addHelpText("after", DETAILS)
    .action(runWorker);
}

async function runWorker(options: WorkerArguments): Promise<void> {
  const { startWorker } = await importQueue();
  const progress = new ProgressLine(process.stderr, options.quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("ending after the file at hand");
  });
  const { queue, workers, shardLimit, lock } = options;
  const trainer = new Trainer({ threads: workers, only: options.only });
  const worker = await startWorker(queue, {
    findModel: (run) => modelOf(run, options.only),
    openFolder,
    ...(workers !== undefined && { workers }),
    ...(shardLimit !== undefined && { shardLimit }),
    ...(lock !== undefined && { lockDuration: 1_000 * lock }),
    onShard: ({ run, shard, simulations, invalid, seconds }) => {
      progress.note(
        `${run.directory}: shard ${shard}, ${count(simulations)} simulations (${count(invalid)} invalid), ${short(seconds)} s`,
      );
    },
    make: ({ task }) => trainer.make(task),
    onPiece: ({ title }, seconds) => {
      progress.note(`${title}: trained in ${short(seconds)} s`);
    },
    onFailure: (what, error) => {
      progress.note(`${what} failed: ${error.message}`);
    },
  });
  progress.note("waiting for work");
  await new Promise<void>((resolve) => {
    interruption.signal.addEventListener("abort", () => {
      resolve();
    });
  });
  await worker.close();
  interruption.close();
  progress.finish();
}

/** @throws UsageError where another model than the allowed one is asked for. */
async function modelOf(run: Run, only: string | undefined): Promise<AnyModel> {
  if (only !== undefined && (run.program !== undefined || run.model !== portable(only))) {
    throw new UsageError(
      `this worker runs ${only} alone, not ${run.model}${run.program ? " by a program" : ""}`,
    );
  }
  const { line, format, timeLimit, memoryLimit } = run.program ?? {};
  return withCommand(await findModel(run.model), {
    ...(line !== undefined && { command: line }),
    ...(format !== undefined && { format }),
    ...(timeLimit !== undefined && { timeLimit }),
    ...(memoryLimit !== undefined && { memoryLimit: memoryLimit / 2 ** 20 }),
  });
}
