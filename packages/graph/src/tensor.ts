/**
 * Symbolic tensors: nodes of a computation that is built now and run later.
 */
import type { DType } from "./dtype.js";
import type { Primitive, TensorType } from "./primitive.js";
import { formatShape, type Shape } from "./shape.js";

/** The application of a primitive to tensors. */
export interface Application {
  // Attributes are plain data that only the primitive itself reads back, so their type is forgotten here.
  readonly primitive: Primitive<unknown>;
  readonly inputs: readonly Tensor[];
  readonly attributes: unknown;
  readonly outputs: readonly Tensor[];
}

/**
 * A symbolic tensor. Immutable; made by operations, never by hand.
 *
 * @example
 * const x = input("x", ["batch", 3]);
 * const y = sum(mul(x, x), { axes: [1] });   // shape ["batch"]
 */
export class Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Undefined for inputs and variables, which are bound by name when a program is compiled. */
  readonly application: Application | undefined;
  /** Which output of the application this is. */
  readonly outputIndex: number;
  /** For leaves, the name they are bound by. */
  readonly name: string | undefined;

  private constructor(
    type: TensorType,
    application: Application | undefined,
    outputIndex: number,
    name: string | undefined,
  ) {
    this.shape = type.shape;
    this.dtype = type.dtype;
    this.application = application;
    this.outputIndex = outputIndex;
    this.name = name;
  }

  get rank(): number {
    return this.shape.length;
  }

  toString(): string {
    return `${this.application?.primitive.name ?? this.name ?? "tensor"}: ${this.dtype}${formatShape(this.shape)}`;
  }

  static leaf(name: string, type: TensorType): Tensor {
    return new Tensor(type, undefined, 0, name);
  }

  static apply<A>(
    primitive: Primitive<A>,
    inputs: readonly Tensor[],
    attributes: A,
    types: readonly TensorType[],
  ): readonly Tensor[] {
    const outputs: Tensor[] = [];
    const application: Application = {
      primitive: primitive as Primitive<unknown>,
      inputs,
      attributes,
      outputs,
    };
    for (const [index, type] of types.entries()) {
      outputs.push(new Tensor(type, application, index, undefined));
    }
    return outputs;
  }
}

/** A tensor, or a number that takes the type of the other operand. */
export type TensorLike = Tensor | number;
