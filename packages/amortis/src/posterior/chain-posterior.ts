/**
 * Posteriors from a likelihood (or a ratio) and the prior by Markov chains.
 *
 * Scouts look for places of mass from draws of the prior (`scouts.ts`). Chains start at each place that is found, walk, and are offered jumps to all of
 * them, so that they stay at each for as long as it has mass. They are run until they are trusted (`chain-judgement.ts`): those that are not are run again, twice
 * as long, and a data set whose answer cannot be trusted in the end is refused. What chains were offered weighs the evidence, by which densities are
 * normalised.
 *
 * Reference: Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, arXiv 1903.08008, for R̂ and effective sizes.
 */
import type { Bijection, Distribution } from "../distributions/index.js";
import { concatenated } from "../math/concatenated.js";
import type { Drawn, PosteriorSource } from "./posterior.js";
import { judgeChains, untrusted, type Judgement, type PriorDraw } from "./chain-judgement.js";
import { describeChains } from "./chain-summary.js";
import {
  chainTargets,
  requireGradients,
  type ChainTargets,
  type ChainTerms,
} from "./chain-target.js";
import { chainStarts, type StartsTarget, type Weighted } from "./chain-starts.js";
import { scout, SCOUTS, type Found } from "./scouts.js";
import { withJumps } from "../samplers/jumps.js";
import { randomWalk } from "../samplers/random-walk.js";
import { runChains } from "../samplers/run-chains.js";
import type { Sampler, StepInfo } from "../samplers/sampler.js";
import { spreadDraws } from "../samplers/spread-draws.js";
import type { Points } from "../samplers/target.js";
import { Refusal, refused, type Answer } from "./refusal.js";
import { logPosterior, unconstrainedSpace } from "./target.js";
import { neighbours } from "./neighbours.js";

/** Of what a posterior is sampled. */
export interface ChainTarget extends StartsTarget, ChainTerms {
  readonly prior: Distribution;
}

/** Any sampler of chains. */
export type ChainSampler = Sampler<Points, StepInfo, unknown>;

/** Iterations of each scout, at first. */
const SCOUTING = 600;
/** Of how many one is a jump. */
const JUMP_EVERY = 5;
/** Draws of all chains together that are judged, whatever number is asked for. */
const JUDGED = 1000;
/** Chains are run twice as long, this many times in all. */
const ROUNDS = 4;
/** Of how many equal weights the offers have to be worth to normalise a density: it errs by some 7 % then. */
const NORMALISES = 200;

/**
 * Posteriors by chains with jumps.
 *
 * @param sampler of their other steps, random walks by default.
 * @throws UnsupportedError where it needs gradients and the target has none.
 */
export function chainPosterior(
  target: ChainTarget,
  sampler: ChainSampler = randomWalk(),
): PosteriorSource {
  const { slots, flatNames, size } = target;
  const p = flatNames.length;
  const bijection = unconstrainedSpace("mcmc", target.bijection, flatNames);
  const targets = chainTargets(target);
  requireGradients(sampler, targets(0, 1));
  /** By the first draws of each data set: a density does not depend on what is drawn later. */
  const judgements = new Map<number, Judgement>();

  async function draw(draws: number, seed: number, start: number, end: number): Promise<Drawn> {
    const result = new Float32Array((end - start) * draws * p).fill(Number.NaN);
    const answers = Array.from({ length: end - start }, (): Answer => ({ status: "mcmc" }));
    let pending = new Map<number, Weighted>();
    for (const [i, found] of await chainStarts(target, SCOUTS, seed, start, end)) {
      if (found instanceof Refusal) answers[i - start] = refused(found);
      else pending.set(i, found);
    }
    for (let round = 0; pending.size > 0; round++) {
      const left = new Map<number, Weighted>();
      for (const [from, to] of alike(pending)) {
        const sets = Array.from({ length: to - from }, (_, i) => pending.get(from + i)).filter(
          (known) => known !== undefined,
        );
        const run = await runSets(
          { target, targets, bijection, sampler },
          { draws, seed, round, sets },
          from,
        );
        for (const [at, known] of sets.entries()) {
          const i = from + at;
          const found = run.judge(at);
          if (found.trusted) {
            result.set(run.select(at), (i - start) * draws * p);
            answers[i - start] = { status: "mcmc", ...run.describe(at) };
            if (!judgements.has(i)) judgements.set(i, found);
          } else if (round + 1 < ROUNDS) left.set(i, await again(i, known, found, seed));
          else answers[i - start] = refused(untrusted(i, run.iterations, flatNames, found));
        }
      }
      pending = left;
    }
    return { draws: result, answers };
  }

  /** What a data set is run with again: more scouts where some are likely to have missed places, and else a start where mass was missed. */
  async function again(
    dataSet: number,
    known: Weighted,
    { where, missed }: Judgement,
    seed: number,
  ): Promise<Weighted> {
    if (!missed) return startingAt(known, where);
    const scouts = (2 * known.starts.length) / p;
    const found = (await chainStarts(target, scouts, seed, dataSet, dataSet + 1)).get(dataSet);
    return found === undefined || found instanceof Refusal ? known : found;
  }

  return {
    slots,
    flatNames,
    size,
    draw,
    withoutDensity: (dataSet) => {
      const { worth = 0 } = judgements.get(dataSet) ?? {};
      if (worth >= NORMALISES) return undefined;
      return new Refusal(
        `chains of data set ${dataSet} have draws, but no normalised density: what they were offered is worth ${worth.toFixed(0)} weights (at least ${NORMALISES}); ask for method "grid" or "importance"`,
      );
    },
    logDensity: (parameters, start, end) =>
      logPosterior(target, parameters, start, end, (dataSet) => {
        const { worth = 0, logEvidence = Number.NaN } = judgements.get(dataSet) ?? {};
        return worth >= NORMALISES ? logEvidence : Number.NaN;
      }),
  };
}

/** Neighbouring data sets [from, to) that have as many scouts. */
function alike(pending: ReadonlyMap<number, Weighted>): readonly (readonly [number, number])[] {
  const counts = new Set([...pending.values()].map(({ starts }) => starts.length));
  return [...counts].flatMap((count) => {
    const sets = [...pending.keys()].filter((i) => pending.get(i)?.starts.length === count);
    return neighbours(sets.toSorted((a, b) => a - b));
  });
}

interface Run {
  readonly iterations: number;
  /** Of a data set by its place in the run. */
  judge(at: number): Judgement;
  /** What is said of its chains beside their draws. */
  describe(at: number): Pick<Answer, "note" | "convergence">;
  /** Its draws [draws, p], by turns from each chain, spread over the whole of it. */
  select(at: number): Float32Array;
}

/** What is asked of a run: draws for each of some data sets, of which draws of the prior are known. */
interface Asked {
  readonly draws: number;
  readonly seed: number;
  readonly round: number;
  readonly sets: readonly Weighted[];
}

/** What runs of chains have in common. */
interface Runner {
  readonly target: ChainTarget;
  readonly targets: ChainTargets;
  readonly bijection: Bijection;
  readonly sampler: ChainSampler;
}

/** Chains of data sets from a first one on: those of one do not depend on the others. */
async function runSets(
  { target, targets, bijection, sampler }: Runner,
  { draws, seed, round, sets }: Asked,
  start: number,
): Promise<Run> {
  const { flatNames, expect } = target;
  const p = flatNames.length;
  const longer = 2 ** round;
  const usual = sampler.usual(bijection.unconstrainedSize);
  const { chains } = usual;
  const [thin, burnIn] = [usual.thin * longer, usual.burnIn * longer];
  const scouts = (sets[0]?.starts.length ?? SCOUTS * p) / p;
  // More scouts, or longer ones: what is to be found is either.
  const scouting = scouts > SCOUTS ? SCOUTING : SCOUTING * longer;
  const kept = Math.max(Math.ceil(JUDGED / chains), Math.ceil(draws / chains));
  const iterations = burnIn + kept * thin;
  expect?.(sets.length * (scouts * (scouting + 1) + chains * (iterations + 1)));
  const densities = targets(start, sets.length);
  const common = { bijection, seed, firstIndex: start };
  const found = await scout(densities, {
    ...common,
    start: concatenated(sets.map(({ starts }) => starts)),
    scouts,
    iterations: scouting,
  });
  const mixtures = found.map(({ mixture }) => mixture);
  const records = found.map(() => new Records(kept, chains));
  const result = await runChains(
    densities,
    withJumps(sampler, mixtures, JUMP_EVERY),
    {
      ...common,
      start: concatenated(found.flatMap((one) => startsOf(one, chains))),
      chains,
      burnIn,
      iterations,
      thin,
    },
    ({ state, info, kept: place, burning }) => {
      if (!burning && info.kind === "jump") {
        for (const [i, weight] of info.logWeights.entries()) {
          records[Math.floor(i / chains)]?.offers.push(weight);
        }
      }
      if (place === undefined) return;
      const k = bijection.unconstrainedSize;
      for (const [i, log] of state.logDensity.entries()) {
        const u = state.position.subarray(i * k, (i + 1) * k);
        const dataSet = Math.floor(i / chains);
        const at = mixtures[dataSet]?.nearest(u) ?? 0;
        records[dataSet]?.note(i % chains, place, log, at);
      }
    },
  );
  const ofSet = (values: Float64Array, at: number): Float64Array =>
    values.subarray(at * p, (at + 1) * p);
  return {
    iterations,
    judge: (at) => {
      const { rHat, bulkEss, tailEss } = result;
      const { logDensities = [], places = [], offers = [] } = records[at] ?? {};
      const known = sets[at];
      const record = {
        rHat: ofSet(rHat, at),
        bulkEss: ofSet(bulkEss, at),
        tailEss: ofSet(tailEss, at),
        logDensities,
        places,
        offers,
        alone: found[at]?.alone ?? 0,
      };
      const prior = known === undefined ? [] : priorDraws(target, bijection, known, found[at]);
      return judgeChains(record, prior, known?.terms.length ?? 1);
    },
    describe: (at) => describeChains(result, at, p),
    select: (at) => {
      const span = chains * kept * p;
      const own = result.draws.subarray(at * span, (at + 1) * span);
      return spreadDraws(own, { chains, kept, p }, draws);
    },
  };
}

/** What is kept of the chains of one data set beside draws. */
class Records {
  readonly logDensities: readonly Float64Array[];
  readonly places: readonly Float64Array[];
  readonly offers: number[] = [];

  constructor(kept: number, chains: number) {
    this.logDensities = Array.from({ length: chains }, () => new Float64Array(kept));
    this.places = Array.from({ length: chains }, () => new Float64Array(kept));
  }

  note(chain: number, place: number, logDensity: number, at: number): void {
    this.logDensities[chain]?.fill(logDensity, place, place + 1);
    this.places[chain]?.fill(at, place, place + 1);
  }
}

/** The same, with a start at a draw of the prior that has mass about it, if there is one. */
function startingAt(known: Weighted, draw: PriorDraw | undefined): Weighted {
  if (draw === undefined) return known;
  const others = known.starts.subarray(0, known.starts.length - draw.parameters.length);
  return { ...known, starts: concatenated([draw.parameters, others]) };
}

/** Where chains start: at the places by turns, those with more mass first. */
function startsOf({ starts }: Found, chains: number): readonly Float64Array[] {
  return Array.from({ length: chains }, (_, j) => starts[j % starts.length] ?? new Float64Array());
}

/** Draws of the prior with any likelihood, as the chains of a data set would see them. */
function priorDraws(
  { prior, flatNames }: ChainTarget,
  bijection: Bijection,
  { parameters, terms }: Weighted,
  found: Found | undefined,
): readonly PriorDraw[] {
  const p = flatNames.length;
  const largest = terms.reduce((a, b) => Math.max(a, b), -Infinity);
  return Array.from(terms).flatMap((term, i) => {
    // What is left of the others is no share of anything.
    if (found === undefined || !(term > largest - 30)) return [];
    const theta = parameters.slice(i * p, (i + 1) * p);
    const u = bijection.inverse(theta);
    const logPosterior = term + prior.logDensity(theta) + bijection.logJacobian(u);
    return [{ parameters: theta, term, offer: logPosterior - found.mixture.logDensity(u) }];
  });
}
