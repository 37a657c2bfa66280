/**
 * What is thought of weights, and of the answers that they weigh.
 */
import type { AnswerCheck } from "../posterior/refusal.js";
import { trustedShape } from "../samplers/pareto-smooth.js";
import type { WeighedDraws } from "./weigh.js";

/** Total variation distance from the posterior up to which an answer is left as it is: a tenth, of which a fifth is left for the estimate's own error. */
export const CLOSE = 0.08;

/** What is said of weights. */
export function checkOf({ k, effective, distance }: WeighedDraws): AnswerCheck {
  return { k, effective, distance };
}

/** Whether the tail of weights is light enough for their mean to be one. Weights that are all the same have no tail. */
export function isTrusted({ k, logWeights }: Pick<WeighedDraws, "k" | "logWeights">): boolean {
  return !(k >= trustedShape(logWeights.length));
}
