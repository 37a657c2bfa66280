import { describe, expect, test } from "vitest";
import { InvalidArgumentError, ShapeError } from "../src/errors.js";
import { gradient } from "../src/gradient.js";
import { hostTensor } from "../src/host-tensor.js";
import { constant, input } from "../src/leaves.js";
import { GraphBuilder, lowerGraph } from "../src/lower.js";
import type { OnnxGraph } from "../src/onnx/ir.js";
import { prune } from "../src/onnx/prune.js";
import { add, exp, mul, sub } from "../src/operations/elementwise.js";
import { matmul } from "../src/operations/linear.js";
import { reshape, split, transpose } from "../src/operations/movement.js";
import { sum } from "../src/operations/reduction.js";
import type { Tensor } from "../src/tensor.js";
import { evaluate, values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";
import { affineGraph } from "./onnx-graphs.js";

const x = input("x", ["batch", 3]);

/** Operators in order, without the Identity that names each output. */
function operators(graph: OnnxGraph): readonly string[] {
  return graph.nodes.map(({ op }) => op).filter((op) => op !== "Identity");
}

function lowered(outputs: Readonly<Record<string, Tensor>>): OnnxGraph {
  return lowerGraph("test", { x }, outputs);
}

describe("equal computations are shared", () => {
  test("the same operation on the same operands is one node", () => {
    expect(operators(lowered({ y: add(exp(x), exp(x)), z: exp(x) }))).toEqual(["Exp", "Add"]);
  });

  test("other attributes make another node", () => {
    const y = sum(x, { axes: [0] });
    const kept = sum(x, { axes: [0], keepDims: true });
    const other = sum(x, { axes: [1] });
    const found = operators(lowered({ y, kept, other, again: sum(x, { axes: [0] }) }));
    expect(found.filter((op) => op === "ReduceSum")).toHaveLength(3);
  });

  test("the order of operands matters", () => {
    const y = exp(x);
    expect(operators(lowered({ p: sub(x, y), q: sub(y, x), r: sub(x, y) }))).toEqual([
      "Exp",
      "Sub",
      "Sub",
    ]);
  });

  test("gradients share what the value computed", () => {
    const y = sum(exp(x));
    const [dx = x] = gradient(y, [x]);
    expect(operators(lowered({ y, dx })).filter((op) => op === "Exp")).toHaveLength(1);
  });

  test("constants of equal type, shape and values are one initializer", () => {
    const outputs = {
      a: add(x, constant([1, 2, 3])),
      b: mul(x, constant([1, 2, 3])),
      reshaped: add(x, constant([[1, 2, 3]])),
      other: add(x, constant([1, 2, 4])),
      zero: mul(x, constant([0, 0, 0])),
      negativeZero: mul(x, constant([-0, -0, -0])),
    };
    expect(lowered(outputs).initializers).toHaveLength(5);
    const doubled = lowerGraph(
      "test",
      {},
      {
        y: constant([1, 2], [2], "float64"),
        z: constant([1, 2], [2], "float64"),
        w: constant([1, 2]),
      },
    );
    expect(doubled.initializers.map(({ tensor }) => tensor.dtype)).toEqual(["float64", "float32"]);
  });

  test("large constants are shared where they are the same array", () => {
    const large = new Float32Array(5_000).fill(1);
    const [p, q] = [constant(large), constant(large)];
    const copy = constant(large.slice());
    const { initializers } = lowerGraph(
      "test",
      {},
      { a: add(p, 1), b: mul(q, 2), c: mul(copy, 2) },
    );
    expect(initializers.filter(({ tensor }) => tensor.data.length === 5_000)).toHaveLength(2);
  });
});

describe("nothing is computed in vain", () => {
  test("what no output depends on is left out", () => {
    const [p = x] = split(mul(x, 2), [1, 2], 1);
    matmul(transpose(x), x);
    const { nodes, initializers } = lowered({ p });
    expect(nodes.map(({ op }) => op)).toEqual(["Mul", "Split", "Identity"]);
    expect(initializers).toHaveLength(2);
  });

  test("neutral operations vanish", () => {
    const same = [
      add(x, 0),
      add(0, x),
      sub(x, 0),
      mul(1, x),
      reshape(x, ["batch", 3]),
      transpose(x, [0, 1]),
    ];
    for (const y of same) expect(y).toBe(x);
    // Where they change the shape or mix types they do not.
    expect(add(input("s", []), constant([0, 0])).shape).toEqual([2]);
    expect(() => add(x, constant(0, [], "float64"))).toThrow("types differ");
  });

  test("a reshape of a reshape is one, and one back to the first shape none", () => {
    const middle = reshape(exp(x), [3, "batch"]);
    const twice = reshape(reshape(middle, ["3*batch"]), [1, "batch", 3]);
    expect(operators(lowered({ twice }))).toEqual(["Exp", "Reshape"]);
    expect(operators(lowered({ same: reshape(middle, ["batch", 3]) }))).toEqual(["Exp"]);
    // What lies between is there where it is read.
    expect(operators(lowered({ twice, middle }))).toEqual(["Exp", "Reshape", "Reshape"]);
    // A variable of a training loop is bound to a reshape of the flat weights: that counts as well.
    const [kernel, bound] = [input("kernel", [2, 3]), new GraphBuilder()];
    const flat = input("flat", [6]);
    bound.bind(flat, "flat");
    bound.bind(kernel, bound.lower([reshape(flat, [2, 3])])[0] ?? "");
    bound.lower([reshape(kernel, [3, 2])]);
    expect(bound.nodes.map(({ inputs }) => inputs[0])).toEqual(["flat", "flat"]);
  });

  test("a value given in the middle of reshapes is read there", () => {
    const middle = reshape(x, ["3*batch"]);
    const y = reshape(middle, [3, "batch"]);
    const graph = lowerGraph("test", { x, middle }, { y });
    expect(graph.nodes[0]?.inputs[0]).toBe("middle");
  });

  test("prune also looks into bodies, and keeps what they read from outside", () => {
    const attributes = {};
    const body: OnnxGraph = {
      name: "body",
      inputs: [{ name: "i", dtype: "int64", shape: [] }],
      outputs: [{ name: "result", dtype: "float32", shape: [] }],
      initializers: [],
      nodes: [
        { op: "Exp", inputs: ["outer"], outputs: ["result"], attributes },
        { op: "Exp", inputs: ["unread"], outputs: ["vain"], attributes },
      ],
    };
    const graph: OnnxGraph = {
      name: "test",
      inputs: [],
      outputs: [{ name: "y", dtype: "float32", shape: [] }],
      initializers: ["one", "two"].map((name) => ({ name, tensor: hostTensor([1], []) })),
      nodes: [
        { op: "Neg", inputs: ["one"], outputs: ["outer"], attributes },
        { op: "Neg", inputs: ["two"], outputs: ["unread"], attributes },
        {
          op: "Loop",
          inputs: [],
          outputs: ["y"],
          attributes: { body: { type: "graph", value: body } },
        },
      ],
    };
    const { nodes, initializers } = prune(graph);
    expect(nodes.map(({ outputs }) => outputs.join())).toEqual(["outer", "y"]);
    expect(initializers.map(({ name }) => name)).toEqual(["one"]);
    const inner = nodes[1]?.attributes["body"];
    expect(inner?.type === "graph" && inner.value.nodes).toHaveLength(1);
    expect(prune(affineGraph())).toEqual(affineGraph());
  });
});

test("values with dynamic sizes say so, which ONNX Runtime would have to guess after a Reshape", () => {
  const flat = reshape(exp(x), ["3*batch"]);
  const { values, nodes } = lowered({ y: mul(flat, 2) });
  const made = nodes.flatMap(({ outputs }) => outputs).slice(0, -1);
  expect(values?.map(({ name }) => name)).toEqual(made);
  expect(values?.map(({ shape }) => shape)).toEqual([["batch", 3], ["3*batch"], ["3*batch"]]);
  // Inputs have types already, and static shapes are inferred.
  expect(lowerGraph("test", {}, { y: exp(constant([1, 2])) }).values).toEqual([]);
});

describe("names", () => {
  test("an unbound leaf is named in the error", () => {
    expect(() => lowered({ y: add(x, input("forgotten", [3])) })).toThrow(ShapeError);
    expect(() => lowered({ y: add(x, input("forgotten", [3])) })).toThrow(
      "the program depends on forgotten: float32[3], which is not among its inputs",
    );
  });

  test("an output cannot have the name of an input", () => {
    expect(() => lowered({ x: exp(x) })).toThrow(InvalidArgumentError);
    expect(() => lowered({ x: exp(x) })).toThrow('"x" is both an input and an output');
  });

  test("constants of a body are held by the graph around it", () => {
    const outer = new GraphBuilder("outer/");
    const body = new GraphBuilder("body/", outer);
    body.bind(x, "x");
    body.lower([add(x, 5)]);
    expect(body.initializers).toHaveLength(0);
    expect(outer.initializers).toHaveLength(1);
    expect(body.nodes[0]?.outputs[0]).toMatch(/^body\//);
  });
});

eachRuntime((runtime) => {
  test("given names and made-up ones do not meet", async () => {
    const a = input("Exp_0", [2]);
    const b = input("Add_1", [2]);
    const bindings = [
      [a, [0, 0]],
      [b, [5, 6]],
    ] as const;
    expect(await values(runtime, bindings, add(exp(a), b))).toEqual([6, 7]);
  });

  test("an input or a constant may be an output, and one tensor two outputs", async () => {
    const y = exp(x);
    const outputs = [x, constant([1, 2]), y, y];
    const found = await evaluate(runtime, [[x, [0, 0, 0]]], outputs);
    expect(found.map(({ data }) => Array.from(data, Number))).toEqual([
      [0, 0, 0],
      [1, 2],
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  test("ten thousand operations deep is not too deep", async () => {
    let y = input("deep", []);
    const leaf = y;
    for (let i = 0; i < 10_000; i++) y = add(y, 1);
    expect(await values(runtime, [[leaf, 0]], y)).toEqual([10_000]);
  });
});
