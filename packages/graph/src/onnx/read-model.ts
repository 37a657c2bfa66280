/**
 * An ONNX model as the engine's own graph: what the engine writes, and nothing else.
 *
 * The bytes may come from a stranger. Whatever is not understood is refused, and a runtime is only ever given the graph written anew, so
 * that nothing reaches it which was not understood. What the operators mean is the next step's (allow-list.ts).
 */
import { bytesPerElement, type DType } from "../dtype.js";
import { EncodingError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import { decodeModel, DTYPES, graphOf, valueOf } from "./describe.js";
import { IR_VERSION, OPERATOR_SET } from "./encode.js";
import type { OnnxAttribute, OnnxGraph, OnnxNode } from "./ir.js";
import {
  AttributeType,
  EXTERNAL,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "./messages.js";

/** What a program from a file may hold at most. Its largest are below a tenth of these. */
export const LIMITS = {
  nodes: 100_000,
  /** Axes of a tensor. */
  rank: 8,
  /** Characters of a name. */
  name: 1_000,
  /** Bytes of all constants together. */
  constants: 2 ** 29,
  /** Operands or results of one node, and elements of a list. */
  list: 4_096,
} as const;

/** What a model may hold beside what an answering program does. */
export interface ReadOptions {
  /** Loops, as training and evaluation have. */
  readonly loops?: boolean;
}

/**
 * Reads a model.
 *
 * @throws EncodingError naming what it holds that the engine does not write.
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): OnnxGraph {
  const model = decodeModel(bytes);
  const graph = graphOf(model);
  checkModel(model, graph);
  return readGraph(graph, options);
}

function readGraph(graph: GraphProto, options: ReadOptions): OnnxGraph {
  const initializers = graph.initializer.map((tensor) => ({
    name: nameOf(tensor.name),
    tensor: readTensor(tensor),
  }));
  const constants = initializers.reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0);
  if (constants > LIMITS.constants) {
    throw new EncodingError(`its constants take ${constants} bytes, more than ${LIMITS.constants}`);
  }
  return {
    name: nameOf(graph.name),
    nodes: graph.node.map((node, index) => readNode(node, index, options)),
    inputs: graph.input.map(valueOf),
    outputs: graph.output.map(valueOf),
    initializers,
    values: graph.valueInfo.map(valueOf),
  };
}

function checkModel(model: ModelProto, graph: GraphProto): void {
  const [imported, ...others] = model.opsetImport;
  const refused: readonly (readonly [boolean, string])[] = [
    [others.length > 0 || !isStandard(imported?.domain), "it imports operators of other domains"],
    [
      Number(model.irVersion) !== IR_VERSION || Number(imported?.version) !== OPERATOR_SET,
      `it is of version ${model.irVersion} with operators ${imported?.version}; programs are of version ${IR_VERSION} with operators ${OPERATOR_SET}`,
    ],
    [model.functions.length > 0, "it defines functions"],
    [model.trainingInfo.length > 0, "it describes training"],
    [graph.sparseInitializer.length > 0, "it has sparse constants"],
    [graph.quantizationAnnotation.length > 0, "it has quantised values"],
    [
      graph.node.length > LIMITS.nodes,
      `it has ${graph.node.length} nodes, more than ${LIMITS.nodes}`,
    ],
  ];
  const found = refused.find(([holds]) => holds);
  if (found) throw new EncodingError(found[1]);
}

const isStandard = (domain: string | undefined): boolean => domain === "" || domain === "ai.onnx";

function nameOf(name: string): string {
  if (name.length <= LIMITS.name) return name;
  throw new EncodingError(
    `it has a name of ${name.length} characters, more than ${LIMITS.name}: ${name.slice(0, 40)}…`,
  );
}

function readTensor(tensor: TensorProto): HostTensor {
  const { name, dims, dataType, rawData } = tensor;
  const what = `its constant "${name}"`;
  if (tensor.dataLocation === EXTERNAL || tensor.externalData.length > 0) {
    throw new EncodingError(`${what} lies in another file`);
  }
  const dtype = DTYPES.get(dataType);
  if (dtype === undefined) {
    throw new EncodingError(`${what} is of ONNX's element type ${dataType}`);
  }
  const shape = dims.map(Number);
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.length > LIMITS.rank || shape.some((dim) => dim < 0 || !Number.isSafeInteger(dim))) {
    throw new EncodingError(`${what} has the shape [${shape.join(", ")}]`);
  }
  if (rawData.length !== size * bytesPerElement(dtype)) {
    throw new EncodingError(
      `${what} of ${dtype} [${shape.join(", ")}] needs ${size * bytesPerElement(dtype)} bytes, but holds ${rawData.length}`,
    );
  }
  return { dtype, shape, data: elements(dtype, rawData) };
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

/** The elements, in memory of their own: raw bytes may begin anywhere. */
function elements(dtype: DType, raw: Uint8Array): HostTensor["data"] {
  return new ARRAYS[dtype](raw.slice().buffer);
}

function readNode(node: NodeProto, index: number, options: ReadOptions): OnnxNode {
  const { opType: op, input, output } = node;
  const where = `its node ${index} (${op})`;
  if (!isStandard(node.domain)) {
    throw new EncodingError(`${where} is of the domain "${node.domain}"`);
  }
  if (node.overload !== "" || Math.max(input.length, output.length) > LIMITS.list) {
    throw new EncodingError(`${where} has an overload, or too many operands`);
  }
  const attributes = node.attribute.map((attribute) => {
    const isBody = options.loops === true && op === "Loop" && attribute.name === "body";
    const body = isBody ? attribute.g : undefined;
    const value: OnnxAttribute =
      body === undefined
        ? readAttribute(attribute, where)
        : { type: "graph", value: readGraph(body, options) };
    return [attribute.name, value] as const;
  });
  if (new Set(node.attribute.map(({ name }) => name)).size < attributes.length) {
    throw new EncodingError(`${where} has an attribute twice`);
  }
  return {
    op: nameOf(op),
    ...(node.name !== "" && { name: nameOf(node.name) }),
    inputs: input.map(nameOf),
    outputs: output.map(nameOf),
    attributes: Object.fromEntries(attributes),
  };
}

function readAttribute(attribute: AttributeProto, where: string): OnnxAttribute {
  const { name, type, refAttrName, ints, i, f, s } = attribute;
  if (refAttrName !== "") throw new EncodingError(`${where} refers to the attribute of a function`);
  switch (type) {
    case AttributeType.INT:
      return { type: "int", value: Number(i) };
    case AttributeType.INTS:
      if (ints.length > LIMITS.list) break;
      return { type: "ints", value: ints.map(Number) };
    case AttributeType.FLOAT:
      return { type: "float", value: f };
    case AttributeType.STRING:
      return { type: "string", value: nameOf(new TextDecoder().decode(s)) };
    default:
  }
  const held =
    type === AttributeType.GRAPH || type === AttributeType.GRAPHS
      ? "holds a graph of its own"
      : `is of ONNX's type ${type}`;
  throw new EncodingError(`${where} has an attribute "${name}" that ${held}`);
}
