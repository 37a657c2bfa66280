/**
 * Posteriors from a likelihood (or a ratio) and the prior by populations of particles that are tempered from the prior: of all modes that the prior's draws reach, with their evidence.
 *
 * Populations go by themselves and are compared as chains are: R̂ and effective sizes, in the order of the particles' ancestors, must be good for every parameter, and so must what
 * they say of the evidence: particles that move too little agree about the posterior and not about that. Where they are not, more particles are taken, which move more often, and a data
 * set whose answer cannot be trusted in the end is refused.
 */
import { convergence } from "../diagnostics/convergence.js";
import type { Bijection } from "../distributions/index.js";
import { stream } from "../random/index.js";
import { resample } from "../samplers/resample.js";
import { initPopulation, stepPopulation, type Population, type Smc } from "../samplers/smc.js";
import { ChainSpace } from "../samplers/target.js";
import type { ChainSummary } from "./chain-summary.js";
import { chainTargets, type ChainTargets, type ChainTerms } from "./chain-target.js";
import type { Drawn, PosteriorSource } from "./posterior-source.js";
import { DrawnBatch } from "./drawn-batch.js";
import { Refusal, refusalOf } from "./refusal.js";
import { logPosterior, nowhere, unconstrainedSpace } from "./target.js";
import { drawPrior, requireNumbers } from "./weights.js";

/** Of what a posterior is sampled. */
export interface SmcTarget extends ChainTerms {
  /** From unconstrained space to the parameters. */
  readonly bijection: () => Bijection;
}

/** Populations are taken twice as large and move twice as often, this many times in all. */
const ROUNDS = 3;
/** Populations agree below this R̂, and draws have to be worth so many. */
const AGREE = 1.05;
const WORTH = 100;
/** Standard deviation of the populations' log evidences, at most. */
const APART = 0.25;
/** Temperatures, at most: each takes the weights of half of the particles, so that more are needed of no posterior that is a posterior. */
const MOST_STEPS = 500;

/** Posteriors by tempered populations. */
export function smcPosterior(target: SmcTarget, settings: Smc): PosteriorSource {
  const { slots, flatNames, size } = target;
  const p = flatNames.length;
  const bijection = unconstrainedSpace("mcmc", target.bijection, flatNames);
  const targets = chainTargets(target);
  const evidence = new Map<number, number>();

  /** One data set, with more particles until it is trusted. */
  async function answer(draws: number, seed: number, set: number) {
    for (let round = 0; ; round++) {
      const particles = settings.particles * 2 ** round;
      const sized = { ...settings, particles, moves: settings.moves * 2 ** round };
      const final = await populate({ target, targets, bijection }, sized, seed, set);
      const judged = summaryOf(final, sized, p);
      const apart = spreadOf(final.logEvidence);
      if (isTrusted(judged) && apart < APART) {
        const { rows, logEvidence } = chosen(final, sized, draws, seed, set);
        if (!evidence.has(set)) evidence.set(set, logEvidence);
        return { rows, parameters: final.parameters, convergence: judged };
      }
      if (round + 1 === ROUNDS) throw untrusted(set, sized, judged, apart);
    }
  }

  async function draw(draws: number, seed: number, start: number, end: number): Promise<Drawn> {
    const batch = new DrawnBatch(end - start, draws, p);
    for (let set = start; set < end; set++) {
      const found = await answer(draws, seed, set).catch(refusalOf);
      if (found instanceof Refusal) batch.refuse(found);
      else {
        const { rows, parameters, convergence } = found;
        batch.choose({ status: "smc", convergence }, parameters, rows);
      }
    }
    return batch.drawn;
  }

  return {
    slots,
    flatNames,
    size,
    draw,
    logDensity: (parameters, start, end) =>
      logPosterior(target, parameters, start, end, (set) => evidence.get(set) ?? Number.NaN),
  };
}

/** What all data sets have in common. */
interface Common {
  readonly target: SmcTarget;
  readonly targets: ChainTargets;
  readonly bijection: Bijection;
}

/** Populations of one data set at the target. */
async function populate(
  { target, targets, bijection }: Common,
  settings: Smc,
  seed: number,
  set: number,
): Promise<Population> {
  const { prior, flatNames, expect } = target;
  const p = flatNames.length;
  const count = settings.populations * settings.particles;
  const root = stream(seed).split("smc").split(set);
  const random = Array.from({ length: count }, (_, i) => root.split(i));
  const space = new ChainSpace(targets(set, 1), bijection, count);
  const parameters = drawPrior(prior, count, p, root.split("prior"));
  const points = await space.at(space.toPosition(parameters));
  // Draws outside of where the likelihood was learned have no place in its space.
  for (const [at, u] of points.position.entries()) {
    if (Number.isNaN(u)) points.logDensity[Math.floor(at / space.k)] = -Infinity;
  }
  requireNumbers(points.logDensity, set, flatNames, parameters);
  if (points.logDensity.every((log) => log === -Infinity)) {
    throw nowhere(set, `at ${count} draws of the prior`);
  }
  const reference = (theta: Float64Array): number => prior.logDensity(theta);
  let state = initPopulation(space, points, reference, settings);
  expect?.(count);
  for (let step = 0; state.temperature.some((beta) => beta < 1); step++) {
    if (step === MOST_STEPS) throw cold(set, Math.min(...state.temperature));
    expect?.(count * settings.moves);
    state = (await stepPopulation(space, state, reference, settings, random)).state;
  }
  return state;
}

/** Populations as chains. */
function summaryOf(
  { parameters }: Population,
  { populations, particles }: Smc,
  p: number,
): ChainSummary {
  const found = Array.from({ length: p }, (_, j) =>
    convergence(
      Array.from({ length: populations }, (_c, c) =>
        Float64Array.from(
          { length: particles },
          (_i, i) => parameters[(c * particles + i) * p + j] ?? NaN,
        ),
      ),
    ),
  );
  return {
    rHat: Float64Array.from(found, ({ rHat }) => rHat),
    bulkEss: Float64Array.from(found, ({ bulkEss }) => bulkEss),
    tailEss: Float64Array.from(found, ({ tailEss }) => tailEss),
  };
}

function isTrusted({ rHat, bulkEss, tailEss }: ChainSummary): boolean {
  // Written so that a NaN is not trusted.
  return (
    rHat.every((value) => value < AGREE) &&
    bulkEss.every((value) => value >= WORTH) &&
    tailEss.every((value) => value >= WORTH)
  );
}

/** Rows of draws, from each population by its evidence. */
function chosen(
  { logEvidence }: Population,
  { particles }: Smc,
  draws: number,
  seed: number,
  set: number,
) {
  const top = logEvidence.reduce((a, b) => Math.max(a, b), -Infinity);
  const shares = logEvidence.map((log) => Math.exp(log - top));
  const total = shares.reduce((a, b) => a + b, 0);
  const weights = Float64Array.from(
    { length: shares.length * particles },
    (_, i) => (shares[Math.floor(i / particles)] ?? 0) / (total * particles),
  );
  return {
    rows: resample(weights, draws, stream(seed).split("smc").split(set).split("draws")),
    logEvidence: top + Math.log(total / shares.length),
  };
}

/** Standard deviation of some numbers. */
function spreadOf(values: ArrayLike<number>): number {
  const all = Float64Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (all.length - 1));
}

function untrusted(
  set: number,
  { particles, populations }: Smc,
  judged: ChainSummary,
  apart: number,
): Refusal {
  const worst = Math.max(...judged.rHat);
  const least = Math.min(...judged.bulkEss, ...judged.tailEss);
  return new Refusal(
    `${populations} populations of ${particles} particles do not agree about data set ${set}: R̂ is ${worst.toFixed(2)} (it must be below ${AGREE}), and draws are worth ${least.toFixed(0)} (at least ${WORTH}), their log evidences have a standard deviation of ${apart.toFixed(2)} (below ${APART}); take more particles or moves`,
  );
}

function cold(set: number, temperature: number): Refusal {
  return new Refusal(
    `populations of data set ${set} have not come from the prior to the posterior after ${MOST_STEPS} temperatures, but to the power ${temperature.toPrecision(3)} of the likelihood: look for a likelihood that is zero almost everywhere, or take more particles`,
  );
}
