import {
  add,
  concat,
  constant,
  exp,
  expandDims,
  linear,
  log,
  maximum,
  slice,
  squeeze,
  sub,
  sum,
  type Tensor,
} from "@amortis/graph";
import { logGamma } from "../math/index.js";
import type { Bijection } from "./bijection.js";
import {
  isScalar,
  requireLength,
  requireSetting,
  type ScalarDistribution,
  type VectorDistribution,
} from "./distribution.js";
import { onePart, real, scalarOf, writtenAs } from "./written.js";

/** Steps between neighbours in unconstrained space, at least. */
const LEAST_STEP = 1e-30;

/**
 * So many draws of one distribution in increasing order: cut points, change points, locations of a mixture whose components have no other names.
 *
 *     p(x) = d! Π f(xᵢ),   x₁ ≤ x₂ ≤ … ≤ x_d
 *
 * @param base the distribution of each draw, of one continuous number.
 * @param count d, from 2 on.
 * @throws InvalidArgumentError where the distribution is discrete or of several numbers, or there are fewer than two.
 * @example ordered(uniform(0, 10), 3)   // three change points
 */
export function ordered(base: ScalarDistribution, count: number): VectorDistribution {
  const what = "ordered(base, count)";
  const isContinuous = isScalar(base) && base.support.values === undefined;
  requireSetting(isContinuous, what, "needs a continuous distribution of one number", base.name);
  requireSetting(
    Number.isInteger(count) && count >= 2 && count <= 1000,
    what,
    "needs a count from 2 to 1000",
    count,
  );
  const bounds = {
    lower: base.support.lower[0] ?? -Infinity,
    upper: base.support.upper[0] ?? Infinity,
  };
  const all = (bound: number): number[] => Array<number>(count).fill(bound);
  const logOrders = logGamma(count + 1);
  const contains = (value: ArrayLike<number>): boolean =>
    value.length === count &&
    Array.from(value).every((x, i) => base.contains([x]) && (i === 0 || x >= (value[i - 1] ?? x)));
  let bijection: Bijection | undefined;
  return {
    name: "ordered",
    shape: [count],
    size: count,
    support: { kind: "region", lower: all(bounds.lower), upper: all(bounds.upper) },
    get bijection() {
      bijection ??= orderedBijection(base.bijection, count);
      return bijection;
    },
    sample: (random) =>
      Float64Array.from({ length: count }, () => base.sample(random)[0] ?? Number.NaN).toSorted(),
    contains,
    logDensity: (value) => {
      requireLength("ordered", value, count);
      if (!contains(value)) return -Infinity;
      return Array.from(value).reduce((total, x) => total + base.logDensity([x]), logOrders);
    },
    graph: {
      logDensity: (value) =>
        add(sum(base.graph.logDensity(expandDims(value, -1)), { axes: [-1] }), logOrders),
    },
    toJSON: () => ({ name: "ordered", parts: [base.toJSON()], count }),
  };
}

ordered.written = writtenAs({ parts: onePart, count: real }, (data, inner) =>
  ordered(scalarOf(inner(data.parts[0])), data.count),
);

/** xᵢ = g(wᵢ), w₁ = u₁, wᵢ = wᵢ₋₁ + exp uᵢ, for the increasing map g of one number. */
export function orderedBijection(base: Bijection, count: number): Bijection {
  const places = (u: ArrayLike<number>): Float64Array => {
    let w = 0;
    return Float64Array.from(
      { length: count },
      (_, i) => (w += i === 0 ? (u[0] ?? 0) : Math.exp(u[i] ?? 0)),
    );
  };
  /** w of u [..., d]: the sums of the first one and the steps after it. */
  const placesIn = (u: Tensor): Tensor => {
    const steps = concat([slice(u, -1, 0, 1), exp(slice(u, -1, 1, count))], -1);
    const before = Array.from({ length: count ** 2 }, (_, at) =>
      Math.floor(at / count) <= at % count ? 1 : 0,
    );
    return linear(steps, constant(before, [count, count], u.dtype));
  };
  /** A map of single numbers [..., 1], of each coordinate. */
  const each = (f: (x: Tensor) => Tensor, x: Tensor): Tensor => squeeze(f(expandDims(x, -1)), [-1]);
  return {
    unconstrainedSize: count,
    size: count,
    forward: (u) => places(u).map((w) => base.forward([w])[0] ?? Number.NaN),
    inverse: (x) => {
      const w = Float64Array.from(x, (one) => base.inverse([one])[0] ?? Number.NaN);
      return w.map((one, i) =>
        i === 0 ? one : Math.log(Math.max(LEAST_STEP, one - (w[i - 1] ?? one))),
      );
    },
    logJacobian: (u) => {
      const own = places(u).reduce((total, w) => total + base.logJacobian([w]), 0);
      return Array.from(u).reduce((total, step, i) => (i === 0 ? total : total + step), own);
    },
    graph: {
      forward: (u) => each((w) => base.graph.forward(w), placesIn(u)),
      inverse: (x) => {
        const w = each((one) => base.graph.inverse(one), x);
        const steps = sub(slice(w, -1, 1, count), slice(w, -1, 0, count - 1));
        return concat([slice(w, -1, 0, 1), log(maximum(steps, LEAST_STEP))], -1);
      },
      logJacobian: (u) => {
        const own = sum(base.graph.logJacobian(expandDims(placesIn(u), -1)), { axes: [-1] });
        return add(own, sum(slice(u, -1, 1, count), { axes: [-1] }));
      },
    },
  };
}
