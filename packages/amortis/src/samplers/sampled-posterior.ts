/**
 * Posteriors from a likelihood (or a ratio) and the prior by sampling: Markov chains, or importance resampling of draws from the prior.
 *
 * Both work for any number of parameters. Chains start from draws of the prior, resampled by their likelihood. What comes out is checked: chains by
 * their agreement (R̂), weights by their effective sample size; an answer that cannot be trusted is an error.
 */
import { UnsupportedError } from "@amortis/graph";
import type { Bijection, Distribution } from "../distributions/index.js";
import type { ParameterSlot } from "../posterior/layout.js";
import type { PosteriorSource } from "../posterior/posterior.js";
import { stream, type Stream } from "../random/index.js";
import { metropolis } from "./metropolis.js";
import { resample } from "./resample.js";
import type { LogTerms } from "./grid-posterior.js";

/** Of what a posterior is sampled. */
export interface SampledTarget {
  readonly slots: readonly ParameterSlot[];
  readonly flatNames: readonly string[];
  readonly size: number;
  readonly prior: Pick<Distribution, "sample" | "logDensity">;
  /** From unconstrained space to the parameters. */
  readonly bijection: () => Bijection;
  readonly logTerms: LogTerms;
}

/** Chains a data set. */
const CHAINS = 4;
/** Iterations of each chain that are left out. */
const BURN_IN = 1000;
/** Of how many iterations one is kept, at first. */
const THIN = 5;
/** Chains are run twice as long until they agree, this many times. */
const ROUNDS = 4;
/** Chains agree below this R̂ (Vehtari et al. 2021); an answer is given below the second. */
const AGREE = [1.05, 1.2] as const;

/** Draws of the prior from which chains start. */
const STARTS = 256;
/** Draws of the prior that are weighted. */
const PROPOSALS = 20_000;
/** Fewest draws that weights may be worth. */
const FEWEST = 50;
/** Data sets weighted together. */
const SETS = 32;

/** Posteriors by random-walk Metropolis; their densities are not normalised, and so are not given. */
export function chainPosterior(target: SampledTarget): PosteriorSource {
  const { slots, flatNames, size } = target;
  const p = flatNames.length;
  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const result = new Float32Array((end - start) * draws * p);
      const { draws: all, worst } = await runChains(target, draws, seed, 0, start, end);
      result.set(all);
      for (let i = start; i < end; i++) {
        if ((worst[i - start] ?? 1) <= AGREE[0]) continue;
        // Each on its own, so that its draws do not depend on what else is in the batch.
        result.set(await agreeing(target, draws, seed, i), (i - start) * draws * p);
      }
      return result;
    },
    logDensity: () =>
      Promise.reject(
        new UnsupportedError(
          'a posterior by Markov chains has draws, but no normalised density: ask for method "grid" or "importance"',
        ),
      ),
  };
}

/** Draws of a data set by longer and longer chains, until they agree. */
async function agreeing(
  target: SampledTarget,
  draws: number,
  seed: number,
  index: number,
): Promise<Float32Array> {
  for (let round = 1; ; round++) {
    const found = await runChains(target, draws, seed, round, index, index + 1);
    const [worst = 1] = found.worst;
    const last = round === ROUNDS - 1;
    if (worst <= (last ? AGREE[1] : AGREE[0])) return found.draws;
    if (last) {
      throw new UnsupportedError(
        `Markov chains of data set ${index} do not agree after ${found.iterations} iterations (R̂ ${worst.toFixed(2)}): ask for more samples, or, of one or two parameters, for method "grid"`,
      );
    }
  }
}

/** Draws [end - start, draws, p], by turns from each chain, and the largest R̂ of each data set's parameters. */
async function runChains(
  target: SampledTarget,
  draws: number,
  seed: number,
  round: number,
  start: number,
  end: number,
): Promise<{
  readonly draws: Float32Array;
  readonly worst: Float64Array;
  readonly iterations: number;
}> {
  const { flatNames, prior, logTerms } = target;
  const p = flatNames.length;
  const count = end - start;
  const thin = THIN * 2 ** round;
  const kept = Math.max(4, Math.ceil(draws / CHAINS));
  const iterations = BURN_IN + kept * thin;
  const { draws: all, rHat } = await metropolis(
    {
      size: count,
      dimension: p,
      logDensity: async (theta, first, last) => {
        const terms = await logTerms(Float32Array.from(theta), start + first, start + last);
        return terms.map((term, i) =>
          term === -Infinity ? term : term + prior.logDensity(theta.subarray(i * p, (i + 1) * p)),
        );
      },
    },
    {
      bijection: target.bijection(),
      start: await starts(target, seed, start, end),
      chains: CHAINS,
      burnIn: BURN_IN,
      iterations,
      thin,
      seed,
      firstIndex: start,
    },
  );
  const result = new Float32Array(count * draws * p);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < draws; j++) {
      const row = (i * CHAINS + (j % CHAINS)) * kept + Math.floor(j / CHAINS);
      result.set(all.subarray(row * p, (row + 1) * p), (i * draws + j) * p);
    }
  }
  const worst = Float64Array.from({ length: count }, (_, i) =>
    rHat.subarray(i * p, (i + 1) * p).reduce((a, b) => Math.max(a, b), 1),
  );
  return { draws: result, worst, iterations };
}

/** Starts of chains within the posterior's reach: [end - start, chains, p]. */
async function starts(
  { prior, logTerms, flatNames }: SampledTarget,
  seed: number,
  start: number,
  end: number,
): Promise<Float64Array> {
  const p = flatNames.length;
  const random = stream(seed).split("starts");
  const proposals = drawPrior(prior, STARTS, p, random);
  const result = new Float64Array((end - start) * CHAINS * p);
  for (let i = start; i < end; i++) {
    const terms = await logTerms(Float32Array.from(proposals), i, i + 1);
    const { weights } = normalise(terms);
    const chosen = resample(weights, CHAINS, random.split(i));
    for (const [j, row] of chosen.entries()) {
      result.set(proposals.subarray(row * p, (row + 1) * p), ((i - start) * CHAINS + j) * p);
    }
  }
  return result;
}

/** Posteriors by importance resampling of draws from the prior, with the densities that the weights' mean normalises. */
export function importancePosterior(target: SampledTarget): PosteriorSource {
  const { slots, flatNames, size, prior, logTerms } = target;
  const p = flatNames.length;
  const logEvidence = new Float64Array(size).fill(Number.NaN);
  const draw: PosteriorSource["draw"] = async (draws, seed, start, end) => {
    const proposals = drawPrior(prior, PROPOSALS, p, stream(seed).split("proposals"));
    const once = Float32Array.from(proposals);
    const result = new Float32Array((end - start) * draws * p);
    for (let from = start; from < end; from += SETS) {
      const to = Math.min(from + SETS, end);
      const theta = new Float32Array((to - from) * once.length);
      for (let i = from; i < to; i++) theta.set(once, (i - from) * once.length);
      const terms = await logTerms(theta, from, to);
      for (let i = from; i < to; i++) {
        const row = terms.subarray((i - from) * PROPOSALS, (i - from + 1) * PROPOSALS);
        const { weights, logMean, effective } = normalise(row);
        if (!(effective >= FEWEST)) {
          throw new UnsupportedError(
            `importance resampling of ${PROPOSALS} draws of the prior is worth ${effective.toFixed(1)} draws of the posterior of data set ${i}: ask for method "mcmc", or, of one or two parameters, "grid"`,
          );
        }
        logEvidence[i] = logMean;
        const random = stream(seed).split("posterior").split(i);
        for (const [j, at] of resample(weights, draws, random).entries()) {
          result.set(once.subarray(at * p, (at + 1) * p), ((i - start) * draws + j) * p);
        }
      }
    }
    return result;
  };
  return {
    slots,
    flatNames,
    size,
    draw,
    logDensity: async (parameters, start, end) => {
      if (logEvidence.subarray(start, end).some((value) => Number.isNaN(value))) {
        await draw(1, 0, start, end);
      }
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

function drawPrior(
  prior: SampledTarget["prior"],
  count: number,
  p: number,
  random: Stream,
): Float64Array {
  const proposals = new Float64Array(count * p);
  for (let j = 0; j < count; j++) proposals.set(prior.sample(random), j * p);
  return proposals;
}

/** Weights that sum to one, the logarithm of the mean of what they were, and of how many equal weights they are worth. */
function normalise(terms: Float64Array): {
  readonly weights: Float64Array;
  readonly logMean: number;
  readonly effective: number;
} {
  const largest = terms.reduce((a, b) => Math.max(a, b), -Infinity);
  if (largest === -Infinity) {
    throw new UnsupportedError(
      "no draw of the prior lies where the estimator was trained: choose a prior that overlaps with the one it was trained with",
    );
  }
  const weights = terms.map((term) => Math.exp(term - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  for (const [i, weight] of weights.entries()) weights[i] = weight / sum;
  return {
    weights,
    logMean: largest + Math.log(sum / terms.length),
    effective: 1 / weights.reduce((total, weight) => total + weight ** 2, 0),
  };
}
