/**
 * The runtime to use where none is given: native in Node, WebAssembly where there is no native one.
 */
import { findRuntime, type FoundRuntime } from "#platform";
import type { Runtime } from "@amortis/graph";

let found: Promise<FoundRuntime> | undefined;
let advised = false;

function find(): Promise<FoundRuntime> {
  found ??= findRuntime();
  return found;
}

/** The runtime of this place, made on first use. */
export async function defaultRuntime(): Promise<Runtime> {
  return (await find()).runtime;
}

/**
 * Says how to get a faster runtime where this is not the fastest, once in a process: for whatever takes long.
 *
 * @param say takes the line.
 */
export async function adviseRuntime(say: (line: string) => void): Promise<void> {
  const { advice } = await find();
  if (advice === undefined || advised) return;
  advised = true;
  say(advice);
}
