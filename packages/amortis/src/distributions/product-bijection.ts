/**
 * Bijections side by side.
 */
import { add, concat, slice, type Tensor } from "@amortis/graph";
import type { Bijection } from "./bijection.js";

/** Neighbours that can be one become one, so that graphs have few nodes. */
function merge(parts: readonly Bijection[]): readonly Bijection[] {
  const merged: Bijection[] = [];
  for (const part of parts) {
    const joined = merged.at(-1)?.joined?.(part);
    if (joined === undefined) merged.push(part);
    else merged[merged.length - 1] = joined;
  }
  return merged;
}

/** Several bijections side by side, their coordinates concatenated. */
export function productBijection(given: readonly Bijection[]): Bijection {
  const parts = merge(given);
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const layout = (of: "size" | "unconstrainedSize") => {
    let total = 0;
    const ranges = parts.map((part) => ({ start: total, end: (total += part[of]) }));
    return { ranges, total };
  };
  const u = layout("unconstrainedSize");
  const theta = layout("size");
  const cut = (values: ArrayLike<number>, { ranges }: typeof u, i: number): Float64Array =>
    Float64Array.from(values).subarray(ranges[i]?.start, ranges[i]?.end);
  const cutTensor = (x: Tensor, { ranges }: typeof u, i: number): Tensor =>
    slice(x, -1, ranges[i]?.start ?? 0, ranges[i]?.end ?? 0);
  const join = (pieces: readonly Float64Array[], { ranges, total }: typeof u): Float64Array => {
    const all = new Float64Array(total);
    for (const [i, piece] of pieces.entries()) all.set(piece, ranges[i]?.start);
    return all;
  };
  return {
    size: theta.total,
    unconstrainedSize: u.total,
    get coordinates() {
      const all = parts.flatMap(({ coordinates = [] }) => coordinates);
      return all.length === u.total ? all : undefined;
    },
    forward: (x) =>
      join(
        parts.map((part, i) => part.forward(cut(x, u, i))),
        theta,
      ),
    inverse: (x) =>
      join(
        parts.map((part, i) => part.inverse(cut(x, theta, i))),
        u,
      ),
    logJacobian: (x) => parts.reduce((total, part, i) => total + part.logJacobian(cut(x, u, i)), 0),
    graph: {
      forward: (x) =>
        concat(
          parts.map((part, i) => part.graph.forward(cutTensor(x, u, i))),
          -1,
        ),
      inverse: (x) =>
        concat(
          parts.map((part, i) => part.graph.inverse(cutTensor(x, theta, i))),
          -1,
        ),
      logJacobian: (x) =>
        parts
          .map((part, i) => part.graph.logJacobian(cutTensor(x, u, i)))
          .reduce((a, b) => add(a, b)),
    },
  };
}
