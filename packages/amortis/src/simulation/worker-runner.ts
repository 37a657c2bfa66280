/**
 * A pool of worker threads, in Node.
 */
import { existsSync, importPiscina } from "#platform";
import type { AnyModel } from "../model/index.js";
import type { Chunk, ChunkRequest, ChunkRunner } from "./chunk.js";
import { SimulationError } from "./simulated-data.js";
import { errorOf, type WorkerReply, type WorkerSetup } from "./worker-protocol.js";

// Seen from src and from dist alike. Workers run compiled code even where this file does not. Variables, so that bundlers do not take
// the file for an asset of a page, nor warn of one that they do not know.
const WORKER = "../../dist/simulation/worker.js";
const HERE = import.meta.url;

/**
 * Starts workers, each of which loads the model from its module.
 *
 * @throws SimulationError where the package is not built; `run` rejects with one where a worker dies, and with the error
 *   that a worker met: a ModelError where it cannot load the model.
 */
export async function workerRunner(
  model: AnyModel,
  seed: number | bigint | string,
  workers: number,
): Promise<ChunkRunner> {
  const file = new URL(WORKER, HERE);
  if (!existsSync(file)) {
    throw new SimulationError(
      `the workers' code is missing (${file.href}): build the package, or simulate with workers: 0`,
    );
  }
  const { Piscina } = await importPiscina();
  const setup: WorkerSetup = { module: model.module ?? "", name: model.name, seed };
  const pool = new Piscina<ChunkRequest, WorkerReply>({
    filename: file.href,
    name: "simulateChunk",
    minThreads: workers,
    maxThreads: workers,
    workerData: setup,
    // A worker that slept in Atomics.wait between chunks could not answer a simulator's own asynchronous work.
    atomics: "disabled",
  });
  let closed = false;
  let blame: unknown;
  pool.on("error", (error: unknown) => {
    // Once closed, it complains of answers that were on their way. Before, a worker died without a task to blame: end the pool, so
    // that tasks that wait fail rather than wait for ever.
    blame ??= error;
    if (!closed) pool.destroy().catch(() => {});
  });
  const run = async (request: ChunkRequest): Promise<WorkerReply> => {
    try {
      return await pool.run(request);
    } catch (error) {
      const cause = blame ?? error;
      throw new SimulationError(
        `a worker that simulated "${model.name}" died: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
  };
  return {
    parallel: workers,
    run: async (request) => receive(await run(request)),
    close: () => {
      closed = true;
      return pool.destroy();
    },
  };
}

function receive(reply: WorkerReply): Chunk {
  if ("chunk" in reply) return reply.chunk;
  throw errorOf(reply.error);
}
