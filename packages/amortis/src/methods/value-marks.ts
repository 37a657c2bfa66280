/**
 * Marks in a graph: 1 at one of several cases and 0 at the others.
 */
import { add, cast, concat, constant, greater, mul, slice, sub, type Tensor } from "@amortis/graph";

/** 1 at the value that a number is nearest to, [..., 1] to [..., values]. */
export function nearest(x: Tensor, values: readonly number[]): Tensor {
  const middles = values.slice(1).map((value, i) => (value + (values[i] ?? value)) / 2);
  return intervals(x, constant(middles, [middles.length], x.dtype), middles.length);
}

/** 1 at the interval between increasing ends [..., count] that a number lies in, of count + 1. */
export function intervals(x: Tensor, ends: Tensor, count: number): Tensor {
  const one = add(mul(x, 0), 1);
  if (count === 0) return one;
  const above = cast(greater(x, ends), x.dtype);
  const last = slice(above, -1, count - 1, count);
  const first = sub(1, slice(above, -1, 0, 1));
  if (count === 1) return concat([first, last], -1);
  const inner = sub(slice(above, -1, 0, count - 1), slice(above, -1, 1, count));
  return concat([first, inner, last], -1);
}
