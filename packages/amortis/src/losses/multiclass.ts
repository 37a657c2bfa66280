/**
 * The multiclass loss of ratios, NRE-C (Miller, Weniger & Forré 2022, "Contrastive neural ratio estimation", arXiv 2210.06170).
 *
 * Which of K parameters made the data, or none of them? Of K + 1 classes, class k = 1 … K has θ_k of the joint model, and class 0 has all of the prior; γ is how much
 * likelier it is beforehand that one of them did than that none:
 *
 *     q(0 | Z, θ) = K / (K + γ Σ_k e^{f(Z, θ_k)}),      q(j | Z, θ) = γ e^{f(Z, θ_j)} / (K + γ Σ_k e^{f(Z, θ_k)}),
 *
 *     E_{prior} -log q(0 | Z, θ) / (1 + γ) + E_{class 1} -log q(1 | Z, θ) γ / (1 + γ).
 *
 * Class 0 fixes the constant that is free in NRE-B: the minimiser is log p(Z | θ) / p(Z). With K = 1 and γ = 1 the loss is half the cross-entropy, and with γ → ∞ it is NRE-B.
 */
import {
  add,
  concat,
  logSumExp,
  mul,
  slice,
  squeeze,
  sub,
  zerosLike,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import type { RatioLoss } from "./ratio-loss.js";

const settings = new Settings(
  "ratioLoss",
  "multiclass",
  z.strictObject({
    /** γ, above 0. */
    gamma: z.number().positive().max(1e6).default(1),
  }),
);

/** Options of the multiclass loss. */
export type MulticlassLossOptions = z.input<typeof settings.schema>;

/**
 * Cross-entropy of which of K parameters made the data, or none (NRE-C). K is the number of `negatives` of the method.
 *
 * @param options `gamma`, how much likelier one of them is than none, 1 by default.
 * @throws InvalidArgumentError where gamma is not positive.
 * @example nre(field, { loss: multiclassLoss({ gamma: 1 }), negatives: 10 })
 */
export function multiclassLoss(options: MulticlassLossOptions = {}): RatioLoss {
  const { gamma } = settings.resolve(options);
  const loss: RatioLoss = (joint, product) => {
    const classes = Number(product.shape[1]);
    const offset = Math.log(gamma / classes);
    /** log (1 + γ / K Σ_k e^f_k) of f [batch, K]. */
    const logTotal = (f: Tensor): Tensor =>
      logSumExp(concat([zerosLike(joint), add(f, offset)], 1), { axes: [1] });
    const own = classes === 1 ? joint : concat([joint, slice(product, 1, 0, classes - 1)], 1);
    const one = sub(logTotal(own), add(squeeze(joint, [1]), offset));
    return add(mul(logTotal(product), 1 / (1 + gamma)), mul(one, gamma / (1 + gamma)));
  };
  return Object.assign(loss, { describe: () => settings.describe({ gamma }) });
}
multiclassLoss.settings = settings;
multiclassLoss.from = multiclassLoss;
