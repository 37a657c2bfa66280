/**
 * Programs from files: of a harmless program that breaks one rule the rule is named.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { EncodingError } from "../../src/errors.js";
import { hostTensor } from "../../src/host-tensor.js";
import { checkProgram, type ProgramContract } from "../../src/onnx/allow-list.js";
import { encodeModel } from "../../src/onnx/encode.js";
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  ModelProtoSchema,
  type ModelProto,
} from "./generated/onnx_pb.js";
import type { OnnxAttribute, OnnxGraph, OnnxNode } from "../../src/onnx/ir.js";
import { loopGraph } from "../onnx-graphs.js";

const int = (value: number): OnnxAttribute => ({ type: "int", value });

/** y = exp(x) · 2, and the numbers of a list. */
const harmless: OnnxGraph = {
  name: "harmless",
  nodes: [
    { op: "Exp", inputs: ["x"], outputs: ["e"], attributes: {} },
    { op: "Mul", inputs: ["e", "two"], outputs: ["y"], attributes: {} },
  ],
  inputs: [{ name: "x", dtype: "float32", shape: ["batch", 3] }],
  outputs: [{ name: "y", dtype: "float32", shape: ["batch", 3] }],
  initializers: [
    { name: "two", tensor: hostTensor([2], []) },
    { name: "list", tensor: hostTensor([3, 3], [2], "int64") },
    { name: "axis", tensor: hostTensor([1], [1], "int64") },
  ],
};

const contract: ProgramContract = {
  inputs: { x: { dtype: "float32", shape: ["batch", 3] } },
  outputs: { y: { dtype: "float32", shape: ["batch", null] } },
  sizes: { batch: 4 },
};

/** The rule that a program breaks. */
function ruleOf(model: Uint8Array, wanted = contract): string {
  try {
    checkProgram(model, wanted);
  } catch (error) {
    if (error instanceof EncodingError) return error.message;
    throw error;
  }
  return "none";
}

/** The same with nodes put before the last. */
function withNodes(...nodes: readonly OnnxNode[]): Uint8Array {
  return encodeModel({
    ...harmless,
    nodes: [harmless.nodes[0] ?? never(), ...nodes, ...harmless.nodes.slice(1)],
  });
}

function node(
  op: string,
  inputs: readonly string[],
  attributes: OnnxNode["attributes"] = {},
  outputs = ["z"],
): OnnxNode {
  return { op, inputs, outputs, attributes };
}

/** The same with its message changed. */
function changed(
  change: (model: ModelProto & { graph: NonNullable<ModelProto["graph"]> }) => void,
): Uint8Array {
  const model = fromBinary(ModelProtoSchema, encodeModel(harmless));
  if (model.graph === undefined) never();
  change(model as Parameters<typeof change>[0]);
  return toBinary(ModelProtoSchema, model);
}

function never(): never {
  throw new Error("the harmless program is complete");
}

describe("a harmless program that breaks one rule is refused by it:", () => {
  test("none", () => {
    expect(ruleOf(encodeModel(harmless))).toBe("none");
  });

  test.each<[string, Uint8Array, string]>([
    [
      "an operator that draws",
      withNodes(node("RandomNormalLike", ["e"])),
      'its node 1 (RandomNormalLike, "z"): no program has the operator',
    ],
    [
      "an operator that prints",
      withNodes(node("Print", ["e"])),
      "no program has the operator Print",
    ],
    [
      "another domain",
      encodeModel({
        ...harmless,
        nodes: [{ ...node("Gelu", ["x"], {}, ["y"]), domain: "com.microsoft" }],
      }),
      "operators of other domains",
    ],
    [
      "another attribute",
      withNodes(node("Exp", ["e"], { alpha: int(1) })),
      'has an attribute "alpha"',
    ],
    [
      "an attribute of another type",
      withNodes(node("Softmax", ["e"], { axis: { type: "float", value: 1 } })),
      "is of the type float, not int",
    ],
    ["too many operands", withNodes(node("Exp", ["e", "e"])), "2 operands, not 1 to 1"],
    ["an operand left out", withNodes(node("Add", ["e", ""])), "its operand 1 is missing"],
    [
      "a value used before it is given",
      withNodes(node("Exp", ["y"])),
      'reads "y", which nothing before it gives',
    ],
    [
      "a value given twice",
      withNodes(node("Exp", ["x"], {}, ["e"])),
      'its result "e" is given twice',
    ],
    ["types that differ", withNodes(node("Add", ["e", "list"])), "several types: float32, int64"],
    ["a type it does not take", withNodes(node("Not", ["e"])), "it takes bool, not float32"],
    ["shapes that do not broadcast", withNodes(node("Expand", ["e", "list"])), "do not broadcast"],
    ["matrices that do not fit", withNodes(node("MatMul", ["e", "e"])), "are not multiplied"],
    [
      "an axis there is not",
      withNodes(node("Softmax", ["e"], { axis: int(7) })),
      "there is no axis 7 among 2",
    ],
    [
      "a join along no axis",
      withNodes(node("Concat", ["e", "e"])),
      "it does not say along which axis it joins",
    ],
    [
      "a shape that depends on numbers",
      withNodes(node("ArgMax", ["e"], { axis: int(0) }, ["w"]), node("Reshape", ["e", "w"])),
      "must be a list of integers",
    ],
    [
      "a shape that is not known",
      withNodes(
        node("ArgMax", ["e"], { axis: int(0), keepdims: int(0) }, ["w"]),
        node("Expand", ["e", "w"]),
      ),
      "is not known before the program runs",
    ],
    [
      "a number of elements that changes",
      withNodes(node("Reshape", ["e", "list"])),
      "[4, 3] does not become [3, 3]",
    ],
    [
      "a slice of steps of zero",
      withNodes(node("Slice", ["e", "axis", "list", "axis", "zero"])),
      'reads "zero"',
    ],
    ["a cast to text", withNodes(node("Cast", ["e"], { to: int(8) })), "it casts to ONNX's type 8"],
  ])("%s", (_, model, rule) => {
    expect(ruleOf(model)).toContain(rule);
  });

  test.each<[string, (model: Parameters<Parameters<typeof changed>[0]>[0]) => void, string]>([
    ["another version", (model) => void (model.irVersion = 8n), "it is of version 8"],
    [
      "other operators",
      (model) => void ((model.opsetImport[0] ?? never()).version = 20n),
      "operators 20",
    ],
    [
      "a function",
      (model) => void model.functions.push(create(FunctionProtoSchema, { name: "f" })),
      "it defines functions",
    ],
    [
      "an input that is a constant",
      ({ graph }) => void ((graph.initializer[0] ?? never()).name = "x"),
      'its constant "x" is given twice',
    ],
    [
      "a constant in another file",
      ({ graph }) => void ((graph.initializer[0] ?? never()).dataLocation = 1),
      "lies in another file",
    ],
    [
      "a constant of another type",
      ({ graph }) => void ((graph.initializer[0] ?? never()).dataType = 10),
      "is of ONNX's element type 10",
    ],
    [
      "a constant that is too short",
      ({ graph }) => void ((graph.initializer[1] ?? never()).dims = [5n]),
      "needs 40 bytes, but holds 16",
    ],
    [
      "a constant of too many axes",
      ({ graph }) =>
        void ((graph.initializer[0] ?? never()).dims = Array.from({ length: 9 }, () => 1n)),
      "has the shape",
    ],
    [
      "a long name",
      ({ graph }) => void ((graph.node[0] ?? never()).name = "n".repeat(2000)),
      "a name of 2000 characters",
    ],
    [
      "an input that nobody feeds",
      ({ graph }) => void graph.input.push({ ...(graph.input[0] ?? never()), name: "w" }),
      'an input "w" that is not asked of it',
    ],
    [
      "no input",
      ({ graph }) => void ((graph.input[0] ?? never()).name = "other"),
      'it has no input "x"',
    ],
    [
      "no output",
      ({ graph }) => void ((graph.output[0] ?? never()).name = "other"),
      'it has no output "y"',
    ],
    [
      "an output of nothing",
      ({ graph }) => void (graph.node[1] ?? never()).output.splice(0, 1, "lost"),
      'nothing gives its output "y"',
    ],
    [
      "a lie about a value",
      ({ graph }) => void graph.valueInfo.push({ ...(graph.input[0] ?? never()), name: "two" }),
      '"two" is said to be',
    ],
    [
      "an attribute of a function",
      ({ graph }) =>
        void (graph.node[0] ?? never()).attribute.push(
          create(AttributeProtoSchema, { name: "a", refAttrName: "b", type: 2 }),
        ),
      "the attribute of a function",
    ],
  ])("%s", (_, change, rule) => {
    expect(ruleOf(changed(change))).toContain(rule);
  });

  test("a loop", () => {
    const graph = loopGraph();
    const value = ({ dtype, shape }: OnnxGraph["inputs"][number]) => ({ dtype, shape });
    const named = (values: OnnxGraph["inputs"]) =>
      Object.fromEntries(values.map((v) => [v.name, value(v)]));
    const wanted = { inputs: named(graph.inputs), outputs: named(graph.outputs), sizes: {} };
    expect(ruleOf(encodeModel(graph), wanted)).toContain(
      'has an attribute "body" that holds a graph of its own',
    );
  });

  test("another type or rank of input or output than is expected", () => {
    const of = (dtype: "float32" | "float64", shape: readonly (string | number)[]) =>
      ruleOf(encodeModel(harmless), { ...contract, inputs: { x: { dtype, shape } } });
    expect(of("float64", ["batch", 3])).toContain(
      "is float32 [batch, 3], where float64 [batch, 3] is expected",
    );
    expect(of("float32", ["batch", 3, 1])).toContain("where float32 [batch, 3, 1] is expected");
    expect(of("float32", ["batch", 4])).toContain("where float32 [batch, 4] is expected");
  });

  test("more memory or work than its size says", () => {
    const large = [2 ** 21, 2 ** 21];
    const sizes = { name: "large", tensor: hostTensor(large, [2], "int64") };
    const grow = { ...harmless, initializers: [...harmless.initializers, sizes] };
    const nodes = [node("Expand", ["two", "large"], {}, ["z"]), ...harmless.nodes];
    expect(ruleOf(encodeModel({ ...grow, nodes }))).toContain(
      "a value of it has 4398046511104 elements",
    );
    const square = { name: "large", tensor: hostTensor([2 ** 13, 2 ** 13], [2], "int64") };
    const products = Array.from({ length: 5 }, (_, i) =>
      node("MatMul", [`m${i}`, "m0"], {}, [`m${i + 1}`]),
    );
    const busy = [node("Expand", ["two", "large"], {}, ["m0"]), ...products, ...harmless.nodes];
    const initializers = [...harmless.initializers, square];
    expect(ruleOf(encodeModel({ ...harmless, initializers, nodes: busy }))).toContain(
      "takes more than",
    );
  });

  test("more for each data set the more there are", () => {
    const outer = [
      node("Transpose", ["e"], { perm: { type: "ints", value: [1, 0] } }, ["t"]),
      node("MatMul", ["e", "t"]),
    ];
    expect(ruleOf(withNodes(...outer))).toContain('twice the size "batch" takes more than twice');
  });

  test("more nodes than a program has", () => {
    const nodes = Array.from({ length: 100_001 }, (_, i) => node("Exp", ["x"], {}, [`n${i}`]));
    expect(ruleOf(encodeModel({ ...harmless, nodes: [...nodes, ...harmless.nodes] }))).toContain(
      "100003 nodes, more than 100000",
    );
  });
});

test("what is not understood does not reach the runtime", () => {
  const model = changed(({ graph }) => {
    (graph.node[0] ?? never()).docString = "a long story";
    graph.docString = "another";
  });
  expect(checkProgram(model, contract)).toEqual(encodeModel(harmless));
});
