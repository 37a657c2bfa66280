/**
 * Worker threads of Node. `#worker` is this module in Node and `worker-page.ts` elsewhere, by the conditions of package.json's `imports`.
 */
import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";

// Seen from src and from dist alike: threads run compiled code. A variable, so that bundlers do not take the file for an asset of a page.
const WORKER = "../../dist/runtimes/thread-worker.js";

const file = new URL(WORKER, import.meta.url);

/** Whether threads can be started: a bundle lacks their code. */
export function hasThreads(): boolean {
  return file.protocol === "file:" && existsSync(file);
}

/** Starts `thread-worker.ts` in a thread. */
export function startWorker(workerData: unknown): Worker {
  // Options of the process may be of its own script alone, as --input-type is.
  return new Worker(file, { workerData, execArgv: [] });
}
