/**
 * Shapes of arrays: lists of sizes, outermost first; [] is one number.
 */

/** Number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Whether two shapes are one. */
export function sameSizes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A flat index as a position, "[3, 4]", counted from 0 unless told; nothing for a scalar. */
export function position(flat: number, shape: readonly number[], base = 0): string {
  if (shape.length === 0) return "";
  const indices: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    indices.unshift((rest % size) + base);
    rest = Math.floor(rest / size);
  }
  return `[${indices.join(", ")}]`;
}
