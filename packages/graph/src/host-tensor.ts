/** Tensors on the host: typed arrays with shapes. */
import type { DType } from "./dtype.js";
import { InvalidArgumentError, ShapeError } from "./errors.js";

/** Elements by type; bool is a byte each, 0 or 1. */
export interface HostArrays {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
}

/** Elements of a tensor on the host. */
export type HostArray = HostArrays[DType];

/** A tensor on the host, row-major. */
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: HostArray;
}

/**
 * A host tensor of numbers converted to a type. Values of the type asked for are not copied.
 *
 * @throws ShapeError where the number of values does not fit the shape.
 * @throws InvalidArgumentError where a value is no number that int64 could hold.
 */
export function hostTensor(
  values: ArrayLike<number> | HostArray,
  shape: readonly number[],
  dtype: DType = "float32",
): HostTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  if (values.length !== size) {
    throw new ShapeError(
      `a tensor of shape [${shape.join(", ")}] has ${size} elements, but ${values.length} were given`,
    );
  }
  return { dtype, shape, data: convert(values, dtype) };
}

function convert(values: ArrayLike<number> | HostArray, dtype: DType): HostArray {
  if (dtype === "float32")
    return values instanceof Float32Array
      ? values
      : Float32Array.from(values as ArrayLike<number>, Number);
  if (dtype === "float64")
    return values instanceof Float64Array
      ? values
      : Float64Array.from(values as ArrayLike<number>, Number);
  if (dtype === "bool")
    return values instanceof Uint8Array
      ? values
      : Uint8Array.from(values as ArrayLike<number>, (v) => (v ? 1 : 0));
  if (values instanceof BigInt64Array) return values;
  return BigInt64Array.from({ length: values.length }, (_, i) => {
    const whole = Math.trunc(Number(values[i]));
    if (!Number.isFinite(whole)) {
      throw new InvalidArgumentError(`${whole}, element ${i} of a tensor, is no int64`);
    }
    return BigInt(whole);
  });
}
