/** What is known of a graph's loops and inputs before any size is. */
import { UnsupportedError } from "../../errors.js";
import type { OnnxGraph, OnnxNode } from "../../onnx/ir.js";

/** The body of a loop; undefined where a node is none. */
export function bodyOf(node: OnnxNode): OnnxGraph | undefined {
  const { body } = node.attributes;
  return node.op === "Loop" && body?.type === "graph" ? body.value : undefined;
}

/** How often a loop turns: as often as an input has rows, as an input says, or what is known otherwise by this name. */
export type Trips =
  | { readonly kind: "rows"; readonly input: string }
  | { readonly kind: "input" | "value"; readonly name: string };

const producers = (graph: OnnxGraph): ReadonlyMap<string, OnnxNode> =>
  new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));

const isFirstSize = ({ op, attributes }: OnnxNode): boolean =>
  op === "Shape" && attributes["start"]?.value === 0 && attributes["end"]?.value === 1;

/** @throws UnsupportedError where nothing bounds the loop. */
export function tripsOf(graph: OnnxGraph, node: OnnxNode): Trips {
  const [name = ""] = node.inputs;
  if (name === "") throw new UnsupportedError("Loop without a number of turns");
  const made = producers(graph);
  const squeeze = made.get(name);
  const shape = squeeze?.op === "Squeeze" ? made.get(squeeze.inputs[0] ?? "") : undefined;
  if (shape !== undefined && isFirstSize(shape)) {
    return { kind: "rows", input: shape.inputs[0] ?? "" };
  }
  const isInput = graph.inputs.some((input) => input.name === name);
  return { kind: isInput ? "input" : "value", name };
}

/** Operands by which operators are told shapes, axes or places. */
const TELLING: Readonly<Record<string, readonly number[]>> = {
  CumSum: [1],
  Expand: [1],
  Pad: [1],
  ReduceMax: [1],
  ReduceMean: [1],
  ReduceMin: [1],
  ReduceSum: [1],
  Reshape: [1],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  TopK: [1],
  Trilu: [1],
  Unsqueeze: [1],
};

const bodies = (graph: OnnxGraph): readonly OnnxGraph[] => [
  graph,
  ...graph.nodes.flatMap((node) => bodyOf(node) ?? []),
];

/** Inputs whose numbers decide shapes: a program is compiled for each of their values. */
export function decidingInputs(graph: OnnxGraph): ReadonlySet<string> {
  const nodes = bodies(graph).flatMap((each) => each.nodes);
  const made = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const pending = nodes.flatMap((node) =>
    (TELLING[node.op] ?? []).flatMap((at) => node.inputs[at] ?? []),
  );
  const [seen, found] = [new Set<string>(), new Set<string>()];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (inputs.has(name)) found.add(name);
    const node = made.get(name);
    if (node !== undefined && node.op !== "Shape" && node.op !== "Size")
      pending.push(...node.inputs);
  }
  return found;
}

/**
 * Inputs whose first size may be any in one compiled program: loops pick rows of them, or turn as often as they have some. What is
 * compiled is for one row.
 */
export function streamedInputs(graph: OnnxGraph): readonly string[] {
  const trips = new Set(
    graph.nodes.flatMap((node) => {
      if (bodyOf(node) === undefined) return [];
      const found = tripsOf(graph, node);
      return found.kind === "rows" ? [found.input] : [];
    }),
  );
  const made = producers(graph);
  const turns = new Set(
    graph.nodes.flatMap((node) => (node.op === "Loop" ? (node.inputs[0] ?? "") : [])),
  );
  const readers = (name: string): readonly OnnxNode[] =>
    graph.nodes.filter((node) => node.inputs.includes(name));
  const onlyCounts = (node: OnnxNode): boolean =>
    isFirstSize(node) &&
    readers(node.outputs[0] ?? "").every(
      ({ op, outputs }) => op === "Squeeze" && turns.has(outputs[0] ?? ""),
    );
  const bodyNodes = graph.nodes.flatMap((node) => bodyOf(node)?.nodes ?? []);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  return graph.inputs.flatMap(({ name, shape }) => {
    const used = bodyNodes.filter((node) => node.inputs.includes(name));
    const picks = used.every(
      ({ op, inputs, attributes }) =>
        op === "Gather" &&
        inputs.indexOf(name) === 0 &&
        inputs.lastIndexOf(name) === 0 &&
        (attributes["axis"]?.value ?? 0) === 0,
    );
    const isStream =
      shape.length > 0 &&
      !outputs.has(name) &&
      !made.has(name) &&
      (used.length > 0 || trips.has(name)) &&
      picks &&
      readers(name).every(onlyCounts);
    return isStream ? [name] : [];
  });
}

/** Refuses what no loop of the engine's has. @throws UnsupportedError saying what. */
export function checkLoop(body: OnnxGraph): void {
  if (body.nodes.some((node) => node.op === "Loop")) {
    throw new UnsupportedError("Loop inside the body of a Loop");
  }
}
