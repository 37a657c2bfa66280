import { add, slice, InvalidArgumentError } from "@amortis/graph";
import type { Bijection } from "./bijection.js";
import {
  requireLength,
  type Distribution,
  type Support,
  type VectorDistribution,
} from "./distribution.js";
import { productBijection } from "./product-bijection.js";
import { anyParts, writtenAs } from "./written.js";

/**
 * Independent distributions side by side, as one vector.
 *
 *     p(x) = Π pᵢ(xᵢ)
 *
 * @throws InvalidArgumentError where there are none.
 * @example independent([normal(0, 1), uniform(0, 2)])   // a vector of two
 */
export function independent(parts: readonly Distribution[]): VectorDistribution {
  if (parts.length === 0) {
    throw new InvalidArgumentError(
      "independent([...]) needs at least one distribution, but was given none",
    );
  }
  let size = 0;
  let bijection: Bijection | undefined;
  const pieces = parts.map((part) => ({ part, start: size, end: (size += part.size) }));
  return {
    name: "independent",
    shape: [size],
    size,
    support: productSupport(parts),
    parts,
    // A getter: a discrete part has no bijection, and says so only when it is asked for one.
    get bijection() {
      bijection ??= productBijection(parts.map((part) => part.bijection));
      return bijection;
    },
    sample: (random) => {
      const draw = new Float64Array(size);
      for (const { part, start } of pieces) draw.set(part.sample(random), start);
      return draw;
    },
    contains: (value) => {
      if (value.length !== size) return false;
      const all = Float64Array.from(value);
      return pieces.every(({ part, start, end }) => part.contains(all.subarray(start, end)));
    },
    logDensity: (value) => {
      requireLength("independent", value, size);
      const all = Float64Array.from(value);
      let total = 0;
      for (const { part, start, end } of pieces) {
        const one = part.logDensity(all.subarray(start, end));
        // Outside the support of one part is outside, also where the density of another is infinite.
        if (one === -Infinity) return one;
        total += one;
      }
      return total;
    },
    graph: {
      logDensity: (value) =>
        pieces
          .map(({ part, start, end }) => part.graph.logDensity(slice(value, -1, start, end)))
          .reduce((a, b) => add(a, b)),
    },
    toJSON: () => ({ name: "independent", parts: parts.map((part) => part.toJSON()) }),
  };
}

independent.written = writtenAs({ parts: anyParts }, (data, inner) =>
  independent(data.parts.map((part) => inner(part))),
);

/** The support of distributions side by side. */
export function productSupport(parts: readonly Distribution[]): Support {
  const values = parts.flatMap(
    ({ support, size }) => support.values ?? Array.from({ length: size }, () => undefined),
  );
  return {
    kind: "product",
    lower: parts.flatMap(({ support }) => support.lower),
    upper: parts.flatMap(({ support }) => support.upper),
    // One that may be exactly zero has values, but no list of them.
    ...(parts.some(({ support }) => support.values !== undefined) && { values }),
  };
}
