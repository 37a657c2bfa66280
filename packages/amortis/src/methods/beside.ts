import { add, concat, slice, zerosLike, type Tensor } from "@amortis/graph";

/** A context [..., k] with more numbers beside it, [..., m], whose other axes broadcast. */
export function beside(context: Tensor, more: Tensor): Tensor {
  const [a, b] = [slice(context, -1, 0, 1), slice(more, -1, 0, 1)];
  return concat([add(context, zerosLike(b)), add(more, zerosLike(a))], -1);
}
