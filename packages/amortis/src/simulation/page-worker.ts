/**
 * A web worker that simulates: the other side of `page-runner.ts`.
 */
import { inNode } from "#platform";
import { UnsupportedError } from "@amortis/graph";
import { ModelError, type AnyModel } from "../model/index.js";
import { runChunk, simulationStream, type Chunk } from "./chunk.js";
import { isQuestion, type PageQuestion, type PageReply } from "./page-protocol.js";
import { recordOf } from "./worker-protocol.js";

/** A worker's own scope, by what is asked of it. */
interface WorkerScope {
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: PageReply, transfer: readonly ArrayBufferLike[]): void;
}

/**
 * Simulates in this web worker what a page asks of it; the page says `inWorkers(model, () => new Worker(...))`. To be called once, by the worker's module.
 *
 * @param models those that may be asked for, found by their names.
 * @throws UnsupportedError where this is no web worker.
 * @example
 * // spring.worker.ts
 * import { serveSimulations } from "amortis";
 * import { spring } from "./spring.js";
 * serveSimulations(spring);
 */
export function serveSimulations(...models: readonly AnyModel[]): void {
  if (inNode || !("postMessage" in globalThis) || "document" in globalThis) {
    throw new UnsupportedError(
      "serveSimulations is for the module of a web worker: a page says inWorkers(model, () => new Worker(...)), and in Node worker threads load a model from its module",
    );
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a worker, as was just seen
  const scope = globalThis as unknown as WorkerScope;
  let before: Promise<void> = Promise.resolve();
  scope.addEventListener("message", ({ data }) => {
    // One after another: an asynchronous simulator's chunks would else take each other's time.
    if (isQuestion(data)) before = before.then(() => answer(scope, models, data));
  });
  say(scope, { amortis: "ready" });
}

async function answer(
  scope: WorkerScope,
  models: readonly AnyModel[],
  { name, seed, request }: PageQuestion,
): Promise<void> {
  try {
    const chunk = await runChunk(modelOf(models, name), simulationStream(seed), request);
    say(scope, { amortis: "simulated", reply: { chunk } }, buffersOf(chunk));
  } catch (error) {
    say(scope, { amortis: "simulated", reply: { error: recordOf(error) } });
  }
}

function say(
  scope: WorkerScope,
  reply: PageReply,
  transfer: readonly ArrayBufferLike[] = [],
): void {
  scope.postMessage(reply, transfer);
}

/** Its arrays are handed over, not copied. */
function buffersOf({ parameters, indices, data }: Chunk): readonly ArrayBufferLike[] {
  return [parameters, indices, ...Object.values(data)].map(({ buffer }) => buffer);
}

function modelOf(models: readonly AnyModel[], name: string): AnyModel {
  const found = models.find((model) => model.name === name);
  if (found !== undefined) return found;
  const known = models.map((model) => `"${model.name}"`).join(", ") || "none";
  throw new ModelError(
    `the page asks its worker for simulations of "${name}", but the worker serves ${known}: call serveSimulations with that model`,
  );
}
