/** Runs a suite on every runtime at hand: the engine's own and ONNX Runtime's for the web everywhere, onnxruntime-node in Node. */
import { describe } from "vitest";
import type { Runtime } from "../src/runtimes/runtime.js";
import { wasmRuntime } from "../src/runtimes/wasm.js";
import { webRuntime } from "../src/runtimes/web.js";
import type { WebRuntimeOptions } from "../src/runtimes/web.js";

/** Whether the tests run in a browser. */
export const inBrowser = "document" in globalThis;

/** The web runtime; a browser is told where the WebAssembly files are. */
export function testWebRuntime(options?: WebRuntimeOptions): Runtime {
  if (!inBrowser) return webRuntime(options);
  // No `new URL(..., import.meta.url)`: Vite would take the folder for an asset.
  const root = import.meta.url.slice(0, import.meta.url.indexOf("/packages/graph/"));
  const module = `${root}/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded`;
  return webRuntime({ ...options, wasmPaths: { mjs: `${module}.mjs`, wasm: `${module}.wasm` } });
}

const runtimes: Runtime[] = [wasmRuntime(), testWebRuntime({ threads: 1 })];
if (!inBrowser) {
  // Loaded on demand: a browser cannot.
  const { nodeRuntime } = await import("../src/runtimes/node.js");
  runtimes.unshift(nodeRuntime({ threads: 1 }));
}

/**
 * A suite for each runtime.
 *
 * @example
 * eachRuntime((runtime) => {
 *   test("adds", async () => { const program = await compile(..., runtime); ... });
 * });
 */
export function eachRuntime(suite: (runtime: Runtime) => void): void {
  describe.each(runtimes)("$name", (runtime) => {
    suite(runtime);
  });
}
