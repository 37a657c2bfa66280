/**
 * Where in parameter space an estimator is good: the expected log posterior density at the truth, as a function of one parameter's true value,
 *
 *     s(t) = E[ log q(θ | Z) | θ_j = t ],
 *
 * averaged over simulations whose θ_j falls into one of several bins of equal numbers, each with its standard error. Averages over the whole prior, and
 * ranks as well, hide a corner where an estimator fails. What s(t) is worth the difference of two estimators on the same simulations tells best,
 * `compareLogScores`: what is due to the data is common to both and cancels.
 *
 * Reference: Gneiting & Raftery (2007), the logarithmic score; Hermans et al. (2022), arXiv 2110.06581, on failures that averages hide.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { riskByParameter, type RiskBin } from "./risk.js";

/** Simulations whose parameter lies between two values, and the mean of their log-densities, in nats. */
export type ScoreBin = RiskBin;

/**
 * Log scores by the true value of one parameter.
 *
 * @param logDensities log q(θ | Z) of each simulation's truth, [n], as `PosteriorBatch.logDensity` gives them.
 * @param truth values of the parameter, [n].
 * @param bins of as equal numbers as can be; 10 by default.
 * @returns bins in increasing order of the parameter. Simulations that share a value share a bin.
 * @throws InvalidArgumentError where the lengths differ, or there are fewer than two simulations a bin.
 * @example
 * const logDensities = await posteriors.logDensity(Float32Array.from(test.parameters));
 * logScoreByParameter(logDensities, test.parameters)[0]?.score.standardError;
 */
export function logScoreByParameter(
  logDensities: ArrayLike<number>,
  truth: ArrayLike<number>,
  bins = 10,
): readonly ScoreBin[] {
  return riskByParameter(logDensities, truth, bins);
}

/**
 * How much better one estimator scores than another, by the true value of one parameter: positive where the first is better.
 *
 * @param first log-densities at the truths by one estimator, [n].
 * @param second by another, on the same simulations.
 */
export function compareLogScores(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  truth: ArrayLike<number>,
  bins = 10,
): readonly ScoreBin[] {
  if (first.length !== second.length) {
    throw new InvalidArgumentError(
      `scores are compared on the same simulations, but there are ${first.length} and ${second.length}`,
    );
  }
  const differences = Float64Array.from(
    { length: first.length },
    (_, i) => at(first, i) - at(second, i),
  );
  return logScoreByParameter(differences, truth, bins);
}

function at(values: ArrayLike<number>, i: number): number {
  return values[i] ?? Number.NaN;
}
