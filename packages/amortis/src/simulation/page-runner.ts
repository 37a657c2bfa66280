/**
 * A pool of web workers, in a page.
 */
import type { SimulationWorker } from "../model/index.js";
import type { Chunk, ChunkRunner } from "./chunk.js";
import { isReply, type PageQuestion, type PageReply } from "./page-protocol.js";
import { SimulationError } from "./simulated-data.js";
import { errorOf } from "./worker-protocol.js";

/** How long a worker's module may take to load, in milliseconds. One that never calls `serveSimulations` would be waited for without end. */
const LOADING = 60_000;

/** A chunk that a worker was asked for. */
interface Asked {
  readonly resolve: (chunk: Chunk) => void;
  readonly reject: (error: Error) => void;
}

/** A worker. */
interface Lane {
  readonly worker: SimulationWorker;
  /** What it has not answered yet, the oldest first. */
  readonly asked: Asked[];
  ready: boolean;
  /** What gives up waiting for it. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Starts workers, each of which imports the model.
 *
 * @param start starts one; its module calls `serveSimulations`.
 * @throws SimulationError where one cannot be started; `run` rejects with one where a worker cannot be loaded or fails, and with the error that a worker met.
 */
export function pageRunner(
  name: string,
  start: () => SimulationWorker,
  seed: number | bigint | string,
  workers: number,
): ChunkRunner {
  const lanes: Lane[] = [];
  let ended: Error | undefined;
  const end = (error: Error): void => {
    ended ??= error;
    for (const lane of lanes) {
      lane.worker.terminate();
      clearTimeout(lane.timer);
      for (const { reject } of lane.asked.splice(0)) reject(ended);
    }
  };
  try {
    for (let i = 0; i < workers; i++) lanes.push(openLane(name, start, end));
  } catch (cause) {
    const error = new SimulationError(
      `a worker that simulates "${name}" cannot be started: ${messageOf(cause)}`,
      { cause },
    );
    end(error);
    throw error;
  }
  return {
    parallel: workers,
    run: (request) =>
      new Promise((resolve, reject) => {
        const lane = leastAsked(lanes);
        if (ended !== undefined || lane === undefined) {
          reject(ended ?? closed(name));
          return;
        }
        lane.asked.push({ resolve, reject });
        ask(lane.worker, { amortis: "simulate", name, seed, request });
      }),
    close: () => {
      end(closed(name));
      return Promise.resolve();
    },
  };
}

function openLane(name: string, start: () => SimulationWorker, end: (error: Error) => void): Lane {
  const lane: Lane = { worker: start(), asked: [], ready: false, timer: undefined };
  lane.timer = setTimeout(() => {
    end(unloaded(name, `it has not called serveSimulations within ${LOADING / 1000} s`));
  }, LOADING);
  lane.worker.addEventListener("message", ({ data }) => {
    if (isReply(data)) hear(lane, data);
  });
  lane.worker.addEventListener("error", (event) => {
    // It is told of by the promise, and need not end the page as well.
    if (event instanceof Event) event.preventDefault();
    const message = "message" in event ? messageOf(event.message) : "";
    end(
      lane.ready
        ? new SimulationError(`a worker that simulated "${name}" failed: ${message}`)
        : unloaded(name, message || "its module, or one that it imports, is not there"),
    );
  });
  return lane;
}

function hear(lane: Lane, said: PageReply): void {
  clearTimeout(lane.timer);
  lane.ready = true;
  if (said.amortis === "ready") return;
  const asked = lane.asked.shift();
  if ("chunk" in said.reply) asked?.resolve(said.reply.chunk);
  else asked?.reject(errorOf(said.reply.error));
}

/** The worker with the least to do: one that has its next chunk already need not wait for a page that is busy. */
function leastAsked(lanes: readonly Lane[]): Lane | undefined {
  return lanes.reduce<Lane | undefined>(
    (least, lane) => (least === undefined || lane.asked.length < least.asked.length ? lane : least),
    undefined,
  );
}

function ask(worker: SimulationWorker, question: PageQuestion): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
  worker.postMessage(question);
}

function unloaded(name: string, why: string): SimulationError {
  return new SimulationError(
    `a worker that simulates "${name}" cannot be loaded: ${why}. inWorkers(model, start) needs a worker whose module imports the model and calls serveSimulations(model)`,
  );
}

function closed(name: string): SimulationError {
  return new SimulationError(`the workers that simulate "${name}" are closed`);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
