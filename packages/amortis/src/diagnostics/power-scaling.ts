/**
 * Sensitivity of a posterior to its prior and its likelihood, by power scaling.
 *
 * Prior or likelihood are raised to a power a near one, and draws weighted by what that changes, w ∝ p(θ)^(a - 1) or p(Z | θ)^(a - 1). How far the weighted distribution function of a
 * parameter is from that of the draws, for a doubling of a, is the sensitivity:
 *
 *     S = ½ ( D(1/a) + D(a) ) / log2 a,    D² = ( CJS(P ‖ Q) + CJS(Q ‖ P) ) / ∫ P + Q,
 *
 * with the cumulative Jensen-Shannon divergence CJS. Above 0.05 a component matters. A prior that matters beside data that matter is in conflict with them; one that matters where data do
 * not decides alone.
 *
 * Reference: Kallioinen, Paananen, Bürkner & Vehtari (2024), "Detecting and diagnosing prior and likelihood sensitivity with power-scaling", arXiv 2107.14054.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** Draws of one posterior, with what they are weighted by. */
export interface PowerScalingInput {
  /** [draws, p] */
  readonly draws: ArrayLike<number>;
  readonly names: readonly string[];
  /** log p(θ) of each draw. */
  readonly logPrior: ArrayLike<number>;
  /** log p(Z | θ) of each, up to a constant. */
  readonly logLikelihood: ArrayLike<number>;
}

/** The power, less one. */
export interface PowerScalingOptions {
  /** a = 1 + delta and its inverse; 0.01 by default. */
  readonly delta?: number;
}

const KNOWN: KnownOptions<PowerScalingOptions> = { delta: true };

/** What is said of one parameter. */
export interface Sensitivity {
  readonly name: string;
  readonly prior: number;
  readonly likelihood: number;
  /** Where both matter, they pull apart; where the prior alone does, data say little. */
  readonly finding: "none" | "prior-data conflict" | "strong prior or weak likelihood";
}

/** Sensitivity from which on a component matters, by the paper. */
const MATTERS = 0.05;

/**
 * Sensitivity of each parameter's posterior.
 *
 * @throws InvalidArgumentError where the arrays do not fit each other, or a log is no number.
 * @example
 * powerScaling({ draws: posterior.draws, names: posterior.parameterNames, logPrior, logLikelihood })[0]?.finding
 */
export function powerScaling(
  input: PowerScalingInput,
  options: PowerScalingOptions = {},
): readonly Sensitivity[] {
  requireKnown("powerScaling", options, KNOWN);
  const { delta = 0.01 } = options;
  const { draws, names, logPrior, logLikelihood } = input;
  const [p, n] = [names.length, logPrior.length];
  if (n < 2 || draws.length !== n * p || logLikelihood.length !== n) {
    throw new InvalidArgumentError(
      `powerScaling needs draws [n, ${p}] with n log priors and log-likelihoods, but was given ${draws.length} values, ${n} and ${logLikelihood.length}`,
    );
  }
  const powers = [1 / (1 + delta), 1 + delta];
  const weightsOf = (logs: ArrayLike<number>): readonly Float64Array[] =>
    powers.map((power) => scaledWeights(logs, power - 1));
  const [prior, likelihood] = [weightsOf(logPrior), weightsOf(logLikelihood)];
  return names.map((name, k) => {
    const values = Float64Array.from({ length: n }, (_, i) => draws[i * p + k] ?? Number.NaN);
    const sensitivityTo = (weights: readonly Float64Array[]): number =>
      weights.reduce((sum, own) => sum + weightedDistance(values, own), 0) /
      (2 * Math.log2(1 + delta));
    const found = { prior: sensitivityTo(prior), likelihood: sensitivityTo(likelihood) };
    return { name, ...found, finding: findingOf(found) };
  });
}

function findingOf({ prior, likelihood }: Pick<Sensitivity, "prior" | "likelihood">) {
  if (prior < MATTERS) return "none";
  return likelihood < MATTERS ? "strong prior or weak likelihood" : "prior-data conflict";
}

/** Normalised weights exp(power · log). */
function scaledWeights(logs: ArrayLike<number>, power: number): Float64Array {
  const scaled = Float64Array.from(logs, (log) => power * log);
  const bad = scaled.findIndex((log) => !Number.isFinite(log));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      `powerScaling needs finite log priors and log-likelihoods, but that of draw ${bad} is ${logs[bad]}`,
    );
  }
  const most = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = scaled.map((log) => Math.exp(log - most));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** The distance between draws and weighted draws, the larger of that of the values and of minus the values. */
export function weightedDistance(values: Float64Array, weights: Float64Array): number {
  const order = Uint32Array.from(values, (_, i) => i).toSorted(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  );
  return Math.max(
    distanceAlong(values, weights, order),
    distanceAlong(values, weights, order.toReversed()),
  );
}

function distanceAlong(values: Float64Array, weights: Float64Array, order: Uint32Array): number {
  const n = values.length;
  let [weighted, ofP, ofQ, pq, qp] = [0, 0, 0, 0, 0];
  for (let i = 0; i + 1 < n; i++) {
    const [here, next] = [order[i] ?? 0, order[i + 1] ?? 0];
    weighted += weights[here] ?? 0;
    const width = Math.abs((values[next] ?? 0) - (values[here] ?? 0));
    const [p, q] = [(i + 1) / n, weighted];
    const middle = Math.log2((p + q) / 2);
    ofP += width * p;
    ofQ += width * q;
    pq += width * p * (Math.log2(p) - middle);
    if (q > 0) qp += width * q * (Math.log2(q) - middle);
  }
  if (!(ofP + ofQ > 0)) return 0;
  const shift = (ofQ - ofP) / (2 * Math.LN2);
  return Math.sqrt((Math.max(0, pq + shift) + Math.max(0, qp - shift)) / (ofP + ofQ));
}
