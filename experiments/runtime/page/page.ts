/** What the benchmark asks of a page: a step of a program, or answers of the file beside it, on a runtime. */
import type { Runtime } from "@amortis/graph";
import { wasmRuntime } from "@amortis/graph/wasm";
import { timeTraining } from "../../engine/time-training.js";
import { timeAnswers } from "../time-answers.js";

declare global {
  interface Window {
    measure?: (kind: "step" | "answer", what: string, runtime: string) => Promise<object>;
  }
}

async function runtimeOf(name: string): Promise<Runtime> {
  if (name !== "web") return wasmRuntime({ fused: name === "fused" });
  const { webRuntime } = await import("@amortis/graph/web");
  return webRuntime({ threads: 1 });
}

window.measure = async (kind, what, name) => {
  const runtime = await runtimeOf(name);
  if (kind === "step") {
    return timeTraining(what, runtime, { threads: 1, blocks: 5, seconds: 0.3 });
  }
  const response = await fetch("estimator.amortis");
  return timeAnswers(new Uint8Array(await response.arrayBuffer()), runtime);
};
