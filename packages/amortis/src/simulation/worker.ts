/**
 * A worker thread: loads the model once, then runs chunks. Their arrays are handed over, not copied.
 */
import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { loadModel, type AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import { runChunk, simulationStream, type Chunk, type ChunkRequest } from "./chunk.js";
import { nextTurn } from "../turn.js";
import { markWorker } from "./worker-flag.js";
import { recordOf, type WorkerReply, type WorkerSetup } from "./worker-protocol.js";

interface Loaded {
  readonly model: AnyModel;
  readonly root: Stream;
}

let loading: Promise<Loaded> | undefined;

async function load(): Promise<Loaded> {
  const { module, name, seed }: WorkerSetup = workerData;
  markWorker(module);
  return { model: await loadModel(module, name), root: simulationStream(seed) };
}

/** Runs a chunk; piscina calls it with each task. */
export async function simulateChunk(request: ChunkRequest): Promise<unknown> {
  try {
    loading ??= load();
    const { model, root } = await loading;
    const chunk = await runChunk(model, root, request);
    // A rejection that nobody hears ends this worker in its next turn: before the chunk is handed over, not after.
    await nextTurn();
    return handOver(chunk);
  } catch (error) {
    return { error: recordOf(error) } satisfies WorkerReply;
  }
}

function handOver(chunk: Chunk): unknown {
  const arrays = [chunk.parameters, chunk.indices, ...Object.values(chunk.data)];
  return move({
    [transferableSymbol]: arrays.map((array) => array.buffer),
    [valueSymbol]: { chunk } satisfies WorkerReply,
  });
}
