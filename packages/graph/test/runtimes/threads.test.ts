import { expect, test } from "vitest";
import { hostTensor } from "../../src/host-tensor.js";
import { encodeModel } from "../../src/onnx/encode.js";
import type { Runtime } from "../../src/runtimes/runtime.js";
import { inBrowser, testWebRuntime } from "../harness.js";
import { node, value } from "../onnx-graphs.js";

// Of their own file, since a page or process has one WebAssembly module with one number of threads.
const runtimes: Runtime[] = [testWebRuntime({ threads: 2 })];
if (!inBrowser) {
  const { nodeRuntime } = await import("../../src/runtimes/node.js");
  runtimes.push(nodeRuntime({ threads: 2 }));
}

test.runIf(inBrowser)("the page may have threads", () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
});

for (const runtime of runtimes) {
  test(`two threads multiply matrices on ${runtime.name}`, async () => {
    const n = 128;
    const session = await runtime.createSession(
      encodeModel({
        name: "square",
        nodes: [node("MatMul", ["x", "x"], ["y"])],
        inputs: [value("x", [n, n])],
        outputs: [value("y", [n, n])],
        initializers: [],
      }),
    );
    // A rotation of the axes, twice: row i picks row i + 2 of the identity.
    const shift = Float32Array.from({ length: n * n }, (_, at) =>
      at % n === (Math.floor(at / n) + 1) % n ? 1 : 0,
    );
    const { y } = await session.run({ x: hostTensor(shift, [n, n]) });
    const twice = Float32Array.from({ length: n * n }, (_, at) =>
      at % n === (Math.floor(at / n) + 2) % n ? 1 : 0,
    );
    expect(y).toEqual(hostTensor(twice, [n, n]));
    await session.release();
  });
}
