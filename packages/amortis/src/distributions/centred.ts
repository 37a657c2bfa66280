/**
 * Priors less an offset, for networks and samplers that reckon in single precision.
 *
 * A float32 has 24 bits: of a date in days since the beginning of the Julian calendar it tells quarters of a day apart. So where a prior sits on an offset that is large beside its
 * width, θ - offset takes the place of θ in graphs and among draws in the making; the host takes the offset off, and puts it on, in double precision.
 */
import { add, constant } from "@amortis/graph";
import {
  isScalar,
  type Distribution,
  type DistributionJson,
  type ScalarDistribution,
  type Support,
} from "./distribution.js";
import { independent } from "./independent.js";
import { distributionFromJSON } from "./json.js";
import { inDouble, recentred } from "./recentred-bijection.js";

/** Settings that move with a distribution, of those that can be moved as a whole: the same family has θ less an offset, by the same map. */
const MOVING: Readonly<Record<string, readonly string[]>> = {
  uniform: ["lower", "upper"],
  normal: ["mean"],
  multivariateNormal: ["mean"],
  laplace: ["location"],
  cauchy: ["location"],
  student: ["location"],
  triangular: ["lower", "mode", "upper"],
};

/**
 * The distribution of x - offset.
 *
 * @param offset [size]
 */
export function lessOffset(distribution: Distribution, offset: readonly number[]): Distribution {
  if (offset.every((value) => value === 0)) return distribution;
  const { parts } = distribution;
  if (parts !== undefined) {
    let at = 0;
    return independent(parts.map((part) => lessOffset(part, offset.slice(at, (at += part.size)))));
  }
  const json = distribution.toJSON();
  const moving = MOVING[json.name];
  return moving === undefined
    ? moved(distribution, offset)
    : distributionFromJSON(less(json, moving, offset));
}

function less(
  json: DistributionJson,
  moving: readonly string[],
  offset: readonly number[],
): DistributionJson {
  const entries = Object.entries(json).map(([key, value]) => {
    if (!moving.includes(key)) return [key, value] as const;
    if (isNumbers(value)) return [key, value.map((x, i) => x - (offset[i] ?? 0))] as const;
    return [key, typeof value === "number" ? value - (offset[0] ?? 0) : value] as const;
  });
  return { ...Object.fromEntries(entries), name: json.name };
}

/** Any distribution less an offset, which is put on in double precision wherever the distribution is asked, in graphs too. */
function moved(distribution: Distribution, offset: readonly number[]): Distribution {
  const { size, support } = distribution;
  const back = (x: ArrayLike<number>): Float64Array =>
    Float64Array.from(x, (value, i) => value + (offset[i] ?? 0));
  const down = (bounds: readonly number[]): number[] => bounds.map((x, i) => x - (offset[i] ?? 0));
  const kind: Support["kind"] = support.kind === "positive" ? "interval" : support.kind;
  return {
    name: distribution.name,
    shape: distribution.shape,
    size,
    support: {
      ...support,
      kind,
      lower: down(support.lower),
      upper: down(support.upper),
      ...(support.values && {
        values: support.values.map((list, i) => list?.map((x) => x - (offset[i] ?? 0))),
      }),
    },
    get bijection() {
      // Of what has no unconstrained space, the distribution itself says so.
      return recentred(distribution.bijection, offset);
    },
    sample: (random) => distribution.sample(random).map((x, i) => x - (offset[i] ?? 0)),
    contains: (x) => x.length === size && distribution.contains(back(x)),
    logDensity: (x) => distribution.logDensity(x.length === size ? back(x) : x),
    graph: {
      logDensity: (theta) =>
        inDouble(theta, (x) =>
          distribution.graph.logDensity(add(x, constant([...offset], [size], x.dtype))),
        ),
    },
    toJSON: () => distribution.toJSON(),
    ...(isScalar(distribution) && movedScalar(distribution, offset[0] ?? 0)),
  };
}

/** What a distribution of one number has beside. */
function movedScalar(
  distribution: ScalarDistribution,
  offset: number,
): Pick<ScalarDistribution, "mean" | "variance" | "cdf" | "quantile"> {
  return {
    get mean() {
      return distribution.mean - offset;
    },
    get variance() {
      return distribution.variance;
    },
    cdf: (x) => distribution.cdf(x + offset),
    quantile: (p) => distribution.quantile(p) - offset,
  };
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((x) => typeof x === "number");
}
