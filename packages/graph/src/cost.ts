/**
 * What a computation costs, before it runs.
 */
import { topological } from "./gradient.js";
import type { SessionOptions } from "./runtimes/runtime.js";
import type { Tensor } from "./tensor.js";

/**
 * Operations of a forward pass from which a second thread pays: below, handing work over costs more than it saves (a step of many small
 * nodes is half as fast again on one thread as on two). By operations and not by the clock, so that a run is the same everywhere.
 *
 * Of the programs in experiments/engine the spline flow takes 21 million, the multilayer perceptron 34 and the affine flow 57, which are
 * no faster on two threads; the review's CNN takes 212 at batch 32 and 832 at 128, and is.
 */
const THREADED_OPERATIONS = 1e8;

/** Primitives that are a matrix product of their first two inputs. */
const PRODUCTS: ReadonlySet<string> = new Set(["matmul", "linear", "gemm"]);

/** Options of a loop over these losses: one thread where more would only wait for each other, unless a number was asked for. */
export function loopOptions(losses: Tensor, options: SessionOptions = {}): SessionOptions {
  const small = productOperations([losses]) < THREADED_OPERATIONS;
  return options.threads === undefined && small ? { ...options, threads: 1 } : options;
}

/**
 * Floating-point operations of the matrix products that tensors are computed from; sizes that are dynamic count as one.
 *
 * @example productOperations([matmul(a, b)])   // 2 · rows · inner · columns
 */
export function productOperations(tensors: readonly Tensor[]): number {
  let total = 0;
  for (const { primitive, inputs, outputs, attributes } of topological(tensors)) {
    if (!PRODUCTS.has(primitive.name)) continue;
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
