/**
 * The wire format, held against code generated from onnx.proto by others (generated/).
 */
import { fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EncodingError } from "../../src/errors.js";
import { hostTensor } from "../../src/host-tensor.js";
import { encodeModel } from "../../src/onnx/encode.js";
import type { OnnxAttribute } from "../../src/onnx/ir.js";
import { readModelProto, writeModelProto } from "../../src/onnx/messages.js";
import { affineGraph, loopGraph, node, value } from "../onnx-graphs.js";
import { ModelProtoSchema } from "./generated/onnx_pb.js";

/** A model with an attribute of each kind, and numbers of every size. */
function everything(): Uint8Array {
  const attributes: Record<string, OnnxAttribute> = {
    int: { type: "int", value: -1 },
    ints: { type: "ints", value: [0, 127, 128, -128, 2 ** 31, 2 ** 52, -(2 ** 52)] },
    float: { type: "float", value: 1e300 },
    floats: { type: "floats", value: [-0, 1.5, 1e-42, Number.NaN] },
    string: { type: "string", value: "größer ≥ 𝜃" },
    tensor: { type: "tensor", value: hostTensor([1, 2, 3], [3]) },
    graph: { type: "graph", value: affineGraph() },
  };
  return encodeModel(
    {
      name: "everything",
      nodes: [{ ...node("Strange", ["x", ""], ["y"], attributes), domain: "elsewhere" }],
      inputs: [value("x", ["größe", 3])],
      outputs: [value("y", [])],
      initializers: [{ name: "c", tensor: hostTensor([1, 2], [2]) }],
    },
    { metadata: { a: "b", "": "c" } },
  );
}

const models = [everything(), encodeModel(affineGraph()), encodeModel(loopGraph())];

test("what is written is what the generated code writes of what it reads", () => {
  for (const bytes of models) {
    expect([...toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes))]).toEqual([
      ...bytes,
    ]);
  }
});

test("what is read is written again, byte for byte, with what the schema does not name", () => {
  for (const bytes of models)
    expect([...writeModelProto(readModelProto(bytes))]).toEqual([...bytes]);
  const foreign = fromBinary(ModelProtoSchema, everything());
  foreign.docString = "of the whole";
  foreign.modelVersion = -3n;
  const { graph } = foreign;
  if (graph === undefined) throw new Error("a model has a graph");
  graph.docString = "of the graph";
  for (const { attribute } of graph.node) for (const one of attribute) one.docString = "of one";
  for (const tensor of graph.initializer) tensor.doubleData.push(1, 2);
  const bytes = toBinary(ModelProtoSchema, foreign);
  const again = fromBinary(ModelProtoSchema, writeModelProto(readModelProto(bytes)));
  expect(toJson(ModelProtoSchema, again)).toEqual(toJson(ModelProtoSchema, foreign));
});

test("numbers packed one after the other are read as those with a tag each", () => {
  // Dims of a tensor, packed: field 1 of the third initialiser's message, by hand.
  const packed = Uint8Array.of(0x0a, 3, 2, 0x80, 1);
  const tensor = Uint8Array.of(0x2a, packed.length, ...packed);
  const bytes = Uint8Array.of(0x3a, tensor.length, ...tensor);
  const [read] = readModelProto(bytes).graph?.initializer ?? [];
  const [other] = fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? [];
  expect(read?.dims).toEqual([2n, 128n]);
  expect(other?.dims).toEqual(read?.dims);
});

test.each([
  ["a length beyond the end", [0x3a, 200, 1, 0]],
  ["a varint without an end", Array.from({ length: 12 }, () => 0x80)],
  ["a number of eleven bytes", [0x08, ...Array.from({ length: 10 }, () => 0x80), 1]],
  ["a group", [0x3b, 0x3c]],
  ["the field 0", [0x00, 0x00]],
  ["a number where a message belongs", [0x38, 1]],
  ["a graph in two pieces", [0x3a, 0, 0x3a, 0]],
])("%s is refused", (_, bytes) => {
  expect(() => readModelProto(Uint8Array.from(bytes))).toThrow(EncodingError);
});

test("graphs in graphs without end are refused, and do not take the stack", () => {
  // graph = 7 of the model; node = 1, attribute = 5, g = 6 of what is in it, again and again.
  let bytes: number[] = [];
  for (let depth = 0; depth < 2000; depth++) {
    for (const field of [6, 5, 1]) bytes = [(field << 3) | 2, ...length(bytes.length), ...bytes];
  }
  const all = Uint8Array.from([(7 << 3) | 2, ...length(bytes.length), ...bytes]);
  expect(() => readModelProto(all)).toThrow(/deep in one another/);
});

function length(n: number): number[] {
  return n < 0x80 ? [n] : [(n % 0x80) | 0x80, ...length(Math.floor(n / 0x80))];
}

test("bytes changed anywhere are read or refused, never another error", () => {
  const [bytes = new Uint8Array(0)] = models;
  const mutants = (): void => {
    const property = fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(bytes.length),
      (changes, end) => {
        const mutant = bytes.slice(0, end === 0 ? bytes.length : end);
        for (const [at, byte] of changes) if (at < mutant.length) mutant[at] = byte;
        try {
          writeModelProto(readModelProto(mutant));
          return true;
        } catch (error) {
          return error instanceof EncodingError;
        }
      },
    );
    fc.assert(property, { seed: 1, numRuns: 5000 });
  };
  expect(mutants).not.toThrow();
});
