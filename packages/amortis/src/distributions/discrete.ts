import { cast, constant, equal, log, mul, sum, UnsupportedError } from "@amortis/graph";
import {
  requireLength,
  requireLevel,
  requireSetting,
  type ScalarDistribution,
} from "./distribution.js";

/**
 * A number among given values, each with a probability. It has no unconstrained space: methods that need one refuse it.
 *
 * A value counts as met also by what it is in single precision.
 *
 * @param probabilities as many as values, at least 0; they are normalised. By default equal.
 * @throws InvalidArgumentError where values repeat, or probabilities do not fit.
 * @example discrete([0, 1, 2], [0.5, 0.3, 0.2])
 */
export function discrete(
  values: readonly number[],
  probabilities: readonly number[] = values.map(() => 1 / values.length),
): ScalarDistribution {
  const what = "discrete(values, probabilities)";
  const distinct =
    values.length > 0 && values.every(Number.isFinite) && new Set(values).size === values.length;
  requireSetting(distinct, what, "needs distinct finite values", values);
  const total = probabilities.reduce((a, b) => a + b, 0);
  const fits =
    probabilities.length === values.length &&
    probabilities.every((q) => q >= 0) &&
    total > 0 &&
    Number.isFinite(total);
  requireSetting(fits, what, `needs ${values.length} probabilities of at least 0`, probabilities);
  const given = [...values];
  const normalized = probabilities.map((q) => q / total);
  /** From the least value on. */
  const sorted = given
    .map((value, i) => ({ value, probability: normalized[i] ?? 0 }))
    .toSorted((a, b) => a.value - b.value);
  const lower = sorted[0]?.value ?? Number.NaN;
  const upper = sorted.at(-1)?.value ?? Number.NaN;
  const place = (x: number): number =>
    given.findIndex((one) => one === x || Math.fround(one) === x);
  return {
    name: "discrete",
    shape: [],
    size: 1,
    support: {
      kind: "discrete",
      lower: [lower],
      upper: [upper],
      values: [sorted.filter((one) => one.probability > 0).map((one) => one.value)],
    },
    get bijection(): never {
      throw new UnsupportedError(
        `a discrete parameter (values ${given.join(", ")}) has no unconstrained space; use a method that does not need one, such as nbe`,
      );
    },
    sample: (random) => Float64Array.of(given[random.categorical(normalized)] ?? Number.NaN),
    contains: (value) => value.length === 1 && (normalized[place(value[0] ?? Number.NaN)] ?? 0) > 0,
    logDensity: (value) => {
      requireLength("discrete", value, 1);
      const at = place(value[0] ?? Number.NaN);
      return at < 0 ? -Infinity : Math.log(normalized[at] ?? 0);
    },
    cdf: (x) =>
      x >= upper
        ? 1
        : sorted.reduce((sofar, one) => (one.value <= x ? sofar + one.probability : sofar), 0),
    quantile: (p) => {
      requireLevel("discrete", p);
      let left = p;
      for (const { value, probability } of sorted) {
        left -= probability;
        if (left <= 0 && probability > 0) return value;
      }
      return sorted.findLast((one) => one.probability > 0)?.value ?? upper;
    },
    graph: {
      logDensity: (value) => {
        const match = equal(value, constant(given, [given.length], value.dtype));
        const weights = constant(normalized, [given.length], value.dtype);
        return log(sum(mul(cast(match, value.dtype), weights), { axes: [-1] }));
      },
    },
    toJSON: () => ({ name: "discrete", values: given, probabilities: normalized }),
  };
}
