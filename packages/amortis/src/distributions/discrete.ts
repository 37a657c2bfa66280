import { requireSetting, type ScalarDistribution } from "./distribution.js";
import { finiteDistribution } from "./finite.js";
import { reals, writtenAs } from "./written.js";

/** Shares of probabilities. @throws InvalidArgumentError unless there are as many as values, none negative and some positive. */
export function normalizedProbabilities(
  what: string,
  probabilities: readonly number[],
  count: number,
): readonly number[] {
  const total = probabilities.reduce((a, b) => a + b, 0);
  const fits =
    probabilities.length === count &&
    probabilities.every((q) => q >= 0) &&
    total > 0 &&
    Number.isFinite(total);
  requireSetting(fits, what, `needs ${count} probabilities of at least 0`, probabilities);
  return probabilities.map((q) => q / total);
}

/** Mean and variance of values with probabilities. */
export function finiteMoments(
  values: readonly number[],
  probabilities: readonly number[],
): readonly [number, number] {
  const expect = (f: (x: number) => number): number =>
    values.reduce((total, x, i) => total + (probabilities[i] ?? 0) * f(x), 0);
  const mean = expect((x) => x);
  return [mean, expect((x) => (x - mean) ** 2)];
}

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
  const given = [...values];
  const normalized = normalizedProbabilities(what, probabilities, given.length);
  /** From the least value on. */
  const sorted = given
    .map((value, i) => ({ value, probability: normalized[i] ?? 0 }))
    .toSorted((a, b) => a.value - b.value);
  return finiteDistribution({
    name: "discrete",
    values: sorted.map((one) => one.value),
    logProbabilities: sorted.map((one) => Math.log(one.probability)),
    json: { name: "discrete", values: given, probabilities: normalized },
    moments: finiteMoments(given, normalized),
    sample: (random) => given[random.categorical(normalized)] ?? Number.NaN,
  });
}

discrete.written = writtenAs({ values: reals, probabilities: reals }, (data) =>
  discrete(data.values, data.probabilities),
);
