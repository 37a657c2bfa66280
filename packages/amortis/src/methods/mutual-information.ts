/**
 * Neural summary statistics that keep as much as they can of what the data say of the parameters.
 *
 * A critic T_γ(s, θ) sees pairs of the joint model and pairs of the product, and the summary S_γ is trained with it to maximise a lower bound of
 * the mutual information I(θ; S(Z)), or of a divergence that grows with it:
 *
 *     Jensen-Shannon    E_joint[-softplus(-T)] - E_product[softplus(T)]                  (Hjelm et al. 2019, arXiv 1808.06670)
 *     InfoNCE           E log( e^{T(s,θ)} / mean_{j=0..K} e^{T(s,θ_j)} ),  θ_0 = θ        (van den Oord et al. 2018, arXiv 1807.03748)
 *     Donsker-Varadhan  E_joint[T] - log E_product[e^T]                                  (Belghazi et al. 2018, arXiv 1801.04062)
 *
 * as Chen et al. (2021, arXiv 2010.10079) learn summaries. InfoNCE is at most log(K + 1); the expectation in Donsker-Varadhan's logarithm is the
 * mean over all pairs of a minibatch. The Jensen-Shannon bound is the steadiest to train, but its value is no number of nats of information.
 */
import {
  add,
  concat,
  expandDims,
  InvalidArgumentError,
  logSumExp,
  mean,
  neg,
  reshape,
  slice,
  softplus,
  squeeze,
  stack,
  sub,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import type { AnyModel } from "../model/index.js";
import { mlp } from "../networks/index.js";
import { networkSlot } from "../networks/network.js";
import { whole } from "../settings/fields.js";
import { Settings } from "../settings/settings.js";
import type { Method } from "./method.js";
import { rotations } from "./rotations.js";
import { networkCalledSummary, summaryFields, summaryMethod } from "./summary-method.js";
import { densityTraining } from "./usual-training.js";

const informationBound = z.enum(["jensen-shannon", "infonce", "donsker-varadhan"]);

/** Bounds of the mutual information. */
export type InformationBound = z.output<typeof informationBound>;

const settings = new Settings(
  "method",
  "mutualInformationSummary",
  z.strictObject({
    ...summaryFields,
    bound: informationBound.default("jensen-shannon"),
    /** T, of summary and parameters side by side. By default two hidden layers of 64, SiLU. */
    critic: networkSlot.default(() => mlp({ hidden: [64, 64], activation: "silu" })),
    /** Parameters of other data sets that each data set is paired with; by default 31, or as many as the batch has. */
    negatives: whole.optional(),
  }),
  {
    alias: "summary",
    about: "summary statistics of much information",
    fromConfiguration: networkCalledSummary,
  },
);

/** Parameters of other data sets, by default. */
const USUAL = 31;

/** Networks of a summary of much information. */
export type MutualInformationOptions = z.input<typeof settings.schema>;

/**
 * A summary trained to maximise a bound of its mutual information with the parameters.
 *
 * @throws InvalidArgumentError where a length or the number of negatives is no positive integer.
 * @example
 * const learned = await train(mutualInformationSummary(field, { network: cnn(), size: 1 }), { simulations: 160_000 });
 * npe(field, { transform: joinTransforms(learned.transform(), roughness) });
 */
export function mutualInformationSummary<M extends AnyModel>(
  model: M,
  options: MutualInformationOptions = {},
): Method<M, "summary"> {
  const { transform, network, bound, critic, negatives, ...resolved } = settings.resolve(options);
  const { size = model.parameterSize } = resolved;

  /** T(s, θ) for summaries [batch, k] and parameters [batch, m, q]: [batch, m]. */
  function score(scope: Scope, summarized: Tensor, theta: Tensor): Tensor {
    const each = Array.from({ length: Number(theta.shape[1]) }, () => summarized);
    return squeeze(critic.apply(scope, concat([stack(each, 1), theta], -1), 1), [-1]);
  }

  return summaryMethod({
    settings,
    model,
    transform,
    network,
    size,
    described: { bound, critic, negatives },
    training: densityTraining,
    losses: (training, summarized) => {
      const { scope, parametersSeen: parameters, standardization } = training;
      const seen =
        standardization.unconstrained === undefined
          ? parameters
          : concat([parameters, training.unconstrained()], -1);
      const others = rotations(settings.kind, seen, { asked: negatives, usual: USUAL });
      const pairs = stack([seen, ...others], 1);
      const scores = score(scope.child("critic"), summarized, pairs);
      return informationLosses(bound, scores);
    },
  });
}

mutualInformationSummary.settings = settings;

/**
 * The bound's negative, for each example.
 *
 * @param scores T of each data set with its own parameters, first, and with others', [batch, 1 + K].
 */
export function informationLosses(bound: InformationBound, scores: Tensor): Tensor {
  const [batch = 1, all = 2] = scores.shape.map(Number);
  if (all < 2) {
    throw new InvalidArgumentError("a bound of information needs at least one negative");
  }
  const joint = squeeze(slice(scores, 1, 0, 1), [1]);
  const product = slice(scores, 1, 1, all);
  if (bound === "jensen-shannon") {
    return add(softplus(neg(joint)), mean(softplus(product), { axes: [1] }));
  }
  if (bound === "infonce") {
    return sub(sub(logSumExp(scores, { axes: [1] }), Math.log(all)), joint);
  }
  const pairs = reshape(product, [batch * (all - 1)]);
  const evidence = sub(logSumExp(pairs, { axes: [0] }), Math.log(batch * (all - 1)));
  return sub(expandDims(evidence, 0), joint);
}
