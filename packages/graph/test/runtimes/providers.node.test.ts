import { expect, test } from "vitest";
import { add } from "../../src/operations/elementwise.js";
import { compile } from "../../src/program.js";
import { nodeRuntime } from "../../src/runtimes/node.js";
import { input } from "../../src/leaves.js";

test("operators run where a runtime is told, and what is not there is refused in a line", async () => {
  const x = input("x", [2]);
  const spec = { inputs: { x }, outputs: { y: add(x, 1) } };
  const program = await compile(spec, nodeRuntime({ threads: 1, providers: ["cpu"] }));
  expect([...(await program.run({ x: [1, 2] })).y.data]).toEqual([2, 3]);
  await program.release();
  expect(() => nodeRuntime({ providers: ["abacus", "cpu"] })).toThrow(
    /^nodeRuntime: there is no provider "abacus" in this installation of onnxruntime-node; there are cpu/,
  );
});
