/**
 * Draws at which chains may start: those of the networks and of the prior, by their importance weights; of networks without a density, their draws as they are.
 */
import { Refusal } from "../posterior/refusal.js";
import { nowhere } from "../posterior/target.js";
import { requireNumbers } from "../posterior/weights.js";
import type { CorrectionTarget } from "./correction-target.js";
import { weighFirst, type KnownWeights } from "./weigh.js";

/** Draws with the logarithms of their weights: -Infinity where the posterior has no mass. */
export interface StartingDraws {
  /** [n, p] */
  readonly parameters: Float32Array;
  readonly logWeights: Float64Array;
}

/** Draws of networks without a density. */
const UNWEIGHTED = 200;

/** Draws to start at, or why there are none. */
export async function startingDraws(
  target: CorrectionTarget,
  dataSet: number,
  seed: number,
  known: KnownWeights,
): Promise<StartingDraws | Refusal> {
  const weighed = await weighFirst(target, dataSet, seed, known);
  if (!(weighed instanceof Refusal) || weighed.final) return weighed;
  const { draws, answers } = await target.amortized.draw(UNWEIGHTED, seed, dataSet, dataSet + 1);
  const [answer] = answers;
  if (answer?.refusal !== undefined) return answer.refusal;
  target.expect?.(UNWEIGHTED);
  const terms = await target.logTerms(draws, dataSet, dataSet + 1);
  requireNumbers(terms, dataSet, target.flatNames, draws);
  if (terms.every((term) => term === -Infinity)) {
    return nowhere(dataSet, `at ${UNWEIGHTED} draws of the networks`);
  }
  return {
    parameters: Float32Array.from(draws),
    logWeights: terms.map((term) => (term === -Infinity ? term : 0)),
  };
}
