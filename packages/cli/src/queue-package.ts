/**
 * The queue, which is in a package of its own.
 */
import type * as Queue from "@amortis/queue";
import { locatePackage } from "./optional.js";

/** @throws UsageError where it is not installed. */
export async function importQueue(): Promise<typeof Queue> {
  const queue: typeof Queue = await import(locatePackage("@amortis/queue", "the queue"));
  return queue;
}
