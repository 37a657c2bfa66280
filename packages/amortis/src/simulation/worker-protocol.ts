/**
 * What the main thread and workers say to each other.
 */
import type { Chunk } from "./chunk.js";

/** What a worker is told once. */
export interface WorkerSetup {
  /** URL of the module that exports the model. */
  readonly module: string;
  /** The model's name. */
  readonly name: string;
  readonly seed: number | bigint | string;
}

/** Errors lose their class between threads, so a worker returns them as data. */
export type WorkerReply =
  | { readonly chunk: Chunk }
  | { readonly error: { readonly code: string; readonly message: string } };
