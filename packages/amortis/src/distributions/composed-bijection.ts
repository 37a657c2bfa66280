/**
 * One bijection after another.
 */
import { add } from "@amortis/graph";
import type { Bijection } from "./bijection.js";

const MADE = new WeakMap<Bijection, readonly [Bijection, Bijection]>();

/** θ = outer(inner(u)). Neighbours join where their inner and their outer maps do. */
export function composedBijection(inner: Bijection, outer: Bijection): Bijection {
  const made: Bijection = {
    unconstrainedSize: inner.unconstrainedSize,
    size: outer.size,
    forward: (u) => outer.forward(inner.forward(u)),
    inverse: (theta) => inner.inverse(outer.inverse(theta)),
    logJacobian: (u) => inner.logJacobian(u) + outer.logJacobian(inner.forward(u)),
    get coordinates() {
      const outside = outer.coordinates;
      return inner.coordinates?.flatMap((first, i) => {
        const then = outside?.[i];
        return then === undefined ? [] : [composedBijection(first, then)];
      });
    },
    joined: (next) => {
      const other = MADE.get(next);
      const first = other && inner.joined?.(other[0]);
      const second = other && outer.joined?.(other[1]);
      return first && second && composedBijection(first, second);
    },
    graph: {
      forward: (u) => outer.graph.forward(inner.graph.forward(u)),
      inverse: (theta) => inner.graph.inverse(outer.graph.inverse(theta)),
      logJacobian: (u) =>
        add(inner.graph.logJacobian(u), outer.graph.logJacobian(inner.graph.forward(u))),
    },
  };
  MADE.set(made, [inner, outer]);
  return made;
}
