/**
 * The driver of all samplers: it loops, adapts while chains burn in, keeps draws, says how far it is, can be interrupted, and judges what it kept.
 *
 * After burn-in nothing is adapted, so that what is kept is a Markov chain.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { InvalidArgumentError } from "@amortis/graph";
import { convergence } from "../diagnostics/convergence.js";
import type { Bijection } from "../distributions/index.js";
import { stream, type Stream } from "../random/index.js";
import type { StopSignal } from "../stop-signal.js";
import { nextTurn, TURN } from "../turn.js";
import { Energies } from "./energies.js";
import { requireWhole } from "./requirements.js";
import type { Sampler, Step, StepInfo } from "./sampler.js";
import { ChainSpace, type LogTarget, type Points } from "./target.js";

/** How chains are run. */
export interface ChainOptions {
  /** From unconstrained space to the parameters; a model's is `model.prior.bijection`. */
  readonly bijection: Bijection;
  /** Where chains start: [size, chains, p], within the support. */
  readonly start: Float64Array;
  /** Chains a data set, 4 by default. */
  readonly chains?: number;
  /** Iterations of each chain, burn-in included; 6,000 by default. */
  readonly iterations?: number;
  /** Iterations that are left out, a third by default. */
  readonly burnIn?: number;
  /** Of how many iterations one is kept. */
  readonly thin?: number;
  readonly seed?: number;
  /** Number of the first data set: the draws of a data set depend on the seed and its number, not on what else is in the batch. */
  readonly firstIndex?: number;
  /** Stops it, at the latest after one iteration and a tenth of a second. */
  readonly signal?: StopSignal;
  /** Hears of every hundredth iteration. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Names of what chains take. */
export const CHAIN_OPTIONS: KnownOptions<ChainOptions> = {
  bijection: true,
  start: true,
  chains: true,
  iterations: true,
  burnIn: true,
  thin: true,
  seed: true,
  firstIndex: true,
  signal: true,
  onProgress: true,
};

/** An iteration, as it is told. */
export interface Iteration<S extends Points, I extends StepInfo> extends Step<S, I> {
  readonly burning: boolean;
  /** Which of the draws that are kept of each chain it is, if it is one. */
  readonly kept: number | undefined;
}

/** Draws, and what is to be said of them. */
export interface ChainResult {
  /** [size, chains · kept, p], chain after chain. */
  readonly draws: Float32Array;
  /** Draws a data set. */
  readonly each: number;
  /** Share of proposals accepted after burn-in, [size]. */
  readonly acceptance: Float64Array;
  /** [size, p] each. */
  readonly rHat: Float64Array;
  readonly bulkEss: Float64Array;
  readonly tailEss: Float64Array;
  /** Of Hamiltonian samplers, after burn-in: trajectories that diverged, of which there should be none, [size]. */
  readonly divergences?: Uint32Array;
  /** Of Hamiltonian samplers: the smallest E-BFMI of the chains, which should be above 0.3, [size]. */
  readonly eBfmi?: Float64Array;
  readonly seconds: number;
}

/**
 * Runs all chains of a sampler.
 *
 * @param hear of every iteration, for what is more than draws.
 * @throws InvalidArgumentError where a setting is out of range, or a chain starts where the target's density is zero.
 * @example const { draws, rHat } = await runChains(target, randomWalk(), { bijection, start });
 */
export async function runChains<S extends Points, I extends StepInfo, T>(
  target: LogTarget,
  sampler: Sampler<S, I, T>,
  options: ChainOptions,
  hear?: (iteration: Iteration<S, I>) => void,
): Promise<ChainResult> {
  requireKnown("runChains", options, CHAIN_OPTIONS);
  const { chains = 4, iterations = 6000, thin = 1, seed = 0, firstIndex = 0 } = options;
  const { burnIn = Math.floor(iterations / 3), bijection, start, signal, onProgress } = options;
  requireSettings(sampler.name, { chains, iterations, burnIn, thin });
  const space = new ChainSpace(target, bijection, chains);
  requireStart(sampler.name, space, start);
  const started = performance.now();
  const kept = Math.floor((iterations - burnIn) / thin);
  const draws = new Float32Array(space.count * kept * space.p);
  const accepted = new Float64Array(space.count);
  const energies = new Energies(space.count, chains);
  const random = chainStreams(stream(seed).split(sampler.name), firstIndex, space);
  const points = await space.at(space.toPosition(start));
  requireMass(sampler.name, space, points);
  let state = await sampler.init(space, points);
  const adaptation = sampler.adaptation(space, burnIn, points);
  let turned = started;
  for (let t = 0; t < iterations; t++) {
    signal?.throwIfAborted();
    if (t % 100 === 0) onProgress?.(t, iterations);
    if (performance.now() - turned > TURN) {
      await nextTurn();
      turned = performance.now();
    }
    const step = await sampler.step(space, state, adaptation.settings, random);
    state = step.state;
    const burning = t < burnIn;
    if (burning) adaptation.note(state, step.info);
    else {
      energies.note(step.info);
      for (const [i, taken] of step.info.accepted.entries())
        accepted[i] = (accepted[i] ?? 0) + taken;
    }
    const place = (t - burnIn + 1) / thin - 1;
    const isKept = !burning && Number.isInteger(place) && place < kept;
    if (isKept) keep(draws, space, state, place, kept);
    hear?.({ ...step, burning, kept: isKept ? place : undefined });
  }
  onProgress?.(iterations, iterations);
  return {
    draws,
    each: chains * kept,
    acceptance: Float64Array.from({ length: space.size }, (_, d) => {
      const sum = accepted.subarray(d * chains, (d + 1) * chains).reduce((a, c) => a + c, 0);
      return sum / (chains * (iterations - burnIn));
    }),
    ...judge(draws, space, kept),
    ...energies.summary(),
    seconds: (performance.now() - started) / 1000,
  };
}

/** A stream a chain, by its number and that of its data set. */
function chainStreams(root: Stream, firstIndex: number, { count, chains }: ChainSpace): Stream[] {
  return Array.from({ length: count }, (_, i) =>
    root.split(firstIndex + Math.floor(i / chains)).split(i % chains),
  );
}

function keep(
  draws: Float32Array,
  { count, p }: ChainSpace,
  { parameters }: Points,
  place: number,
  kept: number,
): void {
  for (let i = 0; i < count; i++) {
    draws.set(parameters.subarray(i * p, (i + 1) * p), (i * kept + place) * p);
  }
}

function judge(
  draws: Float32Array,
  { size, chains, p }: ChainSpace,
  kept: number,
): Pick<ChainResult, "rHat" | "bulkEss" | "tailEss"> {
  const found = Array.from({ length: size * p }, (_, at) => {
    const [d, j] = [Math.floor(at / p), at % p];
    return convergence(
      Array.from({ length: chains }, (_c, c) =>
        Float64Array.from(
          { length: kept },
          (_i, i) => draws[((d * chains + c) * kept + i) * p + j] ?? NaN,
        ),
      ),
    );
  });
  return {
    rHat: Float64Array.from(found, ({ rHat }) => rHat),
    bulkEss: Float64Array.from(found, ({ bulkEss }) => bulkEss),
    tailEss: Float64Array.from(found, ({ tailEss }) => tailEss),
  };
}

function requireSettings(
  name: string,
  settings: Readonly<Record<"chains" | "iterations" | "burnIn" | "thin", number>>,
): void {
  for (const [setting, value] of Object.entries(settings)) {
    requireWhole(name, setting, value, setting === "burnIn" ? 0 : 1);
  }
  const { iterations, burnIn, thin } = settings;
  if (Math.floor((iterations - burnIn) / thin) < 4) {
    throw new InvalidArgumentError(
      `${name}: ${iterations} iterations with a burn-in of ${burnIn}, thinned by ${thin}, keep fewer than 4 draws a chain: run it longer`,
    );
  }
}

function requireStart(name: string, { size, chains, p }: ChainSpace, start: Float64Array): void {
  if (start.length === size * chains * p) return;
  throw new InvalidArgumentError(
    `${name}: start must be [${size}, ${chains}, ${p}], ${size * chains * p} values, but has ${start.length}`,
  );
}

function requireMass(
  name: string,
  { chains, p }: ChainSpace,
  { parameters, logDensity }: Points,
): void {
  const bad = logDensity.findIndex((value) => !(value > -Infinity));
  if (bad < 0) return;
  throw new InvalidArgumentError(
    `${name}: chain ${bad % chains} of data set ${Math.floor(bad / chains)} starts at ${parameters.subarray(bad * p, (bad + 1) * p).join(", ")}, where the log density is ${logDensity[bad]}: start within the support`,
  );
}
