/**
 * Random-walk Metropolis, vectorised over data sets and chains: one evaluation of the target takes one proposal of every chain of every data set.
 *
 * Reference: Metropolis et al. 1953, "Equation of state calculations by fast computing machines".
 */
import { randomWalk, type WalkOptions } from "./random-walk.js";
import { requireWhole, runChains, type ChainOptions, type ChainResult } from "./run-chains.js";
import type { LogTarget } from "./target.js";

/** How chains are run. */
export interface MetropolisOptions extends ChainOptions, WalkOptions {}

/** Draws, and what is to be said of them. */
export type MetropolisResult = ChainResult;

/**
 * Runs all chains.
 *
 * @throws InvalidArgumentError where a setting is out of range, or a chain starts where the target's density is zero.
 * @example
 * const { draws, rHat } = await metropolis(target, { bijection: model.prior.bijection, start });
 */
export async function metropolis(
  target: LogTarget,
  options: MetropolisOptions,
): Promise<MetropolisResult> {
  const { adaptEvery = 100 } = options;
  requireWhole("metropolis", "adaptEvery", adaptEvery, 1);
  return runChains(target, randomWalk({ adaptEvery }), options);
}
