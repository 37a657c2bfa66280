/**
 * The threads that answer.
 */
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";
import { Piscina } from "piscina";
import { Problem } from "../problems.js";
import type { Batch, Outcome, ThreadData } from "../questions.js";

// Seen from src and from dist alike: threads run compiled code.
const THREAD = fileURLToPath(new URL("../../dist/thread.js", import.meta.url));

/** Threads that answer batches. */
export interface Pool {
  run(batch: Batch): Promise<readonly Outcome[]>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/**
 * Starts threads, and waits until each has opened the estimators.
 *
 * @param seconds that a batch may take; a thread that takes longer is ended, and another one started.
 * @throws Error where an estimator cannot be opened in a thread.
 */
export async function startPool(
  data: ThreadData,
  { threads, seconds }: { readonly threads: number; readonly seconds: number },
): Promise<Pool> {
  if (!existsSync(THREAD)) throw new Error(`${THREAD} is missing: build first, npm run build`);
  const piscina = new Piscina({
    filename: THREAD,
    workerData: data,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    idleTimeout: Infinity,
    // Warnings are part of answers; options of the process may be of its own script alone.
    execArgv: [],
  });
  await Promise.all(
    Array.from({ length: threads }, async () => piscina.run(undefined, { name: "open" })),
  );
  return {
    async run(batch) {
      const signal = AbortSignal.timeout(seconds * 1000);
      try {
        const outcomes: readonly Outcome[] = await piscina.run(batch, { name: "answer", signal });
        return outcomes;
      } catch (cause) {
        if (!signal.aborted) throw cause;
        throw new Problem(
          "took-too-long",
          `the answer took more than the ${seconds} s that it may: ask for fewer draws or data sets`,
          { cause },
        );
      }
    },
    close: () => piscina.destroy(),
  };
}
