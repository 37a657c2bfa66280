/**
 * Hamiltonian Monte Carlo: a trajectory of a drawn length, whose end is taken or not.
 *
 *     accept the end with probability min(1, exp(H₀ - H))
 *
 * Lengths are drawn for each trajectory, uniform within half of what is asked for to one and a half times that: of one length, a normal target with that period never leaves its orbit.
 *
 * References: Duane, Kennedy, Pendleton & Roweth 1987, "Hybrid Monte Carlo"; Neal 2011, arXiv 1206.1901.
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { Stream } from "../random/index.js";
import { hamiltonianSampler } from "./hamiltonian-sampler.js";
import {
  DIVERGED,
  HAMILTONIAN_OPTIONS,
  type HamiltonianInfo,
  type HamiltonianOptions,
  type HamiltonianSetting,
  type HamiltonianSettings,
  type Trajectories,
  type TrajectoryEnd,
} from "./hamiltonian.js";
import type { Row, Transition } from "./lockstep.js";
import { Phase } from "./phase.js";
import { requireBetween } from "./requirements.js";
import type { Sampler } from "./sampler.js";
import type { SlopedPoints } from "./target.js";

/** What the sampler is told. */
export interface HmcOptions extends HamiltonianOptions {
  /** Mean length of trajectories in units of the posterior's spread, 1.5 by default: about a quarter of a normal target's period. */
  readonly length?: number;
}

const KNOWN: KnownOptions<HmcOptions> = { ...HAMILTONIAN_OPTIONS, length: true };

/** Leapfrogs of a trajectory, at most. */
const MOST = 1023;

/**
 * Hamiltonian Monte Carlo, of targets with gradients.
 *
 * @throws InvalidArgumentError where an option is out of range.
 * @example await runChains(target, hmc({ length: 2 }), { bijection, start, iterations: 2000 });
 */
export function hmc(
  options: HmcOptions = {},
): Sampler<SlopedPoints, HamiltonianInfo, HamiltonianSettings> {
  requireKnown("hmc", options, KNOWN);
  const { length = 1.5 } = options;
  requireBetween("hmc", "length", length, 0);
  return hamiltonianSampler("hmc", options, (k, p) => new OneWay(k, p, length));
}

/** Trajectories of one chain, each of a drawn length. */
class OneWay implements Trajectories {
  readonly #length: number;
  readonly #start: Phase;
  readonly #end: Phase;

  constructor(k: number, p: number, length: number) {
    this.#length = length;
    this.#start = new Phase(k, p);
    this.#end = new Phase(k, p);
  }

  *from(
    at: Row<SlopedPoints>,
    { metric, step }: HamiltonianSetting,
    noise: Stream,
  ): Transition<SlopedPoints, TrajectoryEnd> {
    const [start, end] = [this.#start, this.#end];
    noise.fillNormal(start.momentum);
    start.begin(metric, at);
    end.copy(start);
    const leapfrogs = Math.ceil((this.#length * (0.5 + noise.uniform())) / step);
    let [divergent, evaluations] = [false, 0];
    while (evaluations < Math.min(leapfrogs, MOST) && !divergent) {
      end.arrive(metric, step, yield end.leave(metric, step));
      evaluations++;
      // Written so that a NaN diverges.
      divergent = !(end.energy - start.energy < DIVERGED);
    }
    const acceptance = divergent ? 0 : Math.exp(Math.min(0, start.energy - end.energy));
    const moved = noise.uniform() < acceptance;
    return { drawn: moved ? end : start, moved, acceptance, divergent, evaluations };
  }
}
