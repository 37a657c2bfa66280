/** Element types. */
export type DType = "float32" | "float64" | "int64" | "bool";

/** Bytes an element takes on the host. */
export function bytesPerElement(dtype: DType): number {
  return { float32: 4, float64: 8, int64: 8, bool: 1 }[dtype];
}
