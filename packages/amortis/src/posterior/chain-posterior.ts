/**
 * Posteriors from a likelihood (or a ratio) and the prior by Markov chains.
 *
 * Chains of any number of parameters start apart, and are run until they agree and are worth enough draws: R̂ < 1.05, and effective sizes of the bulk
 * and of the tails of 100 or more, of every parameter, judged on 250 or more draws a chain. Those that are not are run again, twice as long; a
 * data set whose answer cannot be trusted in the end is refused.
 *
 * Reference: Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, arXiv 1903.08008.
 */
import { UnsupportedError } from "@amortis/graph";
import type { Bijection, Distribution } from "../distributions/index.js";
import type { PosteriorSource } from "./posterior.js";
import { chainStarts } from "./chain-starts.js";
import { metropolis } from "../samplers/metropolis.js";
import { Refusal, refused, type Answer } from "./refusal.js";
import { neighbours, unconstrainedSpace, type TermsTarget } from "./target.js";

/** Of what a posterior is sampled. */
export interface ChainTarget extends TermsTarget {
  readonly prior: Pick<Distribution, "sample" | "logDensity">;
  /** From unconstrained space to the parameters. */
  readonly bijection: () => Bijection;
}

/** Chains a data set. */
const CHAINS = 4;
/** Iterations of each chain that are left out, at first. */
const BURN_IN = 1000;
/** Of how many iterations one is kept, at first. */
const THIN = 5;
/** Draws a chain that are judged, whatever number is asked for. */
const JUDGED = 250;
/** Chains are run twice as long, this many times in all. */
const ROUNDS = 5;
/** Chains agree below this R̂. */
const AGREE = 1.05;
/** Effective draws of all chains together: a quantile's error is a tenth of the posterior's spread then. */
const WORTH = 100;

/** Posteriors by random-walk Metropolis; their densities are not normalised, and so are not given. */
export function chainPosterior(target: ChainTarget): PosteriorSource {
  const { slots, flatNames, size } = target;
  const p = flatNames.length;
  const bijection = unconstrainedSpace("mcmc", target.bijection, flatNames);
  return {
    slots,
    flatNames,
    size,
    draw: async (draws, seed, start, end) => {
      const result = new Float32Array((end - start) * draws * p).fill(Number.NaN);
      const answers = Array.from({ length: end - start }, (): Answer => ({ status: "mcmc" }));
      const starts = await chainStarts(target, CHAINS, seed, start, end);
      let pending: number[] = [];
      for (const [i, found] of starts) {
        if (found instanceof Refusal) answers[i - start] = refused(found);
        else pending.push(i);
      }
      for (let round = 0; pending.length > 0; round++) {
        const left: number[] = [];
        for (const [from, to] of neighbours(pending.toSorted((a, b) => a - b))) {
          const asked = { draws, seed, round, starts };
          const run = await runChains(target, bijection, asked, from, to);
          for (let i = from; i < to; i++) {
            const found = run.judge(i - from);
            if (found.trusted) result.set(run.select(i - from), (i - start) * draws * p);
            else if (round + 1 < ROUNDS) left.push(i);
            else answers[i - start] = refused(untrusted(i, run.iterations, found));
          }
        }
        pending = left;
      }
      return { draws: result, answers };
    },
    logDensity: () =>
      Promise.reject(
        new UnsupportedError(
          'a posterior by Markov chains has draws, but no normalised density: ask for method "grid" or "importance"',
        ),
      ),
  };
}

/** The worst of a data set's parameters. */
interface Judgement {
  readonly trusted: boolean;
  readonly rHat: number;
  readonly bulkEss: number;
  readonly tailEss: number;
}

function untrusted(dataSet: number, iterations: number, found: Judgement): Refusal {
  return new Refusal(
    `Markov chains of data set ${dataSet} cannot be trusted after ${iterations} iterations: R̂ is ${found.rHat.toFixed(2)} (it must be below ${AGREE}), and draws are worth ${found.bulkEss.toFixed(0)} in the bulk and ${found.tailEss.toFixed(0)} in the tails (at least ${WORTH}); look for several modes or parameters that the data cannot tell apart, or ask for method "importance" or, of one or two parameters, "grid"`,
  );
}

interface Run {
  readonly iterations: number;
  /** Of a data set by its place in the run. */
  judge(at: number): Judgement;
  /** Its draws [draws, p], by turns from each chain, spread over the whole of it. */
  select(at: number): Float32Array;
}

/** Chains of data sets [start, end): those of one do not depend on the others. */
async function runChains(
  target: ChainTarget,
  bijection: Bijection,
  asked: {
    readonly draws: number;
    readonly seed: number;
    readonly round: number;
    readonly starts: ReadonlyMap<number, Float64Array | Refusal>;
  },
  start: number,
  end: number,
): Promise<Run> {
  const { flatNames, prior, logTerms, expect } = target;
  const { draws, seed, round } = asked;
  const p = flatNames.length;
  const count = end - start;
  const longer = 2 ** round;
  const thin = THIN * longer;
  const burnIn = BURN_IN * longer;
  const each = Math.ceil(draws / CHAINS);
  const kept = Math.max(JUDGED, each);
  const iterations = burnIn + kept * thin;
  const starts = new Float64Array(count * CHAINS * p);
  for (let i = start; i < end; i++) {
    const known = asked.starts.get(i);
    if (known instanceof Float64Array) starts.set(known, (i - start) * CHAINS * p);
  }
  expect?.(count * CHAINS * (iterations + 1));
  const {
    draws: all,
    rHat,
    bulkEss,
    tailEss,
  } = await metropolis(
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
      bijection,
      start: starts,
      chains: CHAINS,
      burnIn,
      iterations,
      thin,
      seed,
      firstIndex: start,
    },
  );
  const worst = (values: Float64Array, at: number, of: (a: number, b: number) => number): number =>
    values.subarray(at * p, (at + 1) * p).reduce((a, b) => of(a, b));
  return {
    iterations,
    judge: (at) => {
      const found = {
        rHat: worst(rHat, at, Math.max),
        bulkEss: worst(bulkEss, at, Math.min),
        tailEss: worst(tailEss, at, Math.min),
      };
      // Written so that a NaN is not trusted.
      const trusted = found.rHat < AGREE && found.bulkEss >= WORTH && found.tailEss >= WORTH;
      return { trusted, ...found };
    },
    select: (at) => {
      const result = new Float32Array(draws * p);
      for (let j = 0; j < draws; j++) {
        const place = Math.floor(((Math.floor(j / CHAINS) + 0.5) * kept) / each);
        const row = (at * CHAINS + (j % CHAINS)) * kept + place;
        result.set(all.subarray(row * p, (row + 1) * p), j * p);
      }
      return result;
    },
  };
}
