/**
 * Transforms of columns undone: from what networks see of an array back to its values.
 *
 *     log          x = e^y - shift
 *     logit        x = 1 / (1 + e^-y)
 *     constrain    x = lower + (upper - lower) / (1 + e^-y), or lower + e^y, or upper - e^-y
 *     standardize  x = mean + sd y
 *     linear       x = y
 *     oneHot       x = Σ categories · indicators
 *
 * What is dropped does not come back. NaN stays.
 */
import {
  add,
  constant,
  exp,
  mul,
  neg,
  reshape,
  sigmoid,
  sub,
  sum,
  type Tensor,
} from "@amortis/graph";
import type { ArraySpec } from "./array-spec.js";
import { categoriesOf, type ColumnTransform } from "./column-transform.js";

/**
 * The values that a transform took to an array.
 *
 * @param y [batch, ...], as `transformArray` made it.
 * @param spec of the values.
 */
export function restoreArray(y: Tensor, spec: ArraySpec, transform: ColumnTransform): Tensor {
  switch (transform.kind) {
    case "log":
      return sub(exp(y), transform.shift);
    case "logit":
      return sigmoid(y);
    case "constrain":
      return fromLine(y, transform);
    case "standardize":
      return add(mul(y, constant(transform.sd)), constant(transform.mean));
    case "oneHot": {
      const categories = categoriesOf(transform.categories);
      const [batch = 1] = y.shape;
      const hot = reshape(y, [batch, ...spec.shape, categories.length]);
      return sum(mul(hot, constant(categories)), { axes: [-1] });
    }
    default:
      return y;
  }
}

function fromLine(y: Tensor, { lower, upper }: { lower?: number; upper?: number }): Tensor {
  if (lower === undefined) return upper === undefined ? y : sub(upper, exp(neg(y)));
  return upper === undefined ? add(exp(y), lower) : add(mul(sigmoid(y), upper - lower), lower);
}
