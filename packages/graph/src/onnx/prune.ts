/**
 * Leaves out what a graph computes in vain.
 *
 * A primitive lowers to all of its outputs, wanted or not, and ONNX Runtime runs nodes whose results nobody reads.
 */
import type { OnnxAttribute, OnnxGraph, OnnxNode } from "./ir.js";

/** The graph without the nodes and constants that no output depends on. Inputs stay, used or not. */
export function prune(graph: OnnxGraph): OnnxGraph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    const kept = pruneBodies(node);
    nodes.push(kept);
    for (const name of references(kept)) needed.add(name);
  }
  return {
    ...graph,
    nodes: nodes.toReversed(),
    initializers: graph.initializers.filter(({ name }) => needed.has(name)),
    ...(graph.values && { values: graph.values.filter(({ name }) => needed.has(name)) }),
  };
}

function pruneBodies(node: OnnxNode): OnnxNode {
  const entries = Object.entries(node.attributes);
  if (entries.every(([, { type }]) => type !== "graph")) return node;
  const attributes: Record<string, OnnxAttribute> = {};
  for (const [key, attribute] of entries) {
    attributes[key] =
      attribute.type === "graph" ? { ...attribute, value: prune(attribute.value) } : attribute;
  }
  return { ...node, attributes };
}

/** What a node reads; bodies also read values of the graph around them. */
function references(node: OnnxNode): readonly string[] {
  const bodies = Object.values(node.attributes).flatMap((attribute) =>
    attribute.type === "graph" ? attribute.value.nodes.flatMap(references) : [],
  );
  return [...node.inputs, ...bodies];
}
