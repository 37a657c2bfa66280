/**
 * Sequential Monte Carlo: populations of particles go from a reference, such as the prior, to the target by tempering, and find all modes that the reference covers.
 *
 *     π_β(u) ∝ p₀(u) (p(u) / p₀(u))^β,     β from 0 to 1
 *
 * A step takes β as far as the weights (p / p₀)^Δβ are worth half of the particles, whose mean is a factor of the evidence; resamples by them; and moves the particles, a
 * half at a time, by differences of two of the other half,
 *
 *     u′ = u + γ (u_a - u_b) + ε,      γ = 2.38 / √(2k), or one every few times, which goes from mode to mode,
 *
 * accepted by Metropolis' rule. Populations go by themselves, so that they can be compared as chains are, and weighted by their evidence.
 *
 * References: Del Moral, Doucet & Jasra 2006, "Sequential Monte Carlo samplers"; ter Braak 2006, "A Markov chain Monte Carlo version of the genetic algorithm Differential Evolution".
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Stream } from "../random/index.js";
import { requireWhole } from "./requirements.js";
import { resample } from "./resample.js";
import type { ChainSpace, Points } from "./target.js";

/** What the sampler is told. */
export interface SmcOptions {
  /** Particles of each population, 500 by default. */
  readonly particles?: number;
  /** Populations of each data set, 4 by default. */
  readonly populations?: number;
  /** Moves of each particle at each temperature, 10 by default. */
  readonly moves?: number;
}

/** Settings of populations. */
export interface Smc extends Required<SmcOptions> {
  readonly name: "smc";
}

const KNOWN: KnownOptions<SmcOptions> = { particles: true, populations: true, moves: true };

/**
 * Sequential Monte Carlo with tempering from the prior, for posteriors of several modes; it needs densities only.
 *
 * @throws InvalidArgumentError where an option is out of range.
 * @example await modelPosterior(model, data, { sampler: smc({ particles: 1000 }) });
 */
export function smc(options: SmcOptions = {}): Smc {
  requireKnown("smc", options, KNOWN);
  const { particles = 500, populations = 4, moves = 10 } = options;
  requireWhole("smc", "particles", particles, 20);
  requireWhole("smc", "populations", populations, 2);
  requireWhole("smc", "moves", moves, 1);
  return { name: "smc", particles: 2 * Math.ceil(particles / 2), populations, moves };
}

/** Particles, of populations of one size one after the other, which are the chains of a space. */
export interface Population extends Points {
  /** log p₀ at each, in unconstrained space, [particles]. */
  readonly logReference: Float64Array;
  /** β of each population. */
  readonly temperature: Float64Array;
  /** log ∫ p₀ (p / p₀)^β of each, where p₀ has the integral one. */
  readonly logEvidence: Float64Array;
}

/** What a step did to each population. */
export interface SmcInfo {
  /** Of how many particles the weights were worth. */
  readonly effective: Float64Array;
  /** Mean acceptance of the moves. */
  readonly acceptance: Float64Array;
}

/** log p₀(θ) of what particles are drawn from, in the parameters' own units. */
export type Reference = (theta: Float64Array) => number;

/** What the weights of a step are worth, as a share of the particles. */
const WORTH = 0.5;
/** Of how many moves one goes the whole difference. */
const WHOLE = 5;
/** Standard deviation of ε, as a share of the difference. */
const JITTER = 1e-4;
const HALVINGS = 50;

/** Populations at draws of the reference. */
export function initPopulation(
  space: ChainSpace,
  points: Points,
  reference: Reference,
  { particles }: Pick<Smc, "particles">,
): Population {
  const populations = space.count / particles;
  return {
    ...points,
    logReference: referenceAt(space, points, reference),
    temperature: new Float64Array(populations),
    logEvidence: new Float64Array(populations),
  };
}

/**
 * One temperature on, for all populations that are not at the target yet.
 *
 * @param random a stream for each particle, of which the first of a population resamples it.
 */
export async function stepPopulation(
  space: ChainSpace,
  state: Population,
  reference: Reference,
  { particles, moves }: Smc,
  random: readonly Stream[],
): Promise<{ readonly state: Population; readonly info: SmcInfo }> {
  const { temperature, logEvidence, rows, effective } = reweighed(state, particles, random);
  let now: Population = { ...selected(space, state, rows), temperature, logEvidence };
  const active = Uint32Array.from(
    Array.from(random.keys()).filter(
      (i) => (state.temperature[Math.floor(i / particles)] ?? 1) < 1,
    ),
  );
  const acceptance = new Float64Array(temperature.length);
  for (let move = 0; move < moves; move++) {
    for (const half of [0, 1] as const) {
      const asked = { particles, half, whole: move % WHOLE === WHOLE - 1 };
      const step = await moved(space, now, reference, active, asked, random);
      now = step.state;
      for (const [i, rate] of step.acceptance.entries()) {
        const at = Math.floor(i / particles);
        acceptance[at] = (acceptance[at] ?? 0) + rate / (moves * particles);
      }
    }
  }
  return { state: now, info: { effective, acceptance } };
}

/** The next temperatures, the evidence up to them, and the particles that the weights select. */
function reweighed(
  { logDensity, logReference, temperature, logEvidence }: Population,
  particles: number,
  random: readonly Stream[],
) {
  const next = temperature.slice();
  const evidence = logEvidence.slice();
  const effective = new Float64Array(temperature.length).fill(particles);
  const rows = Uint32Array.from(logDensity, (_, i) => i);
  for (const [population, beta] of temperature.entries()) {
    if (beta >= 1) continue;
    const first = population * particles;
    const terms = logDensity
      .subarray(first, first + particles)
      .map((log, i) => log - (logReference[first + i] ?? NaN));
    const change = largestChange(terms, 1 - beta);
    const { logMean, worth, weights } = weighed(terms, change);
    next[population] = change >= 1 - beta ? 1 : beta + change;
    evidence[population] = (evidence[population] ?? 0) + logMean;
    effective[population] = worth;
    const noise = random[first];
    if (noise === undefined) continue;
    // In the order of their ancestors, so that what draws are worth can be told from how alike neighbours are.
    const chosen = resample(weights, particles, noise).toSorted();
    for (const [i, row] of chosen.entries()) rows[first + i] = first + row;
  }
  return { temperature: next, logEvidence: evidence, rows, effective };
}

/** The largest change of β, up to what is left, whose weights are worth enough. */
function largestChange(terms: Float64Array, left: number): number {
  const enough = WORTH * terms.length;
  if (weighed(terms, left).worth >= enough) return left;
  let [low, high] = [0, left];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (weighed(terms, middle).worth >= enough) low = middle;
    else high = middle;
  }
  // Of particles most of which have no mass, any change is worth the others alone.
  return low > 0 ? low : high;
}

/** Normalised weights e^(change · term), log of their mean, and how many equal ones they are worth. */
function weighed(terms: Float64Array, change: number) {
  const logs = terms.map((term) => (term > -Infinity ? change * term : -Infinity));
  const top = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logs.map((log) => (top === -Infinity ? 1 : Math.exp(log - top)));
  const total = weights.reduce((a, b) => a + b, 0);
  for (const [i, weight] of weights.entries()) weights[i] = weight / total;
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return { logMean: top + Math.log(total / terms.length), worth: 1 / squares, weights };
}

/** Particles by their rows. */
function selected({ k, p }: ChainSpace, state: Population, rows: Uint32Array) {
  const position = new Float64Array(state.position.length);
  const parameters = new Float64Array(state.parameters.length);
  for (const [i, row] of rows.entries()) {
    position.set(state.position.subarray(row * k, (row + 1) * k), i * k);
    parameters.set(state.parameters.subarray(row * p, (row + 1) * p), i * p);
  }
  return {
    position,
    parameters,
    logDensity: state.logDensity.map((_, i) => state.logDensity[rows[i] ?? 0] ?? NaN),
    logReference: state.logReference.map((_, i) => state.logReference[rows[i] ?? 0] ?? NaN),
  };
}

/** A move of one half of each active population. */
async function moved(
  space: ChainSpace,
  state: Population,
  reference: Reference,
  active: Uint32Array,
  asked: { readonly particles: number; readonly half: 0 | 1; readonly whole: boolean },
  random: readonly Stream[],
) {
  const { k, p } = space;
  const moving = active.filter((i) => i % 2 === asked.half);
  const proposed = new Float64Array(moving.length * k);
  for (const [row, i] of moving.entries()) {
    propose(space, state, i, asked, random, proposed.subarray(row * k, (row + 1) * k));
  }
  const found = await space.at(proposed, moving);
  const ofReference = referenceAt(space, found, reference);
  const next = {
    ...state,
    position: state.position.slice(),
    parameters: state.parameters.slice(),
    logDensity: state.logDensity.slice(),
    logReference: state.logReference.slice(),
  };
  const acceptance = new Float64Array(space.count);
  for (const [row, i] of moving.entries()) {
    const beta = state.temperature[Math.floor(i / asked.particles)] ?? NaN;
    const [log, logReference] = [found.logDensity[row] ?? NaN, ofReference[row] ?? NaN];
    const before = tempered(state.logDensity[i] ?? NaN, state.logReference[i] ?? NaN, beta);
    const ratio = Math.exp(Math.min(0, tempered(log, logReference, beta) - before));
    acceptance[i] = ratio >= 0 ? ratio : 0;
    if (!((random[i]?.uniform() ?? 1) < ratio)) continue;
    next.position.set(proposed.subarray(row * k, (row + 1) * k), i * k);
    next.parameters.set(found.parameters.subarray(row * p, (row + 1) * p), i * p);
    next.logDensity[i] = log;
    next.logReference[i] = logReference;
  }
  return { state: next, acceptance };
}

/** log p₀ + β (log p - log p₀). */
function tempered(log: number, logReference: number, beta: number): number {
  return log === -Infinity ? log : logReference + beta * (log - logReference);
}

/** Writes where a particle is to go, by two of the other half. */
function propose(
  { k }: ChainSpace,
  { position }: Population,
  i: number,
  {
    particles,
    half,
    whole,
  }: { readonly particles: number; readonly half: 0 | 1; readonly whole: boolean },
  random: readonly Stream[],
  to: Float64Array,
): void {
  const noise = random[i];
  if (noise === undefined) return;
  const first = i - (i % particles) + 1 - half;
  const a = noise.integer(particles / 2);
  const b = (a + 1 + noise.integer(particles / 2 - 1)) % (particles / 2);
  const gamma = whole ? 1 : 2.38 / Math.sqrt(2 * k);
  for (let j = 0; j < k; j++) {
    const apart =
      (position[(first + 2 * a) * k + j] ?? NaN) - (position[(first + 2 * b) * k + j] ?? NaN);
    to[j] = (position[i * k + j] ?? NaN) + apart * (gamma + JITTER * noise.normal());
  }
}

function referenceAt(space: ChainSpace, points: Points, reference: Reference): Float64Array {
  const { k, p } = space;
  return points.logDensity.map(
    (_, i) =>
      reference(points.parameters.subarray(i * p, (i + 1) * p)) +
      space.logJacobian(points.position.subarray(i * k, (i + 1) * k)),
  );
}
