/**
 * A proposal with the moments of weighted draws in unconstrained space: a t distribution about those that weigh most, and one, in case, about all.
 */
import type { Bijection } from "../distributions/index.js";
import { TMixture, type Component } from "../samplers/t-mixture.js";
import type { StartingDraws } from "./starting-draws.js";

/** Weight of the component about all draws. */
const WIDE = 0.2;

/** Part of a variance that is added to it. */
const JITTER = 1e-6;

/** The proposal of draws with weights. */
export function drawsMixture(
  { parameters, logWeights }: StartingDraws,
  bijection: Bijection,
): TMixture {
  const { size: p, unconstrainedSize: k } = bijection;
  const points = Array.from(logWeights, (_, i) =>
    bijection.inverse(parameters.subarray(i * p, (i + 1) * p)),
  );
  const most = logWeights.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logWeights.map((weight) => Math.exp(weight - most));
  const possible = logWeights.map((weight) => (weight > -Infinity ? 1 : 0));
  return new TMixture(
    [momentsOf(points, weights, k, 1 - WIDE), momentsOf(points, possible, k, WIDE)],
    k,
  );
}

function momentsOf(
  points: readonly Float64Array[],
  weights: Float64Array,
  k: number,
  weight: number,
): Component {
  const total = weights.reduce((a, b) => a + b, 0);
  const average = (of: (u: Float64Array) => number): number =>
    points.reduce((sum, u, i) => sum + (weights[i] ?? 0) * of(u), 0) / total;
  const mean = Float64Array.from({ length: k }, (_, j) => average((u) => u[j] ?? 0));
  const scale = Float64Array.from({ length: k * k }, (_, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    const covariance = average(
      (u) => ((u[i] ?? 0) - (mean[i] ?? 0)) * ((u[j] ?? 0) - (mean[j] ?? 0)),
    );
    return i === j ? covariance * (1 + JITTER) : covariance;
  });
  return { mean, scale, weight };
}
