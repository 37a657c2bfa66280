/** ONNX graphs as plain data, before they become bytes. */
import type { DType } from "../dtype.js";
import type { HostTensor } from "../host-tensor.js";

/** An attribute of a node. */
export type OnnxAttribute =
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "ints"; readonly value: readonly number[] }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "tensor"; readonly value: HostTensor }
  | { readonly type: "graph"; readonly value: OnnxGraph };

/** One operator applied; an empty input name is an input left out. */
export interface OnnxNode {
  readonly op: string;
  readonly domain?: string;
  readonly name?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A typed name; a size that is a string is a dynamic one. */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly (number | string)[];
}

/** A graph, or the body of a loop. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly { readonly name: string; readonly tensor: HostTensor }[];
  /** What is known of values on the way, beyond what the runtime infers. */
  readonly values?: readonly OnnxValue[];
}
