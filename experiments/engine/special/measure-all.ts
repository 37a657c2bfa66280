/** Every special function on one runtime. */
import type { Runtime } from "../../../packages/graph/src/runtimes/runtime.js";
import { SPECIAL } from "../../../packages/graph/test/special/functions.js";
import { measure, type Measured } from "../../../packages/graph/test/special/measure.js";

/** Largest errors by function. */
export type MeasuredAll = Readonly<Record<string, Measured>>;

export async function measureAll(runtime: Runtime): Promise<MeasuredAll> {
  const found: [string, Measured][] = [];
  for (const f of SPECIAL) found.push([f.name, await measure(runtime, f)]);
  return Object.fromEntries(found);
}
