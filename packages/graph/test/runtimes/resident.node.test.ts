import { expect, test } from "vitest";
import { encodeModel } from "../../src/onnx/encode.js";
import { nodeRuntime } from "../../src/runtimes/node.js";
import { hostTensor } from "../../src/host-tensor.js";
import { affineGraph } from "../onnx-graphs.js";

test("shared memory, which the native runtime cannot read in place, is copied once where it is kept", async () => {
  const session = await nodeRuntime({ threads: 1 }).createSession(encodeModel(affineGraph()));
  const shared = new Float32Array(new SharedArrayBuffer(24));
  shared.set([1, 0, 0, 1, 1, 1]);
  const y = { dtype: "float32", shape: [3, 2], data: shared } as const;
  const x = hostTensor([1, 2, 3], [1, 3]);
  const kept = session.keep?.(y);
  if (kept === undefined) throw new Error("the native session keeps tensors");
  const before = await session.run({ x, y });
  shared.fill(0);
  // Fed as it is, it is copied for the run and is zero; what is kept was copied before.
  expect([...((await session.run({ x, y }))["z"]?.data ?? [])]).toEqual([10, 20]);
  expect(await session.run({ x, y: kept })).toEqual(before);
  await session.release();
});
