/**
 * The messages of ONNX models, as far as the engine reads or writes them; what else a file holds is kept as it is.
 *
 * Reference: onnx.proto of ONNX 1.23, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; field names in camel case. The tests hold what is
 * written and read here against code generated from that file.
 */
import { decode } from "./wire-reader.js";
import { encode } from "./wire-writer.js";
import type { Field, FieldKind, MessageSchema } from "./wire.js";

/** Kinds of attributes by ONNX's number. */
export const AttributeType = {
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  GRAPHS: 10,
} as const;

/** Element types of tensors by ONNX's number, of those that the engine knows. */
export const DataType = { FLOAT: 1, INT64: 7, BOOL: 9, DOUBLE: 11 } as const;

/** Where a tensor's bytes are: in another file. */
export const EXTERNAL = 1;

export interface TensorProto {
  readonly dims: readonly bigint[];
  readonly dataType: number;
  readonly name: string;
  readonly rawData: Uint8Array;
  readonly externalData: readonly Uint8Array[];
  readonly dataLocation: number;
}

export interface SparseTensorProto {
  readonly values: TensorProto | undefined;
  readonly indices: TensorProto | undefined;
}

export interface AttributeProto {
  readonly name: string;
  readonly f: number;
  readonly i: bigint;
  readonly s: Uint8Array;
  readonly t: TensorProto | undefined;
  readonly g: GraphProto | undefined;
  readonly floats: readonly number[];
  readonly ints: readonly bigint[];
  readonly tensors: readonly TensorProto[];
  readonly graphs: readonly GraphProto[];
  readonly type: number;
  readonly refAttrName: string;
  readonly sparseTensor: SparseTensorProto | undefined;
  readonly sparseTensors: readonly SparseTensorProto[];
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly AttributeProto[];
  readonly domain: string;
  readonly overload: string;
}

export interface DimensionProto {
  /** One of the two, or neither: a size that may be anything. */
  readonly dimValue: bigint | undefined;
  readonly dimParam: string | undefined;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type:
    | {
        readonly tensorType:
          | {
              readonly elemType: number;
              readonly shape: { readonly dim: readonly DimensionProto[] } | undefined;
            }
          | undefined;
      }
    | undefined;
}

export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly name: string;
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly valueInfo: readonly ValueInfoProto[];
  readonly quantizationAnnotation: readonly Uint8Array[];
  readonly sparseInitializer: readonly SparseTensorProto[];
}

export interface ModelProto {
  readonly irVersion: bigint;
  readonly producerName: string;
  readonly graph: GraphProto | undefined;
  readonly opsetImport: readonly { readonly domain: string; readonly version: bigint }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
  readonly trainingInfo: readonly Uint8Array[];
  readonly functions: readonly { readonly node: readonly NodeProto[] }[];
}

/** A message to be written: what is left out is not set. */
export type Init<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer U)[]
    ? readonly Init<U>[]
    : T extends object
      ? { readonly [K in keyof T]?: Init<T[K]> }
      : T;

const one = (number: number, kind: FieldKind): Field => ({ number, kind, repeated: false });
const many = (number: number, kind: FieldKind): Field => ({ number, kind, repeated: true });

const tensor: MessageSchema = {
  name: "TensorProto",
  fields: {
    dims: many(1, "int64"),
    dataType: one(2, "int32"),
    name: one(8, "string"),
    rawData: one(9, "bytes"),
    externalData: many(13, "bytes"),
    dataLocation: one(14, "int32"),
  },
};

const sparseTensor: MessageSchema = {
  name: "SparseTensorProto",
  fields: { values: one(1, () => tensor), indices: one(2, () => tensor) },
};

const attribute: MessageSchema = {
  name: "AttributeProto",
  fields: {
    name: one(1, "string"),
    f: one(2, "float"),
    i: one(3, "int64"),
    s: one(4, "bytes"),
    t: one(5, () => tensor),
    g: one(6, () => graph),
    floats: many(7, "float"),
    ints: many(8, "int64"),
    tensors: many(10, () => tensor),
    graphs: many(11, () => graph),
    type: one(20, "int32"),
    refAttrName: one(21, "string"),
    sparseTensor: one(22, () => sparseTensor),
    sparseTensors: many(23, () => sparseTensor),
  },
};

const node: MessageSchema = {
  name: "NodeProto",
  fields: {
    input: many(1, "string"),
    output: many(2, "string"),
    name: one(3, "string"),
    opType: one(4, "string"),
    attribute: many(5, () => attribute),
    domain: one(7, "string"),
    overload: one(8, "string"),
  },
};

const dimension: MessageSchema = {
  name: "Dimension",
  fields: {
    dimValue: { ...one(1, "int64"), choice: true },
    dimParam: { ...one(2, "string"), choice: true },
  },
};

const shape: MessageSchema = {
  name: "TensorShapeProto",
  fields: { dim: many(1, () => dimension) },
};

const tensorType: MessageSchema = {
  name: "TypeProto.Tensor",
  fields: { elemType: one(1, "int32"), shape: one(2, () => shape) },
};

const type: MessageSchema = { name: "TypeProto", fields: { tensorType: one(1, () => tensorType) } };

const valueInfo: MessageSchema = {
  name: "ValueInfoProto",
  fields: { name: one(1, "string"), type: one(2, () => type) },
};

const graph: MessageSchema = {
  name: "GraphProto",
  fields: {
    node: many(1, () => node),
    name: one(2, "string"),
    initializer: many(5, () => tensor),
    input: many(11, () => valueInfo),
    output: many(12, () => valueInfo),
    valueInfo: many(13, () => valueInfo),
    quantizationAnnotation: many(14, "bytes"),
    sparseInitializer: many(15, () => sparseTensor),
  },
};

const operatorSet: MessageSchema = {
  name: "OperatorSetIdProto",
  fields: { domain: one(1, "string"), version: one(2, "int64") },
};

const entry: MessageSchema = {
  name: "StringStringEntryProto",
  fields: { key: one(1, "string"), value: one(2, "string") },
};

const functionProto: MessageSchema = {
  name: "FunctionProto",
  fields: { node: many(7, () => node) },
};

const model: MessageSchema = {
  name: "ModelProto",
  fields: {
    irVersion: one(1, "int64"),
    producerName: one(2, "string"),
    graph: one(7, () => graph),
    opsetImport: many(8, () => operatorSet),
    metadataProps: many(14, () => entry),
    trainingInfo: many(20, "bytes"),
    functions: many(25, () => functionProto),
  },
};

/** The bytes of a model. */
export function writeModelProto(proto: Init<ModelProto>): Uint8Array<ArrayBuffer> {
  return encode(model, proto);
}

/**
 * The bytes as a model; what is not set in them is zero, empty, or undefined for a message.
 *
 * @throws EncodingError where they are no message.
 */
export function readModelProto(bytes: Uint8Array): ModelProto {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema above names these fields, with these kinds
  return decode(model, bytes) as unknown as ModelProto;
}
