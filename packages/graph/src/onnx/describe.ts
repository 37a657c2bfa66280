/**
 * Reading ONNX models: what a file says of itself, and weights bound into a program.
 *
 * A model may come from a stranger. Nothing of it is executed here; what cannot be understood is an EncodingError that says why.
 */
import type { DType } from "../dtype.js";
import { EncodingError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import type { OnnxValue } from "./ir.js";
import {
  DataType,
  EXTERNAL,
  readModelProto,
  writeModelProto,
  type GraphProto,
  type Init,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./messages.js";
import { tensorMessage } from "./tensor-message.js";

/** What an ONNX file holds, as far as a reader must know before running it. */
export interface ModelDescription {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Version of the standard operators. */
  readonly opset: number;
  /** Operators used, in bodies of loops as well, sorted; those outside the standard domain as `domain::Name`. */
  readonly operators: readonly string[];
  /** Domains imported or used, sorted; the standard one is `ai.onnx`. */
  readonly domains: readonly string[];
  /** Whether a tensor lies in another file. */
  readonly externalData: boolean;
}

const STANDARD_DOMAIN = "ai.onnx";

/** Element types by ONNX's number. */
export const DTYPES: ReadonlyMap<number, DType> = new Map([
  [DataType.FLOAT, "float32"],
  [DataType.DOUBLE, "float64"],
  [DataType.INT64, "int64"],
  [DataType.BOOL, "bool"],
]);

/**
 * The inputs, outputs and operators of a model.
 *
 * @param model the bytes of an ONNX file
 * @throws EncodingError where the bytes are no ONNX model, or its inputs and outputs are not tensors of the engine's types
 */
export function describeModel(model: Uint8Array): ModelDescription {
  const proto = decodeModel(model);
  const graph = graphOf(proto);
  const found: Found = { operators: new Set(), domains: new Set(), externalData: false };
  for (const { domain } of proto.opsetImport) found.domains.add(domain || STANDARD_DOMAIN);
  walkGraph(graph, found);
  for (const { node } of proto.functions) walkNodes(node, found);
  const initialized = new Set(graph.initializer.map(({ name }) => name));
  return {
    inputs: graph.input.filter(({ name }) => !initialized.has(name)).map(valueOf),
    outputs: graph.output.map(valueOf),
    opset: standardVersion(proto),
    operators: [...found.operators].toSorted(),
    domains: [...found.domains].toSorted(),
    externalData: found.externalData,
  };
}

/**
 * A model with some of its inputs made constant, such as the weights of a program: they are stored in the returned model and no
 * longer fed.
 *
 * @param model the bytes of an ONNX file
 * @param values a tensor for each input to bind; its type and shape must be the input's
 * @param options `others`: what is done with a tensor for which there is no input; refused unless said
 * @throws EncodingError where there is no such input, or a tensor does not fit it
 */
export function bindInputs(
  model: Uint8Array,
  values: Readonly<Record<string, HostTensor>>,
  { others = "refuse" }: { readonly others?: "refuse" | "ignore" } = {},
): Uint8Array {
  const proto = decodeModel(model);
  const graph = graphOf(proto);
  const bound: Init<TensorProto>[] = [];
  for (const [name, tensor] of Object.entries(values)) {
    const input = graph.input.find((candidate) => candidate.name === name);
    if (!input) {
      if (others === "ignore") continue;
      const names = graph.input.map((candidate) => candidate.name).join(", ") || "none";
      throw new EncodingError(`the model has no input "${name}" to bind; its inputs are: ${names}`);
    }
    checkFits(valueOf(input), tensor);
    bound.push(tensorMessage(tensor, name));
  }
  return writeModelProto({
    ...proto,
    graph: {
      ...graph,
      initializer: [...graph.initializer, ...bound],
      input: graph.input.filter(({ name }) => !Object.hasOwn(values, name)),
    },
  });
}

function checkFits(input: OnnxValue, { dtype, shape }: HostTensor): void {
  const fits =
    dtype === input.dtype &&
    shape.length === input.shape.length &&
    input.shape.every((dim, i) => typeof dim === "string" || dim === shape[i]);
  if (!fits) {
    throw new EncodingError(
      `the input "${input.name}" is ${input.dtype} [${input.shape.join(", ")}], but was given ${dtype} [${shape.join(", ")}]`,
    );
  }
}

/** @throws EncodingError where the bytes are no protobuf message of a model. */
export function decodeModel(model: Uint8Array): ModelProto {
  try {
    return readModelProto(model);
  } catch (cause) {
    throw new EncodingError(
      `these ${model.length} bytes are no ONNX model: they are no protobuf message`,
      { cause },
    );
  }
}

/** @throws EncodingError where a model has no graph, or no versions. */
export function graphOf(model: ModelProto): GraphProto {
  if (!model.graph || model.irVersion <= 0n || model.opsetImport.length === 0) {
    throw new EncodingError(
      "these bytes are no ONNX model: they name no format version, no operator set or no graph",
    );
  }
  return model.graph;
}

function standardVersion(model: ModelProto): number {
  const standard = model.opsetImport.find(
    ({ domain }) => domain === "" || domain === STANDARD_DOMAIN,
  );
  return Number(standard?.version ?? 0n);
}

/** What a walk over a model gathers. */
interface Found {
  readonly operators: Set<string>;
  readonly domains: Set<string>;
  externalData: boolean;
}

function walkGraph(graph: GraphProto, found: Found): void {
  for (const tensor of graph.initializer) walkTensor(tensor, found);
  for (const { values, indices } of graph.sparseInitializer) {
    walkTensor(values, found);
    walkTensor(indices, found);
  }
  walkNodes(graph.node, found);
}

function walkNodes(nodes: readonly NodeProto[], found: Found): void {
  for (const node of nodes) {
    const domain = node.domain || STANDARD_DOMAIN;
    found.domains.add(domain);
    found.operators.add(domain === STANDARD_DOMAIN ? node.opType : `${domain}::${node.opType}`);
    for (const { t, g, tensors, graphs, sparseTensor, sparseTensors } of node.attribute) {
      for (const tensor of [t, ...tensors]) walkTensor(tensor, found);
      for (const sparse of [sparseTensor, ...sparseTensors]) {
        walkTensor(sparse?.values, found);
        walkTensor(sparse?.indices, found);
      }
      if (g) walkGraph(g, found);
      for (const graph of graphs) walkGraph(graph, found);
    }
  }
}

function walkTensor(tensor: TensorProto | undefined, found: Found): void {
  if (tensor && (tensor.dataLocation === EXTERNAL || tensor.externalData.length > 0)) {
    found.externalData = true;
  }
}

/** @throws EncodingError where a value is no tensor of the engine's types. */
export function valueOf({ name, type }: ValueInfoProto): OnnxValue {
  if (!type?.tensorType?.shape) {
    throw new EncodingError(`the model's value "${name}" is no tensor of a known shape`);
  }
  const { elemType, shape } = type.tensorType;
  const dtype = DTYPES.get(elemType);
  if (!dtype) {
    throw new EncodingError(
      `the model's value "${name}" has ONNX's element type ${elemType}; the engine knows ${[...DTYPES.values()].join(", ")}`,
    );
  }
  // A size without a value or a name may be anything: it gets a name of its own.
  const dims = shape.dim.map(({ dimValue, dimParam }, i) =>
    dimValue === undefined ? dimParam || `${name}.${i}` : Number(dimValue),
  );
  return { name, dtype, shape: dims };
}
