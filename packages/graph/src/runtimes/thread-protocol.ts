/**
 * What a thread that computes and the thread that asks say to each other. Requests are done in the order in which they come.
 */
import {
  AmortisError,
  InvalidArgumentError,
  RuntimeError,
  ShapeError,
  UnsupportedError,
} from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import type { WasmOptions } from "../wasm/session.js";
import type { NodeRuntimeOptions } from "./node.js";
import type { SessionOptions } from "./runtime.js";

/** What a thread is told once: its runtime, by its name. */
export type ThreadSetup =
  | { readonly name: "onnxruntime-node"; readonly options: NodeRuntimeOptions }
  | { readonly name: "amortis-wasm"; readonly options: WasmOptions };

/** A feed: a tensor, or the number of one that the session keeps. */
export type Feed = HostTensor | { readonly kept: number };

/** What is asked, of a session by its number. */
export type Request =
  | {
      readonly kind: "create";
      readonly session: number;
      readonly model: Uint8Array;
      readonly options: SessionOptions;
    }
  | {
      readonly kind: "run";
      readonly session: number;
      readonly feeds: Readonly<Record<string, Feed>>;
    }
  | {
      readonly kind: "keep";
      readonly session: number;
      readonly kept: number;
      readonly tensor: HostTensor;
    }
  | { readonly kind: "forget"; readonly session: number; readonly kept: number }
  | { readonly kind: "release"; readonly session: number };

/** A request with its number, which its reply has too. */
export interface Asked {
  readonly id: number;
  readonly request: Request;
}

/** Errors lose their class between threads, so that they go as data. */
export type Reply =
  | { readonly id: number; readonly outputs: Readonly<Record<string, HostTensor>> }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

const CLASSES: Readonly<Record<string, new (message: string) => AmortisError>> = {
  "invalid-argument": InvalidArgumentError,
  shape: ShapeError,
  unsupported: UnsupportedError,
  runtime: RuntimeError,
};

/** An error as data. */
export function recordOf(error: unknown): { readonly code: string; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { code: error instanceof AmortisError ? error.code : "runtime", message };
}

/** The error again, of the class that it had. */
export function errorOf({ code, message }: ReturnType<typeof recordOf>): AmortisError {
  const Class = Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined;
  return Class === undefined ? new AmortisError(code, message) : new Class(message);
}

/** A tensor that is cheap to send: what is sent of a part of an array is the whole of it, unless it is shared. */
export function sendable(tensor: HostTensor): HostTensor {
  const { data } = tensor;
  const whole =
    data.buffer instanceof SharedArrayBuffer || data.byteLength === data.buffer.byteLength;
  return whole ? tensor : { ...tensor, data: data.slice() };
}
