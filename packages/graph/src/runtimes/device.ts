/**
 * Programs on other hardware than the processor, by ONNX Runtime's providers.
 *
 * A list of providers is no fallback for hardware that is missing: ONNX Runtime lists a provider that it was built with whether or not there is a device, and `["webgpu", "cpu"]` rejects without one.
 * So a device is tried before it is promised, in a session of its own on that provider alone.
 */
import { UnsupportedError } from "../errors.js";
import { hostTensor } from "../host-tensor.js";
import { encodeModel } from "../onnx/encode.js";
import { nodeRuntime, type NodeRuntimeOptions } from "./node.js";
import { reason } from "./results.js";
import type { Runtime } from "./runtime.js";

/** Where programs run. */
export type Device = "cpu" | "cuda" | "webgpu";

/** Devices by name. */
export const DEVICES: readonly Device[] = ["cpu", "cuda", "webgpu"];

/**
 * The native runtime on a device, whose name says which one answers: "onnxruntime-node (webgpu)". Operators that the device has not run on the processor.
 *
 * Tensors that a session keeps (`Session.keep`) are the host's, which ONNX Runtime copies to the device for each run. Results differ by rounding from one device to another.
 *
 * @throws UnsupportedError where this installation or machine has no such device: says why.
 * @example
 * const estimator = await train(npe(field), { runtime: await deviceRuntime("cuda") });
 */
export async function deviceRuntime(
  device: Device,
  options: Pick<NodeRuntimeOptions, "threads"> = {},
): Promise<Runtime> {
  if (device === "cpu") return nodeRuntime(options);
  try {
    await tryOut(nodeRuntime({ ...options, providers: [device] }));
  } catch (cause) {
    throw new UnsupportedError(
      `the device "${device}" cannot be used here: ${reason(cause)}; cpu is there wherever onnxruntime-node is`,
      { cause },
    );
  }
  const runtime = nodeRuntime({ ...options, providers: [device, "cpu"] });
  return { ...runtime, name: `${runtime.name} (${device})` };
}

/** y = x + x, of one number. */
const DOUBLE = encodeModel({
  name: "double",
  nodes: [{ op: "Add", inputs: ["x", "x"], outputs: ["y"], attributes: {} }],
  inputs: [{ name: "x", dtype: "float32", shape: [1] }],
  outputs: [{ name: "y", dtype: "float32", shape: [1] }],
  initializers: [],
});

/** @throws where the smallest program does not give what it must. */
async function tryOut(runtime: Runtime): Promise<void> {
  const session = await runtime.createSession(DOUBLE, { threads: 1 });
  try {
    const { y } = await session.run({ x: hostTensor([21], [1]) });
    if (Number(y?.data[0]) !== 42) throw new Error(`it gave ${String(y?.data[0])} for 42`);
  } finally {
    await session.release();
  }
}
