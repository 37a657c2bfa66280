/**
 * The queue, which is in a package of its own.
 */
import type * as Queue from "@amortis/queue";
import { Option } from "commander";
import { locatePackage } from "./optional.js";

/** @throws UsageError where it is not installed. */
export async function importQueue(): Promise<typeof Queue> {
  const queue: typeof Queue = await import(locatePackage("@amortis/queue", "the queue"));
  return queue;
}

/** --queue: trainings by workers. */
export function queueOption(what: string, conflicts: readonly string[]): Option {
  return new Option(
    "--queue <URL>",
    `have the workers of a queue ${what}, such as redis://localhost:6379, see below`,
  ).conflicts([...conflicts]);
}

/** --through: where what workers train comes. */
export function throughOption(usual: string): Option {
  return new Option(
    "--through <DIR>",
    `folder that all workers of --queue have too, through which networks come; s3://BUCKET/PREFIX as well (default: ${usual})`,
  );
}
