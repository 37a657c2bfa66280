/**
 * What a computation costs, before it runs.
 */
import { topological } from "./gradient.js";
import type { Tensor } from "./tensor.js";

/**
 * Floating-point operations of the matrix products that tensors are computed from; sizes that are dynamic count as one.
 *
 * @example productOperations([matmul(a, b)])   // 2 · rows · inner · columns
 */
export function productOperations(tensors: readonly Tensor[]): number {
  let total = 0;
  for (const { primitive, inputs, outputs, attributes } of topological(tensors)) {
    if (primitive.name !== "matmul" && primitive.name !== "linear") continue;
    const [a] = inputs;
    const [output] = outputs;
    const transposed = (attributes as { transposeA?: boolean }).transposeA === true;
    const inner = a?.shape.at(transposed ? -2 : -1);
    const size = [...(output?.shape ?? []), inner ?? 1].reduce<number>(
      (product, dim) => (typeof dim === "number" ? product * dim : product),
      1,
    );
    total += 2 * size;
  }
  return total;
}
