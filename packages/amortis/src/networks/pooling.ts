/**
 * Ways to make one vector of any number of elements, whatever their order.
 *
 *     mean        Σ h_i / n
 *     sum         Σ h_i
 *     max         the largest of each feature
 *     attention   Σ_i softmax_i( s_k(h_i) ) h_i,  for a few learned scores s_k     (Lee et al. 2019, arXiv 1810.00825, section 3.2)
 */
import {
  add,
  div,
  glorotUniform,
  greater,
  log,
  matmul,
  max,
  maximum,
  mean,
  mul,
  reshape,
  softmax,
  sub,
  sum,
  transpose,
  where,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { dense } from "./mlp.js";

/** A way to pool. */
export const POOLINGS = ["mean", "max", "sum", "attention"] as const;

/** A way to pool. */
export type Pooling = (typeof POOLINGS)[number];

/** Scores by which attention pools. */
const SCORES = 4;

/** Below all features. */
const LEAST = -1e30;

/** What is added to scores of elements that are not there: their share is then zero to the last bit. */
const NOT_THERE = 1e9;

/**
 * Features of elements [batch, n, k] as one vector [batch, k], or [batch, 4 k] by attention; of no elements, zero.
 *
 * @param there 1 where an element is there, [batch, n, 1]; by default all are.
 */
export function pool(scope: Scope, way: Pooling, h: Tensor, there: Tensor | undefined): Tensor {
  switch (way) {
    case "mean":
      return there === undefined
        ? mean(h, { axes: [1] })
        : div(sum(mul(h, there), { axes: [1] }), maximum(sum(there, { axes: [1] }), 1));
    case "sum":
      return sum(there === undefined ? h : mul(h, there), { axes: [1] });
    case "max": {
      if (there === undefined) return max(h, { axes: [1] });
      const largest = max(where(greater(there, 0), h, LEAST), { axes: [1] });
      return where(greater(sum(there, { axes: [1] }), 0), largest, 0);
    }
    default:
      return attended(scope.child("attention"), h, there);
  }
}

/** The log of how many elements there are, [batch, 1]; of none, zero. */
export function logCount(there: Tensor): Tensor {
  return log(maximum(sum(there, { axes: [1] }), 1));
}

function attended(scope: Scope, h: Tensor, there: Tensor | undefined): Tensor {
  const [batch = 1, , k = 1] = h.shape;
  const scores = dense(scope, h, SCORES, glorotUniform());
  const seen = there === undefined ? scores : add(scores, mul(sub(there, 1), NOT_THERE));
  const shares = softmax(transpose(seen, [0, 2, 1]), -1);
  const values = there === undefined ? h : mul(h, there);
  return reshape(matmul(shares, values), [batch, SCORES * Number(k)]);
}
