/** Runtimes by the names that the benchmark has for them, each on one thread. */
import type { Runtime } from "@amortis/graph";

/** @throws Error where there is none of that name. */
export async function runtimeOf(name: string): Promise<Runtime> {
  switch (name) {
    case "own":
    case "fused": {
      const { wasmRuntime } = await import("@amortis/graph/wasm");
      return wasmRuntime({ fused: name === "fused" });
    }
    case "native": {
      const { nodeRuntime } = await import("@amortis/graph/node");
      return nodeRuntime({ threads: 1 });
    }
    case "web": {
      const { webRuntime } = await import("@amortis/graph/web");
      return webRuntime({ threads: 1 });
    }
    default:
      throw new Error(`there is no runtime "${name}"; there are own, fused, native and web`);
  }
}
