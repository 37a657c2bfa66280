import { add, log, mul, sub } from "@amortis/graph";
import {
  incompleteGamma,
  incompleteGammaInverse,
  logIncompleteGammaInverse,
  logGamma,
  poissonLogMass,
} from "../math/index.js";
import { isPositive, isShape, requireSetting, type ScalarDistribution } from "./distribution.js";
import type { LinkOptions } from "./link.js";
import { negativeLog } from "./normal-scores.js";
import { scalarDistribution } from "./scalar.js";
import { link, linkOf, real, writtenAs } from "./written.js";

/**
 * Exponential of a rate, the inverse of the mean.
 *
 *     p(x) = rate e^(-rate x),   x > 0
 *
 * @throws InvalidArgumentError unless the rate is positive.
 * @example exponential(0.5)   // mean 2
 */
export function exponential(rate: number, options: LinkOptions<"log"> = {}): ScalarDistribution {
  requireSetting(isPositive(rate), "exponential(rate)", "needs a positive rate", rate);
  return scalarDistribution({
    name: "exponential",
    lower: 0,
    upper: Infinity,
    settings: { rate },
    options,
    scores: { kind: "curve", at: (p, q) => Math.log(negativeLog(p, q)) - Math.log(rate) },
    moments: () => [1 / rate, 1 / rate ** 2],
    sample: (random) => random.exponential() / rate,
    logDensity: (x) => Math.log(rate) - rate * x,
    cdf: (x) => -Math.expm1(-rate * x),
    quantile: (p) => -Math.log1p(-p) / rate,
    graphLogDensity: (x) => sub(Math.log(rate), mul(x, rate)),
  });
}

exponential.written = writtenAs({ rate: real, link }, (data) =>
  exponential(data.rate, linkOf(data, "log")),
);

/** Beyond this shape, the terms of the density are much larger than their sum. */
const LARGE_SHAPE = 10;

/**
 * Gamma of a shape and a rate: mean shape / rate.
 *
 *     p(x) = rate^shape x^(shape - 1) e^(-rate x) / Γ(shape),   x > 0
 *
 * Shapes below about 0.1 put mass below the smallest single-precision number, 1e-38.
 *
 * @throws InvalidArgumentError unless both are positive (the shape from 1e-300 to 1e100).
 * @example gamma(2, 0.5)   // mean 4
 */
export function gamma(
  shape: number,
  rate: number,
  options: LinkOptions<"log"> = {},
): ScalarDistribution {
  const what = "gamma(shape, rate)";
  requireSetting(isShape(shape), what, "needs a shape from 1e-300 to 1e100", shape);
  requireSetting(isPositive(rate), what, "needs a positive rate", rate);
  const logRate = Math.log(rate);
  const constant = shape * logRate - logGamma(shape);
  const logDensity = (x: number): number => {
    // A Poisson probability of shape - 1 events: exact where the plain terms would cancel.
    if (shape >= LARGE_SHAPE) return poissonLogMass(shape - 1, rate * x) + logRate;
    return constant + (shape === 1 ? 0 : (shape - 1) * Math.log(x)) - rate * x;
  };
  // About a typical value c, small terms add up to the difference: single precision suffices for large shapes too.
  const c = Math.max(1, shape) / rate;
  const atCentre = logDensity(c);
  return scalarDistribution({
    name: "gamma",
    lower: 0,
    upper: Infinity,
    settings: { shape, rate },
    options,
    scores: { kind: "curve", at: (p, q) => logIncompleteGammaInverse(shape, p, q) - logRate },
    moments: () => [shape / rate, shape / rate ** 2],
    sample: (random) => random.gamma(shape) / rate,
    logDensity,
    cdf: (x) => incompleteGamma(shape, rate * x).lower,
    quantile: (p) => incompleteGammaInverse(shape, p) / rate,
    graphLogDensity: (x) => {
      const t = mul(x, 1 / c);
      const terms = sub(mul(log(t), shape - 1), mul(sub(t, 1), rate * c));
      return add(terms, atCentre);
    },
  });
}

gamma.written = writtenAs({ shape: real, rate: real, link }, (data) =>
  gamma(data.shape, data.rate, linkOf(data, "log")),
);
