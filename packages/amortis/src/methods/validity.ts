/**
 * The probability that a simulation is valid, by a classifier of its parameters.
 *
 * Simulations that fail are left out, so a method that learns a likelihood or a ratio from the others learns p(Z | θ, valid). Where failing depends on θ, data
 * that are valid tell of θ by being so:
 *
 *     p(Z, valid | θ) = p(valid | θ) p(Z | θ, valid).
 *
 * The first factor is a function of θ alone, which a logistic regression by a small network f learns from all simulations,
 *
 *     f* = argmin E_{p(θ)} [ softplus(f(θ)) - 1{valid} f(θ) ],      log p(valid | θ) = -softplus(-f*(θ)),
 *
 * Lueckmann et al. (2017, arXiv 1711.01861) learn such a classifier of "bad simulations" for the proposals of sequential estimation.
 */
import { InvalidArgumentError, mul, neg, reshape, softplus, sub } from "@amortis/graph";
import type { Scope, Tensor } from "@amortis/graph";
import type { Moments } from "../data/moments.js";
import { standardize } from "../data/standardization-graph.js";
import { defineModel, type AnyModel } from "../model/index.js";
import { mlp } from "../networks/index.js";
import type { Method } from "./method.js";

/** Where the classifier's weights are, beside those of the method. */
const PLACE = "validity";

/** Its one data array: 1 for a valid simulation, 0 for one that was left out. */
export const VALID = "valid";

const network = mlp({ hidden: [64, 64], activation: "silu" });

/** f of parameters as networks see them, [..., p] to [...]. */
function logit(scope: Scope, seen: Tensor): Tensor {
  const output = network.apply(scope.child(PLACE), seen, 1);
  return reshape(output, output.shape.slice(0, -1), output);
}

/**
 * log p(valid | θ).
 *
 * @param scope the root: the weights lie in `validity`.
 * @param theta in its own units, [..., p].
 * @param moments of the parameters of all simulations.
 * @returns [...].
 */
export function logValidity(scope: Scope, theta: Tensor, moments: Moments): Tensor {
  return neg(softplus(neg(logit(scope, standardize(theta, moments)))));
}

/**
 * The classifier as a method, so that it is trained like any other: of a model whose data are whether a simulation of `model` is valid.
 */
export function validityClassifier(model: AnyModel): Method {
  return {
    name: PLACE,
    model: defineModel({
      name: `${model.name}: valid or not`,
      parameters: model.parameters,
      data: { [VALID]: [] },
      simulate: () => {
        throw new InvalidArgumentError("which simulations are valid is known from the model's own");
      },
    }),
    description: { network: network.describe() },
    answers: { kind: "summary", size: 1 },
    losses: ({ scope, raw, parametersSeen }) => {
      const f = logit(scope, parametersSeen);
      const valid = raw[VALID];
      if (valid === undefined) throw new TypeError("its data are whether simulations are valid");
      return sub(softplus(f), mul(valid, f));
    },
    programs: () => ({}),
  };
}
