/**
 * Priors less an offset, for networks and samplers that reckon in single precision.
 *
 * A float32 has 24 bits: of a date in days since the beginning of the Julian calendar it tells quarters of a day apart. So where a prior sits on an offset that is large beside its
 * width, θ - offset takes the place of θ in graphs and among draws in the making; the host takes the offset off, and puts it on, in double precision.
 */
import { add, constant, type Tensor } from "@amortis/graph";
import {
  isScalar,
  type Distribution,
  type DistributionJson,
  type Support,
} from "./distribution.js";
import { independent } from "./independent.js";
import { distributionFromJSON } from "./json.js";
import { intervalBijection } from "./interval-bijection.js";

/** Ratio of location to width from which an offset is taken off. */
const LARGEST_RATIO = 2 ** 9;

/** Settings that move with a distribution, of those that can be moved as a whole: the same family has θ less an offset. */
const MOVING: Readonly<Record<string, readonly string[]>> = {
  uniform: ["lower", "upper"],
  normal: ["mean"],
  truncatedNormal: ["mean", "lower", "upper"],
  multivariateNormal: ["mean"],
  laplace: ["location"],
  cauchy: ["location"],
  studentT: ["location"],
  triangular: ["lower", "mode", "upper"],
};

/** What a distribution's numbers sit on, [size]: zero where single precision bears them, or where it cannot be moved. */
export function offsetOf(distribution: Distribution): readonly number[] {
  const { parts, size } = distribution;
  if (parts !== undefined) return parts.flatMap(offsetOf);
  const none = Array<number>(size).fill(0);
  const json = distribution.toJSON();
  if (MOVING[json.name] === undefined) return none;
  if (isScalar(distribution)) {
    const middle = distribution.quantile(0.5);
    const width = distribution.quantile(0.75) - distribution.quantile(0.25);
    return Math.abs(middle) > LARGEST_RATIO * width ? [middle] : none;
  }
  const { mean, covariance } = json;
  if (!isNumbers(mean) || !isNumbers(covariance)) return none;
  return mean.map((middle, i) =>
    Math.abs(middle) > LARGEST_RATIO * Math.sqrt(covariance[i * size + i] ?? Infinity) ? middle : 0,
  );
}

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

/** Any distribution less an offset: exact on the host; in graphs the offset is put on in single precision. */
function moved(distribution: Distribution, offset: readonly number[]): Distribution {
  const { size, support } = distribution;
  const back = (x: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => (x[i] ?? Number.NaN) + (offset[i] ?? 0));
  const down = (bounds: readonly number[]): number[] => bounds.map((x, i) => x - (offset[i] ?? 0));
  const [lower, upper] = [down(support.lower), down(support.upper)];
  const kind: Support["kind"] = support.kind === "positive" ? "interval" : support.kind;
  return {
    name: distribution.name,
    shape: distribution.shape,
    size,
    support: {
      ...support,
      kind,
      lower,
      upper,
      ...(support.values && {
        values: support.values.map((list, i) => list?.map((x) => x - (offset[i] ?? 0))),
      }),
    },
    get bijection() {
      // Of what has no unconstrained space, the distribution itself says so.
      return distribution.bijection && intervalBijection(lower, upper);
    },
    sample: (random) => distribution.sample(random).map((x, i) => x - (offset[i] ?? 0)),
    contains: (x) => x.length === size && distribution.contains(back(x)),
    logDensity: (x) => distribution.logDensity(x.length === size ? back(x) : x),
    graph: {
      logDensity: (x: Tensor) =>
        distribution.graph.logDensity(add(x, constant([...offset], [size], x.dtype))),
    },
    toJSON: () => distribution.toJSON(),
  };
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((x) => typeof x === "number");
}
