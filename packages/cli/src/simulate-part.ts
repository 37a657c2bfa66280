/**
 * `amortis simulate --shard I/N`: the share of one task among several.
 */
import type { AnyModel } from "amortis";
import { openShared, partOf, ProgressLine, simulationLine } from "amortis/extend";
import { InterruptedError } from "./failures.js";
import { openFolder } from "./folders.js";
import { count, duration } from "./format.js";
import { listenForInterrupt } from "./interrupt.js";
import { print, printJson } from "./options.js";

/** What the subcommand is asked for. */
export interface PartArguments {
  readonly simulations: number;
  readonly out: string;
  readonly seed: number;
  readonly workers?: number;
  readonly shardSize?: number;
  readonly onInvalid?: "exclude" | "fatal";
  readonly json?: true;
  readonly quiet?: true;
}

/** Simulates the share of task i of n. */
export async function simulatePart(
  model: AnyModel,
  options: PartArguments,
  [i, n]: readonly [number, number],
): Promise<void> {
  const { simulations, out, seed, workers, shardSize, onInvalid } = options;
  const progress = new ProgressLine(process.stderr, options.quiet);
  const interruption = listenForInterrupt(() => {
    progress.note("stopping");
  });
  const started = performance.now();
  const shared = await openShared(model, await openFolder(out), {
    simulations,
    seed,
    ...(workers !== undefined && { workers }),
    ...(shardSize !== undefined && { shardSize }),
    ...(onInvalid !== undefined && { onInvalid }),
    signal: interruption.signal,
    onWarning: (message) => {
      progress.note(`warning: ${message}`);
    },
  });
  try {
    const shards = partOf(shared.shards, i, n);
    const made = await shared.simulate(shards, (report) => {
      progress.show(simulationLine(report));
    });
    const complete = await shared.finish();
    progress.finish();
    const seconds = (performance.now() - started) / 1000;
    if (options.json === true) {
      printJson({
        directory: out,
        shard: [i, n],
        shards: shards.length,
        ...made,
        complete,
        seconds,
      });
      return;
    }
    const rest = complete ? "all tasks are done: it is complete" : "other tasks are not done";
    print(
      `${out}: task ${i} of ${n}, ${count(made.simulations)} simulations (${count(made.invalid)} invalid) in ${duration(seconds)}; ${rest}`,
    );
  } catch (error) {
    progress.finish();
    if (!interruption.signal.aborted) throw error;
    throw new InterruptedError(
      `interrupted; what ${out} holds is kept, and the same command continues it`,
      { cause: error },
    );
  } finally {
    interruption.close();
    await shared.close();
  }
}
