/**
 * The classifier of ratios: logits of pairs of a data set and parameters.
 *
 * Beside the parameters it sees by how much they differ from their linear trend in the data, in units of the spread about it: a likelihood that is narrow beside the prior, as
 * all are of a parameter over decades, is no narrower there.
 */
import {
  add,
  concat,
  expandDims,
  heNormal,
  reshape,
  slice,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { lessTrend, type LinearTrend } from "../data/linear-trend.js";
import { standardize } from "../data/standardization-graph.js";
import { activate, activation, type Activation } from "../networks/activations.js";
import { dense, mlp } from "../networks/mlp.js";
import { whole } from "../settings/fields.js";

/** Its settings. */
export const classifierFields = {
  /** Widths of the classifier's hidden layers, one or more. */
  hidden: z.array(whole).min(1).readonly().default([64, 64, 64]),
  activation: activation.default("silu"),
  /** Whether the classifier sees parameters less their linear trend in the data as well. */
  trend: z.enum(["linear", "none"]).default("linear"),
  /** Parameters of other data sets that each data set is paired with; by default 4, or as many as a batch has. */
  negatives: whole.default(4),
};

/** f(Z, θ) for what a summary network makes of data, [batch, k], and parameters as they are seen, [batch, m, q]: [batch, m]. */
export function classifierLogits(
  scope: Scope,
  context: Tensor,
  parameters: Tensor,
  {
    hidden: [first = 1, ...others],
    activation: name,
  }: { readonly hidden: readonly number[]; readonly activation: Activation },
): Tensor {
  // The first layer is cut in two, so that its larger part is computed once a data set.
  const ofData = dense(scope.child("data"), context, first, heNormal());
  const ofTheta = dense(scope.child("parameters"), parameters, first, heNormal());
  const layer = activate(name, add(ofTheta, expandDims(ofData, 1)));
  const output = mlp({ hidden: others, activation: name }).apply(scope.child("rest"), layer, 1);
  return reshape(output, output.shape.slice(0, -1), output);
}

/**
 * Parameters [batch, m, q] that begin with those of the trend, and by how much these differ from it: as they are near it, by their logarithms far from it.
 *
 * @param location of the trend, [batch, p]
 */
export function besideTrend(seen: Tensor, location: Tensor, trend: LinearTrend): Tensor {
  const p = trend.intercept.length;
  const epsilon = lessTrend(slice(seen, -1, 0, p), expandDims(location, 1), trend);
  const asinh = { center: [0], width: [1], mean: [0], sd: [1] };
  return concat([seen, standardize(epsilon, { mean: [0], sd: [1], tails: asinh })], -1);
}
