/**
 * The runtimes to use where none is given: to train, native in Node and the engine's own elsewhere; to answer, the engine's own everywhere.
 *
 * A file may come from a stranger, whose programs are to reach native code only where their user asks for that; and the bits of an answer are then the same
 * in Node and in every browser.
 */
import { findRuntime, runtimeOn, type FoundRuntime } from "#platform";
import type { Runtime } from "@amortis/graph";

let found: Promise<FoundRuntime> | undefined;
let answering: Promise<Runtime> | undefined;
let advised = false;

function find(): Promise<FoundRuntime> {
  found ??= findRuntime();
  return found;
}

/** The runtime of this place that trains fastest, made on first use. */
export async function defaultRuntime(): Promise<Runtime> {
  return (await find()).runtime;
}

/** Where networks run: the processor, or other hardware by ONNX Runtime's providers. */
export type Device = "cpu" | "cuda" | "webgpu";

/**
 * The native runtime on a device, for the option `runtime` of `train` and `load`; its name says which device answers.
 *
 * @param threads of one operator on the processor.
 * @throws UnsupportedError where this installation or machine has no such device, or this is a page: it is tried at once.
 * @example
 * const estimator = await train(npe(field), { runtime: await deviceRuntime("cuda") });
 */
export function deviceRuntime(device: Device, threads?: number): Promise<Runtime> {
  return runtimeOn(device, threads);
}

/** The runtime that answers, made on first use: the engine's own. */
export function answeringRuntime(): Promise<Runtime> {
  answering ??= import("@amortis/graph/wasm").then(({ wasmRuntime }) => wasmRuntime());
  return answering;
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

/** Whether a runtime is another one than the one that answers. */
export async function isOther({ name }: Runtime): Promise<boolean> {
  return name !== (await answeringRuntime()).name;
}
