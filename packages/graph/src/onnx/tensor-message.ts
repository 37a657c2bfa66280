/** Host tensors as ONNX's tensor messages. */
import { bytesPerElement } from "../dtype.js";
import type { DType } from "../dtype.js";
import { EncodingError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import { DataType, type Init, type TensorProto } from "./messages.js";

/** ONNX's number for each element type. */
export const ELEMENT_TYPES: Readonly<Record<DType, number>> = {
  float32: DataType.FLOAT,
  float64: DataType.DOUBLE,
  int64: DataType.INT64,
  bool: DataType.BOOL,
};

/** The message of a tensor; the bytes are the tensor's own, not a copy. */
export function tensorMessage({ dtype, shape, data }: HostTensor, name: string): Init<TensorProto> {
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length !== size || data.BYTES_PER_ELEMENT !== bytesPerElement(dtype)) {
    throw new EncodingError(
      `the tensor "${name}" of type ${dtype} and shape [${shape.join(", ")}] needs ${size} elements of ` +
        `${bytesPerElement(dtype)} bytes, but holds ${data.length} of ${data.BYTES_PER_ELEMENT}`,
    );
  }
  return {
    name,
    dims: shape.map(BigInt),
    dataType: ELEMENT_TYPES[dtype],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}
