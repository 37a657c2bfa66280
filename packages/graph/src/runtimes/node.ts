/**
 * ONNX Runtime for Node: native code on the CPU.
 *
 * `run` is synchronous inside onnxruntime-node 1.30, promise or not: JavaScript of the same thread waits. Keep a run short (a
 * chunk of training steps, a batch of draws), or run it in a thread of its own (`startThread`).
 *
 * Denormal numbers are kept. ONNX Runtime's `session.set_denormal_as_zero` changes the floating-point mode of the very thread
 * that creates the process's first session, JavaScript's own: `Number.MIN_VALUE > 0` becomes false, and simulations would no
 * longer agree between the main thread and workers. Programs avoid denormals themselves instead.
 */
import { availableParallelism } from "node:os";
import { readFileSync } from "node:fs";
import { hasThreads } from "#worker";
import { InferenceSession, Tensor, env, listSupportedBackends } from "onnxruntime-node";
import { InvalidArgumentError, RuntimeError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import { checkFeeds, KeptTensors } from "./feeds.js";
import { hostTensor, reason } from "./results.js";
import { requireThreads, type Runtime, type Session, type SessionOptions } from "./runtime.js";
import { startThread } from "./thread.js";

const NAME = "onnxruntime-node";

/** ONNX Runtime's level of logging at which only fatal errors are printed: every other one is thrown. */
const FATAL = 4;

/**
 * The runtime on onnxruntime-node.
 *
 * @throws InvalidArgumentError where there is no provider of a name.
 * @example
 * const program = await compile({ inputs: { x }, outputs: { y } }, nodeRuntime({ threads: 1 }));
 */
export function nodeRuntime(options: NodeRuntimeOptions = {}): Runtime {
  const { providers = ["cpu"], ...usual } = options;
  // ONNX Runtime passes over those that it does not know.
  const known = listSupportedBackends().map(({ name }) => name);
  const unknown = providers.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `nodeRuntime: there is no provider "${unknown}" in this installation of onnxruntime-node; there are ${known.join(", ")}`,
    );
  }
  return {
    name: NAME,
    ...(env.versions.node !== undefined && { version: env.versions.node }),
    createSession: (model, session) => createSession(model, { ...usual, ...session }, providers),
    ...(hasThreads() && { startThread: () => startThread({ name: NAME, options }) }),
  };
}

/** How sessions of this runtime run, where they do not say themselves. */
export interface NodeRuntimeOptions {
  /** Threads of one operator; by default the physical cores. */
  readonly threads?: number;
  /**
   * Where operators run: the first provider that has one. "cpu" by default; which others there are depends on the installation of onnxruntime-node ("cuda",
   * "webgpu", "coreml", "dml"). Results differ by rounding from one to another.
   */
  readonly providers?: readonly string[];
}

async function createSession(
  model: Uint8Array,
  options: SessionOptions,
  providers: readonly string[],
): Promise<Session> {
  env.logLevel = "fatal";
  requireThreads(options.threads);
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(model, nativeOptions(options, providers));
  } catch (cause) {
    throw new RuntimeError(`onnxruntime-node refused the model: ${reason(cause)}`, { cause });
  }
  return wrap(session, options.profilePrefix !== undefined);
}

function nativeOptions(
  { threads, optimization, profilePrefix }: SessionOptions,
  providers: readonly string[],
): InferenceSession.SessionOptions {
  return {
    executionProviders: [...providers],
    executionMode: "sequential",
    intraOpNumThreads: threads ?? physicalCores(),
    interOpNumThreads: 1,
    graphOptimizationLevel: optimization === "none" ? "disabled" : (optimization ?? "all"),
    logSeverityLevel: FATAL,
    ...(profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
}

function wrap(native: InferenceSession, profiled: boolean): Session {
  let released = false;
  const kept = new KeptTensors<Tensor>();
  return {
    keep: (tensor) => kept.keep(tensor, nativeTensor),
    async run(feeds) {
      if (released) throw new RuntimeError("the session was released and cannot run");
      const tensors: Record<string, Tensor> = {};
      for (const [name, feed] of checkFeeds(native.inputMetadata, feeds))
        tensors[name] = kept.of(name, feed, nativeTensor);
      try {
        return hostTensors(await native.run(tensors));
      } catch (cause) {
        throw new RuntimeError(`onnxruntime-node could not run the model: ${reason(cause)}`, {
          cause,
        });
      }
    },
    async release() {
      if (released) return;
      released = true;
      if (profiled) native.endProfiling();
      await native.release();
    },
  };
}

/** The same memory as an ONNX Runtime tensor; shared memory, which the binding refuses, is copied. */
function nativeTensor({ dtype, data, shape }: HostTensor): Tensor {
  return new Tensor(dtype, data.buffer instanceof SharedArrayBuffer ? data.slice() : data, shape);
}

function hostTensors(outputs: InferenceSession.ReturnType): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [name, hostTensor(output)]),
  );
}

let cores: number | undefined;

/**
 * Physical cores, as far as they can be told: hyper-threads share the arithmetic units that matrix products keep busy.
 * 0 leaves the count to ONNX Runtime (which, on Linux alone, would pin its threads and complain where a container forbids that).
 */
function physicalCores(): number {
  if (cores === undefined) cores = process.platform === "linux" ? linuxCores() : 0;
  return cores;
}

function linuxCores(): number {
  const logical = availableParallelism();
  const siblings = new Set<string>();
  for (let cpu = 0; cpu < logical; cpu++) {
    try {
      siblings.add(
        readFileSync(
          `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`,
          "utf8",
        ).trim(),
      );
    } catch {
      return logical;
    }
  }
  return Math.min(logical, siblings.size);
}
