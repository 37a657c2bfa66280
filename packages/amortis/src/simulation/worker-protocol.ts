/**
 * What the main thread and workers say to each other.
 */
import { AmortisError, InvalidArgumentError, UnsupportedError } from "@amortis/graph";
import { DataError } from "../data/simulator-output.js";
import { ModelError } from "../model/index.js";
import type { Chunk } from "./chunk.js";
import { SimulationError } from "./simulated-data.js";

/** What a worker is told once. */
export interface WorkerSetup {
  /** URL of the module that exports the model. */
  readonly module: string;
  /** The model's name. */
  readonly name: string;
  readonly seed: number | bigint | string;
}

/** An error as data. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly cause?: ErrorRecord;
}

/** Errors lose their class between threads, so a worker returns them as data. */
export type WorkerReply = { readonly chunk: Chunk } | { readonly error: ErrorRecord };

/** Classes by code, of errors that a worker may meet. */
const CLASSES: Readonly<
  Record<string, new (message: string, options?: ErrorOptions) => AmortisError>
> = {
  data: DataError,
  "invalid-argument": InvalidArgumentError,
  model: ModelError,
  simulation: SimulationError,
  unsupported: UnsupportedError,
};

/** An error as data: its code and message, and those of our own errors that caused it. */
export function recordOf(error: unknown): ErrorRecord {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof AmortisError)) return { code: "simulation", message };
  const { code, cause } = error;
  return { code, message, ...(cause instanceof AmortisError && { cause: recordOf(cause) }) };
}

/** The error again, of the class that it had. */
export function errorOf({ code, message, cause }: ErrorRecord): AmortisError {
  const options = cause && { cause: errorOf(cause) };
  const Class = Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined;
  return Class === undefined
    ? new AmortisError(code, message, options)
    : new Class(message, options);
}
