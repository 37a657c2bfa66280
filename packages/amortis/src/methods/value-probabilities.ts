/**
 * Neural Bayes estimation of the probabilities of discrete parameters' values.
 *
 * A network q_γ(Z), a softmax over the values of each parameter, minimises E_{p(θ, Z)} Σ_k L(q_k(Z), 1{θ_k = ·}) / p over draws of the joint model, with a proper score L as `brierLoss`: its minimiser
 * is P(θ_k = v | Z) of each parameter k by itself. Where parameters depend on each other given the data, the product of these is not their joint posterior; `npe` learns that.
 *
 * The point is the most probable value, of equally probable ones the least: the estimate that is right most often.
 */
import {
  add,
  argMax,
  concat,
  constant,
  div,
  expandDims,
  gather,
  InvalidArgumentError,
  slice,
  softmax,
  split,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import { restore } from "../data/standardization-graph.js";
import type { EstimateLoss } from "../losses/estimate-loss.js";
import type { AnyModel } from "../model/index.js";
import type { Network, SummaryNetwork } from "../networks/network.js";
import { meanOf } from "./ensemble.js";
import type { InferenceContext, Method, Programs, TrainingContext } from "./method.js";
import { nearest } from "./value-marks.js";

/** Networks of probabilities, and how they are scored. */
export interface ProbabilityNetworks {
  readonly summary: SummaryNetwork;
  readonly head: Network;
  readonly loss: EstimateLoss;
}

/** What a method of probabilities is, but for its name and description. */
export interface ProbabilityParts<M extends AnyModel> extends Pick<
  Method<M, "point">,
  "answers" | "losses"
> {
  /** The mean of what networks in these scopes answer. */
  readonly together: (context: InferenceContext, scopes: readonly Scope[]) => Programs;
}

/**
 * Probabilities of the values of all parameters of a model.
 *
 * @throws InvalidArgumentError where a parameter is not discrete.
 */
export function valueProbabilities<M extends AnyModel>(
  model: M,
  { summary, head, loss }: ProbabilityNetworks,
): ProbabilityParts<M> {
  const values = valuesOf(model);
  // What networks see is less what the prior sits on.
  const centred = model.prior.centred.support.values?.map((own) => own ?? []) ?? [];
  const sizes = centred.map(({ length }) => length);
  const total = sizes.reduce((a, b) => a + b, 0);

  /** Of each parameter [batch, values], and the summary that they are of. */
  function probabilities(scope: Scope, data: TrainingContext["data"]) {
    const context = summary.apply(scope.child("summary"), data);
    const logits = head.apply(scope.child("head"), context, total);
    return { context, each: split(logits, sizes, -1).map((own) => softmax(own, -1)) };
  }

  return {
    answers: { kind: "point", estimate: "mode", quantiles: [], givesContext: true, values },
    losses: ({ scope, data, parameters, standardization }) => {
      const theta = restore(parameters, standardization.parameters);
      const scores = probabilities(scope, data).each.map((own, k) =>
        loss(own, nearest(slice(theta, -1, k, k + 1), centred[k] ?? [])),
      );
      return div(
        scores.reduce((a, b) => add(a, b)),
        scores.length,
      );
    },
    together: ({ inputs, data }, scopes) => {
      const all = scopes.map((scope) => probabilities(scope, data));
      const each = centred.map((_, k) => meanOf(all.flatMap((one) => one.each[k] ?? [])));
      return {
        estimate: {
          inputs,
          outputs: {
            point: concat(
              each.map((own, k) => expandDims(mostProbable(own, centred[k] ?? []), -1)),
              -1,
            ),
            probabilities: concat(each, -1),
            context: concat(
              all.map(({ context }) => context),
              -1,
            ),
          },
        },
      };
    },
  };
}

/** Of probabilities [batch, values] the value of the largest, [batch]. */
function mostProbable(probabilities: Tensor, values: readonly number[]): Tensor {
  return gather(constant(values, [values.length], probabilities.dtype), argMax(probabilities, -1));
}

/** The values of each flat parameter. @throws InvalidArgumentError where one has no list of them. */
function valuesOf({ prior }: AnyModel): readonly (readonly number[])[] {
  return prior.flatNames.map((name, k) => {
    const own = prior.support.values?.[k];
    if (own !== undefined) return own;
    throw new InvalidArgumentError(
      `nbe: this loss is of the probabilities of values, which discrete parameters have, but "${name}" is continuous: take another loss, as "squared", or give "${name}" a discrete prior`,
    );
  });
}
