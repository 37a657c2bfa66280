import { mul, sub } from "@amortis/graph";
import { requireSetting, type ScalarDistribution } from "./distribution.js";
import { neighbour } from "./rounding.js";
import { scalarDistribution } from "./scalar.js";

/**
 * Uniform on (lower, upper).
 *
 *     p(x) = 1 / (upper - lower)
 *
 * Draws stay within the bounds also when they are rounded to single precision, unless the interval is too narrow for that.
 *
 * @throws InvalidArgumentError unless lower < upper, both finite, with a finite difference.
 * @example uniform(0, 0.6)
 */
export function uniform(lower: number, upper: number): ScalarDistribution {
  const width = upper - lower;
  requireSetting(
    lower < upper && Number.isFinite(width),
    "uniform(lower, upper)",
    "needs finite bounds with lower < upper",
    `${lower}, ${upper}`,
  );
  const logWidth = Math.log(width);
  const [lo, hi] = [neighbour(lower, 1, "float32"), neighbour(upper, -1, "float32")];
  const hold = (x: number): number => (lo <= hi ? Math.min(hi, Math.max(lo, x)) : x);
  return scalarDistribution({
    name: "uniform",
    lower,
    upper,
    settings: { lower, upper },
    sample: (random) => hold(lower + width * random.uniform()),
    logDensity: () => -logWidth,
    cdf: (x) => (x - lower) / width,
    quantile: (p) => lower + p * width,
    graphLogDensity: (x) => sub(mul(x, 0), logWidth),
  });
}
