/**
 * Transforms of columns in graphs; what they are is in `column-transform.ts`.
 */
import {
  add,
  cast,
  constant,
  equal,
  expandDims,
  log,
  mul,
  neg,
  reshape,
  sub,
  where,
  type Tensor,
} from "@amortis/graph";
import type { ArraySpec } from "./array-spec.js";
import { categoriesOf, type ColumnTransform } from "./column-transform.js";
import { transformedSpec } from "./transformed-column.js";

/** An array [batch, ...shape] after a transform of its values. */
export function transformArray(x: Tensor, spec: ArraySpec, transform: ColumnTransform): Tensor {
  switch (transform.kind) {
    case "log":
      return log(add(x, transform.shift));
    case "logit":
      return sub(log(x), log(sub(1, x)));
    case "constrain":
      return toLine(x, transform);
    case "standardize":
      return mul(
        sub(x, constant(transform.mean)),
        constant([transform.sd].flat().map((sd) => 1 / sd)),
      );
    case "oneHot": {
      const one = expandDims(x, -1);
      const hot = cast(equal(one, constant(categoriesOf(transform.categories))), x.dtype);
      // NaN is of no category, and stays NaN.
      const [batch = 1] = x.shape;
      return reshape(where(equal(one, one), hot, one), [
        batch,
        ...transformedSpec(spec, transform).shape,
      ]);
    }
    default:
      return x;
  }
}

function toLine(x: Tensor, { lower, upper }: { lower?: number; upper?: number }): Tensor {
  const above = lower === undefined ? undefined : log(sub(x, lower));
  const below = upper === undefined ? undefined : log(sub(upper, x));
  if (above === undefined) return below === undefined ? x : neg(below);
  return below === undefined ? above : sub(above, below);
}
