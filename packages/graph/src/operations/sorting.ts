/**
 * Order along an axis: where the smallest is, the next, and so on, and values in that order.
 */
import { first } from "../leaves.js";
import { definePrimitive } from "../primitive.js";
import { normalizeAxis } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { gatherElements } from "./indexing.js";
import { operandOf } from "./operands.js";

const applyArgSort = definePrimitive<{ readonly axis: number }>({
  name: "argSort",
  infer: (inputs) => [{ shape: operandOf("argSort", inputs, "number").shape, dtype: "int64" }],
  lower: ({ inputs: [x = ""], attributes: { axis }, emit, emitMany }) => {
    const size = emit("Shape", [x], {
      start: { type: "int", value: axis },
      end: { type: "int", value: axis + 1 },
    });
    const [, order = ""] = emitMany("TopK", [x, size], 2, {
      axis: { type: "int", value: axis },
      largest: { type: "int", value: 0 },
      sorted: { type: "int", value: 1 },
    });
    return [order];
  },
});

/**
 * Places along an axis, int64, from that of the smallest value to that of the largest; of equal values the first comes first. Nothing flows back through
 * it.
 */
export function argSort(x: Tensor, axis: number): Tensor {
  return first(applyArgSort([x], { axis: normalizeAxis("argSort", axis, x.rank) }));
}

/** Values along an axis from the smallest to the largest. Its gradient goes to the places that they came from. */
export function sort(x: Tensor, axis: number): Tensor {
  return gatherElements(x, argSort(x, axis), axis);
}
