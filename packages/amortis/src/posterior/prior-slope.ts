/**
 * Gradients of a prior's log density on the host, by central differences, part by part: what they err by, some 1e-9, costs a Hamiltonian sampler nothing but acceptance.
 *
 * Steps are taken in the coordinates that the bounds make unconstrained, so that none leaves the support, and are as long as the prior is wide there.
 */
import { flattened, intervalBijection, type Distribution } from "../distributions/index.js";
import { stream } from "../random/index.js";
import { quantileOf } from "./marginals.js";

/** Step, in quartile ranges of the prior. */
const STEP = 1e-4;

/** Draws that say how wide it is. */
const DRAWS = 200;

/** A prior with a gradient. */
export interface PriorSlope {
  readonly logDensity: (theta: Float64Array) => number;
  /** Adds the gradient of the log density to what is there, [p]. */
  readonly addGradient: (theta: Float64Array, to: Float64Array) => void;
}

/** @returns undefined of a prior with a part that has no coordinates of its own, as simplexes have none, or discrete numbers. */
export function priorSlope(prior: Distribution): PriorSlope | undefined {
  const parts = flattened([prior]);
  if (parts.some(({ support: { kind } }) => kind === "simplex" || kind === "discrete")) {
    return undefined;
  }
  let next = 0;
  const slopes = parts.map((part) => {
    const from = next;
    next += part.size;
    return { from, to: next, differentiate: differences(part) };
  });
  return {
    logDensity: (theta) => prior.logDensity(theta),
    addGradient: (theta, to) => {
      for (const { from, to: end, differentiate } of slopes) {
        differentiate(theta.slice(from, end), to.subarray(from, end));
      }
    },
  };
}

/** Central differences of one part. */
function differences(part: Distribution): (theta: Float64Array, to: Float64Array) => void {
  const { lower, upper } = part.support;
  const space = intervalBijection(lower, upper);
  const steps = stepsOf(part, (theta) => space.inverse(theta));
  return (theta, to) => {
    const u = space.inverse(theta);
    for (const [j, step] of steps.entries()) {
      const [above, below] = [1, -1].map((sign) => {
        const value = space.forward(u.with(j, (u[j] ?? NaN) + sign * step))[j] ?? NaN;
        return { value, log: part.logDensity(theta.with(j, value)) };
      });
      const slope =
        ((above?.log ?? NaN) - (below?.log ?? NaN)) /
        ((above?.value ?? NaN) - (below?.value ?? NaN));
      to[j] = (to[j] ?? NaN) + slope;
    }
  };
}

/** Steps along each coordinate, by the quartiles of draws. */
function stepsOf(
  part: Distribution,
  toSpace: (theta: Float64Array) => Float64Array,
): readonly number[] {
  const random = stream("prior-slope");
  const draws = Array.from({ length: DRAWS }, () => toSpace(part.sample(random)));
  return Array.from({ length: part.size }, (_, j) => {
    const column = Float64Array.from(draws, (u) => u[j] ?? NaN).toSorted();
    const width = quantileOf(column, 0.75) - quantileOf(column, 0.25);
    return STEP * (width > 0 ? width : 1);
  });
}
