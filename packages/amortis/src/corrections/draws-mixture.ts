/**
 * A proposal with the moments of weighted draws in unconstrained space: a t distribution about those that weigh most, and one, in case, about all.
 */
import type { Bijection } from "../distributions/index.js";
import { TMixture, type Component } from "../samplers/t-mixture.js";
import { momentsOfRows } from "./row-moments.js";
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
    [componentOf(points, weights, k, 1 - WIDE), componentOf(points, possible, k, WIDE)],
    k,
  );
}

function componentOf(
  points: readonly Float64Array[],
  weights: Float64Array,
  k: number,
  weight: number,
): Component {
  const { mean, covariance } = momentsOfRows(points, k, weights);
  const scale = covariance.map((value, at) => (at % (k + 1) === 0 ? value * (1 + JITTER) : value));
  return { mean, scale, weight };
}
