/**
 * Who runs chunks: this thread, or a pool of workers.
 */
import { inNode } from "#platform";
import { InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import { anySignal, type StopSignal } from "../stop-signal.js";
import { nextTurn } from "../turn.js";
import { runChunk, simulationStream, type ChunkRunner } from "./chunk.js";
import { guardExit } from "./exit-guard.js";
import { SimulationError } from "./simulated-data.js";

/** Runs chunks in this thread, giving other work its turn every 20 ms, and between simulations that take longer. */
export function localRunner(
  model: AnyModel,
  seed: number | bigint | string,
  signal?: StopSignal,
): ChunkRunner {
  const root = simulationStream(seed);
  const closed = new AbortController();
  const stop = signal ? anySignal(signal, closed.signal) : closed.signal;
  const guard = guardExit(model);
  return {
    parallel: 1,
    run: (request) => {
      const chunk = runChunk(guard.model, root, request, async () => {
        await nextTurn();
        stop.throwIfAborted();
      });
      return whileAwaited(chunk, model.name, stop).finally(guard.giveUp);
    },
    close: () => {
      closed.abort();
      return Promise.resolve();
    },
  };
}

/**
 * The promise, given up where a signal is aborted, or where nothing is left that could fulfil it: an asynchronous simulator may wait for
 * ever, and Node would end the process without a word.
 */
async function whileAwaited<T>(promise: Promise<T>, name: string, signal: StopSignal): Promise<T> {
  let stop = (): void => {};
  let idle = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason);
    };
    idle = () => {
      reject(
        new SimulationError(
          `the simulator of "${name}" returned a promise that nothing is left to fulfil`,
        ),
      );
    };
  });
  signal.addEventListener("abort", stop, { once: true });
  if (inNode) process.once("beforeExit", idle);
  try {
    return await Promise.race([promise, ended]);
  } finally {
    signal.removeEventListener("abort", stop);
    if (inNode) process.off("beforeExit", idle);
  }
}

/** Whether several can run a model at once: worker threads that load it from its module, or processes of a program; in a page, its workers. */
export function canUseWorkers(model: AnyModel): boolean {
  if (!inNode) return model.startWorker !== undefined;
  return model.module !== undefined || model.external !== undefined;
}

/**
 * A runner with a number of workers; 0 is this thread.
 *
 * @throws InvalidArgumentError where the number is none, or the model has no module that workers could load.
 */
export async function createRunner(
  model: AnyModel,
  seed: number | bigint | string,
  workers: number,
  signal?: StopSignal,
): Promise<ChunkRunner> {
  if (!Number.isInteger(workers) || workers < 0) {
    throw new InvalidArgumentError(`workers must be a whole number from 0 on, but is ${workers}`);
  }
  if (model.external !== undefined) {
    if (!inNode)
      throw new UnsupportedError(
        `the simulator of "${model.name}" is no program of a page: simulate in Node`,
      );
    const { externalRunner } = await import("./external-runner.js");
    return externalRunner(model, model.external, seed, Math.max(1, workers));
  }
  if (workers === 0) return localRunner(model, seed, signal);
  if (!inNode) return runnerInPage(model, seed, workers);
  if (!canUseWorkers(model)) {
    throw new InvalidArgumentError(
      `workers is ${workers}, but workers cannot load the model "${model.name}", which does not say where it is: define it in a module of its own, with module: import.meta.url, or leave workers out`,
    );
  }
  const { workerRunner } = await import("./worker-runner.js");
  return workerRunner(model, seed, workers);
}

/** A runner with web workers. */
async function runnerInPage(
  model: AnyModel,
  seed: number | bigint | string,
  workers: number,
): Promise<ChunkRunner> {
  const { startWorker } = model;
  if (startWorker === undefined) {
    throw new InvalidArgumentError(
      `workers is ${workers}, but the model "${model.name}" does not say how a page starts a worker that simulates it: say inWorkers(model, () => new Worker(...)), or leave workers out`,
    );
  }
  const { pageRunner } = await import("./page-runner.js");
  return pageRunner(model.name, startWorker, seed, workers);
}

/** A runner that starts with its first chunk: where there is none, nothing is started. */
export function startLate(parallel: number, start: () => Promise<ChunkRunner>): ChunkRunner {
  let runner: Promise<ChunkRunner> | undefined;
  return {
    parallel,
    run: async (request) => (await (runner ??= start())).run(request),
    close: async () => (await runner)?.close(),
  };
}
