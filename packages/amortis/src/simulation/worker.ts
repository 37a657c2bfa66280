/**
 * A worker thread: loads the model once, then runs chunks. Their arrays are handed over, not copied.
 */
import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { AmortisError } from "@amortis/graph";
import { loadModel, type AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import { runChunk, simulationStream, type Chunk, type ChunkRequest } from "./chunk.js";
import type { WorkerReply, WorkerSetup } from "./worker-protocol.js";

interface Loaded {
  readonly model: AnyModel;
  readonly root: Stream;
}

let loading: Promise<Loaded> | undefined;

async function load(): Promise<Loaded> {
  const { module, name, seed }: WorkerSetup = workerData;
  return { model: await loadModel(module, name), root: simulationStream(seed) };
}

/** Runs a chunk; piscina calls it with each task. */
export async function simulateChunk(request: ChunkRequest): Promise<unknown> {
  try {
    loading ??= load();
    const { model, root } = await loading;
    return handOver(await runChunk(model, root, request));
  } catch (error) {
    const code = error instanceof AmortisError ? error.code : "simulation";
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code, message } } satisfies WorkerReply;
  }
}

function handOver(chunk: Chunk): unknown {
  const arrays = [chunk.parameters, chunk.indices, ...Object.values(chunk.data)];
  return move({
    [transferableSymbol]: arrays.map((array) => array.buffer),
    [valueSymbol]: { chunk } satisfies WorkerReply,
  });
}
