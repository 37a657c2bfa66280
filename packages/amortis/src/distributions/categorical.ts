import { requireSetting, type ScalarDistribution } from "./distribution.js";
import { finiteMoments, normalizedProbabilities } from "./discrete.js";
import { finiteDistribution } from "./finite.js";
import { list, text } from "../schema/values.js";
import { reals, writtenAs } from "./written.js";

/** A distribution of one of several labelled cases, which a flat parameter vector holds by number, from 0 on. */
export interface CategoricalDistribution<L extends string = string> extends ScalarDistribution {
  /** What the numbers 0, 1, ... mean. */
  readonly labels: readonly L[];
}

/**
 * One of several cases with names: which model made the data, which state a system is in.
 *
 * Simulators and draws have its number, from 0 on in the order of the labels; wherever parameters are given by name, the label does as well:
 * `posterior.logDensity({ state: "ill" })`. `posterior.probabilities()` has the share of each label.
 *
 * @param probabilities as many as labels, at least 0; they are normalised. By default equal.
 * @throws InvalidArgumentError where labels repeat or are empty, or probabilities do not fit.
 * @example categorical(["healthy", "ill"], [0.9, 0.1])
 */
export function categorical<const L extends string>(
  labels: readonly L[],
  probabilities: readonly number[] = labels.map(() => 1 / labels.length),
): CategoricalDistribution<L> {
  const what = "categorical(labels, probabilities)";
  const distinct =
    labels.length > 0 &&
    labels.every((one) => one !== "") &&
    new Set(labels).size === labels.length;
  requireSetting(distinct, what, "needs distinct labels, none of them empty", labels);
  const normalized = normalizedProbabilities(what, probabilities, labels.length);
  const values = labels.map((_, i) => i);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the labels are those that were given
  return finiteDistribution({
    name: "categorical",
    values,
    labels: [...labels],
    logProbabilities: normalized.map(Math.log),
    json: { name: "categorical", labels: [...labels], probabilities: normalized },
    moments: finiteMoments(values, normalized),
    sample: (random) => random.categorical(normalized),
  }) as CategoricalDistribution<L>;
}

categorical.written = writtenAs({ labels: list(text()), probabilities: reals }, (data) =>
  categorical(data.labels, data.probabilities),
);
