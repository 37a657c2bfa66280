/** Elements between JavaScript and the memory of WebAssembly. */
import type { DType } from "../dtype.js";
import type { HostArray } from "../host-tensor.js";

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

/** Elements in memory, in place. They are gone when the memory grows. */
export function elementsAt(
  memory: WebAssembly.Memory,
  dtype: DType,
  address: number,
  size: number,
): HostArray {
  return new ARRAYS[dtype](memory.buffer, address, size);
}

export function emptyArray(dtype: DType, size: number): HostArray {
  return new ARRAYS[dtype](size);
}
