/**
 * What data sets tell of parameters by their posteriors, each with its standard error: contraction, z-scores, recovery.
 *
 *     contraction   1 - var(θ | Z) / var(θ)     one where data say all, zero where they say nothing
 *     z-score       (E(θ | Z) - θ) / sd(θ | Z)   mean zero; root mean square one where posteriors are right
 *     recovery      correlation of E(θ | Z) and θ
 *
 * Z-scores are summed up by their mean and by their root mean square: a median of signed scores is zero for posteriors that are much too narrow as well, since over data sets they cancel.
 *
 * Reference: Betancourt (2018), "Calibrating model-based inferences and decisions", arXiv 1803.08393; Schad, Betancourt & Vasishth (2021).
 */
import { meanOf, sdOf } from "../posterior/marginals.js";
import { average, rootMeanSquare, type Average, type Estimate } from "./averages.js";

/** What is said of one parameter. */
export interface PrecisionScores {
  readonly contraction: Average;
  /** Mean z-score: a shift, in posterior standard deviations. */
  readonly zScore: Average;
  /** Root mean square of z-scores: above one where posteriors are too narrow. */
  readonly zScale: Estimate;
  readonly recovery: Estimate;
}

/**
 * Contraction, z-scores and recovery of one parameter.
 *
 * @param truth [n]
 * @param mean posterior means, [n].
 * @param sd posterior standard deviations, [n].
 * @param priorSd of the parameter; by default that of the truths.
 * @example precisionScores(truth, mean, sd).zScale.value   // 1.2: a fifth too narrow
 */
export function precisionScores(
  truth: Float64Array,
  mean: Float64Array,
  sd: Float64Array,
  priorSd?: number,
): PrecisionScores {
  const z = mean.map((m, i) => (m - (truth[i] ?? NaN)) / (sd[i] ?? NaN));
  return {
    contraction: contractionOf(truth, sd, priorSd),
    zScore: average(z),
    zScale: rootMeanSquare(z),
    recovery: correlationOf(truth, mean),
  };
}

/** 1 - s² / V; its standard error has that of V where V is the truths' variance, by the influence of each truth on it. */
function contractionOf(
  truth: Float64Array,
  sd: Float64Array,
  priorSd: number | undefined,
): Average {
  const variance = (priorSd ?? sdOf(truth)) ** 2;
  const left = average(sd.map((s) => s ** 2 / variance));
  const center = meanOf(truth);
  const influence =
    priorSd !== undefined
      ? left
      : average(
          left.each.map(
            (share, i) => share - (left.value * ((truth[i] ?? NaN) - center) ** 2) / variance,
          ),
        );
  return {
    value: 1 - left.value,
    standardError: influence.standardError,
    each: left.each.map((share) => 1 - share),
  };
}

/** A correlation with its standard error, by its influence function x y - r (x² + y²) / 2 of standardised x, y. */
export function correlationOf(a: Float64Array, b: Float64Array): Estimate {
  const standardized = (values: Float64Array): Float64Array => {
    const [mean, sd] = [meanOf(values), sdOf(values)];
    return values.map((x) => (x - mean) / sd);
  };
  const [x, y] = [standardized(a), standardized(b)];
  const n = a.length;
  const value = x.reduce((sum, own, i) => sum + own * (y[i] ?? NaN), 0) / (n - 1);
  const influence = x.map((own, i) => {
    const other = y[i] ?? NaN;
    return own * other - (value * (own ** 2 + other ** 2)) / 2;
  });
  return { value, standardError: average(influence).standardError };
}
