/** Models that repeat a piece of graph inside an ONNX `Loop`, for measuring what its nodes cost. */
import { hostTensor } from "../../packages/graph/src/host-tensor.js";
import type { HostTensor } from "../../packages/graph/src/host-tensor.js";
import { encodeModel } from "../../packages/graph/src/onnx/encode.js";
import type { OnnxAttribute, OnnxNode } from "../../packages/graph/src/onnx/ir.js";

/** Collects the nodes of one model. */
export class Body {
  readonly nodes: OnnxNode[] = [];
  readonly constants = new Map<string, HostTensor>();
  readonly outer = new Map<string, HostTensor>();
  #count = 0;

  /** A node with one result. */
  op(
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
  ): string {
    return this.ops(name, inputs, 1, attributes)[0] ?? "";
  }

  /** A node with several results. */
  ops(
    name: string,
    inputs: readonly string[],
    results: number,
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
    domain = "",
  ): string[] {
    const outputs = Array.from({ length: results }, () => `v${this.#count++}`);
    const encoded: Record<string, OnnxAttribute> = {};
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value !== "number") encoded[key] = { type: "ints", value };
      // Attributes called alpha and the like are floats whatever their value.
      else if (/^(alpha|beta|epsilon)$/.test(key)) encoded[key] = { type: "float", value };
      else encoded[key] = { type: "int", value };
    }
    this.nodes.push({
      op: name,
      inputs,
      outputs,
      attributes: encoded,
      ...(domain ? { domain } : {}),
    });
    return outputs;
  }

  /** A constant, in the body or (shared by all iterations) outside the loop. */
  constant(name: string, tensor: HostTensor, where: "inner" | "outer" = "outer"): string {
    (where === "inner" ? this.constants : this.outer).set(name, tensor);
    return name;
  }

  ints(values: readonly number[]): string {
    return this.constant(`i:${values.join(",")}`, hostTensor(values, [values.length], "int64"));
  }

  /** A value fed to the model from outside: nothing is known of it when the model is optimised. */
  readonly fed = new Map<string, HostTensor>();
  feed(name: string, tensor: HostTensor): string {
    this.fed.set(name, tensor);
    return name;
  }
}

/** Numbers without structure, in [0.1, 1.1). */
export function noise(shape: readonly number[]): HostTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return hostTensor(
    Float32Array.from({ length: size }, (_, i) => 0.1 + ((i * 0.6180339887) % 1)),
    shape,
  );
}

/** A model x <- body(x), `n` times, with x of `shape`; what it must be fed comes along. */
export function loopModel(
  shape: readonly number[],
  build: (body: Body, x: string) => string,
): { readonly model: Uint8Array; readonly feeds: Readonly<Record<string, HostTensor>> } {
  const body = new Body();
  const last = build(body, "x");
  const inner = {
    name: "body",
    nodes: [
      ...body.nodes,
      { op: "Identity", inputs: [last], outputs: ["x.next"], attributes: {} },
      { op: "Identity", inputs: ["go"], outputs: ["go.next"], attributes: {} },
    ],
    inputs: [
      { name: "i", dtype: "int64", shape: [] },
      { name: "go", dtype: "bool", shape: [] },
      { name: "x", dtype: "float32", shape },
    ],
    outputs: [
      { name: "go.next", dtype: "bool", shape: [] },
      { name: "x.next", dtype: "float32", shape },
    ],
    initializers: [...body.constants].map(([name, tensor]) => ({ name, tensor })),
  } as const;
  const model = encodeModel({
    name: "loop",
    nodes: [
      {
        op: "Loop",
        inputs: ["n", "", "x0"],
        outputs: ["y"],
        attributes: { body: { type: "graph", value: inner } },
      },
    ],
    inputs: [
      { name: "n", dtype: "int64", shape: [] },
      { name: "x0", dtype: "float32", shape },
      ...[...body.fed].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    ],
    outputs: [{ name: "y", dtype: "float32", shape }],
    initializers: [...body.outer].map(([name, tensor]) => ({ name, tensor })),
  });
  return { model, feeds: { x0: noise(shape), ...Object.fromEntries(body.fed) } };
}
