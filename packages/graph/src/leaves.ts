/**
 * Where computations begin: inputs, and constants.
 */
import { bytesPerElement, type DType } from "./dtype.js";
import { ShapeError } from "./errors.js";
import { hostTensor, type HostTensor } from "./host-tensor.js";
import { requireExact } from "./operations/operands.js";
import { definePrimitive } from "./primitive.js";
import { canonicalShape, type Shape } from "./shape.js";
import { Tensor, type TensorLike } from "./tensor.js";

/**
 * A named input, fed when the program runs.
 *
 * @param shape sizes; a string is a dynamic size, as in `["batch", 16, 16]`.
 */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  return Tensor.leaf(name, { shape: canonicalShape(shape, `input "${name}"`), dtype });
}

const applyConstant = definePrimitive<{ readonly value: HostTensor }>({
  name: "constant",
  infer: (_, { value }) => [{ shape: value.shape, dtype: value.dtype }],
  lower: ({ attributes, constant }) => [constant(attributes.value)],
});

/** Values of constants, for simplifications at build time. */
const constants = new WeakMap<Tensor, HostTensor>();

/** A constant from a tensor on the host, as it is. */
export function hostConstant(value: HostTensor): Tensor {
  const tensor = first(applyConstant([], { value }));
  constants.set(tensor, value);
  return tensor;
}

/** Whether a tensor is a constant. */
export function isConstant(tensor: Tensor): boolean {
  return constants.has(tensor);
}

/** Numbers, or arrays of numbers to any depth. */
export type Nested = number | readonly Nested[] | Float32Array | Float64Array;

/**
 * A constant.
 *
 * @param data a number, nested arrays, or a flat array with its shape.
 * @throws ShapeError where nested arrays are ragged or the size does not fit the shape.
 * @example constant([[1, 2], [3, 4]])
 */
export function constant(
  data: Nested,
  shape?: readonly number[],
  dtype: DType = "float32",
): Tensor {
  const { values, shape: found } = flatten(data);
  return hostConstant(hostTensor(values, shape ?? found, dtype));
}

function flatten(data: Nested): { values: ArrayLike<number>; shape: readonly number[] } {
  if (typeof data === "number") return { values: [data], shape: [] };
  if (data instanceof Float32Array || data instanceof Float64Array) {
    return { values: data, shape: [data.length] };
  }
  if (data.every((item) => typeof item === "number")) return { values: data, shape: [data.length] };
  const parts = data.map(flatten);
  const inner = parts[0]?.shape ?? [];
  const values: number[] = [];
  for (const part of parts) {
    if (part.shape.join() !== inner.join()) {
      throw new ShapeError(
        `constant: nested arrays must be regular, but found rows of shape [${inner.join(", ")}] and [${part.shape.join(", ")}]`,
      );
    }
    for (let i = 0; i < part.values.length; i++) values.push(part.values[i] ?? Number.NaN);
  }
  return { values, shape: [parts.length, ...inner] };
}

/** A tensor filled with one value. */
export function full(shape: readonly number[], value: number, dtype: DType = "float32"): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return constant(new Float64Array(size).fill(value), shape, dtype);
}

/** Zeros. */
export function zeros(shape: readonly number[], dtype: DType = "float32"): Tensor {
  return full(shape, 0, dtype);
}

/** Ones. */
export function ones(shape: readonly number[], dtype: DType = "float32"): Tensor {
  return full(shape, 1, dtype);
}

/** 0, 1, ..., n - 1. */
export function iota(n: number, dtype: DType = "int64"): Tensor {
  return constant(
    Float64Array.from({ length: n }, (_, i) => i),
    [n],
    dtype,
  );
}

/** The identity matrix. */
export function eye(n: number, dtype: DType = "float32"): Tensor {
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) values[i * n + i] = 1;
  return constant(values, [n, n], dtype);
}

/** Lower-triangular matrix of ones, diagonal included. */
export function triangle(n: number, dtype: DType = "float32"): Tensor {
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) values.fill(1, i * n, i * n + i + 1);
  return constant(values, [n, n], dtype);
}

/** The value of a constant tensor of one element, or undefined. */
export function scalarValue(tensor: Tensor): number | undefined {
  const data = constants.get(tensor)?.data;
  return data?.length === 1 ? Number(data[0]) : undefined;
}

/**
 * Both operands as tensors; a number takes the other's type.
 *
 * @param operation what asks, for the error.
 * @throws ShapeError where the other's type does not hold the number, as int64 does not hold 0.5.
 */
export function promote(
  a: TensorLike,
  b: TensorLike,
  operation = "promote",
): readonly [Tensor, Tensor] {
  if (typeof a === "number") {
    const other = typeof b === "number" ? constant(b) : b;
    return [numberBeside(other, a, operation), other];
  }
  return [a, typeof b === "number" ? numberBeside(a, b, operation) : b];
}

function numberBeside(other: Tensor, value: number, operation: string): Tensor {
  requireExact(operation, value, other);
  return constant(value, [], other.dtype);
}

/** The first of a primitive's outputs. */
export function first(outputs: readonly Tensor[]): Tensor {
  const [output] = outputs;
  if (output === undefined) throw new ShapeError("a primitive returned no output");
  return output;
}

/** Bytes a tensor of this type takes, where its shape is static. */
export function byteSize(tensor: Tensor): number | undefined {
  let size = bytesPerElement(tensor.dtype);
  for (const dim of tensor.shape) {
    if (typeof dim !== "number") return undefined;
    size *= dim;
  }
  return size;
}
