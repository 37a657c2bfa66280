/**
 * What training and evaluation loops have in common: an ONNX `Loop` whose body sees the weights, and gathers its rows of the data.
 */
import { InvalidArgumentError } from "./errors.js";
import type { HostTensor } from "./host-tensor.js";
import type { SessionFeed } from "./runtimes/resident.js";
import { onnxValue, type GraphBuilder } from "./lower.js";
import type { OnnxGraph, OnnxValue } from "./onnx/ir.js";
import { prune } from "./onnx/prune.js";
import { reshape, split } from "./operations/movement.js";
import type { Named } from "./program.js";
import { staticDim } from "./shape.js";
import type { Tensor } from "./tensor.js";
import type { Variables } from "./variables.js";

export const WEIGHTS = "weights";
export const INDICES = "indices";

/** Flat weights cut into variables, each bound to its leaf in the body. */
export function bindVariables(body: GraphBuilder, variables: Variables, weights: Tensor): void {
  const { entries } = variables;
  const parts = split(
    weights,
    entries.map((v) => v.size),
    0,
  );
  const shaped = entries.map((v, i) => reshape(parts[i] ?? weights, v.shape));
  const names = body.lower(shaped);
  for (const [i, { tensor }] of entries.entries()) body.bind(tensor, names[i] ?? "");
}

/** Gathers, by the loop's counter, rows of outer values into the body. */
export function bindExamples(body: GraphBuilder, examples: Named, iteration: string): void {
  const rows = body.emit("Gather", [INDICES, iteration], { axis: { type: "int", value: 0 } });
  for (const [name, tensor] of Object.entries(examples)) {
    body.bind(
      tensor,
      body.emit("Gather", [`data/${name}`, rows], { axis: { type: "int", value: 0 } }),
    );
  }
}

export function batchSize(examples: Named): number {
  const [example] = Object.values(examples);
  if (example === undefined)
    throw new InvalidArgumentError("training needs at least one example input");
  return staticDim(example.shape, 0, "training");
}

/** Outer inputs for the data and the rows of each step. */
export function dataValues(examples: Named, batch: number): readonly OnnxValue[] {
  return [
    { name: INDICES, dtype: "int64", shape: ["steps", batch] },
    ...Object.entries(examples).map(([name, { dtype, shape }]) => ({
      name: `data/${name}`,
      dtype,
      shape: ["rows", ...shape.slice(1)],
    })),
  ];
}

export interface Carried {
  readonly name: string;
  readonly leaf: Tensor;
  readonly next: string;
}

export interface Scanned {
  readonly name: string;
  readonly value: string;
  readonly shape: readonly number[];
}

/** Wraps a body into a graph that runs it once for each row of `indices`. */
export function loopGraph(
  outer: GraphBuilder,
  body: GraphBuilder,
  inputs: readonly OnnxValue[],
  carried: readonly Carried[],
  scanned: readonly Scanned[],
): OnnxGraph {
  const rename = (value: string, name: string): void => {
    body.nodes.push({ op: "Identity", inputs: [value], outputs: [name], attributes: {} });
  };
  rename("body/condition", "body/continue");
  for (const { name, next } of carried) rename(next, `body/${name}/next`);
  for (const { name, value } of scanned) rename(value, `body/${name}`);
  const bodyGraph: OnnxGraph = {
    name: "step",
    nodes: body.nodes,
    inputs: [
      { name: "body/iteration", dtype: "int64", shape: [] },
      { name: "body/condition", dtype: "bool", shape: [] },
      ...carried.map(({ name, leaf }) => onnxValue(`body/${name}`, leaf)),
    ],
    outputs: [
      { name: "body/continue", dtype: "bool", shape: [] },
      ...carried.map(({ name, leaf }) => onnxValue(`body/${name}/next`, leaf)),
      ...scanned.map(({ name, shape }) => ({
        name: `body/${name}`,
        dtype: "float32" as const,
        shape,
      })),
    ],
    initializers: [],
  };
  const shape = outer.emit("Shape", [INDICES], {
    start: { type: "int", value: 0 },
    end: { type: "int", value: 1 },
  });
  const trips = outer.emit("Squeeze", [shape]);
  const outputs: OnnxValue[] = [
    ...carried.map(({ name, leaf }) => onnxValue(`${name}/final`, leaf)),
    ...scanned.map(({ name, shape: one }) => ({
      name,
      dtype: "float32" as const,
      shape: ["steps", ...one],
    })),
  ];
  outer.nodes.push({
    op: "Loop",
    inputs: [trips, "", ...carried.map(({ name }) => name)],
    outputs: outputs.map(({ name }) => name),
    attributes: { body: { type: "graph", value: bodyGraph } },
  });
  const { nodes, initializers } = outer;
  return prune({ name: "loop", nodes, inputs, outputs, initializers });
}

/** Row numbers as the int64 tensor that ONNX gathers by. */
export function indexTensor(indices: Uint32Array, batch: number): HostTensor {
  const data = new BigInt64Array(indices.length);
  // Little-endian halves: row numbers are below 2^32, and BigInt conversion one by one would cost more than a training step.
  const halves = new Uint32Array(data.buffer);
  for (let i = 0; i < indices.length; i++) halves[2 * i] = indices[i] ?? 0;
  return { dtype: "int64", shape: [indices.length / batch, batch], data };
}

export function dataFeeds(
  data: Readonly<Record<string, SessionFeed>>,
): Record<string, SessionFeed> {
  return Object.fromEntries(Object.entries(data).map(([name, tensor]) => [`data/${name}`, tensor]));
}

export function floats(results: Readonly<Record<string, HostTensor>>, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array))
    throw new TypeError(`the loop gave no float32 output "${name}"`);
  return data;
}
