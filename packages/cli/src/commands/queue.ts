/**
 * `amortis queue`: where the runs of a queue stand.
 */
import type { Command } from "commander";
import { count } from "../format.js";
import { print, printJson } from "../options.js";
import { importQueue } from "../queue-package.js";

const DETAILS = `
A run is listed from when it is asked for until whoever asked has seen it complete. Shards that failed each time are listed with the last reason: the same
\`amortis simulate --queue\` tries them again.

Example:
  amortis queue redis://localhost:6379`;

/** What the subcommand takes and does. */
export function addQueue(command: Command): void {
  command
    .description("Say what a queue in Redis or Valkey is asked for, and how much of it is done.")
    .argument("<URL>", "server of the queue, such as redis://localhost:6379")
    .option("--json", "print one JSON document on standard output")
    .addHelpText("after", DETAILS)
    .action(runQueue);
}

async function runQueue(url: string, { json }: { readonly json?: true }): Promise<void> {
  const { piecesStatus, queueStatus } = await importQueue();
  const runs = await queueStatus(url);
  const trainings = await piecesStatus(url);
  if (json === true) {
    printJson({ runs, trainings });
    return;
  }
  const { waiting, underWay, failed } = trainings;
  if (runs.length + waiting.length + underWay.length + failed.length === 0) {
    print("nothing is asked for");
  }
  for (const title of underWay) print(`${title}: under way`);
  for (const title of waiting) print(`${title}: waits`);
  for (const { title, reason } of failed) print(`${title}: failed each time: ${reason}`);
  for (const { run, shards, done, poisoned } of runs) {
    print(`${run.directory}: ${run.model}, ${count(done)} of ${count(shards)} shards`);
    for (const { shard, reason, attempts } of poisoned) {
      print(`  shard ${shard} was set aside after ${attempts} attempt(s): ${reason}`);
    }
  }
}
