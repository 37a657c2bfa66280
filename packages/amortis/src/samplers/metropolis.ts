/**
 * Random-walk Metropolis, vectorised over data sets and chains: one evaluation of the target takes one proposal of every chain of every data set.
 *
 * Reference: Metropolis et al. 1953, "Equation of state calculations by fast computing machines".
 */
import { requireKnown, type KnownOptions } from "../known-options.js";
import { randomWalk, type WalkOptions } from "./random-walk.js";
import { CHAIN_OPTIONS, runChains, type ChainOptions, type ChainResult } from "./run-chains.js";
import { requireWhole } from "./requirements.js";
import type { LogTarget } from "./target.js";

/** How chains are run. */
export interface MetropolisOptions extends ChainOptions, WalkOptions {}

const KNOWN: KnownOptions<MetropolisOptions> = { ...CHAIN_OPTIONS, adaptEvery: true };

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
  requireKnown("metropolis", options, KNOWN);
  const { adaptEvery = 100, ...chains } = options;
  requireWhole("metropolis", "adaptEvery", adaptEvery, 1);
  return runChains(target, randomWalk({ adaptEvery }), chains);
}
