/** Rows that are computed by themselves are the same in calls of any size, and calls of many sizes are compiled for few. */
import { afterEach, expect, test, vi } from "vitest";
import { hostTensor, type HostTensor } from "../../src/host-tensor.js";
import { input } from "../../src/leaves.js";
import { exp, mul } from "../../src/operations/elementwise.js";
import { tanh } from "../../src/operations/logistic.js";
import { matmul } from "../../src/operations/linear.js";
import { expandDims } from "../../src/operations/reshape.js";
import { sum } from "../../src/operations/reduction.js";
import { encodeProgram } from "../../src/program.js";
import { wasmRuntime } from "../../src/runtimes/wasm.js";
import { ModuleBuilder } from "../../src/wasm/encoder/module.js";
import { copyRows, evened, rounded } from "../../src/wasm/rows.js";
import { numbers } from "../evaluate.js";

/** A term of each draw of each data set, and another of each data set. */
function model(): Uint8Array {
  const context = input("context", ["batch", 5]);
  const theta = input("theta", ["batch", "draws", 3]);
  const weight = input("weight", [3, 5]);
  const hidden = tanh(matmul(theta, weight));
  const value = sum(mul(hidden, expandDims(context, 1)), { axes: [2] });
  const inputs = { context, theta, weight };
  return encodeProgram({ inputs, outputs: { value, level: exp(sum(context, { axes: [1] })) } });
}

const of = (shape: readonly number[], seed: number): HostTensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return hostTensor(Float32Array.from(numbers(size, seed)), shape);
};

const feeds = (batch: number, draws: number) => ({
  context: of([batch, 5], 1),
  theta: of([batch, draws, 3], 2),
  weight: of([3, 5], 3),
});

afterEach(() => {
  vi.restoreAllMocks();
});

test("calls of many sizes give what each gives by itself, to the bit, and have few programs", async () => {
  const compiled = vi.spyOn(ModuleBuilder.prototype, "finish");
  const session = await wasmRuntime().createSession(model(), { rows: ["batch", "draws"] });
  const kept = session.keep?.(feeds(1, 1).weight);
  const asked = Array.from({ length: 40 }, (_, i) => [1 + (i % 2), 1 + ((7 * i) % 40)] as const);
  const found: Record<string, HostTensor>[] = [];
  for (const [batch, draws] of asked) {
    found.push(await session.run({ ...feeds(batch, draws), ...(kept && { weight: kept }) }));
  }
  expect(new Set(asked.map(String)).size).toBe(40);
  expect(compiled).toHaveBeenCalled();
  expect(compiled.mock.calls.length).toBeLessThan(30);
  for (const [i, [batch, draws]] of asked.entries()) {
    if (i % 5 > 0) continue;
    const alone = await wasmRuntime().createSession(model());
    expect(found[i]).toEqual(await alone.run(feeds(batch, draws)));
    await alone.release();
  }
  await session.release();
});

test("sizes are rounded up, by half at most", () => {
  const sizes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17, 1000, 4096, 4097];
  expect(sizes.map(rounded)).toEqual([0, 1, 2, 3, 4, 6, 6, 8, 8, 12, 16, 24, 1024, 4096, 6144]);
});

test("rows are rounded up to whole vectors, by a quarter at most", () => {
  const sizes = [1, 7, 31, 32, 33, 215, 216, 1000];
  expect(sizes.map(evened)).toEqual([1, 7, 31, 32, 40, 216, 216, 1000]);
});

test("arrays are cut, and filled with their last row", () => {
  const source = Float32Array.of(1, 2, 3, 4, 5, 6);
  const larger = new Float32Array(12);
  copyRows(larger, [3, 2, 2], Float32Array.of(1, 2, 3, 4), [2, 1, 2]);
  expect([...larger]).toEqual([1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 3, 4]);
  const smaller = new Float32Array(2);
  copyRows(smaller, [2, 1], source, [3, 2]);
  expect([...smaller]).toEqual([1, 3]);
});
