/**
 * What a page and the web workers that simulate for it say to each other.
 */
import type { ChunkRequest } from "./chunk.js";
import type { WorkerReply } from "./worker-protocol.js";

/** What a page asks. Each question says all: a worker keeps nothing between them. */
export interface PageQuestion {
  readonly amortis: "simulate";
  /** The model's name. */
  readonly name: string;
  readonly seed: number | bigint | string;
  readonly request: ChunkRequest;
}

/** What a worker says: once that it is there, then an answer to each question, in their order. */
export type PageReply =
  | { readonly amortis: "ready" }
  | { readonly amortis: "simulated"; readonly reply: WorkerReply };

/** Whether a message is a question of ours: a worker may hear others. */
export function isQuestion(message: unknown): message is PageQuestion {
  return kindOf(message) === "simulate";
}

/** Whether a message is a worker's of ours. */
export function isReply(message: unknown): message is PageReply {
  const kind = kindOf(message);
  return kind === "ready" || kind === "simulated";
}

function kindOf(message: unknown): unknown {
  return typeof message === "object" && message !== null && "amortis" in message
    ? message.amortis
    : undefined;
}
