import { cast, constant, equal, log, mul, sum, UnsupportedError } from "@amortis/graph";
import { requireSetting, type ScalarDistribution } from "./distribution.js";

/**
 * A number among given values, each with a probability. It has no unconstrained space: methods that need one refuse it.
 *
 * @param probabilities as many as values, at least 0; they are normalised. By default equal.
 * @throws InvalidArgumentError where values repeat, or probabilities do not fit.
 */
export function discrete(
  values: readonly number[],
  probabilities: readonly number[] = values.map(() => 1 / values.length),
): ScalarDistribution {
  const what = "discrete(values, probabilities)";
  const distinct =
    values.length > 0 && values.every(Number.isFinite) && new Set(values).size === values.length;
  requireSetting(distinct, what, "needs distinct finite values", `[${values.join(", ")}]`);
  const total = probabilities.reduce((a, b) => a + b, 0);
  const fits =
    probabilities.length === values.length &&
    probabilities.every((q) => q >= 0) &&
    total > 0 &&
    Number.isFinite(total);
  requireSetting(
    fits,
    what,
    `needs ${values.length} probabilities of at least 0`,
    `[${probabilities.join(", ")}]`,
  );
  const normalized = probabilities.map((q) => q / total);
  return {
    name: "discrete",
    shape: [],
    size: 1,
    support: { kind: "discrete", lower: [Math.min(...values)], upper: [Math.max(...values)] },
    get bijection(): never {
      throw new UnsupportedError(
        `a discrete parameter (values ${values.join(", ")}) has no unconstrained space; use a method that does not need one, such as nbe`,
      );
    },
    sample: (random) => Float64Array.of(values[random.categorical(normalized)] ?? Number.NaN),
    logDensity: (value) => {
      const at = values.indexOf(value[0] ?? Number.NaN);
      return at < 0 ? -Infinity : Math.log(normalized[at] ?? 0);
    },
    graph: {
      logDensity: (value) => {
        const match = cast(
          equal(value, constant(values, [values.length], value.dtype)),
          value.dtype,
        );
        return log(
          sum(mul(match, constant(normalized, [values.length], value.dtype)), { axes: [-1] }),
        );
      },
    },
    toJSON: () => ({ name: "discrete", values, probabilities: normalized }),
  };
}
