/**
 * Posteriors by importance resampling of draws from the prior.
 *
 *     w_j = p(Z | θ_j), θ_j ~ p(θ),   p(Z) ≈ mean w_j
 *
 * It works for any number of parameters of any kind, as long as the posterior is not much narrower than the prior; the effective number of draws
 * says whether it is, and a data set with too few is refused. The mean of the weights normalises the density.
 */
import type { Distribution } from "../distributions/index.js";
import type { PosteriorSource } from "./posterior.js";
import { stream, type Stream } from "../random/index.js";
import { resample } from "../samplers/resample.js";
import { DrawnBatch } from "./drawn-batch.js";
import { orRefusal, Refusal } from "./refusal.js";
import { logPosterior, termsOfEach, type TermsTarget } from "./target.js";
import { drawPrior, requireNumbers, weigh, type Weights } from "./weights.js";

/** Of what a posterior is weighted. */
export interface ImportanceTarget extends TermsTarget {
  readonly prior: Pick<Distribution, "sample" | "logDensity">;
}

/** Draws of the prior that are weighted. */
const PROPOSALS = 20_000;
/** Fewest draws that weights may be worth. */
const FEWEST = 50;
/** Data sets weighted together. */
const SETS = 32;

/** Posteriors by weighted draws of the prior. */
export function importancePosterior(target: ImportanceTarget): PosteriorSource {
  const { slots, flatNames, size, prior } = target;
  const p = flatNames.length;
  /** NaN of data sets that are refused. */
  const logEvidence = new Map<number, number>();

  /** Weighs the same draws for each of the data sets [start, end). */
  async function eachWeighed(
    random: Stream,
    start: number,
    end: number,
    hear: (found: Weights | Refusal, dataSet: number, proposals: Float32Array) => void,
  ): Promise<void> {
    const proposals = Float32Array.from(drawPrior(prior, PROPOSALS, p, random));
    await termsOfEach(target, proposals, [start, end], SETS, (terms, i) => {
      hear(
        orRefusal(() => weighed(terms, i, proposals)),
        i,
        proposals,
      );
    });
  }

  /** @throws Refusal where weights are no numbers, or worth too few draws. */
  function weighed(terms: Float64Array, dataSet: number, proposals: Float32Array): Weights {
    requireNumbers(terms, dataSet, flatNames, proposals);
    const found = weigh(terms, dataSet);
    if (found.effective >= FEWEST) return found;
    throw new Refusal(
      `importance resampling of ${PROPOSALS} draws of the prior is worth ${found.effective.toFixed(1)} draws of the posterior of data set ${dataSet}: ask for method "mcmc", or, of one or two parameters, "grid"`,
    );
  }

  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const batch = new DrawnBatch(end - start, draws, p);
      const random = stream(seed);
      await eachWeighed(random.split("proposals"), start, end, (found, i, proposals) => {
        if (found instanceof Refusal) batch.refuse(found);
        else {
          const rows = resample(found.weights, draws, random.split("posterior").split(i));
          batch.choose({ status: "importance" }, proposals, rows);
        }
      });
      return batch.drawn;
    },
    logDensity: async (parameters, start, end) => {
      const isKnown = Array.from({ length: end - start }, (_, i) => logEvidence.has(start + i));
      if (!isKnown.every(Boolean)) {
        // Draws of its own, so that a density does not depend on what was drawn before.
        await eachWeighed(stream("importance").split("evidence"), start, end, (found, i) => {
          logEvidence.set(i, found instanceof Refusal ? Number.NaN : found.logMean);
        });
      }
      const evidence = (dataSet: number): number => logEvidence.get(dataSet) ?? Number.NaN;
      return logPosterior(target, parameters, start, end, evidence);
    },
  };
}
