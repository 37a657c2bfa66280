/**
 * Examples as columns.
 *
 * Within a flow, tensors are [..., features, examples] and not [..., examples, features]: splitting, joining and permuting
 * features then moves whole rows of memory, sums over features add whole rows, and biases and bins broadcast along them.
 */
import {
  add,
  gemm,
  InvalidArgumentError,
  matmul,
  reshape,
  transpose,
  type Shape,
  type Tensor,
} from "@amortis/graph";

/** The last two axes exchanged. */
export function swapLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/** Shape of columns, with one feature in place of all. */
export function withoutFeatures(x: Tensor): Shape {
  return x.shape.with(x.rank - 2, 1);
}

/** [...L, features] as columns: [features, n] for one leading axis, [..., features, n] for several. */
export function toColumns(x: Tensor, operation: string): Tensor {
  if (x.rank < 2) {
    throw new InvalidArgumentError(
      `${operation} needs at least one leading axis before the features, but was given ${x.toString()}`,
    );
  }
  return swapLast(x);
}

/** Columns as [...L, features]. */
export function fromColumns(x: Tensor): Tensor {
  return swapLast(x);
}

/** weightᵀ · x + bias, with weight [in, out], x [..., in, n], bias [out]. */
export function linearColumns(weight: Tensor, x: Tensor, bias: Tensor): Tensor {
  const column = reshape(bias, [-1, 1]);
  return x.rank === 2
    ? gemm(weight, x, column, { transposeA: true })
    : add(matmul(weight, x, { transposeA: true }), column);
}
