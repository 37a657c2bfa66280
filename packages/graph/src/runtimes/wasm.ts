/**
 * The engine's own runtime: programs compiled to WebAssembly, in Node and in browsers.
 *
 * A program is read through the table of operators that the engine writes, and compiled, for the shapes of a call, to one small module; no other
 * library is loaded. One thread; the bits of an answer are the same wherever WebAssembly runs, unless products are fused.
 */
import { hasThreads } from "#worker";
import { RuntimeError, UnsupportedError } from "../errors.js";
import { hasRelaxedSimd } from "../wasm/relaxed-simd.js";
import { WasmSession, type WasmOptions } from "../wasm/session.js";
import { reason } from "./results.js";
import type { Runtime } from "./runtime.js";
import { startThread } from "./thread.js";

export type { WasmOptions } from "../wasm/session.js";

const NAME = "amortis-wasm";

/**
 * The runtime on WebAssembly.
 *
 * @throws UnsupportedError where products are to be fused and the engine has no relaxed SIMD, as Node 20 by itself has not.
 * @example
 * const program = await compile({ inputs: { x }, outputs: { y } }, wasmRuntime());
 */
export function wasmRuntime(options: WasmOptions = {}): Runtime {
  if (options.fused === true && !hasRelaxedSimd()) {
    throw new UnsupportedError(
      "wasmRuntime: products are fused by relaxed SIMD, which this engine does not have: leave out fused",
    );
  }
  return {
    name: NAME,
    // Threads and levels of optimisation are other runtimes' choices: here there is one of each.
    async createSession(model, { rows } = {}) {
      try {
        return new WasmSession(model, options, rows);
      } catch (cause) {
        throw new RuntimeError(`the model cannot be compiled to WebAssembly: ${reason(cause)}`, {
          cause,
        });
      }
    },
    ...(hasThreads() && { startThread: () => startThread({ name: NAME, options }) }),
  };
}
