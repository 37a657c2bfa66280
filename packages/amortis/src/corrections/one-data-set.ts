/**
 * One data set of many.
 */
import type { PosteriorSource } from "../posterior/posterior-source.js";
import type { CorrectionTarget } from "./correction-target.js";

/** One data set of a source, as a source of one. */
export function oneOf(source: PosteriorSource, dataSet: number): PosteriorSource {
  const { slots, flatNames } = source;
  const without = source.withoutDensity?.(dataSet);
  return {
    slots,
    flatNames,
    size: 1,
    draw: (draws, seed) => source.draw(draws, seed, dataSet, dataSet + 1),
    ...(without && { withoutDensity: () => without }),
    logDensity: (parameters) => source.logDensity(parameters, dataSet, dataSet + 1),
  };
}

/** The target of one data set, with another source in the place of the networks. */
export function ofOne(
  target: CorrectionTarget,
  amortized: PosteriorSource,
  dataSet: number,
): CorrectionTarget {
  return {
    ...target,
    size: 1,
    amortized,
    logTerms: (theta) => target.logTerms(theta, dataSet, dataSet + 1),
  };
}
