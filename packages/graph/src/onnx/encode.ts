/**
 * ONNX graphs as bytes.
 *
 * A model is one protobuf message. Everything is written at operator set 21 and IR version 10, a pair that ONNX
 * Runtime has read since 1.18, in Node and on the web; values of tensors are raw little-endian bytes.
 *
 * Reference: the ONNX IR specification, https://onnx.ai/onnx/repo-docs/IR.html.
 */
import { EncodingError } from "../errors.js";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxValue } from "./ir.js";
import {
  AttributeType,
  writeModelProto,
  type AttributeProto,
  type GraphProto,
  type Init,
  type NodeProto,
  type ValueInfoProto,
} from "./messages.js";
import { ELEMENT_TYPES, tensorMessage } from "./tensor-message.js";

export { bindInputs, describeModel } from "./describe.js";
export type { ModelDescription } from "./describe.js";

/** Version of the standard operators that programs are written in. */
export const OPERATOR_SET = 21;

/** Version of the file format. */
export const IR_VERSION = 10;

/** Protobuf messages end at 2 GiB; what is not tensor data needs some room as well. */
const LARGEST_MODEL = 2 ** 31 - 2 ** 24;

type AttributeInit = Init<AttributeProto>;
type GraphInit = Init<GraphProto>;
type NodeInit = Init<NodeProto>;
type ValueInit = Init<ValueInfoProto>;

const utf8 = new TextEncoder();

/**
 * A graph as the bytes of an ONNX model.
 *
 * @param graph the graph; nodes in an order in which every value is computed before it is used
 * @param options `metadata` is kept in the file (`metadata_props`) and ignored by runtimes
 * @throws EncodingError where a tensor does not fit its shape, an attribute is no integer, or the model would pass 2 GiB
 */
export function encodeModel(
  graph: OnnxGraph,
  options?: { readonly metadata?: Readonly<Record<string, string>> },
): Uint8Array {
  checkSize(graph);
  const domains = new Set<string>();
  const body = graphMessage(graph, domains);
  return writeModelProto({
    irVersion: BigInt(IR_VERSION),
    producerName: "amortis",
    opsetImport: [
      { domain: "", version: BigInt(OPERATOR_SET) },
      ...[...domains].map((domain) => ({ domain, version: 1n })),
    ],
    graph: body,
    metadataProps: Object.entries(options?.metadata ?? {}).map(([key, value]) => ({ key, value })),
  });
}

function graphMessage(graph: OnnxGraph, domains: Set<string>): GraphInit {
  return {
    name: graph.name,
    node: graph.nodes.map((node) => nodeMessage(node, domains)),
    initializer: graph.initializers.map(({ name, tensor }) => tensorMessage(tensor, name)),
    input: graph.inputs.map(valueMessage),
    output: graph.outputs.map(valueMessage),
    valueInfo: graph.values?.map(valueMessage) ?? [],
  };
}

function nodeMessage(node: OnnxNode, domains: Set<string>): NodeInit {
  if (node.domain) domains.add(node.domain);
  return {
    opType: node.op,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, attribute]) =>
      attributeMessage(name, attribute, domains),
    ),
    ...(node.name ? { name: node.name } : {}),
    ...(node.domain ? { domain: node.domain } : {}),
  };
}

function attributeMessage(
  name: string,
  attribute: OnnxAttribute,
  domains: Set<string>,
): AttributeInit {
  switch (attribute.type) {
    case "int":
      return { name, type: AttributeType.INT, i: integer(attribute.value, name) };
    case "ints":
      return { name, type: AttributeType.INTS, ints: attribute.value.map((v) => integer(v, name)) };
    case "float":
      return { name, type: AttributeType.FLOAT, f: attribute.value };
    case "floats":
      return { name, type: AttributeType.FLOATS, floats: attribute.value };
    case "string":
      return { name, type: AttributeType.STRING, s: utf8.encode(attribute.value) };
    case "tensor":
      return { name, type: AttributeType.TENSOR, t: tensorMessage(attribute.value, "") };
    default:
      return { name, type: AttributeType.GRAPH, g: graphMessage(attribute.value, domains) };
  }
}

function integer(value: number, name: string): bigint {
  if (!Number.isSafeInteger(value)) {
    throw new EncodingError(`the attribute "${name}" takes integers, but was given ${value}`);
  }
  return BigInt(value);
}

function valueMessage({ name, dtype, shape }: OnnxValue): ValueInit {
  return {
    name,
    type: {
      tensorType: {
        elemType: ELEMENT_TYPES[dtype],
        shape: {
          dim: shape.map((dim) =>
            typeof dim === "number" ? { dimValue: BigInt(dim) } : { dimParam: dim },
          ),
        },
      },
    },
  };
}

function checkSize(graph: OnnxGraph): void {
  const bytes = tensorBytes(graph);
  if (bytes > LARGEST_MODEL) {
    throw new EncodingError(
      `an ONNX model holds at most 2 GiB, but the tensors of "${graph.name}" take ${(bytes / 2 ** 30).toFixed(1)} GiB; ` +
        "make the large ones inputs of the program",
    );
  }
}

function tensorBytes(graph: OnnxGraph): number {
  let bytes = 0;
  for (const { tensor } of graph.initializers) bytes += tensor.data.byteLength;
  for (const node of graph.nodes) {
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.type === "tensor") bytes += attribute.value.data.byteLength;
      else if (attribute.type === "graph") bytes += tensorBytes(attribute.value);
    }
  }
  return bytes;
}
