/**
 * Particle Metropolis: Markov chains of parameters and of hidden states together, whose likelihood is known from particles alone.
 *
 * A proposal θ′ of a random walk is taken by Metropolis' rule with the evidence that a particle filter finds for it, and brings one of the filter's trajectories along. Since that evidence has no bias,
 * chains settle on the exact posterior p(θ, x_1 ... x_T | y_1 ... y_T), however few the particles; with few they are slow (Andrieu, Doucet & Holenstein 2010, "Particle Markov chain Monte Carlo methods").
 * In burn-in the walk learns the covariance of the parameters (Haario, Saksman & Tamminen 2001).
 */
import type { JointPrior } from "../distributions/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import { choleskyFactor } from "../math/cholesky.js";
import { concatenated } from "../math/concatenated.js";
import type { Stream } from "../random/index.js";
import { particleFilter, type HiddenProcess } from "./particle-filter.js";
import { requireWhole } from "./requirements.js";

/** What chains are told. */
export interface ParticleMetropolisOptions {
  readonly prior: JointPrior;
  /** The process and what is seen of it, given flat parameters [p]. */
  readonly process: (theta: Float64Array) => HiddenProcess;
  /** Where the chain starts, flat parameters [p]; a draw of the prior by default. */
  readonly start?: ArrayLike<number>;
  /** 200 by default. */
  readonly particles?: number;
  /** Iterations, the first half of which are burn-in; 4,000 by default. */
  readonly iterations?: number;
  /** Of how many iterations after burn-in one is kept; 1 by default. */
  readonly thin?: number;
  readonly random: Stream;
}

const KNOWN: KnownOptions<ParticleMetropolisOptions> = {
  prior: true,
  process: true,
  start: true,
  particles: true,
  iterations: true,
  thin: true,
  random: true,
};

/** Draws of parameters and states. */
export interface ParticleChain {
  /** How many draws there are. */
  readonly size: number;
  /** [draws, p] */
  readonly parameters: Float64Array;
  /** [draws, times, size of a state] */
  readonly states: Float64Array;
  /** Share of proposals after burn-in that were taken. */
  readonly acceptance: number;
}

/** Where a chain is. */
interface Place {
  readonly u: Float64Array;
  readonly theta: Float64Array;
  /** log p(θ) |dθ/du| + log of the estimated evidence. */
  readonly log: number;
  readonly path: Float64Array;
}

/** How often the walk's covariance is learned anew in burn-in, and a share of a plain walk's that keeps it from becoming none. */
const [LEARN_EVERY, PLAIN] = [100, 1e-4];

/**
 * Runs one chain.
 *
 * @throws InvalidArgumentError where an option is out of range.
 * @example
 * const chain = particleMetropolis({ prior: model.prior, process: (theta) => volatilityOf(theta, y), random: stream(1) });
 */
export function particleMetropolis(options: ParticleMetropolisOptions): ParticleChain {
  requireKnown("particleMetropolis", options, KNOWN);
  const { prior, process, random, particles = 200, iterations = 4000, thin = 1 } = options;
  requireWhole("particleMetropolis", "iterations", iterations, 2);
  requireWhole("particleMetropolis", "thin", thin, 1);
  const { bijection } = prior;
  const k = bijection.unconstrainedSize;
  const at = (u: Float64Array): Place => {
    const theta = bijection.forward(u);
    const filtered = particleFilter(process(theta), { particles, random });
    const log = prior.logDensity(theta) + bijection.logJacobian(u) + filtered.logEvidence;
    return { u, theta, log, path: filtered.trajectory(random) };
  };
  let place = at(bijection.inverse(options.start ?? prior.sample(random)));
  let factor = scaledIdentity(k, 0.3);
  const seen: Float64Array[] = [];
  const half = Math.floor(iterations / 2);
  const kept: Place[] = [];
  let taken = 0;
  for (let i = 0; i < iterations; i++) {
    if (i < half && i > LEARN_EVERY && i % LEARN_EVERY === 0) factor = walkOf(seen, k, factor);
    const step = random.multivariateNormal(new Float64Array(k), factor);
    const proposed = at(place.u.map((value, j) => value + (step[j] ?? 0)));
    const accepted =
      Math.log(random.uniform()) < proposed.log - place.log || !(place.log > -Infinity);
    if (accepted) place = proposed;
    if (i < half) seen.push(place.u);
    else {
      taken += accepted ? 1 : 0;
      if ((i - half) % thin === 0) kept.push(place);
    }
  }
  return {
    size: kept.length,
    parameters: concatenated(kept.map(({ theta }) => theta)),
    states: concatenated(kept.map(({ path }) => path)),
    acceptance: taken / (iterations - half),
  };
}

function scaledIdentity(k: number, scale: number): Float64Array {
  return Float64Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? scale : 0));
}

/** The factor of 2.38² / k of the covariance of the later half of places. */
function walkOf(seen: readonly Float64Array[], k: number, before: Float64Array): Float64Array {
  const late = seen.slice(Math.floor(seen.length / 2));
  const mean = Array.from({ length: k }, (_, j) => averageOf(late, (u) => u[j] ?? Number.NaN));
  const covariance = Float64Array.from({ length: k * k }, (_, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    const product = averageOf(
      late,
      (u) => ((u[i] ?? 0) - (mean[i] ?? 0)) * ((u[j] ?? 0) - (mean[j] ?? 0)),
    );
    return (2.38 ** 2 / k) * (product + (i === j ? PLAIN : 0));
  });
  return choleskyFactor(covariance, k) ?? before;
}

function averageOf<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((sum, one) => sum + of(one), 0) / list.length;
}
