/**
 * The expected log posterior density at true parameters, which needs no reference posterior.
 *
 *   E[log q(θ | x)],   (θ, x) ~ p(θ) p(x | θ)
 *
 * It is largest for the exact posterior, by KL divergence averaged over data: of two estimators the one with more of it is the better, and so it
 * is what settings are chosen by. A difference of 0.1 is a tenth of a nat of information about all parameters together.
 *
 * Reference: Lueckmann et al. (2021), arXiv 2101.04653, "NLTP"; Gneiting and Raftery (2007), the logarithmic score.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { DataInput } from "../data/match-data.js";
import type { SimulatedData } from "../simulation/index.js";
import { sharedSimulations, type TrainingOrigin } from "../simulation/origin.js";
import { average, type Average } from "./averages.js";

/** What answers many data sets by densities; every estimator of posteriors does. */
export interface DensityEstimator {
  givenBatch(
    data: DataInput,
    options: { readonly samples: number },
  ): Promise<{ logDensity(parameters: Float64Array): Promise<Float64Array> }>;
  /** What it was trained on, where it says so. */
  readonly details?: { readonly training: { readonly origin?: TrainingOrigin | undefined } };
}

/**
 * Mean and standard error of log q(θ | x) over simulations that an estimator has not seen.
 *
 * @param simulations fresh ones of the estimator's model.
 * @throws DataError where the simulations are not the model's; InvalidArgumentError where it was trained on some of them.
 * @example await expectedLogDensity(estimator, await simulate(model, { simulations: 2_000, seed: 99 }))
 */
export async function expectedLogDensity(
  estimator: DensityEstimator,
  simulations: SimulatedData,
): Promise<Average> {
  return average(await logDensities(estimator, simulations));
}

/**
 * log q(θ | x) of each of some simulations that an estimator has not seen, [size]; NaN where a posterior has no normalised density.
 *
 * @throws DataError where the simulations are not the model's; InvalidArgumentError where it was trained on some of them.
 */
export async function logDensities(
  estimator: DensityEstimator,
  simulations: SimulatedData,
): Promise<Float64Array> {
  const { data, parameters, size } = simulations;
  const shared = sharedSimulations(estimator.details?.training.origin, simulations);
  if (shared > 0) {
    throw new InvalidArgumentError(
      `expectedLogDensity: ${shared} of the ${size} simulations are among those that the estimator was trained on, whose score is no score of others: simulate with another seed`,
    );
  }
  const posteriors = await estimator.givenBatch(data, { samples: 1 });
  return posteriors.logDensity(parameters);
}
