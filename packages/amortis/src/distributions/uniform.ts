import { mul, sub } from "@amortis/graph";
import { requireSetting, type ScalarDistribution } from "./distribution.js";
import type { LinkOptions } from "./link.js";
import { logit } from "./normal-scores.js";
import { probitBijection } from "./probit-bijection.js";
import { neighbour } from "./rounding.js";
import { scalarDistribution } from "./scalar.js";
import { link, linkOf, real, writtenAs } from "./written.js";

/** How a uniform parameter leaves its interval. */
export type UniformOptions = LinkOptions<"logit" | "probit">;

/**
 * Uniform on (lower, upper).
 *
 *     p(x) = 1 / (upper - lower)
 *
 * Its link "probit" is what normal scores are of a uniform prior, by formula in place of a table.
 *
 * Draws stay within the bounds also when they are rounded to single precision, unless the interval is too narrow for that.
 *
 * @throws InvalidArgumentError unless lower < upper, both finite, with a finite difference.
 * @example uniform(0, 0.6)
 * @example uniform(0, 0.6, { link: "logit" })
 */
export function uniform(
  lower: number,
  upper: number,
  options: UniformOptions = {},
): ScalarDistribution {
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
    options,
    scores: { kind: "curve", at: logit },
    moments: () => [lower + width / 2, width ** 2 / 12],
    otherLinks: { probit: () => probitBijection(lower, upper) },
    sample: (random) => hold(lower + width * random.uniform()),
    logDensity: () => -logWidth,
    cdf: (x) => (x - lower) / width,
    quantile: (p) => lower + p * width,
    graphLogDensity: (x) => sub(mul(x, 0), logWidth),
  });
}

uniform.written = writtenAs({ lower: real, upper: real, link }, (data) =>
  uniform(data.lower, data.upper, linkOf(data, "logit")),
);
