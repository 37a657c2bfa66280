/** ONNX graphs written by hand, for tests of encoding and of the runtimes. */
import type { DType } from "../src/dtype.js";
import { hostTensor } from "../src/host-tensor.js";
import type { HostTensor } from "../src/host-tensor.js";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxValue } from "../src/onnx/ir.js";

/** A node. */
export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): OnnxNode {
  return { op, inputs, outputs, attributes };
}

/** A typed name. */
export function value(
  name: string,
  shape: readonly (number | string)[],
  dtype: DType = "float32",
): OnnxValue {
  return { name, dtype, shape };
}

/** A scalar. */
export function scalar(x: number, dtype: DType = "float32"): HostTensor {
  return hostTensor([x], [], dtype);
}

/** z = x y + b, with a dynamic number of rows. */
export function affineGraph(dtype: DType = "float32"): OnnxGraph {
  return {
    name: "affine",
    nodes: [node("MatMul", ["x", "y"], ["p"]), node("Add", ["p", "b"], ["z"])],
    inputs: [value("x", ["batch", 3], dtype), value("y", [3, 2], dtype)],
    outputs: [value("z", ["batch", 2], dtype)],
    initializers: [{ name: "b", tensor: hostTensor([10, 20], [2], dtype) }],
  };
}

/** s_{t+1} = s_t + g_t for n steps, with every state and whether it is above 10 collected on the way. `g` is an outer value. */
export function loopGraph(): OnnxGraph {
  const body: OnnxGraph = {
    name: "body",
    nodes: [
      node("Gather", ["g", "i"], ["row"], { axis: { type: "int", value: 0 } }),
      node("Add", ["s", "row"], ["next"]),
      node("Identity", ["next"], ["seen"]),
      node("Greater", ["next", "ten"], ["large"]),
      node("Identity", ["go"], ["go.next"]),
    ],
    inputs: [value("i", [], "int64"), value("go", [], "bool"), value("s", [2])],
    outputs: [
      value("go.next", [], "bool"),
      value("next", [2]),
      value("seen", [2]),
      value("large", [2], "bool"),
    ],
    initializers: [{ name: "ten", tensor: scalar(10) }],
  };
  return {
    name: "accumulate",
    nodes: [
      node("Loop", ["n", "", "s0"], ["last", "states", "flags"], {
        body: { type: "graph", value: body },
      }),
    ],
    inputs: [value("n", [], "int64"), value("s0", [2]), value("g", ["steps", 2])],
    outputs: [value("last", [2]), value("states", ["n", 2]), value("flags", ["n", 2], "bool")],
    initializers: [],
  };
}
