/**
 * What runs ONNX models. The engine knows runtimes by this interface only, so a program is the same on all of them.
 */
import { InvalidArgumentError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import type { Resident, SessionFeed } from "./resident.js";

/** Something that runs ONNX models. */
export interface Runtime {
  /** Name of the library behind it. */
  readonly name: string;
  /** Its version, where it is another's. */
  readonly version?: string;
  /**
   * Loads and optimises a model.
   *
   * @throws RuntimeError where the runtime refuses the model
   */
  createSession(model: Uint8Array, options?: SessionOptions): Promise<Session>;
  /**
   * Starts a thread with a runtime like this one: what runs there does not hold up this thread, and runs of several threads overlap. Left out where there are no
   * threads to be had.
   */
  startThread?(): RuntimeThread;
}

/** A runtime in a thread of its own. */
export interface RuntimeThread extends Runtime {
  /** Ends the thread; what still runs there rejects with a RuntimeError. */
  close(): Promise<void>;
}

/** How a model is run. */
export interface SessionOptions {
  /** Threads of one operator; the runtime's own where left out. */
  readonly threads?: number;
  /** How far the runtime rewrites the graph: "all" by default. */
  readonly optimization?: "all" | "basic" | "none";
  /**
   * Sizes by name of which each row is computed by itself: a runtime that compiles for the sizes of a call may then compute more rows than it gives, and compile less
   * often. By default none.
   */
  readonly rows?: readonly string[];
  /** Where given, each operator's time goes to a file whose name starts like this (Node only). */
  readonly profilePrefix?: string;
}

/** A loaded model. */
export interface Session {
  /**
   * Runs the model once. Feeds are not copied where the runtime can read them in place: leave them alone until the promise settles.
   *
   * @param feeds a tensor for each input of the model, or what the session keeps of one
   * @throws InvalidArgumentError, ShapeError where the feeds do not fit the model's inputs; RuntimeError where the run fails
   */
  run(feeds: Readonly<Record<string, SessionFeed>>): Promise<Record<string, HostTensor>>;
  /**
   * Keeps a tensor until the session is released or what stands for it is let go, for runs to be fed that (`KeptFeeds` does so by itself). Where the runtime can read
   * the tensor in place it does, so leave it alone. A session without this keeps nothing.
   */
  keep?(tensor: HostTensor): Resident;
  /** Frees the model. Nothing runs afterwards; releasing twice is harmless. */
  release(): Promise<void>;
}

/** More threads than this are a mistake, for which memory may not suffice. */
const MOST_THREADS = 1024;

/** @throws InvalidArgumentError unless they are a whole number of threads that a machine may have; undefined is left to the runtime. */
export function requireThreads(threads: number | undefined): void {
  if (threads === undefined) return;
  if (Number.isInteger(threads) && threads >= 0 && threads <= MOST_THREADS) return;
  throw new InvalidArgumentError(
    `threads must be a whole number from 0 to ${MOST_THREADS}, but is ${threads}`,
  );
}
