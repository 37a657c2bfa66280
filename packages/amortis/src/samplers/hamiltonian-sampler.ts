/**
 * What all samplers of Hamiltonian trajectories are but for the trajectory.
 */
import { HamiltonianAdaptation } from "./hamiltonian-adaptation.js";
import {
  hamiltonianStep,
  requireHamiltonian,
  type HamiltonianInfo,
  type HamiltonianOptions,
  type HamiltonianSettings,
  type Trajectories,
} from "./hamiltonian.js";
import type { Sampler } from "./sampler.js";
import type { ChainSpace, SlopedPoints } from "./target.js";

/**
 * A sampler by its trajectories.
 *
 * @param trajectories of one chain with so many axes and parameters.
 * @throws InvalidArgumentError where an option is out of range.
 */
export function hamiltonianSampler(
  name: string,
  options: HamiltonianOptions,
  trajectories: (k: number, p: number) => Trajectories,
): Sampler<SlopedPoints, HamiltonianInfo, HamiltonianSettings> {
  requireHamiltonian(name, options);
  /** Of the chains of each space: they keep arrays from one step to the next, and nothing else. */
  const made = new WeakMap<ChainSpace, readonly Trajectories[]>();
  const ofChains = (space: ChainSpace): readonly Trajectories[] => {
    const { count, k, p } = space;
    const own = made.get(space) ?? Array.from({ length: count }, () => trajectories(k, p));
    made.set(space, own);
    return own;
  };
  return {
    name,
    needsGradients: true,
    usual: () => ({ chains: 4, burnIn: 200, thin: 1 }),
    init: async (space, { position }) => space.slopeAt(position),
    step: (space, state, settings, random) =>
      hamiltonianStep(space, state, settings, random, ofChains(space)),
    adaptation: (space, burnIn, start) => new HamiltonianAdaptation(space, burnIn, start, options),
  };
}
