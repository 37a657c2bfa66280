/**
 * `amortis simulate --queue URL`: a data set by the workers of a queue.
 */
import { ProgressLine } from "amortis/extend";
import { withCommand, type CommandArguments } from "./command-options.js";
import { InterruptedError } from "./failures.js";
import { absoluteFolder, openFolder } from "./folders.js";
import { count, duration } from "./format.js";
import { listenForInterrupt } from "./interrupt.js";
import { findModel, portable } from "./models.js";
import { importQueue } from "./queue-package.js";

/** What the subcommand is asked for. */
export interface QueueArguments extends CommandArguments {
  readonly simulations: number;
  readonly out: string;
  readonly seed: number;
  readonly shardSize?: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** Asks for it, and waits until it is done. */
export async function simulateByQueue(
  source: string,
  options: QueueArguments,
  url: string,
): Promise<void> {
  const { queueSimulations } = await importQueue();
  const { simulations, seed, shardSize, out, command: line, format, timeLimit } = options;
  const model = await withCommand(await findModel(source), options);
  const memoryLimit = options.memoryLimit && options.memoryLimit * 2 ** 20;
  const run = {
    model: portable(source),
    directory: absoluteFolder(out),
    simulations,
    seed,
    ...(shardSize !== undefined && { shardSize }),
    ...(line !== undefined && { program: { line, format, timeLimit, memoryLimit } }),
  };
  const progress = new ProgressLine(process.stderr, options.quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("stopping");
  });
  const started = performance.now();
  try {
    await queueSimulations(url, model, run, {
      openFolder,
      signal: interruption.signal,
      onProgress: ({ done, shards, poisoned }) => {
        const aside = poisoned > 0 ? `  ${count(poisoned)} set aside` : "";
        const passed = duration((performance.now() - started) / 1000);
        progress.show(`${count(done)} of ${count(shards)} shards${aside}  ${passed}`);
      },
    });
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw new InterruptedError(
      "interrupted; the workers go on with what was asked, and the same command waits for it again",
      { cause: error },
    );
  } finally {
    progress.finish();
    interruption.close();
  }
}
