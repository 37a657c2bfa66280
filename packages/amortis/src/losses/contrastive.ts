/**
 * The contrastive loss of ratios, NRE-B (Durkan, Murray & Papamakarios 2020, "On contrastive learning for likelihood-free inference", arXiv 2002.03712).
 *
 * Which of K = 1 + m parameters made the data? With θ_1 of the joint model and the others of the prior, the softmax of f is the probability of each:
 *
 *     E -log( e^{f(Z, θ_1)} / Σ_k e^{f(Z, θ_k)} ).
 *
 * Adding to f whatever depends on Z alone changes nothing, so that its minimisers are log p(Z | θ) / p(Z) + c(Z) with any c: posteriors of one data set follow, since
 * they are normalised, but f is no ratio by itself.
 */
import { concat, logSumExp, squeeze, sub } from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import type { RatioLoss } from "./ratio-loss.js";

const settings = new Settings("ratioLoss", "contrastive", z.strictObject({}));

/**
 * Cross-entropy of which parameters made the data, among their own and those of others (NRE-B). Ratios are right up to a constant of each data set.
 *
 * @example nre(field, { loss: contrastiveLoss(), negatives: 9 })   // one of ten
 */
export function contrastiveLoss(): RatioLoss {
  const loss: RatioLoss = (joint, product) =>
    sub(logSumExp(concat([joint, product], 1), { axes: [1] }), squeeze(joint, [1]));
  return Object.assign(loss, {
    upToConstant: true as const,
    describe: () => settings.describe({}),
  });
}
contrastiveLoss.settings = settings;
contrastiveLoss.from = () => contrastiveLoss();
