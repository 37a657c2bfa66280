/**
 * What is said of the chains behind an answer.
 */
import type { ChainResult } from "../samplers/run-chains.js";
import type { Answer } from "./refusal.js";

/** How far chains of one data set can be trusted. */
export interface ChainSummary {
  /** Of each flat parameter, [p] each: see `convergence`. */
  readonly rHat: Float64Array;
  readonly bulkEss: Float64Array;
  readonly tailEss: Float64Array;
  /** Of Hamiltonian samplers: trajectories that diverged, and the smallest E-BFMI of the chains. */
  readonly divergences?: number;
  readonly eBfmi?: number;
}

/** E-BFMI below this says that momenta do not reach all energies. */
const LOW = 0.3;

/** The summary of one data set of a run, and a note where trajectories warn of something. */
export function describeChains(
  { rHat, bulkEss, tailEss, divergences, eBfmi }: ChainResult,
  set: number,
  p: number,
): Pick<Answer, "note" | "convergence"> {
  const own = (values: Float64Array): Float64Array => values.slice(set * p, (set + 1) * p);
  const diverged = divergences?.[set] ?? 0;
  const energy = eBfmi?.[set] ?? Infinity;
  const warnings = [
    ...(diverged > 0
      ? [
          `${diverged} trajectories diverged: some of the posterior may be narrower than steps can follow; raise the sampler's acceptance`,
        ]
      : []),
    ...(energy < LOW
      ? [`E-BFMI is ${energy.toFixed(2)} (it should be above ${LOW}): tails are explored slowly`]
      : []),
  ];
  return {
    convergence: {
      rHat: own(rHat),
      bulkEss: own(bulkEss),
      tailEss: own(tailEss),
      ...(divergences && { divergences: diverged }),
      ...(eBfmi && { eBfmi: energy }),
    },
    ...(warnings.length > 0 && { note: warnings.join("; ") }),
  };
}
