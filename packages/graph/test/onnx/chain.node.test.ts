/**
 * Models one after another are one, for a call of known sizes.
 */
import { describe, expect, it } from "vitest";
import {
  add,
  chainModels,
  describeModel,
  encodeProgram,
  expandDims,
  hostTensor,
  input,
  mul,
  reshape,
  sum,
  type Named,
} from "../../src/index.js";
import { nodeRuntime } from "../../src/runtimes/node.js";

const program = (inputs: Named, outputs: Named): Uint8Array => encodeProgram({ inputs, outputs });

describe("chainModels", () => {
  it("gives what the programs give after one another, without names of sizes or operators on shapes", async () => {
    const x = input("x", ["batch", 3]);
    const w = input("w", [3]);
    const scaled = program({ x, w }, { y: mul(x, w) });
    const y = input("y", ["batch", 3]);
    // Sizes of the call are in its shapes.
    const flat = reshape(expandDims(y, 0), [-1]);
    const summed = program({ y, w }, { total: add(sum(flat), sum(w)) });
    const model = chainModels([scaled, summed], {
      sizes: { batch: 2 },
      outputs: { result: "total", between: "y" },
    });
    const described = describeModel(model);
    expect(described.inputs).toEqual([
      { name: "x", dtype: "float32", shape: [2, 3] },
      { name: "w", dtype: "float32", shape: [3] },
    ]);
    expect(described.outputs).toEqual([
      { name: "result", dtype: "float32", shape: [] },
      { name: "between", dtype: "float32", shape: [2, 3] },
    ]);
    expect(described.operators).not.toContain("Shape");
    const session = await nodeRuntime().createSession(model);
    const results = await session.run({
      x: hostTensor([1, 2, 3, 4, 5, 6], [2, 3]),
      w: hostTensor([1, 0.5, 2], [3]),
    });
    await session.release();
    expect([...(results["between"]?.data ?? [])]).toEqual([1, 1, 6, 4, 2.5, 12]);
    expect([...(results["result"]?.data ?? [])]).toEqual([30]);
  });

  it("says what does not fit", () => {
    const two = input("x", [2]);
    const first = program({ x: two }, { y: add(two, 1) });
    const y = input("y", [3]);
    const second = program({ y }, { z: add(y, 1) });
    const sizes = {};
    expect(() => chainModels([first, second], { sizes, outputs: { z: "z" } })).toThrow(
      '"y" is float32 [3] in one model, but float32 [2] is given for it',
    );
    expect(() => chainModels([first], { sizes, outputs: { z: "z" } })).toThrow(
      'no model gives "z"; they give x, y',
    );
    const rows = input("x", ["n"]);
    const dynamic = program({ x: rows }, { y: add(rows, 1) });
    expect(() => chainModels([dynamic], { sizes, outputs: { y: "y" } })).toThrow(
      'its size "n" is none of the call\'s',
    );
  });
});
