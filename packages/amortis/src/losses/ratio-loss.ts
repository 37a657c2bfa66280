/**
 * Losses of ratios: how well a classifier tells draws of the joint model from draws of the product p(θ) p(Z).
 */
import { add, mean, mul, neg, sigmoid, softplus, square, sub, type Tensor } from "@amortis/graph";
import * as z from "zod";
import type { Json } from "../json.js";
import { Settings } from "../settings/settings.js";

/**
 * A loss of the classifier's logits f(Z, θ): of joint draws, [batch, 1], and of each data set with parameters of others, [batch, m]; returns [batch]. Its
 * minimiser must be log p(Z | θ) / p(Z).
 */
export interface RatioLoss {
  (joint: Tensor, product: Tensor): Tensor;
  /** Said of a loss whose minimisers are log p(Z | θ) / p(Z) + c(Z) with any c. */
  readonly upToConstant?: true;
  /** What it is, for people and files; a loss without is "custom". */
  readonly describe?: () => Json;
}

/** The setting. */
export const ratioLossFunction = z.custom<RatioLoss>((value) => typeof value === "function");

/** Cross-entropy: E_{joint} softplus(-f) + E_{product} softplus(f) (Hermans, Begy & Louppe 2020, arXiv 1903.04057). */
export const crossEntropyLoss: RatioLoss = (joint, product) =>
  add(mean(softplus(neg(joint)), { axes: [1] }), mean(softplus(product), { axes: [1] }));

const settings = new Settings(
  "ratioLoss",
  "balanced",
  z.strictObject({
    /** λ, of the penalty. */
    weight: z.number().min(0).default(100),
  }),
);

/**
 * Cross-entropy with a penalty λ (E_{joint} c + E_{product} c - 1)² on a classifier c = σ(f) that is not balanced, over the minibatch: it keeps posteriors from
 * being too narrow (Delaunoy et al. 2022, arXiv 2208.13624).
 *
 * @param weight λ, 100 by default.
 * @throws InvalidArgumentError where the weight is negative.
 * @example nre(field, { loss: balancedLoss() })
 */
export function balancedLoss(weight = 100): RatioLoss {
  const resolved = settings.resolve({ weight });
  const loss: RatioLoss = (joint, product) => {
    const balance = sub(add(mean(sigmoid(joint)), mean(sigmoid(product))), 1);
    return add(crossEntropyLoss(joint, product), mul(square(balance), resolved.weight));
  };
  return Object.assign(loss, { describe: () => settings.describe(resolved) });
}
balancedLoss.settings = settings;
balancedLoss.from = ({ weight }: z.output<typeof settings.schema>) => balancedLoss(weight);
