import { add, log, log1p, mul, square, sub } from "@amortis/graph";
import { isPositive, requireSetting, type ScalarDistribution } from "./distribution.js";
import type { LinkOptions } from "./link.js";
import { negativeLog } from "./normal-scores.js";
import { scalarDistribution } from "./scalar.js";
import { link, linkOf, real, writtenAs } from "./written.js";

/**
 * |X| of a Cauchy X about zero: a weakly informative prior of scales (Gelman 2006, "Prior distributions for variance parameters").
 *
 *     p(x) = 2 / (π scale (1 + (x / scale)²)),   x > 0
 *
 * @throws InvalidArgumentError unless the scale is positive.
 * @example halfCauchy(2)   // median 2
 */
export function halfCauchy(scale: number, options: LinkOptions<"log"> = {}): ScalarDistribution {
  requireSetting(isPositive(scale), "halfCauchy(scale)", "needs a positive scale", scale);
  const constant = Math.log(0.5 * Math.PI * scale);
  const quantile = (p: number): number => scale * Math.tan(0.5 * Math.PI * p);
  return scalarDistribution({
    name: "halfCauchy",
    lower: 0,
    upper: Infinity,
    settings: { scale },
    options,
    scores: {
      kind: "curve",
      at: (p, q) =>
        Math.log(scale) +
        (p < 0.5 ? Math.log(Math.tan(0.5 * Math.PI * p)) : -Math.log(Math.tan(0.5 * Math.PI * q))),
    },
    moments: () => [Infinity, Number.NaN],
    sample: (random) => quantile(random.positive()),
    logDensity: (x) => -Math.log1p((x / scale) ** 2) - constant,
    cdf: (x) => (2 / Math.PI) * Math.atan(x / scale),
    quantile,
    graphLogDensity: (x) => sub(mul(log1p(square(mul(x, 1 / scale))), -1), constant),
  });
}

halfCauchy.written = writtenAs({ scale: real, link }, (data) =>
  halfCauchy(data.scale, linkOf(data, "log")),
);

/**
 * Pareto above a least value.
 *
 *     p(x) = shape least^shape / x^(shape + 1),   x > least
 *
 * @throws InvalidArgumentError unless both are positive.
 * @example pareto(1, 3)   // mean 1.5
 */
export function pareto(
  least: number,
  shape: number,
  options: LinkOptions<"log"> = {},
): ScalarDistribution {
  const what = "pareto(least, shape)";
  requireSetting(isPositive(least), what, "needs a positive least value", least);
  requireSetting(isPositive(shape), what, "needs a positive shape", shape);
  const constant = Math.log(shape) - Math.log(least);
  const quantile = (p: number): number => least * Math.exp(-Math.log1p(-p) / shape);
  return scalarDistribution({
    name: "pareto",
    lower: least,
    upper: Infinity,
    settings: { least, shape },
    options,
    scores: {
      kind: "curve",
      // θ - least = least (e^x - 1), x = -log q / shape.
      at: (p, q) => Math.log(least) + logExpm1(negativeLog(p, q) / shape),
    },
    moments: () => [
      shape > 1 ? (shape * least) / (shape - 1) : Infinity,
      shape > 2
        ? (shape * least ** 2) / ((shape - 1) ** 2 * (shape - 2))
        : shape > 1
          ? Infinity
          : Number.NaN,
    ],
    sample: (random) => least * Math.exp(random.exponential() / shape),
    logDensity: (x) => constant - (shape + 1) * Math.log(x / least),
    cdf: (x) => -Math.expm1(-shape * Math.log(x / least)),
    quantile,
    graphLogDensity: (x) => add(mul(log(mul(x, 1 / least)), -(shape + 1)), constant),
  });
}

pareto.written = writtenAs({ least: real, shape: real, link }, (data) =>
  pareto(data.least, data.shape, linkOf(data, "log")),
);

/**
 * Uniform in the logarithm between two positive bounds.
 *
 *     p(x) = 1 / (x log(upper / lower))
 *
 * @throws InvalidArgumentError unless 0 < lower < upper, both finite.
 * @example logUniform(0.001, 10)
 */
export function logUniform(
  lower: number,
  upper: number,
  options: LinkOptions<"logit"> = {},
): ScalarDistribution {
  requireSetting(
    isPositive(lower) && isPositive(upper) && lower < upper,
    "logUniform(lower, upper)",
    "needs finite bounds with 0 < lower < upper",
    `${lower}, ${upper}`,
  );
  const width = Math.log(upper) - Math.log(lower);
  const quantile = (p: number): number => lower * Math.exp(p * width);
  return scalarDistribution({
    name: "logUniform",
    lower,
    upper,
    settings: { lower, upper },
    options,
    scores: {
      kind: "curve",
      // θ - lower = lower (e^(p width) - 1), upper - θ = upper (1 - e^(-q width)).
      at: (p, q) =>
        Math.log(lower) + logExpm1(p * width) - Math.log(upper) - Math.log(-Math.expm1(-q * width)),
    },
    moments: () => {
      const mean = (upper - lower) / width;
      return [mean, ((upper - lower) * (upper + lower)) / (2 * width) - mean ** 2];
    },
    sample: (random) => quantile(random.uniform()),
    logDensity: (x) => -Math.log(x) - Math.log(width),
    cdf: (x) =>
      (x / lower < Infinity ? Math.log(x / lower) : Math.log(x) - Math.log(lower)) / width,
    quantile,
    graphLogDensity: (x) => mul(add(log(x), Math.log(width)), -1),
  });
}

logUniform.written = writtenAs({ lower: real, upper: real, link }, (data) =>
  logUniform(data.lower, data.upper, linkOf(data, "logit")),
);

/** log(eˣ - 1), x > 0. */
function logExpm1(x: number): number {
  return x < 1 ? Math.log(Math.expm1(x)) : x + Math.log1p(-Math.exp(-x));
}
