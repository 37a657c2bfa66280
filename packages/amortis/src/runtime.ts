/**
 * The runtime to use where none is given: native in Node, WebAssembly elsewhere.
 */
import type { Runtime } from "@amortis/graph";
import { inNode } from "./node.js";

let chosen: Promise<Runtime> | undefined;

/** The runtime of this place, made on first use. */
export function defaultRuntime(): Promise<Runtime> {
  chosen ??= choose();
  return chosen;
}

async function choose(): Promise<Runtime> {
  if (inNode) {
    const { nodeRuntime } = await import("@amortis/graph/node");
    return nodeRuntime();
  }
  const { webRuntime } = await import("@amortis/graph/web");
  return webRuntime();
}
