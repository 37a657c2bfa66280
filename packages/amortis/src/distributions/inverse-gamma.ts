import { add, div, log, mul, sub } from "@amortis/graph";
import {
  incompleteGamma,
  logGamma,
  logIncompleteGammaInverse,
  poissonLogMass,
} from "../math/index.js";
import { isPositive, isShape, requireSetting, type ScalarDistribution } from "./distribution.js";
import type { LinkOptions } from "./link.js";
import { scalarDistribution } from "./scalar.js";
import { link, linkOf, real, writtenAs } from "./written.js";

/** Beyond this shape, the terms of the density are much larger than their sum. */
const LARGE_SHAPE = 10;

/**
 * Inverse gamma, what 1 / X is of a gamma X: the conjugate prior of a normal's variance. For a weak prior of a variance a half-normal or
 * half-Cauchy of the standard deviation is better, since this has next to no mass near zero (Gelman 2006).
 *
 *     p(x) = scale^shape x^(-shape - 1) e^(-scale / x) / Γ(shape),   x > 0
 *
 * @throws InvalidArgumentError unless both are positive (the shape from 1e-300 to 1e100).
 * @example inverseGamma(3, 4)   // mean 2
 */
export function inverseGamma(
  shape: number,
  scale: number,
  options: LinkOptions<"log"> = {},
): ScalarDistribution {
  const what = "inverseGamma(shape, scale)";
  requireSetting(isShape(shape), what, "needs a shape from 1e-300 to 1e100", shape);
  requireSetting(isPositive(scale), what, "needs a positive scale", scale);
  const logScale = Math.log(scale);
  const constant = shape * logScale - logGamma(shape);
  const logDensity = (x: number): number => {
    if (x === 0) return -Infinity;
    if (shape >= LARGE_SHAPE) {
      return poissonLogMass(shape - 1, scale / x) + logScale - 2 * Math.log(x);
    }
    return constant - (shape + 1) * Math.log(x) - scale / x;
  };
  const logQuantile = (p: number, q: number): number =>
    logScale - logIncompleteGammaInverse(shape, q, p);
  // About a typical value c, small terms add up to the difference, as of the gamma distribution.
  const c = scale / Math.max(1, shape);
  const atCentre = logDensity(c);
  return scalarDistribution({
    name: "inverseGamma",
    lower: 0,
    upper: Infinity,
    settings: { shape, scale },
    options,
    scores: { kind: "curve", at: logQuantile },
    moments: () => [
      shape > 1 ? scale / (shape - 1) : Infinity,
      shape > 2 ? scale ** 2 / ((shape - 1) ** 2 * (shape - 2)) : shape > 1 ? Infinity : Number.NaN,
    ],
    sample: (random) => scale / random.gamma(shape),
    logDensity,
    cdf: (x) => incompleteGamma(shape, scale / x).upper,
    quantile: (p) => Math.exp(logQuantile(p, 1 - p)),
    graphLogDensity: (x) => {
      const t = div(c, x);
      const terms = sub(mul(log(t), shape + 1), mul(sub(t, 1), scale / c));
      return add(terms, atCentre);
    },
  });
}

inverseGamma.written = writtenAs({ shape: real, scale: real, link }, (data) =>
  inverseGamma(data.shape, data.scale, linkOf(data, "log")),
);
