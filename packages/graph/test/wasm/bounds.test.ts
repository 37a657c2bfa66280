/** What a program may take is bounded before it is compiled, with one error that says what. */
import { expect, test } from "vitest";
import { hostTensor, type HostTensor } from "../../src/host-tensor.js";
import { encodeModel } from "../../src/onnx/encode.js";
import type { OnnxGraph } from "../../src/onnx/ir.js";
import { wasmRuntime } from "../../src/runtimes/wasm.js";
import { compileGraph } from "../../src/wasm/program/compile.js";
import { loopGraph, node, scalar, value } from "../onnx-graphs.js";

async function runOf(
  graph: OnnxGraph,
  feeds: Readonly<Record<string, HostTensor>>,
): Promise<Readonly<Record<string, HostTensor>>> {
  const session = await wasmRuntime().createSession(encodeModel(graph));
  return session.run(feeds);
}

/** Sums over running sums of a number that is repeated, which as many arrays at once are. */
function repeated(arrays: number): OnnxGraph {
  const names = Array.from({ length: arrays }, (_, i) => `c${i}`);
  return {
    name: "repeated",
    nodes: [
      node("Expand", ["x", "sizes"], ["wide"]),
      ...names.map((name) => node("CumSum", ["wide", "axis"], [name])),
      // A number of each once all are there, in the reverse of their order.
      ...names.toReversed().map((name) => node("ReduceSum", [name, "axes"], [`${name}.sum`])),
      node(
        "Concat",
        names.map((name) => `${name}.sum`),
        ["y"],
        { axis: { type: "int", value: 0 } },
      ),
    ],
    inputs: [value("x", [1]), value("sizes", [1], "int64")],
    outputs: [value("y", [arrays])],
    initializers: [
      { name: "axis", tensor: scalar(0, "int64") },
      { name: "axes", tensor: hostTensor([0], [1], "int64") },
    ],
  };
}

const one = hostTensor([1], [1]);
const sizes = (size: number): HostTensor => hostTensor([size], [1], "int64");

test("a value", async () => {
  const { y } = await runOf(repeated(2), { x: one, sizes: sizes(3) });
  expect(y).toEqual(hostTensor([6, 6], [2]));
  await expect(runOf(repeated(1), { x: one, sizes: sizes(2 ** 40) })).rejects.toThrow(
    'its node 0 (Expand, "wide"): a value of shape [1099511627776] takes 4,194,304 MiB, more than 2,048 MiB: ask for less at once',
  );
});

test("the memory of a call", async () => {
  await expect(runOf(repeated(5), { x: one, sizes: sizes(2 ** 28) })).rejects.toThrow(
    /a call of this size works in 5,\d{3} MiB of memory, more than 4,032 MiB: ask for less at once/,
  );
});

test("axes", async () => {
  const graph: OnnxGraph = {
    name: "axes",
    nodes: [node("Reshape", ["x", "sizes"], ["y"])],
    inputs: [value("x", [1])],
    outputs: [value("y", ["n"])],
    initializers: [
      { name: "sizes", tensor: hostTensor([1, 1, 1, 1, 1, 1, 1, 1, 1], [9], "int64") },
    ],
  };
  await expect(runOf(graph, { x: one })).rejects.toThrow("a value has 9 axes, more than 8");
});

test("turns of a loop, and what it stacks", async () => {
  const feeds = { s0: hostTensor([0, 8], [2]), g: hostTensor([1, 2], [1, 2]) };
  const turns = (n: number) => runOf(loopGraph(), { ...feeds, n: scalar(n, "int64") });
  await expect(turns(2 ** 40)).rejects.toThrow(/a loop turns 1099511627776 times, more than/);
  await expect(turns(2 ** 30)).rejects.toThrow(/a loop of 1073741824 turns stacks 32,768 MiB/);
});

test("code: many small products are a loop", () => {
  const graph: OnnxGraph = {
    name: "products",
    nodes: [node("MatMul", ["a", "b"], ["c"])],
    inputs: [value("a", ["n", 3, 4]), value("b", ["n", 4, 5])],
    outputs: [value("c", ["n", 3, 5])],
    initializers: [],
  };
  const { bytes } = compileGraph(graph, {
    shapes: new Map([
      ["a", [5_000, 3, 4]],
      ["b", [5_000, 4, 5]],
    ]),
    streamed: [],
    deciding: new Map(),
    weights: new Map(),
    takeConstants: () => 0,
    cells: 0,
    fused: false,
  });
  expect(bytes.length).toBeLessThan(3_000);
});
