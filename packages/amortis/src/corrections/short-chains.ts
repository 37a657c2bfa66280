/**
 * An amortized answer corrected by many short Markov chains that start from its draws.
 *
 * Eight superchains of two chains each start at draws of the networks (and of the prior, which weights prefer where the networks are wrong), chosen by tempered importance weights without
 * replacement. Chains walk, and are offered jumps to a t distribution with the moments of the draws. They are trusted where nested R̂ < 1.05 (Margossian et al. 2024, arXiv
 * 2110.13017) and bulk and tails are worth 400 draws, for every parameter and the log density; if not, they are run again, twice as long. Starting near the answer, they need little
 * burn-in (Schmitt et al. 2024, arXiv 2409.04332).
 */
import { concatenated } from "../math/concatenated.js";
import { convergence, normalScores } from "../diagnostics/convergence.js";
import { nestedRHat } from "../diagnostics/nested-r-hat.js";
import type { Bijection } from "../distributions/index.js";
import { choose, temper } from "../posterior/chain-starts.js";
import { jointTarget } from "../posterior/joint-target.js";
import type { Drawn, PosteriorSource } from "../posterior/posterior-source.js";
import { Refusal, refused, type Answer } from "../posterior/refusal.js";
import { unconstrainedSpace } from "../posterior/target.js";
import { stream } from "../random/index.js";
import { withJumps } from "../samplers/jumps.js";
import { randomWalk } from "../samplers/random-walk.js";
import { runChains } from "../samplers/run-chains.js";
import { spreadDraws } from "../samplers/spread-draws.js";
import type { CorrectionTarget } from "./correction-target.js";
import { drawsMixture } from "./draws-mixture.js";
import { startingDraws, type StartingDraws } from "./starting-draws.js";
import type { KnownWeights } from "./weigh.js";

/** Starts, and chains from each. */
const [SUPERCHAINS, EACH] = [8, 2] as const;
const CHAINS = SUPERCHAINS * EACH;
/** What tempered weights are worth, in draws for each start. */
const SPREAD = 4;
/** Iterations of each chain that are left out, at first, and of how many one is kept. */
const [BURN_IN, THIN] = [300, 4] as const;
/** Iterations between adaptations, and of how many one is a jump. */
const [ADAPT_EVERY, JUMP_EVERY] = [25, 4] as const;
/** Draws a chain that are judged, whatever number is asked for. */
const JUDGED = 100;
/** Chains are run twice as long, this many times in all. */
const ROUNDS = 4;
/** Chains agree below this nested R̂, and are worth so many draws. */
const [AGREE, WORTH] = [1.05, 400] as const;

/** Posteriors by short chains from draws of an amortized answer. They have draws, but no normalised density. */
export function shortChains(
  target: CorrectionTarget,
  known: KnownWeights = () => undefined,
): PosteriorSource {
  const { slots, flatNames, size } = target;
  const p = flatNames.length;
  const bijection = unconstrainedSpace("mcmc", target.bijection, flatNames);

  async function settle(dataSet: number, seed: number, draws: number): Promise<Run | Refusal> {
    const starting = await startingDraws(target, dataSet, seed, known);
    if (starting instanceof Refusal) return starting;
    for (let round = 0; ; round++) {
      const run = await runFrom(target, bijection, starting, { dataSet, seed, draws, round });
      if (run.trusted) return run;
      if (round + 1 === ROUNDS) return untrusted(dataSet, run);
    }
  }

  async function draw(draws: number, seed: number, start: number, end: number): Promise<Drawn> {
    const result = new Float32Array((end - start) * draws * p).fill(Number.NaN);
    const answers: Answer[] = [];
    for (let i = start; i < end; i++) {
      const run = await settle(i, seed, draws);
      if (run instanceof Refusal) {
        answers.push(refused(run));
        continue;
      }
      result.set(run.select(draws), (i - start) * draws * p);
      const check = { nestedRHat: run.nestedRHat, effective: run.worth };
      answers.push({ status: "mcmc", label: "exact", check });
    }
    return { draws: result, answers };
  }

  return {
    slots,
    flatNames,
    size,
    draw,
    withoutDensity: (dataSet) =>
      new Refusal(
        `short chains of data set ${dataSet} have draws, but no normalised density: ask modelPosterior for one`,
      ),
    logDensity: (parameters) =>
      Promise.resolve(new Float64Array(parameters.length / p).fill(Number.NaN)),
  };
}

/** Chains that ran. */
interface Run {
  readonly iterations: number;
  readonly nestedRHat: number;
  readonly worth: number;
  readonly trusted: boolean;
  /** Draws [draws, p], by turns from each chain, spread over the whole of it. */
  select(draws: number): Float32Array;
}

async function runFrom(
  target: CorrectionTarget,
  bijection: Bijection,
  starting: StartingDraws,
  { dataSet, seed, draws, round }: Readonly<Record<"dataSet" | "seed" | "draws" | "round", number>>,
): Promise<Run> {
  const p = target.flatNames.length;
  const longer = 2 ** round;
  const kept = Math.max(JUDGED, Math.ceil(draws / CHAINS));
  const burnIn = BURN_IN * longer;
  const iterations = burnIn + kept * THIN * longer;
  target.expect?.(CHAINS * (iterations + 1));
  const logDensities = Array.from({ length: CHAINS }, () => new Float64Array(kept));
  const { draws: all } = await runChains(
    jointTarget(target, dataSet, 1),
    withJumps(
      randomWalk({ adaptEvery: ADAPT_EVERY }),
      [drawsMixture(starting, bijection)],
      JUMP_EVERY,
    ),
    {
      bijection,
      start: startsAmong(starting, p, dataSet, seed),
      chains: CHAINS,
      burnIn,
      iterations,
      thin: THIN * longer,
      seed,
      firstIndex: dataSet,
    },
    ({ state, kept: place }) => {
      if (place === undefined) return;
      for (const [chain, log] of state.logDensity.entries()) {
        logDensities[chain]?.fill(log, place, place + 1);
      }
    },
  );
  const ofParameter = (j: number): readonly Float64Array[] =>
    Array.from({ length: CHAINS }, (_, c) =>
      Float64Array.from({ length: kept }, (_v, i) => all[(c * kept + i) * p + j] ?? Number.NaN),
    );
  const judged = judge([logDensities, ...Array.from({ length: p }, (_, j) => ofParameter(j))]);
  return {
    iterations,
    ...judged,
    // Written so that a NaN is not trusted.
    trusted: judged.nestedRHat < AGREE && judged.worth >= WORTH,
    select: (count) => spreadDraws(all, { chains: CHAINS, kept, p }, count),
  };
}

/** The worst of several quantities, each of all chains. */
function judge(
  quantities: readonly (readonly Float64Array[])[],
): Pick<Run, "nestedRHat" | "worth"> {
  const found = quantities.map((chains) => {
    const scores = normalScores(chains);
    const superchains = Array.from({ length: SUPERCHAINS }, (_, k) =>
      scores.slice(k * EACH, (k + 1) * EACH),
    );
    const { bulkEss, tailEss } = convergence(chains);
    return { rHat: nestedRHat(superchains), worth: Math.min(bulkEss, tailEss) };
  });
  return {
    nestedRHat: Math.max(...found.map(({ rHat }) => rHat)),
    worth: Math.min(...found.map(({ worth }) => worth)),
  };
}

/** Starts [CHAINS, p], the chains of a superchain from one. */
function startsAmong(
  { parameters, logWeights }: StartingDraws,
  p: number,
  dataSet: number,
  seed: number,
): Float64Array {
  const random = stream(seed).split("short chains").split(dataSet);
  const possible = logWeights.reduce((n, weight) => (weight > -Infinity ? n + 1 : n), 0);
  const spread = temper(logWeights, dataSet, Math.min(possible, SPREAD * SUPERCHAINS));
  const rows = choose(spread, Math.min(possible, SUPERCHAINS), random);
  return concatenated(
    Array.from({ length: CHAINS }, (_, chain) => {
      const row = rows[Math.floor(chain / EACH) % rows.length] ?? 0;
      return parameters.subarray(row * p, (row + 1) * p);
    }),
  );
}

function untrusted(dataSet: number, { iterations, nestedRHat: rHat, worth }: Run): Refusal {
  return new Refusal(
    `short chains of data set ${dataSet} cannot be trusted after ${iterations} iterations: nested R̂ is ${rHat.toFixed(2)} (it must be below ${AGREE}), and draws are worth ${worth.toFixed(0)} (at least ${WORTH})`,
    { because: "Markov chains do not agree" },
  );
}
