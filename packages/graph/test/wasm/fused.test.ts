/** Fused products, where the engine has them; Chromium does, Node 20 does not. */
import { expect, test } from "vitest";
import { UnsupportedError } from "../../src/errors.js";
import { hostTensor } from "../../src/host-tensor.js";
import { encodeModel } from "../../src/onnx/encode.js";
import { wasmRuntime } from "../../src/runtimes/wasm.js";
import { hasRelaxedSimd } from "../../src/wasm/relaxed-simd.js";
import { node, value } from "../onnx-graphs.js";

const [rows, inner, columns] = [7, 64, 11];

async function product(fused: boolean): Promise<Float32Array> {
  const model = encodeModel({
    name: "product",
    nodes: [node("MatMul", ["a", "b"], ["c"])],
    inputs: [value("a", [rows, inner]), value("b", [inner, columns])],
    outputs: [value("c", [rows, columns])],
    initializers: [],
  });
  const session = await wasmRuntime({ fused }).createSession(model);
  const wave = (n: number, step: number) =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(step * i));
  const { c } = await session.run({
    a: hostTensor(wave(rows * inner, 0.7), [rows, inner]),
    b: hostTensor(wave(inner * columns, 1.3), [inner, columns]),
  });
  await session.release();
  if (!(c?.data instanceof Float32Array)) throw new Error("a product of float32 is one");
  return c.data;
}

test.skipIf(hasRelaxedSimd())("fused products are refused where there are none", () => {
  expect(() => wasmRuntime({ fused: true })).toThrow(UnsupportedError);
});

test.runIf(hasRelaxedSimd())("fused products differ from others by rounding", async () => {
  const [fused, plain] = [await product(true), await product(false)];
  for (const [i, x] of plain.entries()) {
    // Sums of 64 products below one, each rounded once or twice.
    expect(Math.abs((fused[i] ?? NaN) - x)).toBeLessThan(64 * 64 * 2 ** -24);
  }
});
