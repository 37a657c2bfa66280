import { add, constant, log, mul, sum } from "@amortis/graph";
import { logGamma } from "../math/index.js";
import { logGammaDraw } from "../random/gamma.js";
import { isShape, requireLength, requireSetting, type VectorDistribution } from "./distribution.js";
import { innerBounds } from "./rounding.js";
import { simplexBijection } from "./simplex-bijection.js";
import { reals, writtenAs } from "./written.js";

/** How far the sum of a point may be from one: what single precision does to a few hundred coordinates. */
const TOLERANCE = 1e-5;

/**
 * Dirichlet on the simplex of d coordinates; the density is with respect to the first d - 1.
 *
 *     p(x) = Γ(Σ aᵢ) / Π Γ(aᵢ) · Π xᵢ^(aᵢ - 1),   Σ xᵢ = 1
 *
 * @throws InvalidArgumentError unless there are at least two concentrations, all positive (from 1e-300 to 1e100).
 * @example dirichlet([1, 1, 1])   // uniform on the triangle
 */
export function dirichlet(concentration: readonly number[]): VectorDistribution {
  const a = [...concentration];
  const d = a.length;
  requireSetting(
    d >= 2 && a.every((one) => isShape(one)),
    "dirichlet(concentration)",
    "needs at least two positive numbers",
    a,
  );
  const total = a.reduce((x, y) => x + y, 0);
  const mean = a.map((one) => Math.max(1e-30, one / total));
  const logMean = mean.map(Math.log);
  const constantAtMean = a.reduce(
    (sofar, one, i) => sofar - logGamma(one) + (one - 1) * (logMean[i] ?? 0),
    logGamma(total),
  );
  const [least, greatest] = innerBounds(0, 1, "float64");
  return {
    name: "dirichlet",
    shape: [d],
    size: d,
    support: { kind: "simplex", lower: a.map(() => 0), upper: a.map(() => 1) },
    bijection: simplexBijection(d),
    sample: (random) => {
      const logs = a.map((one) => logGammaDraw(random, one));
      const highest = logs.reduce((x, y) => Math.max(x, y), -Infinity);
      const weights = logs.map((value) => Math.exp(value - highest));
      const sumOfWeights = weights.reduce((x, y) => x + y, 0);
      return Float64Array.from(weights, (w) =>
        Math.min(greatest, Math.max(least, w / sumOfWeights)),
      );
    },
    contains: (value) => value.length === d && isOnSimplex(value),
    logDensity: (value) => {
      requireLength("dirichlet", value, d);
      if (!isOnSimplex(value)) return -Infinity;
      // About the mean, where large concentrations would cancel.
      let sumOfTerms = constantAtMean;
      let boundary = 0;
      for (let i = 0; i < d; i++) {
        const x = value[i] ?? Number.NaN;
        const power = (a[i] ?? 1) - 1;
        if (x > 0) sumOfTerms += power * Math.log(x / (mean[i] ?? 1));
        // On the boundary the density is infinite or zero; where both meet, it has no limit and is taken for zero.
        else if (power !== 0) boundary = power > 0 || boundary < 0 ? -Infinity : Infinity;
      }
      return boundary === 0 ? sumOfTerms : boundary;
    },
    graph: {
      logDensity: (value) => {
        const vector = (values: readonly number[]) => constant(values, [d], value.dtype);
        const scaled = mul(value, vector(mean.map((m) => 1 / m)));
        const terms = mul(log(scaled), vector(a.map((one) => one - 1)));
        return add(sum(terms, { axes: [-1] }), constantAtMean);
      },
    },
    toJSON: () => ({ name: "dirichlet", concentration: a }),
  };
}

dirichlet.written = writtenAs({ concentration: reals }, (data) => dirichlet(data.concentration));

/** Whether no coordinate is negative and their sum is one, up to single precision. */
function isOnSimplex(value: ArrayLike<number>): boolean {
  let total = 0;
  for (let i = 0; i < value.length; i++) {
    const x = value[i] ?? Number.NaN;
    if (!(x >= 0)) return false;
    total += x;
  }
  return Math.abs(total - 1) <= TOLERANCE;
}
