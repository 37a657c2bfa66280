/**
 * Risk by the true value of a parameter: where in parameter space an estimator is weak.
 *
 *     r(t) = E[ ℓ(θ, answer(Z)) | θ_j = t ]
 *
 * of any loss ℓ, averaged over simulations whose θ_j falls into one of several bins of equal numbers, each with its standard error. Averages over the whole prior hide a corner where an
 * estimator fails. (Ranks and coverage are not to be cut by the truth: given θ, they are not uniform even where posteriors are right; `placesOf` cuts them by the posterior mean.)
 */
import { InvalidArgumentError } from "@amortis/graph";
import { average, type Average } from "./averages.js";

/** Simulations whose parameter lies between two values. */
export interface RiskBin {
  readonly lower: number;
  readonly upper: number;
  /** Mean of the parameter's true values in the bin. */
  readonly center: number;
  /** Mean loss, with standard error. */
  readonly score: Average;
}

/**
 * Mean of any loss by the true value of one parameter.
 *
 * @param losses of each simulation, [n]: squared errors, CRPS, energy scores, log-densities.
 * @param truth values of the parameter, [n].
 * @param bins of as equal numbers as can be; 10 by default.
 * @returns bins in increasing order of the parameter. Simulations that share a value share a bin.
 * @throws InvalidArgumentError where the lengths differ, or there are fewer than two simulations a bin.
 * @example riskByParameter(scoreDraws(scored)["range"].squaredError.each, test.parameters)
 */
export function riskByParameter(
  losses: ArrayLike<number>,
  truth: ArrayLike<number>,
  bins = 10,
): readonly RiskBin[] {
  const n = truth.length;
  if (losses.length !== n) {
    throw new InvalidArgumentError(
      `there are ${n} true values, so as many values are needed, but ${losses.length} were given`,
    );
  }
  if (!(Number.isInteger(bins) && bins >= 1 && n >= 2 * bins)) {
    throw new InvalidArgumentError(
      `bins must be a whole number from 1 on, with two simulations or more each, but ${bins} bins of ${n} simulations were asked for`,
    );
  }
  const order = Float64Array.from({ length: n }, (_, i) => i).toSorted(
    (a, b) => at(truth, a) - at(truth, b),
  );
  const ends = binEnds(order, truth, bins);
  return ends.map((end, k) => {
    const rows = order.subarray(ends[k - 1] ?? 0, end);
    const values = rows.map((row) => at(truth, row));
    return {
      lower: values[0] ?? Number.NaN,
      upper: values.at(-1) ?? Number.NaN,
      center: values.reduce((a, b) => a + b, 0) / values.length,
      score: average(rows.map((row) => at(losses, row))),
    };
  });
}

/** Where each bin ends among the ordered rows: equal numbers, moved on while the value stays the same. */
function binEnds(order: Float64Array, truth: ArrayLike<number>, bins: number): readonly number[] {
  const n = order.length;
  const ends: number[] = [];
  for (let k = 1; k <= bins; k++) {
    let end = Math.max(Math.round((k * n) / bins), ends.at(-1) ?? 0);
    while (end < n && at(truth, order[end] ?? 0) === at(truth, order[end - 1] ?? 0)) end++;
    if (end > (ends.at(-1) ?? 0)) ends.push(end);
  }
  return ends;
}

function at(values: ArrayLike<number>, i: number): number {
  return values[i] ?? Number.NaN;
}
