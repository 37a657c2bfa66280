import { expect, test } from "vitest";
import * as fc from "fast-check";
import { EncodingError } from "../../src/errors.js";
import { hostTensor } from "../../src/host-tensor.js";
import { bindInputs, describeModel, encodeModel } from "../../src/onnx/encode.js";
import type { OnnxGraph } from "../../src/onnx/ir.js";
import { affineGraph, loopGraph, node, value } from "../onnx-graphs.js";

const identity = (attributes = {}): OnnxGraph => ({
  name: "identity",
  nodes: [node("Identity", ["x"], ["y"], attributes)],
  inputs: [value("x", [])],
  outputs: [value("y", [])],
  initializers: [],
});

/** Whether the bytes are read, or refused as they should be. */
function isReadOrRefused(bytes: Uint8Array): boolean {
  try {
    describeModel(bytes);
    return true;
  } catch (error) {
    return error instanceof EncodingError;
  }
}

test("a model describes the graph it was made of", () => {
  const graph = loopGraph();
  expect(describeModel(encodeModel(graph))).toEqual({
    inputs: graph.inputs,
    outputs: graph.outputs,
    opset: 21,
    operators: ["Add", "Gather", "Greater", "Identity", "Loop"],
    domains: ["ai.onnx"],
    externalData: false,
  });
});

test("operators of other domains are imported and named with their domain", () => {
  const graph = {
    ...identity(),
    nodes: [{ ...node("FusedGemm", ["x"], ["y"]), domain: "com.microsoft" }],
  };
  const { operators, domains } = describeModel(encodeModel(graph));
  expect(operators).toEqual(["com.microsoft::FusedGemm"]);
  expect(domains).toEqual(["ai.onnx", "com.microsoft"]);
});

test("bytes depend on the graph alone", () => {
  expect(encodeModel(affineGraph())).toEqual(encodeModel(affineGraph()));
  expect(encodeModel(affineGraph(), { metadata: { a: "b" } }).length).toBeGreaterThan(
    encodeModel(affineGraph()).length,
  );
});

test("bound inputs are no inputs any more", () => {
  const model = encodeModel(affineGraph());
  const y = hostTensor([1, 2, 3, 4, 5, 6], [3, 2]);
  expect(describeModel(bindInputs(model, { y })).inputs.map(({ name }) => name)).toEqual(["x"]);
  expect(bindInputs(model, {})).toEqual(model);
});

test("an input is bound to a tensor of its type and shape only", () => {
  const model = encodeModel(affineGraph());
  const message = (name: string, tensor: ReturnType<typeof hostTensor>) => () =>
    bindInputs(model, { [name]: tensor });
  expect(message("w", hostTensor([1], [1]))).toThrow('no input "w" to bind; its inputs are: x, y');
  expect(message("y", hostTensor([1], [1]))).toThrow(
    '"y" is float32 [3, 2], but was given float32 [1]',
  );
  expect(message("y", hostTensor([1, 2, 3, 4, 5, 6], [3, 2], "float64"))).toThrow("given float64");
});

test("what cannot be written is said", () => {
  const bad = { dtype: "float32", shape: [3], data: new Float32Array(2) } as const;
  expect(() =>
    encodeModel({ ...affineGraph(), initializers: [{ name: "b", tensor: bad }] }),
  ).toThrow(
    'the tensor "b" of type float32 and shape [3] needs 3 elements of 4 bytes, but holds 2 of 4',
  );
  expect(() => encodeModel(identity({ axis: { type: "int", value: 0.5 } }))).toThrow(
    'the attribute "axis" takes integers, but was given 0.5',
  );
});

test("a model above 2 GiB is refused before its bytes are gathered", () => {
  const data = new Float32Array(2 ** 20);
  const tensor = { dtype: "float32", shape: [2 ** 20], data } as const;
  const initializers = Array.from({ length: 512 }, (_, i) => ({ name: `w${i}`, tensor }));
  expect(() => encodeModel({ ...identity(), initializers })).toThrow("at most 2 GiB");
});

test("bytes that are no model are an EncodingError, never another", () => {
  const model = encodeModel(loopGraph());
  expect(() => describeModel(new Uint8Array())).toThrow("no ONNX model");
  expect(() => describeModel(new TextEncoder().encode("<!doctype html>"))).toThrow("no ONNX model");
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), isReadOrRefused), {
    seed: 1,
    numRuns: 300,
  });
  const corrupted = fc.tuple(fc.nat(model.length - 1), fc.nat(255), fc.nat(model.length));
  fc.assert(
    fc.property(corrupted, ([at, byte, length]) => {
      const bytes = model.slice();
      bytes[at] = byte;
      return isReadOrRefused(bytes) && isReadOrRefused(bytes.subarray(0, length));
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("the size of a model grows with its nodes, and no faster", () => {
  const chain = (n: number): OnnxGraph => ({
    name: "chain",
    nodes: Array.from({ length: n }, (_, i) =>
      node("Softmax", [`v${i}`], [`v${i + 1}`], { axis: { type: "int", value: -1 } }),
    ),
    inputs: [value("v0", ["batch", 20])],
    outputs: [value(`v${n}`, ["batch", 20])],
    initializers: [],
  });
  const [half, whole] = [encodeModel(chain(1000)), encodeModel(chain(2000))];
  // Names of four digits are a little longer than those of three.
  expect(whole.length / half.length).toBeLessThan(2.1);
});
