/** What ONNX Runtime returns and throws, in the engine's terms. */
import type { Tensor } from "onnxruntime-common";
import { RuntimeError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";

/**
 * A result as a host tensor; the data are not copied.
 *
 * @throws RuntimeError for a type the engine does not know
 */
export function hostTensor({ type, dims: shape, data }: Tensor): HostTensor {
  if (data instanceof Float32Array) return { dtype: "float32", shape, data };
  if (data instanceof Float64Array) return { dtype: "float64", shape, data };
  if (data instanceof BigInt64Array) return { dtype: "int64", shape, data };
  if (data instanceof Uint8Array && type === "bool") return { dtype: "bool", shape, data };
  throw new RuntimeError(
    `the model returned a tensor of type ${type}; the engine knows float32, float64, int64 and bool`,
  );
}

/** The text of an error, without the white space around it. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}
