/**
 * What Hamiltonian samplers share: what they are told and say, and the step of all chains by a trajectory of each (`phase.ts` has the leapfrog).
 */
import type { KnownOptions } from "../known-options.js";
import type { Stream } from "../random/index.js";
import { inLockstep, pointsOf, type Row, type Transition } from "./lockstep.js";
import { unitMetric, type Metric } from "./metric.js";
import type { Phase } from "./phase.js";
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

/** The end of a trajectory. */
export interface TrajectoryEnd {
  /** Where the chain is now: written over by its next trajectory. */
  readonly drawn: Phase;
  readonly moved: boolean;
  /** Mean of min(1, e^-ΔH) over the trajectory. */
  readonly acceptance: number;
  readonly divergent: boolean;
  readonly evaluations: number;
}

/** What makes the trajectories of one chain, one after the other. */
export interface Trajectories {
  /** From where the chain is, with what was learned for its data set. */
  from(
    at: Row<SlopedPoints>,
    setting: HamiltonianSetting,
    noise: Stream,
  ): Transition<SlopedPoints, TrajectoryEnd>;
}

/** A step of all chains by a trajectory of each. */
export async function hamiltonianStep(
  space: ChainSpace,
  state: SlopedPoints,
  settings: HamiltonianSettings,
  random: readonly Stream[],
  trajectories: readonly Trajectories[],
): Promise<Step<SlopedPoints, HamiltonianInfo>> {
  const usual = { step: NaN, metric: unitMetric(space.k) };
  const ends = await inLockstep(
    trajectories.flatMap((own, row) => {
      const setting = settings[Math.floor(row / space.chains)] ?? usual;
      const noise = random[row];
      return noise === undefined ? [] : [own.from({ points: state, row }, setting, noise)];
    }),
    space.k,
    (position, chains) => space.slopeAt(position, chains),
  );
  const points = pointsOf(
    space,
    ends.map(({ drawn }) => drawn),
  );
  const gradient = new Float64Array(space.count * space.k);
  const info = {
    acceptance: new Float64Array(space.count),
    accepted: new Uint8Array(space.count),
    divergent: new Uint8Array(space.count),
    energy: new Float64Array(space.count),
    evaluations: new Uint32Array(space.count),
  };
  for (const [i, { drawn, moved, acceptance, divergent, evaluations }] of ends.entries()) {
    gradient.set(drawn.gradient, i * space.k);
    info.acceptance[i] = acceptance;
    info.accepted[i] = Number(moved);
    info.divergent[i] = Number(divergent);
    info.energy[i] = drawn.energy;
    info.evaluations[i] = evaluations;
  }
  return { state: { ...points, gradient }, info };
}
