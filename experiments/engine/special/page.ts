/** The measurement in a page; what it found is left in the window as JSON. */
import { wasmRuntime } from "../../../packages/graph/src/runtimes/wasm.js";
import { testWebRuntime } from "../../../packages/graph/test/harness.js";
import { measureAll } from "./measure-all.js";

declare global {
  interface Window {
    measured?: Promise<string>;
  }
}

// JSON has no NaN and no infinities.
const both = async () => ({
  own: await measureAll(wasmRuntime()),
  web: await measureAll(testWebRuntime({ threads: 1 })),
});

window.measured = both().then((found) =>
  JSON.stringify(found, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  ),
);
