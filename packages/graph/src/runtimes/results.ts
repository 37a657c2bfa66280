/** What ONNX Runtime returns and throws, in the engine's terms. */
import type { Tensor } from "onnxruntime-common";
import type { HostArray, HostTensor } from "../host-tensor.js";

/** A result as a host tensor; the data are not copied. */
export function hostTensor({ type, dims, data }: Tensor): HostTensor {
  return { dtype: type as HostTensor["dtype"], shape: dims, data: data as HostArray };
}

/** The text of an error, without the white space around it. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}
