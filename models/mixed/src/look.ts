/**
 * All that the network is asked by: a problem in units of its own, the first look at it, coordinates about what that has found, and the numbers that the network is told.
 */
import { Coordinates } from "./coordinates.js";
import { featuresOf } from "./features.js";
import { Marginal } from "./marginal.js";
import { pilotOf, type Pilot } from "./pilot.js";
import { limitsOf, type VariancePriors } from "./priors.js";
import { problemOf, type FixedPrior, type Observations } from "./problem.js";
import { unitsOf } from "./units.js";

/** A problem that was looked at. */
export interface Look {
  readonly marginal: Marginal;
  /** What standard deviations in units of the problem are multiplied by: of σ, then of random effects. */
  readonly units: Float64Array;
  readonly pilot: Pilot;
  readonly coordinates: Coordinates;
  readonly features: Float64Array;
}

/**
 * @param knownSigma σ in units of the data, where it is known.
 * @throws InvalidArgumentError as of `problemOf`.
 */
export function lookAt(
  observations: Observations,
  fixedPrior: FixedPrior,
  priors: VariancePriors,
  knownSigma?: number,
): Look {
  const problem = problemOf(observations, fixedPrior, knownSigma);
  const units = unitsOf(problem.scale, problem.randomScale);
  const limits = limitsOf(priors, units);
  const marginal = new Marginal(problem);
  const known = knownSigma === undefined ? undefined : knownSigma / problem.scale;
  const pilot = pilotOf(marginal, limits, known);
  const { correlated } = priors;
  const coordinates = new Coordinates(problem, pilot, correlated, limits, known !== undefined);
  const features = featuresOf(problem, pilot, coordinates, priors, units);
  return { marginal, units, pilot, coordinates, features };
}
