/**
 * What all samplers of Hamiltonian trajectories are but for the trajectory.
 */
import type { Stream } from "../random/index.js";
import { HamiltonianAdaptation } from "./hamiltonian-adaptation.js";
import {
  hamiltonianStep,
  requireHamiltonian,
  type HamiltonianInfo,
  type HamiltonianOptions,
  type HamiltonianSetting,
  type HamiltonianSettings,
  type TrajectoryEnd,
} from "./hamiltonian.js";
import type { SlopedPlace, Transition } from "./lockstep.js";
import type { Sampler } from "./sampler.js";
import type { SlopedPoints } from "./target.js";

/** Where a chain goes, from where it is. */
export type Trajectory = (
  from: SlopedPlace,
  setting: HamiltonianSetting,
  noise: Stream,
) => Transition<SlopedPlace, TrajectoryEnd>;

/**
 * A sampler by its trajectories.
 *
 * @throws InvalidArgumentError where an option is out of range.
 */
export function hamiltonianSampler(
  name: string,
  options: HamiltonianOptions,
  trajectory: Trajectory,
): Sampler<SlopedPoints, HamiltonianInfo, HamiltonianSettings> {
  requireHamiltonian(name, options);
  return {
    name,
    needsGradients: true,
    usual: () => ({ chains: 4, burnIn: 200, thin: 1 }),
    init: (space, { position }) => space.slopeAt(position),
    step: (space, state, settings, random) =>
      hamiltonianStep(space, state, settings, random, trajectory),
    adaptation: (space, burnIn) => new HamiltonianAdaptation(space, burnIn, options),
  };
}
