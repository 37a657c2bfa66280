/**
 * log p(Z, θ) = log p(Z | θ) + log p(θ) of data sets, as samplers ask for it.
 */
import type { Distribution } from "../distributions/index.js";
import type { LogTarget } from "../samplers/target.js";
import type { TermsTarget } from "./target.js";

/** Data sets with a likelihood (or a ratio) and a prior. */
export interface Joint extends Pick<TermsTarget, "logTerms" | "flatNames"> {
  readonly prior: Pick<Distribution, "logDensity">;
}

/** The joint density of so many data sets from a first one on. */
export function jointTarget(
  { prior, logTerms, flatNames }: Joint,
  start: number,
  size: number,
): LogTarget {
  const p = flatNames.length;
  return {
    size,
    dimension: p,
    logDensity: async (theta, first, last) => {
      const terms = await logTerms(theta, start + first, start + last);
      return terms.map((term, i) =>
        term === -Infinity ? term : term + prior.logDensity(theta.subarray(i * p, (i + 1) * p)),
      );
    },
  };
}
