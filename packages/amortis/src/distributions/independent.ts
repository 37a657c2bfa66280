import { concat, expandDims, slice, sum, InvalidArgumentError } from "@amortis/graph";
import { productBijection } from "./bijection.js";
import type { Distribution, VectorDistribution } from "./distribution.js";

/**
 * Independent distributions side by side, as one vector.
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
  const size = parts.reduce((total, part) => total + part.size, 0);
  const offsets = parts.map((_, i) =>
    parts.slice(0, i).reduce((total, part) => total + part.size, 0),
  );
  return {
    name: "independent",
    shape: [size],
    size,
    support: {
      kind: "product",
      lower: parts.flatMap((part) => [...part.support.lower]),
      upper: parts.flatMap((part) => [...part.support.upper]),
    },
    // A getter: a discrete part has no bijection, and says so only when it is asked for one.
    get bijection() {
      return productBijection(parts.map((part) => part.bijection));
    },
    sample: (random) => Float64Array.from(parts.flatMap((part) => [...part.sample(random)])),
    logDensity: (value) => {
      const all = Array.from(value);
      return parts.reduce((total, part, i) => {
        const at = offsets[i] ?? 0;
        return total + part.logDensity(all.slice(at, at + part.size));
      }, 0);
    },
    graph: {
      logDensity: (value) => {
        const terms = parts.map((part, i) => {
          const at = offsets[i] ?? 0;
          return expandDims(part.graph.logDensity(slice(value, -1, at, at + part.size)), -1);
        });
        return sum(concat(terms, -1), { axes: [-1] });
      },
    },
    toJSON: () => ({ name: "independent", parts: parts.map((part) => part.toJSON()) }),
  };
}
