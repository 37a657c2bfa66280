/**
 * From a network's outputs to estimates within the support of the prior.
 */
import {
  add,
  constant,
  maximum,
  minimum,
  softplus,
  stack,
  stopGradient,
  type Tensor,
} from "@amortis/graph";
import {
  custom,
  flattened,
  independent,
  uniform,
  type Distribution,
} from "../distributions/index.js";
import type { AnyModel } from "../model/index.js";
import type { Moments } from "../data/moments.js";
import { restore, type Standardization } from "../data/standardization.js";

/** Maps raw outputs of a network to parameters. */
export interface OutputMap {
  /** Raw outputs that one point estimate takes. */
  readonly pointSize: number;
  /** [..., pointSize] to [..., p]. */
  point(raw: Tensor): Tensor;
  /**
   * Several [..., p] to [..., levels, p], increasing along the levels.
   *
   * @param point raw outputs of the point estimate, from which the lowest level is an offset where both have the same space.
   */
  increasing(raw: readonly Tensor[], point: Tensor): Tensor;
}

/** A prior whose unconstrained space is the estimate's: a discrete parameter is estimated within its range. */
function forPoint(prior: Distribution): Distribution {
  if (prior.support.kind === "dependent") return marginally(prior);
  if (prior.support.kind !== "discrete") return prior;
  const [lower = 0] = prior.support.lower;
  const [upper = 1] = prior.support.upper;
  // One value alone has no range; a hair's breadth about it has.
  const margin = lower === upper ? 1e-6 * Math.max(1, Math.abs(lower)) : 0;
  return uniform(lower - margin, upper + margin, { link: "logit" });
}

/** Of parameters that depend on others, the bounds that each has whatever the others: estimates are marginal. */
function marginally({ size, support: { lower, upper } }: Distribution): Distribution {
  const alone = (): never => {
    throw new TypeError("bounds alone have neither draws nor a density");
  };
  return custom({ shape: [size], support: { lower, upper }, sample: alone, logDensity: alone });
}

/** The same coordinate by coordinate: quantiles are marginal, so those of a simplex live in a box. */
function forQuantiles(prior: Distribution): Distribution {
  if (prior.support.kind !== "simplex") return forPoint(prior);
  return independent(Array.from({ length: prior.size }, () => uniform(0, 1, { link: "logit" })));
}

/** Moments of the maps' spaces, where they are those of the training set; centred and of unit scale elsewhere. */
function spaceMoments(
  priors: readonly Distribution[],
  { unconstrained, parameters }: Standardization,
  replace: (prior: Distribution) => Distribution,
): Moments {
  const mean: number[] = [];
  const sd: number[] = [];
  const lower: number[] = [];
  const upper: number[] = [];
  const range = parameters.tails === undefined ? undefined : unconstrained?.range;
  let offset = 0;
  for (const prior of priors) {
    const used = replace(prior);
    const size = used.bijection.unconstrainedSize;
    if (used === prior && unconstrained !== undefined) {
      mean.push(...unconstrained.mean.slice(offset, offset + size));
      sd.push(...unconstrained.sd.slice(offset, offset + size));
      const [from, to] = [offset, offset + size];
      const least = leastOf(prior);
      lower.push(
        ...(range?.lower.slice(from, to).map((u, i) => Math.max(u, least[i] ?? u)) ??
          Array<number>(size).fill(-UNHELD)),
      );
      upper.push(...(range?.upper.slice(from, to) ?? Array<number>(size).fill(UNHELD)));
    } else {
      // Where they are by themselves what they are in unconstrained space, they have moments too.
      const known = prior.support.kind === "dependent" ? parameters : undefined;
      const isFree = (i: number): boolean =>
        prior.support.lower[i] === -Infinity && prior.support.upper[i] === Infinity;
      const places = Array.from({ length: size }, (_, i) => i);
      mean.push(...places.map((i) => (isFree(i) ? (known?.mean[i] ?? 0) : 0)));
      sd.push(...places.map((i) => (isFree(i) ? (known?.sd[i] ?? 1) : 1)));
      lower.push(...Array<number>(size).fill(-UNHELD));
      upper.push(...Array<number>(size).fill(UNHELD));
    }
    if (unconstrained !== undefined) offset += prior.bijection.unconstrainedSize;
  }
  return { mean, sd, ...(range && { range: { lower, upper } }) };
}

/** No estimate comes near. */
const UNHELD = 1e30;

/** Where in unconstrained space a parameter with a bound at zero is as small as single precision bears, with its gradients. */
function leastOf({ size, support, bijection }: Distribution): readonly number[] {
  if (size !== 1 || support.lower[0] !== 0) return [];
  return [...bijection.inverse([2 ** -100])];
}

/**
 * Outputs in the units of unconstrained space. Where a parameter is over decades they are held within what was simulated: an untrained network's would
 * overflow, e to the power of some hundreds.
 */
function restoreHeld(raw: Tensor, moments: Moments): Tensor {
  const u = restore(raw, moments);
  if (moments.range === undefined) return u;
  const { lower, upper } = moments.range;
  return minimum(maximum(u, constant(lower)), constant(upper));
}

/** The maps of a model's parameters. */
export function outputMap(model: AnyModel, standardization: Standardization): OutputMap {
  const priors = flattened([model.prior.centred]);
  const pointMap = independent(priors.map(forPoint)).bijection;
  const pointSpace = spaceMoments(priors, standardization, forPoint);
  const quantileMap = independent(priors.map(forQuantiles)).bijection;
  const quantileSpace = spaceMoments(priors, standardization, forQuantiles);
  const sameSpace = priors.every((prior) => prior.support.kind !== "simplex");
  return {
    pointSize: pointMap.unconstrainedSize,
    point: (raw) => pointMap.graph.forward(restoreHeld(raw, pointSpace)),
    increasing: ([lowest, ...increments], point) => {
      if (lowest === undefined) throw new TypeError("increasing: at least one level is needed");
      // The quantiles must not pull at the point estimate, which has a loss of its own.
      let level = sameSpace ? add(lowest, stopGradient(point)) : lowest;
      const levels = [level];
      for (const increment of increments) {
        level = add(level, softplus(increment));
        levels.push(level);
      }
      return quantileMap.graph.forward(restoreHeld(stack(levels, -2), quantileSpace));
    },
  };
}
