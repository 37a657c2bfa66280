/**
 * What Hamiltonian samplers share: the leapfrog, its energy, and the step of all chains.
 *
 *     p ← p + ½ ε Fᵀ∇log p(q),   q ← q + ε F p,   p ← p + ½ ε Fᵀ∇log p(q),      H = -log p(q) + ½ pᵀp
 *
 * with momenta in the space of the metric (`metric.ts`).
 *
 * References: Neal 2011, "MCMC using Hamiltonian dynamics", arXiv 1206.1901; Betancourt 2017, arXiv 1701.02434.
 */
import type { KnownOptions } from "../known-options.js";
import type { Stream } from "../random/index.js";
import { inLockstep, placeOf, pointsOf, type SlopedPlace, type Transition } from "./lockstep.js";
import { toPositions, toWhitened, unitMetric, type Metric } from "./metric.js";
import { requireBetween, requireWhole } from "./requirements.js";
import type { Step, StepInfo } from "./sampler.js";
import type { ChainSpace, SlopedPoints } from "./target.js";

/** H that has grown by more than this is no error of the step any more: the trajectory has diverged. */
export const DIVERGED = 1000;

/** What Hamiltonian samplers are told. */
export interface HamiltonianOptions {
  /** Acceptance that steps are to have; by default 0.8, and up to 0.95 where trajectories diverge while chains burn in. */
  readonly acceptance?: number;
  /** Rank of the metric beside its diagonal, 0 for the diagonal alone; by default as many as there are parameters, up to 30. */
  readonly rank?: number;
}

/** Settings of the steps of one data set. */
export interface HamiltonianSetting {
  /** ε. */
  readonly step: number;
  readonly metric: Metric;
}

/** Those of all data sets, [size]. */
export type HamiltonianSettings = readonly HamiltonianSetting[];

/** Names of them. */
export const HAMILTONIAN_OPTIONS: KnownOptions<HamiltonianOptions> = {
  acceptance: true,
  rank: true,
};

/** @throws InvalidArgumentError where one is out of range. */
export function requireHamiltonian(name: string, { acceptance, rank }: HamiltonianOptions): void {
  if (acceptance !== undefined) requireBetween(name, "acceptance", acceptance, 0, 1);
  if (rank !== undefined) requireWhole(name, "rank", rank, 0);
}

/** What a step did to each chain, [chains] each. */
export interface HamiltonianInfo extends StepInfo {
  /** Whether a trajectory diverged: there is a place that steps of this size do not get into. */
  readonly divergent: Uint8Array;
  /** H of where chains are, with the momentum they came with. */
  readonly energy: Float64Array;
  /** Evaluations of the gradient. */
  readonly evaluations: Uint32Array;
}

/** A point on a trajectory. */
export interface Phase {
  readonly at: SlopedPlace;
  /** p, [k]. */
  readonly momentum: Float64Array;
  /** Fᵀ∇log p(q), [k]. */
  readonly force: Float64Array;
  /** H. */
  readonly energy: number;
}

/** The end of a trajectory. */
export interface TrajectoryEnd {
  /** Where the chain is now. */
  readonly drawn: Phase;
  readonly moved: boolean;
  /** Mean of min(1, e^-ΔH) over the trajectory. */
  readonly acceptance: number;
  readonly divergent: boolean;
  readonly evaluations: number;
}

/** One leapfrog of a signed size. */
export function* leapfrog(
  metric: Metric,
  { at, momentum, force }: Phase,
  step: number,
): Generator<Float64Array, Phase, SlopedPlace> {
  const half = pushed(momentum, force, step / 2);
  const velocity = toPositions(metric, half);
  const there = yield pushed(at.position, velocity, step);
  const pull = toWhitened(metric, there.gradient);
  return phaseAt(there, pushed(half, pull, step / 2), pull);
}

/** Where a trajectory begins, with a momentum [k]. */
export function phaseOf(metric: Metric, at: SlopedPlace, momentum: Float64Array): Phase {
  return phaseAt(at, momentum, toWhitened(metric, at.gradient));
}

function phaseAt(at: SlopedPlace, momentum: Float64Array, force: Float64Array): Phase {
  let square = 0;
  for (let j = 0; j < momentum.length; j++) square += (momentum[j] ?? 0) ** 2;
  return { at, momentum, force, energy: square / 2 - at.logDensity };
}

/** x + step · y. */
function pushed(x: Float64Array, y: Float64Array, step: number): Float64Array {
  const result = new Float64Array(x.length);
  for (let j = 0; j < x.length; j++) result[j] = (x[j] ?? NaN) + step * (y[j] ?? NaN);
  return result;
}

/**
 * A step of all chains by a transition of each.
 *
 * @param transition of one chain from a place, with what was learned for its data set.
 */
export async function hamiltonianStep(
  space: ChainSpace,
  state: SlopedPoints,
  settings: HamiltonianSettings,
  random: readonly Stream[],
  transition: (
    from: SlopedPlace,
    setting: HamiltonianSetting,
    noise: Stream,
  ) => Transition<SlopedPlace, TrajectoryEnd>,
): Promise<Step<SlopedPoints, HamiltonianInfo>> {
  const usual = { step: NaN, metric: unitMetric(space.k) };
  const ends = await inLockstep(
    random.map((noise, i) => {
      const setting = settings[Math.floor(i / space.chains)] ?? usual;
      return transition(slopedPlaceOf(space, state, i), setting, noise);
    }),
    space.k,
    (position, chains) => space.slopeAt(position, chains),
    (points, row) => slopedPlaceOf(space, points, row),
  );
  const places = ends.map(({ drawn }) => drawn.at);
  const gradient = new Float64Array(space.count * space.k);
  for (const [i, place] of places.entries()) gradient.set(place.gradient, i * space.k);
  return {
    state: { ...pointsOf(space, places), gradient },
    info: {
      acceptance: Float64Array.from(ends, (end) => end.acceptance),
      accepted: Uint8Array.from(ends, ({ moved }) => Number(moved)),
      divergent: Uint8Array.from(ends, ({ divergent }) => Number(divergent)),
      energy: Float64Array.from(ends, ({ drawn }) => drawn.energy),
      evaluations: Uint32Array.from(ends, ({ evaluations }) => evaluations),
    },
  };
}

function slopedPlaceOf(space: ChainSpace, points: SlopedPoints, row: number): SlopedPlace {
  const gradient = points.gradient.subarray(row * space.k, (row + 1) * space.k);
  return { ...placeOf(space, points, row), gradient };
}
