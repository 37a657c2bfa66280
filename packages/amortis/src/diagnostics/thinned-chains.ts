/**
 * Markov chains as diagnostics take draws: refused where they do not agree, thinned where they do.
 *
 * Ranks are uniform among independent draws alone: neighbours in a chain are alike, so that truths lie outside all of them too often (Talts et al. 2018, arXiv 1804.06788, section 4.1). Of
 * each data set as many draws are kept, evenly spaced, as the worst of those that are kept is worth.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { convergence } from "./convergence.js";
import { layOut, type ScoredDraws } from "./scored-draws.js";

/** Chains agree below this R-hat. */
const AGREE = 1.05;

/** Draws that chains of a data set are worth at least, and that are kept at most. */
const [FEWEST, MOST] = [20, 255];

/**
 * Thins the chains of each data set.
 *
 * @param scored draws are [data sets, chains, draws, parameters].
 * @returns draws of data sets whose chains do not agree (R-hat from 1.05 on) or are worth less than 20 are NaN, which `diagnoseDraws` counts as refused.
 * @throws InvalidArgumentError where draws do not fit so many chains, chains have fewer than four draws, or those of no data set agree.
 * @example diagnoseDraws(thinnedChains({ draws, truth, names: ["slope", "noise"] }, 4)).verdict
 */
export function thinnedChains(scored: ScoredDraws, chains: number): ScoredDraws {
  const { size, each } = layOut(scored);
  const length = each / chains;
  if (!Number.isInteger(length) || !Number.isInteger(chains) || chains < 1) {
    throw new InvalidArgumentError(
      `draws of each data set must be of ${chains} chains of one length, but there are ${each}`,
    );
  }
  const worth = Array.from({ length: size }, (_, i) => worthOf(scored, i, each, length));
  const known = worth.filter((draws) => draws >= FEWEST);
  if (known.length === 0) {
    throw new InvalidArgumentError(
      `the chains of none of ${size} data sets agree (R-hat below ${AGREE}) and are worth ${FEWEST} draws: run them for longer`,
    );
  }
  const kept = known.reduce((least, draws) => Math.min(least, draws), Math.min(MOST, each));
  const p = scored.names.length;
  const draws = new Float64Array(size * kept * p).fill(Number.NaN);
  for (const [i, own] of worth.entries()) {
    if (!(own >= FEWEST)) continue;
    for (let j = 0; j < kept; j++) {
      const from = (i * each + Math.floor(((j + 0.5) * each) / kept)) * p;
      for (let k = 0; k < p; k++) {
        draws[(i * kept + j) * p + k] = scored.draws[from + k] ?? Number.NaN;
      }
    }
  }
  return { ...scored, draws };
}

/** Independent draws that those of a data set are worth, by the worst parameter; 0 where chains do not agree. */
function worthOf({ draws, names }: ScoredDraws, i: number, each: number, length: number): number {
  const p = names.length;
  const found = names.map((_, k) =>
    convergence(
      Array.from({ length: each / length }, (_unused, chain) =>
        Float64Array.from(
          { length },
          (_none, j) => draws[(i * each + chain * length + j) * p + k] ?? Number.NaN,
        ),
      ),
    ),
  );
  // Of draws that are all one value R-hat is NaN, and says nothing; of draws that are not finite nothing is known.
  if (found.some(({ rHat, bulkEss }) => rHat >= AGREE || Number.isNaN(bulkEss))) return 0;
  return found.reduce(
    (least, { bulkEss, tailEss }) => Math.min(least, Math.floor(Math.min(bulkEss, tailEss))),
    each,
  );
}
