/**
 * Programs one after another as one model, for a call of known sizes.
 *
 * Samplers of other libraries take a model that is one function of arrays of known shapes: some trace it once, others refuse sizes by name. What a call of such sizes
 * computes from shapes alone is then known beforehand, and is written as constants.
 */
import { EncodingError } from "../errors.js";
import { hostTensor, type HostTensor } from "../host-tensor.js";
import { constant, onShapes, plain, sizesOf } from "./allow-list.js";
import { encodeModel } from "./encode.js";
import type { OnnxGraph, OnnxNode, OnnxValue } from "./ir.js";
import type { Value } from "./operator.js";
import { prune } from "./prune.js";
import { readModel } from "./read-model.js";
import { checkSignature } from "./signature.js";

/** How models become one. */
export interface ChainedModelOptions {
  /** The sizes that models have by name, at the call. */
  readonly sizes: Readonly<Record<string, number>>;
  /** What comes out, by the name that it has there: an output of the models, by its name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Models one after another: what one gives, those after it take by its name; what none before gives, such as weights, is an input of the whole, once by each name. A
 * result of the name of an earlier one stands in its place from there on.
 *
 * @param models bytes of ONNX models, as the engine writes them
 * @throws EncodingError where a model is none that the engine writes, an input is of another type or shape than what is given for it, a size is not known, or nothing gives an output.
 * @example
 * const model = chainModels([split, context, logLikelihood], { sizes: { batch: 1, draws: 1 }, outputs: { value: "logLikelihood" } });
 */
export function chainModels(
  models: readonly Uint8Array[],
  { sizes, outputs }: ChainedModelOptions,
): Uint8Array {
  const sizeAt = sizesOf(sizes);
  const concrete = (value: OnnxValue): OnnxValue => ({ ...value, shape: value.shape.map(sizeAt) });
  const inputs: OnnxValue[] = [];
  /** What each name stands for by now: the value, with the name that it has in the whole. */
  const given = new Map<string, OnnxValue>();
  const nodes: OnnxNode[] = [];
  const initializers: OnnxGraph["initializers"][number][] = [];
  for (const [i, bytes] of models.entries()) {
    const graph = readModel(bytes);
    const names = new Map<string, string>();
    for (const value of graph.inputs.map(concrete)) {
      const known = given.get(value.name) ?? value;
      requireSame(known, value);
      if (known === value) inputs.push(value);
      given.set(value.name, known);
      names.set(value.name, known.name);
    }
    const inWhole = (name: string): string =>
      name === "" ? "" : (names.get(name) ?? `${i}/${name}`);
    nodes.push(...graph.nodes.map((node) => renamed(node, inWhole)));
    initializers.push(
      ...graph.initializers.map(({ name, tensor }) => ({ name: inWhole(name), tensor })),
    );
    for (const value of graph.outputs.map(concrete)) {
      given.set(value.name, { ...value, name: inWhole(value.name) });
    }
  }
  const results = Object.entries(outputs).map(
    ([name, of]) => [name, given.get(of) ?? lacking(of, given)] as const,
  );
  const own = new Map(results.map(([name, value]) => [value.name, name]));
  return encodeModel(
    prune(
      withoutShapes({
        name: "chain",
        nodes: nodes.map((node) => renamed(node, (name) => own.get(name) ?? name)),
        inputs,
        initializers,
        outputs: results.map(([name, value]) => ({ ...value, name })),
      }),
    ),
  );
}

function lacking(name: string, given: ReadonlyMap<string, OnnxValue>): never {
  throw new EncodingError(`no model gives "${name}"; they give ${[...given.keys()].join(", ")}`);
}

/** @throws EncodingError where what is given is not what is taken. */
function requireSame(known: OnnxValue, { name, dtype, shape }: OnnxValue): void {
  if (known.dtype === dtype && known.shape.join() === shape.join()) return;
  throw new EncodingError(
    `"${name}" is ${dtype} [${shape.join(", ")}] in one model, but ${known.dtype} [${known.shape.join(", ")}] is given for it`,
  );
}

function renamed(node: OnnxNode, rename: (name: string) => string): OnnxNode {
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
}

/** The graph with lists of integers that are known before it runs, such as shapes, as constants. */
function withoutShapes(graph: OnnxGraph): OnnxGraph {
  const values = new Map<string, Value>();
  for (const { name, dtype, shape } of graph.inputs) {
    values.set(name, { dtype, shape: shape.map(Number) });
  }
  for (const { name, tensor } of graph.initializers) values.set(name, constant(tensor));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const folded: OnnxGraph["initializers"][number][] = [];
  const nodes = graph.nodes.filter((node) => {
    onShapes({ node, operator: checkSignature(node), attributes: plain(node.attributes) }, values);
    const lists = node.outputs.map((name) => {
      const value = values.get(name);
      return value?.integers === undefined || outputs.has(name)
        ? undefined
        : { name, tensor: listOf(value.integers, value.shape) };
    });
    const all = lists.filter((list) => list !== undefined);
    if (all.length < lists.length) return true;
    folded.push(...all);
    return false;
  });
  return { ...graph, nodes, initializers: [...graph.initializers, ...folded] };
}

function listOf(integers: readonly number[], shape: readonly number[]): HostTensor {
  return hostTensor(BigInt64Array.from(integers, BigInt), shape, "int64");
}
