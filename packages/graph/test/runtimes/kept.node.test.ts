import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { hostTensor } from "../../src/host-tensor.js";
import { encodeModel } from "../../src/onnx/encode.js";
import { KeptTensors } from "../../src/runtimes/feeds.js";
import { wasmRuntime } from "../../src/runtimes/wasm.js";
import { Heap } from "../../src/wasm/heap.js";
import { affineGraph } from "../onnx-graphs.js";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Waits for what is told of garbage, which comes some turns after it was collected. */
async function collected(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const tensor = hostTensor([1, 2], [2]);

test("a tensor is kept as long as what stands for it is to be had, and freed then", async () => {
  const freed: string[] = [];
  const kept = new KeptTensors<string>((name) => freed.push(name));
  const held = kept.keep(tensor, () => "held");
  kept.keep(tensor, () => "dropped");
  await collected();
  expect(freed).toEqual(["dropped"]);
  expect(kept.of("x", held, () => "another")).toBe("held");
});

test("the engine's own runtime gives back the memory of what is kept no longer", async () => {
  const session = await wasmRuntime().createSession(encodeModel(affineGraph()));
  const give = vi.spyOn(Heap.prototype, "give");
  const large = hostTensor(new Float32Array(2 ** 18), [2 ** 18]);
  for (let i = 0; i < 3; i++) session.keep?.(large);
  await collected();
  const given = give.mock.calls.flatMap(([start, bytes]) => (bytes === 2 ** 20 ? [start] : []));
  expect(new Set(given).size).toBe(3);
  await session.release();
});
