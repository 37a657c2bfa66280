import { mul, sub } from "@amortis/graph";
import { requireSetting, type ScalarDistribution } from "./distribution.js";
import { probitBijection } from "./probit-bijection.js";
import { neighbour } from "./rounding.js";
import { scalarDistribution } from "./scalar.js";

/** How a uniform parameter leaves its interval. */
export interface UniformOptions {
  /**
   * From the interval to the real line, where networks see the parameter: "logit", log((θ - a) / (b - θ)), by default; or "probit",
   * Φ⁻¹((θ - a) / (b - a)), by which the prior itself is standard normal. Gaussians and affine flows follow posteriors that the interval cuts off
   * far better by probit.
   */
  readonly link?: "logit" | "probit";
}

/**
 * Uniform on (lower, upper).
 *
 *     p(x) = 1 / (upper - lower)
 *
 * Draws stay within the bounds also when they are rounded to single precision, unless the interval is too narrow for that.
 *
 * @throws InvalidArgumentError unless lower < upper, both finite, with a finite difference.
 * @example uniform(0, 0.6)
 * @example uniform(0, 0.6, { link: "probit" })
 */
export function uniform(
  lower: number,
  upper: number,
  { link = "logit" }: UniformOptions = {},
): ScalarDistribution {
  const width = upper - lower;
  requireSetting(
    lower < upper && Number.isFinite(width),
    "uniform(lower, upper)",
    "needs finite bounds with lower < upper",
    `${lower}, ${upper}`,
  );
  requireSetting(
    ["logit", "probit"].includes(link),
    "uniform(lower, upper, { link })",
    'needs the link "logit" or "probit"',
    link,
  );
  const logWidth = Math.log(width);
  const [lo, hi] = [neighbour(lower, 1, "float32"), neighbour(upper, -1, "float32")];
  const hold = (x: number): number => (lo <= hi ? Math.min(hi, Math.max(lo, x)) : x);
  return scalarDistribution({
    name: "uniform",
    lower,
    upper,
    settings: { lower, upper, ...(link === "probit" && { link }) },
    ...(link === "probit" && { bijection: probitBijection(lower, upper) }),
    sample: (random) => hold(lower + width * random.uniform()),
    logDensity: () => -logWidth,
    cdf: (x) => (x - lower) / width,
    quantile: (p) => lower + p * width,
    graphLogDensity: (x) => sub(mul(x, 0), logWidth),
  });
}
