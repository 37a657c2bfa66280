/**
 * ONNX Runtime for the web: WebAssembly with SIMD and, where the page allows it, threads. It runs in browsers and in Node.
 *
 * Threads need a page that is cross-origin isolated (the headers COOP `same-origin` and COEP `require-corp`). In a build with
 * Vite, add `onnxruntime-web-use-extern-wasm` to `resolve.conditions` and pass `wasmPaths`: threads hang otherwise.
 * `run` keeps its thread busy, promise or not; a page that should answer meanwhile runs programs in a Web Worker.
 */
// onnxruntime-web's build for Node in Node (its others cannot start threads there), the one with wasm alone elsewhere.
import { InferenceSession, Tensor, env } from "#onnxruntime-web";
import { RuntimeError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import { checkFeeds, KeptTensors } from "./feeds.js";
import { hostTensor, reason } from "./results.js";
import type { Runtime, Session, SessionOptions } from "./runtime.js";

/** Where the WebAssembly files are, and how many threads they get. One page (or process) has one such setting: the first. */
export interface WebRuntimeOptions {
  /** Threads of one operator; by default ONNX Runtime's choice, which is 1 in a page that is not cross-origin isolated. */
  readonly threads?: number;
  /** A folder's URL ending in "/", or the URLs of `ort-wasm-simd-threaded.mjs` and `.wasm`; by default beside the library. */
  readonly wasmPaths?: string | { readonly mjs: string; readonly wasm: string };
}

/**
 * The runtime on onnxruntime-web.
 *
 * The threads belong to the WebAssembly module and not to a session, so `SessionOptions.threads` changes nothing here.
 *
 * @example
 * const runtime = webRuntime({ wasmPaths: { mjs: "/ort/ort-wasm-simd-threaded.mjs", wasm: "/ort/ort-wasm-simd-threaded.wasm" } });
 */
export function webRuntime(options?: WebRuntimeOptions): Runtime {
  return {
    name: "onnxruntime-web",
    ...(env.versions.web !== undefined && { version: env.versions.web }),
    async createSession(model, session) {
      configure(options);
      try {
        return wrap(await InferenceSession.create(model, wasmOptions(session)));
      } catch (cause) {
        throw new RuntimeError(`onnxruntime-web refused the model: ${reason(cause)}`, { cause });
      }
    },
  };
}

function configure(options: WebRuntimeOptions | undefined): void {
  env.logLevel = "fatal";
  if (options?.threads !== undefined) env.wasm.numThreads = options.threads;
  if (options?.wasmPaths !== undefined) env.wasm.wasmPaths = options.wasmPaths;
}

function wasmOptions(options?: SessionOptions): InferenceSession.SessionOptions {
  const optimization = options?.optimization ?? "all";
  return {
    executionProviders: ["wasm"],
    executionMode: "sequential",
    graphOptimizationLevel: optimization === "none" ? "disabled" : optimization,
    // Fatal errors only: every other one is thrown.
    logSeverityLevel: 4,
  };
}

function wrap(wasm: InferenceSession): Session {
  let released = false;
  const kept = new KeptTensors<Tensor>();
  return {
    keep: (tensor) => kept.keep(tensor, webTensor),
    async run(feeds) {
      if (released) throw new RuntimeError("the session was released and cannot run");
      const tensors: Record<string, Tensor> = {};
      for (const [name, feed] of checkFeeds(wasm.inputMetadata, feeds)) {
        tensors[name] = kept.of(name, feed, webTensor);
      }
      try {
        return results(await wasm.run(tensors));
      } catch (cause) {
        throw new RuntimeError(`onnxruntime-web could not run the model: ${reason(cause)}`, {
          cause,
        });
      }
    },
    async release() {
      if (released) return;
      released = true;
      await wasm.release();
    },
  };
}

/** The same memory as a tensor of ONNX Runtime's, which copies it into WebAssembly's for each run. */
function webTensor({ dtype, data, shape }: HostTensor): Tensor {
  return new Tensor(dtype, data, shape);
}

/** The results, copied out of WebAssembly's memory by ONNX Runtime; disposing gives back what else a tensor holds. */
function results(outputs: InferenceSession.ReturnType): Record<string, HostTensor> {
  const result: Record<string, HostTensor> = {};
  for (const [name, output] of Object.entries(outputs)) {
    result[name] = hostTensor(output);
    output.dispose();
  }
  return result;
}
