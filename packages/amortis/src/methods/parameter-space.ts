/**
 * The unconstrained space of all of a model's parameters together, and their support.
 */
import { independent, type Bijection } from "../distributions/index.js";
import type { AnyModel } from "../model/index.js";

/**
 * θ = g(u) for all parameters of a model, in their order.
 *
 * @throws UnsupportedError where a prior has no unconstrained space.
 */
export function parameterBijection(model: AnyModel): Bijection {
  return independent(Object.values(model.parameters)).bijection;
}

/** Bounds of each flat parameter; infinite where there is none. */
export function parameterBounds(model: AnyModel): {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
} {
  const supports = Object.values(model.parameters).map((prior) => prior.support);
  return {
    lower: supports.flatMap((support) => [...support.lower]),
    upper: supports.flatMap((support) => [...support.upper]),
  };
}
