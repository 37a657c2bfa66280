import { mul, sub } from "@amortis/graph";
import { requireSetting, scalarDistribution, type ScalarDistribution } from "./distribution.js";

/**
 * Uniform on (lower, upper).
 *
 * @throws InvalidArgumentError unless lower < upper, both finite.
 */
export function uniform(lower: number, upper: number): ScalarDistribution {
  requireSetting(
    Number.isFinite(lower) && Number.isFinite(upper) && lower < upper,
    "uniform(lower, upper)",
    "needs finite bounds with lower < upper",
    `${lower}, ${upper}`,
  );
  const logWidth = Math.log(upper - lower);
  return scalarDistribution({
    name: "uniform",
    lower,
    upper,
    settings: { lower, upper },
    sample: (random) => lower + (upper - lower) * random.positive(),
    logDensity: () => -logWidth,
    graphLogDensity: (x) => sub(mul(x, 0), logWidth),
  });
}
