/**
 * The Brier score of probabilities (Brier 1950, "Verification of forecasts expressed in terms of probability").
 *
 *     L(q, θ) = Σ_v (q_v - 1{θ = v})²,      E L = Σ_v (q_v - p_v)² + Σ_v p_v (1 - p_v),      p_v = P(θ = v)
 *
 * over the values v of a discrete parameter: strictly proper, so that what minimises it given data is the posterior probability of each value (Gneiting & Raftery 2007, "Strictly proper scoring
 * rules, prediction, and estimation", section 3). What it costs to be wrong is the squared error of probabilities, 2 at most, where the logarithmic score of `npe` has no end: probabilities near
 * 0 and 1 count for less, and a training set with some wrong labels hurts less.
 */
import { square, sub, sum } from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import type { EstimateLoss } from "./estimate-loss.js";

const settings = new Settings("estimateLoss", "brier", z.strictObject({}));

/**
 * The loss whose minimiser is the posterior probability of each value of a discrete parameter.
 *
 * @example nbe(model, { loss: brierLoss() })   // estimator.probabilities(data).state
 */
export function brierLoss(): EstimateLoss {
  const loss: EstimateLoss = (probabilities, marks) =>
    sum(square(sub(probabilities, marks)), { axes: [-1] });
  return Object.assign(loss, {
    of: "probabilities" as const,
    describe: () => settings.describe({}),
  });
}
brierLoss.settings = settings;
brierLoss.from = () => brierLoss();
