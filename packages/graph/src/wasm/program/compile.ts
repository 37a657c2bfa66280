/** A graph and the sizes of a call as one module of WebAssembly. */
import { UnsupportedError } from "../../errors.js";
import type { OnnxGraph, OnnxNode } from "../../onnx/ir.js";
import { assemble, type Assembled, type AssembleOptions, type Draft } from "./assemble.js";
import { draftLoop } from "./loop-draft.js";
import { bodyOf } from "./loops.js";
import { Lowering } from "./lowering.js";
import { newStorage, sizeOf, whole, type View } from "./view.js";

/** What a program is compiled for. */
export interface CompileOptions extends AssembleOptions {
  /** Shapes of the inputs; of those that are streamed, one row. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Inputs whose first size may be any, in the order of their cells. */
  readonly streamed: readonly string[];
  /** Numbers of the inputs that decide shapes. */
  readonly deciding: ReadonlyMap<string, readonly number[]>;
}

/**
 * Compiles a graph.
 *
 * @throws UnsupportedError naming the node that does not fit, or that this runtime cannot do.
 */
export function compileGraph(graph: OnnxGraph, options: CompileOptions): Assembled {
  const outer = new Lowering();
  const inputs = giveInputs(graph, options, outer);
  giveWeights(graph, outer);
  const { drafts, from } = lowerNodes(graph, outer);
  const stacked = new Set(
    drafts.flatMap((draft) => (draft.kind === "loop" ? draft.stacked.map(({ name }) => name) : [])),
  );
  const outputs = new Map<string, View>();
  for (const { name } of graph.outputs) {
    if (!stacked.has(name)) outputs.set(name, outer.contiguous(outer.view(outer.value(name))));
  }
  const last: Draft = { kind: "stretch", operations: outer.operations.slice(from) };
  return assemble([...drafts, last], inputs, outputs, options);
}

function giveInputs(
  graph: OnnxGraph,
  { shapes, streamed, deciding }: CompileOptions,
  outer: Lowering,
): ReadonlyMap<string, View> {
  const inputs = new Map<string, View>();
  for (const { name, dtype } of graph.inputs) {
    const shape = shapes.get(name) ?? [];
    const cell = streamed.indexOf(name);
    const view =
      cell < 0
        ? outer.scratch(dtype, shape)
        : whole(newStorage(dtype, sizeOf(shape), { kind: "stream", cell }), shape);
    const integers = deciding.get(name);
    outer.give(name, { dtype, shape, view, ...(integers && { integers }) });
    inputs.set(name, view);
  }
  return inputs;
}

/** Integers whose values are followed, as those of shapes. */
const LONGEST_LIST = 4096;

function giveWeights(graph: OnnxGraph, outer: Lowering): void {
  for (const { name, tensor } of graph.initializers) {
    const { dtype, shape, data } = tensor;
    const isList = data instanceof BigInt64Array && data.length <= LONGEST_LIST;
    const view =
      data.length === 1
        ? outer.constant(tensor)
        : whole(newStorage(dtype, data.length, { kind: "weight", name }), shape);
    const integers = isList ? Array.from(data, Number) : undefined;
    outer.give(name, { dtype, shape, view, ...(integers && { integers }) });
  }
}

/** Loops with the stretches of the program before them, and the first operation after the last. */
function lowerNodes(
  graph: OnnxGraph,
  outer: Lowering,
): { readonly drafts: readonly Draft[]; readonly from: number } {
  const drafts: Draft[] = [];
  let from = 0;
  for (const entry of graph.nodes.entries()) {
    const [, node] = entry;
    const body = bodyOf(node);
    inNode(entry, () => {
      if (body === undefined) return outer.node(node);
      const loop = draftLoop(graph, node, body, outer);
      drafts.push({ kind: "stretch", operations: outer.operations.slice(from) }, loop);
      from = outer.operations.length;
    });
  }
  return { drafts, from };
}

/** Does something for a node, and says of which node an error is. */
function inNode([index, { op, outputs }]: readonly [number, OnnxNode], work: () => void): void {
  try {
    work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UnsupportedError(`its node ${index} (${op}, "${outputs[0] ?? ""}"): ${why}`, {
      cause,
    });
  }
}
