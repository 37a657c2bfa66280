/**
 * Programs that break one rule each: an encoded model understood, changed in one place, and encoded anew.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  type AttributeProto_AttributeType,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "../../packages/graph/test/onnx/generated/onnx_pb.js";

/** Gives a whole number below n. */
export type Below = (n: number) => number;

const OPERATORS: readonly [string, ...string[]] = [
  "Loop",
  "If",
  "Scan",
  "RandomNormal",
  "Add",
  "MatMul",
  "Reshape",
  "Gather",
  "Slice",
  "Concat",
  "Einsum",
  "Tile",
  "Range",
  "StringNormalizer",
  "Nothing",
];
const NUMBERS: readonly [number, ...number[]] = [-1, 0, 1, 2, 3, 7, 1e6, 2 ** 31, 2 ** 40];
const NAMES: readonly [string, ...string[]] = [
  "",
  "nobody",
  "theta",
  "context",
  "\u001B[2J",
  "a".repeat(5000),
];

const pick = <T>(list: readonly T[], below: Below): T | undefined => list[below(list.length)];

const oneOf = <T>(list: readonly [T, ...T[]], below: Below): T =>
  list[below(list.length)] ?? list[0];

type Change = (model: ModelProto, graph: GraphProto, below: Below) => void;

const node = (graph: GraphProto, below: Below): NodeProto | undefined => pick(graph.node, below);

function changedTensor(tensor: TensorProto | undefined, below: Below): void {
  if (tensor === undefined) return;
  const at = below(Math.max(1, tensor.dims.length));
  const changes = [
    () => tensor.dims.splice(at, 1, BigInt(oneOf(NUMBERS, below))),
    () => tensor.dims.push(BigInt(oneOf(NUMBERS, below))),
    () => (tensor.dataType = below(24)),
    () => (tensor.rawData = tensor.rawData?.slice(0, below(tensor.rawData.length + 1))),
    () => (tensor.rawData = tensor.rawData?.map((byte) => (below(8) === 0 ? below(256) : byte))),
    () => (tensor.dataLocation = 1),
    () => tensor.floatData.push(1),
    () => (tensor.name = oneOf(NAMES, below)),
  ];
  pick(changes, below)?.();
}

/** The rules, by what is changed. */
export const CHANGES: Readonly<Record<string, Change>> = {
  operator: (_, graph, below) => {
    const one = node(graph, below);
    if (one) one.opType = oneOf(OPERATORS, below);
  },
  domain: (_, graph, below) => {
    const one = node(graph, below);
    if (one) one.domain = oneOf(["com.microsoft", "ai.onnx.ml", "strange"], below);
  },
  attribute: (_, graph, below) => {
    const one = pick(
      graph.node.filter(({ attribute }) => attribute.length > 0),
      below,
    );
    const attribute = pick(one?.attribute ?? [], below);
    if (one === undefined || attribute === undefined) return;
    const changes = [
      () => (attribute.i = BigInt(oneOf(NUMBERS, below))),
      () => (attribute.f = oneOf([NaN, Infinity, -1, 1e30], below)),
      () => attribute.ints.push(BigInt(oneOf(NUMBERS, below))),
      () => (attribute.type = below(15) as AttributeProto_AttributeType),
      () => (attribute.name = oneOf(NAMES, below)),
      () => one.attribute.splice(one.attribute.indexOf(attribute), 1),
      () => one.attribute.push(attribute),
      () => changedTensor(attribute.t, below),
    ];
    pick(changes, below)?.();
  },
  "attribute that was not there": (_, graph, below) => {
    node(graph, below)?.attribute.push(
      create(AttributeProtoSchema, {
        name: oneOf(["axis", "to", "perm", "x"], below),
        type: 2,
        i: 1n,
      }),
    );
  },
  subgraph: (_, graph, below) => {
    const body = create(GraphProtoSchema, { name: "body" });
    node(graph, below)?.attribute.push(
      create(AttributeProtoSchema, { name: "body", type: 5, g: body }),
    );
  },
  operand: (_, graph, below) => {
    const one = node(graph, below);
    const other = node(graph, below)?.output[0] ?? "";
    if (one === undefined) return;
    const at = below(Math.max(1, one.input.length));
    const changes = [
      () => one.input.splice(at, 1, other),
      () => one.input.splice(at, 1),
      () => one.input.push(other),
      () => one.input.push(...one.input.splice(0).toReversed()),
      () => one.input.splice(at, 1, oneOf(NAMES, below)),
    ];
    pick(changes, below)?.();
  },
  result: (_, graph, below) => {
    const one = node(graph, below);
    one?.output.splice(0, 1, oneOf([node(graph, below)?.output[0] ?? "", ...NAMES], below));
  },
  order: (_, graph, below) => {
    const [i, j] = [below(graph.node.length), below(graph.node.length)];
    const [a, b] = [graph.node[i], graph.node[j]];
    if (a && b) [graph.node[i], graph.node[j]] = [b, a];
  },
  "left out": (_, graph, below) => {
    graph.node.splice(below(graph.node.length), 1);
  },
  twice: (_, graph, below) => {
    const one = node(graph, below);
    if (one) graph.node.push(one);
  },
  "value of the program": (_, graph, below) => {
    const list = pick([graph.input, graph.output], below) ?? graph.input;
    const at = below(Math.max(1, list.length));
    const type = list[at]?.type?.value;
    const dims = type?.case === "tensorType" ? type.value.shape?.dim : undefined;
    const changes = [
      () => list.splice(at, 1),
      () => list.push(create(ValueInfoProtoSchema, { name: oneOf(NAMES, below) })),
      () => list[at] && list.push(list[at]),
      () => list[at] && (list[at].name = oneOf(NAMES, below)),
      () => type?.case === "tensorType" && (type.value.elemType = below(24)),
      () => dims?.splice(0, 1),
      () =>
        dims?.forEach((dim) => {
          dim.value = { case: "dimValue", value: BigInt(oneOf(NUMBERS, below)) };
        }),
    ];
    pick(changes, below)?.();
  },
  initialiser: (_, graph, below) => {
    changedTensor(pick(graph.initializer, below), below);
  },
  "initialiser that is an input": (_, graph, below) => {
    const name = pick(graph.input, below)?.name ?? "";
    graph.initializer.push(
      create(TensorProtoSchema, { name, dataType: 1, dims: [1n], rawData: new Uint8Array(4) }),
    );
  },
  function: (model) => {
    model.functions.push(create(FunctionProtoSchema, { name: "f", domain: "strange" }));
  },
  version: (model, _, below) => {
    const changes = [
      () => (model.irVersion = BigInt(oneOf(NUMBERS, below))),
      () => model.opsetImport.splice(0, 1),
      () =>
        model.opsetImport.push(
          create(OperatorSetIdProtoSchema, { domain: "strange", version: 1n }),
        ),
      () => model.opsetImport[0] && (model.opsetImport[0].version = BigInt(oneOf(NUMBERS, below))),
    ];
    pick(changes, below)?.();
  },
};

/**
 * A model with one change.
 *
 * @param kind one of `CHANGES`.
 */
export function mutatedProgram(bytes: Uint8Array, kind: string, below: Below): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  if (model.graph !== undefined) CHANGES[kind]?.(model, model.graph, below);
  return toBinary(ModelProtoSchema, model);
}
