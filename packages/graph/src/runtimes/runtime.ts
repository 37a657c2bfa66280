/** What runs ONNX models: one interface over the native runtime and the one for the web. */
import type { HostTensor } from "../host-tensor.js";

/** How a session is made. */
export interface SessionOptions {
  /** Threads within an operator; by default the runtime's own choice. */
  readonly threads?: number;
  /** How far the runtime rewrites the graph. */
  readonly optimization?: "all" | "basic" | "none";
  /** Writes a profile of each node to files of this prefix (native runtime only). */
  readonly profilePrefix?: string;
}

/** A model ready to run. */
export interface Session {
  /** Runs once; all outputs come back by name. */
  run(feeds: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>>;
  /** Frees the runtime's memory. */
  release(): Promise<void>;
}

/** Makes sessions. */
export interface Runtime {
  readonly name: string;
  createSession(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}
