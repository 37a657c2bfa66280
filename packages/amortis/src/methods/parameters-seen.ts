/**
 * Parameters as networks of likelihoods and ratios see them: standardised, and in unconstrained space beside, where they have one.
 */
import { concat, type Tensor } from "@amortis/graph";
import { type Standardization } from "../data/standardization.js";
import { standardize, standardizeLinearly } from "../data/standardization-graph.js";
import type { AnyModel } from "../model/index.js";
import type { TrainingContext } from "./method.js";

/** Those of a minibatch, [batch, q]. */
export function parametersInTraining(training: TrainingContext): Tensor {
  const { parametersSeen: parameters, standardization } = training;
  return standardization.unconstrained === undefined
    ? parameters
    : concat([parameters, training.unconstrained()], -1);
}

/** Those of parameters in their own units, [..., p] to [..., q]. */
export function parametersAsSeen(
  model: AnyModel,
  theta: Tensor,
  standardization: Standardization,
): Tensor {
  const parameters = standardize(theta, standardization.parameters);
  const { unconstrained } = standardization;
  if (unconstrained === undefined) return parameters;
  const u = model.prior.centred.bijection.graph.inverse(theta);
  return concat([parameters, standardizeLinearly(u, unconstrained)], -1);
}
