/**
 * What a primitive operation is: its shape rule, its gradient and its lowering to ONNX, in one place.
 *
 * Everything else in the engine is composed of primitives. A gradient is written with the same operations, so gradients of
 * gradients come by themselves.
 */
import type { DType } from "./dtype.js";
import type { HostTensor } from "./host-tensor.js";
import type { OnnxAttribute } from "./onnx/ir.js";
import type { OperatorName } from "./onnx/operators.js";
import type { Shape } from "./shape.js";
import { Tensor } from "./tensor.js";

/** Type of a tensor: what is known of it at build time. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What a gradient rule is given: for y = f(x), the cotangents of y. */
export interface GradientContext<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** One a output; undefined where the loss does not depend on it. */
  readonly cotangents: readonly (Tensor | undefined)[];
  readonly attributes: A;
}

/** A value of the lowered graph, and its shape. */
export interface LoweredValue {
  readonly name: string;
  readonly shape: Shape;
}

/** What a lowering is given: names of its inputs, and the means to emit ONNX nodes. */
export interface LowerContext<A> {
  readonly inputs: readonly string[];
  /** What the first input was before reshapes, where it is the result of some. */
  readonly beforeReshapes: LoweredValue | undefined;
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: A;
  /** Emits one node and returns the name of its first output. */
  readonly emit: (
    op: OperatorName,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ) => string;
  /** Emits one node with several outputs. */
  readonly emitMany: (
    op: OperatorName,
    inputs: readonly string[],
    outputs: number,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ) => readonly string[];
  /** A constant, shared by value. */
  readonly constant: (tensor: HostTensor) => string;
  /** A one-dimensional int64 constant, as ONNX wants axes and shapes. */
  readonly int64: (values: readonly number[]) => string;
  /** A scalar constant of a float type. */
  readonly scalar: (value: number, dtype: DType) => string;
}

/** One primitive operation. `A` is the type of its attributes: plain data. */
export interface Primitive<A> {
  readonly name: string;
  /** Whether the output is the first input with nothing but another shape, so that one after another can be lowered as one. */
  readonly reshapes?: boolean;
  infer(inputs: readonly Tensor[], attributes: A): readonly TensorType[];
  /** Cotangents of the inputs; undefined where there is none. Absent: not differentiable, gradients stop here. */
  readonly gradient?: (context: GradientContext<A>) => readonly (Tensor | undefined)[];
  /** Names of the outputs. */
  lower(context: LowerContext<A>): readonly string[];
}

/** Defines a primitive and returns the function that applies it, giving all outputs. */
export function definePrimitive<A>(
  primitive: Primitive<A>,
): (inputs: readonly Tensor[], attributes: A) => readonly Tensor[] {
  return (inputs, attributes) => {
    const types = primitive.infer(inputs, attributes);
    return Tensor.apply(primitive, inputs, attributes, types);
  };
}
