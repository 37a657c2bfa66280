import { expect, test } from "vitest";
import { hostTensor } from "../../src/host-tensor.js";
import { encodeModel } from "../../src/onnx/encode.js";
import { webRuntime } from "../../src/runtimes/web.js";
import { affineGraph } from "../onnx-graphs.js";

/** WebAssembly memories made from now on. A memory never shrinks, so its size shows every leak. */
function watchMemories(): readonly WebAssembly.Memory[] {
  const memories: WebAssembly.Memory[] = [];
  class Watched extends WebAssembly.Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  }
  Object.assign(WebAssembly, { Memory: Watched });
  return memories;
}

test("thousands of runs and hundreds of sessions leave WebAssembly's memory as it was", async () => {
  const memories = watchMemories();
  const size = (): number => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  const runtime = webRuntime({ threads: 1 });
  const model = encodeModel(affineGraph());
  const session = await runtime.createSession(model);
  const feeds = {
    x: hostTensor(new Float32Array(30_000), [10_000, 3]),
    y: hostTensor(new Float32Array(6), [3, 2]),
  };
  await session.run(feeds);
  const before = size();
  expect(before).toBeGreaterThan(0);
  // 3,000 runs that lost their 200 kB would lose 600 MB.
  for (let i = 0; i < 3_000; i++) await session.run(feeds);
  for (let i = 0; i < 300; i++) {
    const other = await runtime.createSession(model);
    await other.run(feeds);
    await other.release();
  }
  expect(size()).toBe(before);
  await session.release();
});
