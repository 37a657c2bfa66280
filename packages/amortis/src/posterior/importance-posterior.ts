/**
 * Posteriors by importance resampling of draws from the prior.
 *
 *     w_j = p(Z | θ_j), θ_j ~ p(θ),   p(Z) ≈ mean w_j
 *
 * It works for any number of parameters of any kind, as long as the posterior is not much narrower than the prior; the effective number of draws
 * says whether it is, and too few are an error. The mean of the weights normalises the density.
 */
import { UnsupportedError } from "@amortis/graph";
import type { Distribution } from "../distributions/index.js";
import type { PosteriorSource } from "./posterior.js";
import { stream, type Stream } from "../random/index.js";
import { resample } from "../samplers/resample.js";
import type { TermsTarget } from "./target.js";
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
  const { slots, flatNames, size, prior, logTerms, expect } = target;
  const p = flatNames.length;
  const logEvidence = new Float64Array(size).fill(Number.NaN);

  /** Weighs the same draws for each of the data sets [start, end). */
  async function eachWeighed(
    random: Stream,
    start: number,
    end: number,
    hear: (found: Weights, dataSet: number, proposals: Float32Array) => void,
  ): Promise<void> {
    const proposals = Float32Array.from(drawPrior(prior, PROPOSALS, p, random));
    expect?.((end - start) * PROPOSALS);
    for (let from = start; from < end; from += SETS) {
      const to = Math.min(from + SETS, end);
      const theta = new Float32Array((to - from) * proposals.length);
      for (let i = from; i < to; i++) theta.set(proposals, (i - from) * proposals.length);
      const terms = await logTerms(theta, from, to);
      for (let i = from; i < to; i++) {
        const row = terms.subarray((i - from) * PROPOSALS, (i - from + 1) * PROPOSALS);
        requireNumbers(row, i, flatNames, proposals);
        const found = weigh(row, i);
        if (!(found.effective >= FEWEST)) {
          throw new UnsupportedError(
            `importance resampling of ${PROPOSALS} draws of the prior is worth ${found.effective.toFixed(1)} draws of the posterior of data set ${i}: ask for method "mcmc", or, of one or two parameters, "grid"`,
          );
        }
        hear(found, i, proposals);
      }
    }
  }

  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const result = new Float32Array((end - start) * draws * p);
      const random = stream(seed);
      await eachWeighed(random.split("proposals"), start, end, ({ weights }, i, proposals) => {
        const rows = resample(weights, draws, random.split("posterior").split(i));
        for (const [j, row] of rows.entries()) {
          const theta = proposals.subarray(row * p, (row + 1) * p);
          result.set(theta, ((i - start) * draws + j) * p);
        }
      });
      return result;
    },
    logDensity: async (parameters, start, end) => {
      if (logEvidence.subarray(start, end).some((value) => Number.isNaN(value))) {
        // Draws of its own, so that a density does not depend on what was drawn before.
        await eachWeighed(stream("importance").split("evidence"), start, end, (found, i) => {
          logEvidence[i] = found.logMean;
        });
      }
      expect?.(parameters.length / p);
      const values = await logTerms(parameters, start, end);
      const each = values.length / (end - start);
      return values.map((value, at) => {
        const theta = Float64Array.from(parameters.subarray(at * p, (at + 1) * p));
        const logPrior = prior.logDensity(theta);
        if (value === -Infinity || logPrior === -Infinity) return -Infinity;
        return value + logPrior - (logEvidence[start + Math.floor(at / each)] ?? Number.NaN);
      });
    },
  };
}
