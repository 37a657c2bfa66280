/** The measurement in a page; what it found is left in the window as JSON. */
import { testWebRuntime } from "../../../packages/graph/test/harness.js";
import { measureAll } from "./measure-all.js";

declare global {
  interface Window {
    measured?: Promise<string>;
  }
}

// JSON has no NaN and no infinities.
window.measured = measureAll(testWebRuntime({ threads: 1 })).then((found) =>
  JSON.stringify(found, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  ),
);
