/**
 * Distributions of one number that has finitely many values.
 */
import {
  cast,
  constant,
  equal,
  log,
  mul,
  sum,
  UnsupportedError,
  type Tensor,
} from "@amortis/graph";
import type { Stream } from "../random/index.js";
import {
  requireLength,
  requireLevel,
  type DistributionJson,
  type ScalarDistribution,
} from "./distribution.js";

/** What such a distribution is made from. */
export interface FiniteSpec {
  readonly name: string;
  /** Distinct finite values, increasing. */
  readonly values: readonly number[];
  /** Their log-probabilities, which add up to one but for what is left out. */
  readonly logProbabilities: readonly number[];
  /** What each value is called. */
  readonly labels?: readonly string[];
  readonly json: DistributionJson;
  /** Mean and variance. */
  readonly moments: readonly [number, number];
  sample(random: Stream): number;
  /** By default by comparison with every value. */
  readonly graphLogDensity?: (value: Tensor) => Tensor;
}

/** Where values are, also as they are in single precision. */
function placesOf(values: readonly number[]): ReadonlyMap<number, number> {
  const exact = values.map((value, i) => [value, i] as const);
  const rounded = values.map((value, i) => [Math.fround(value), i] as const);
  return new Map([...rounded, ...exact]);
}

/**
 * The distribution of a number among finitely many values. It has no unconstrained space: methods that need one refuse it.
 */
export function finiteDistribution(spec: FiniteSpec): ScalarDistribution {
  const { name, values, json } = spec;
  const places = placesOf(values);
  const logProbability = (x: number): number => {
    const at = places.get(x);
    return at === undefined ? -Infinity : (spec.logProbabilities[at] ?? -Infinity);
  };
  const possible = values.filter((value) => logProbability(value) > -Infinity);
  const [lower = Number.NaN, upper = Number.NaN] = [values[0], values.at(-1)];
  const probabilities = spec.logProbabilities.map(Math.exp);
  let sofar = 0;
  const cumulative = probabilities.map((q) => (sofar += q));
  const [mean, variance] = spec.moments;
  return {
    name,
    shape: [],
    size: 1,
    support: { kind: "discrete", lower: [lower], upper: [upper], values: [possible] },
    ...(spec.labels && { labels: spec.labels }),
    mean,
    variance,
    get bijection(): never {
      const shown = values.length > 20 ? `${lower} to ${upper}` : values.join(", ");
      throw new UnsupportedError(
        `a discrete parameter (values ${shown}) has no unconstrained space; use a method that does not need one, such as nbe`,
      );
    },
    sample: (random) => Float64Array.of(spec.sample(random)),
    contains: (value) => value.length === 1 && logProbability(value[0] ?? Number.NaN) > -Infinity,
    logDensity: (value) => {
      requireLength(name, value, 1);
      return logProbability(value[0] ?? Number.NaN);
    },
    cdf: (x) => {
      if (x >= upper) return 1;
      return cumulative[values.findLastIndex((value) => value <= x)] ?? 0;
    },
    quantile: (p) => {
      requireLevel(name, p);
      const at = cumulative.findIndex((c, i) => c >= p && (probabilities[i] ?? 0) > 0);
      return values[at] ?? possible.at(-1) ?? upper;
    },
    graph: { logDensity: spec.graphLogDensity ?? comparing(values, probabilities) },
    toJSON: () => json,
  };
}

/** log Σ p_i [value = value_i]. */
function comparing(
  values: readonly number[],
  probabilities: readonly number[],
): (value: Tensor) => Tensor {
  return (value) => {
    const match = equal(value, constant(values, [values.length], value.dtype));
    const weights = constant(probabilities, [values.length], value.dtype);
    return log(sum(mul(cast(match, value.dtype), weights), { axes: [-1] }));
  };
}
