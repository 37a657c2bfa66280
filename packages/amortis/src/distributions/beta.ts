import { add, log, log1p, mul, sub } from "@amortis/graph";
import {
  incompleteBeta,
  incompleteBetaInverse,
  logBeta,
  logBetaKernel,
  logitIncompleteBetaInverse,
} from "../math/index.js";
import { isShape, requireSetting, type ScalarDistribution } from "./distribution.js";
import type { LinkOptions } from "./link.js";
import { scalarDistribution } from "./scalar.js";
import { link, linkOf, real, writtenAs } from "./written.js";

/**
 * Beta on (0, 1): mean a / (a + b).
 *
 *     p(x) = x^(a - 1) (1 - x)^(b - 1) / B(a, b)
 *
 * @throws InvalidArgumentError unless both shapes are positive (from 1e-300 to 1e100).
 * @example beta(2, 5)
 */
export function beta(a: number, b: number, options: LinkOptions<"logit"> = {}): ScalarDistribution {
  requireSetting(isShape(a), "beta(a, b)", "needs an a from 1e-300 to 1e100", a);
  requireSetting(isShape(b), "beta(a, b)", "needs a b from 1e-300 to 1e100", b);
  const logDensity = (x: number): number => {
    if (x === 0) return a === 1 ? -logBeta(a, b) : a < 1 ? Infinity : -Infinity;
    if (x === 1) return b === 1 ? -logBeta(a, b) : b < 1 ? Infinity : -Infinity;
    return logBetaKernel(a, b, x, 1 - x) - Math.log(x) - Math.log1p(-x);
  };
  // About the mean, small terms add up to the difference: single precision suffices for large shapes too.
  const mean = Math.min(1 - 1e-7, Math.max(1e-30, a / (a + b)));
  const atMean = logDensity(mean);
  return scalarDistribution({
    name: "beta",
    lower: 0,
    upper: 1,
    settings: { a, b },
    options,
    scores: { kind: "curve", at: (p, q) => logitIncompleteBetaInverse(a, b, p, q) },
    moments: () => [a / (a + b), (a * b) / ((a + b) ** 2 * (a + b + 1))],
    sample: (random) => random.beta(a, b),
    logDensity,
    cdf: (x) => incompleteBeta(a, b, x).lower,
    quantile: (p) => incompleteBetaInverse(a, b, p),
    graphLogDensity: (x) => {
      const first = mul(log(mul(x, 1 / mean)), a - 1);
      // (1 - x) / (1 - mean): by the difference of x and the mean where b is large and x small, and the digits of 1 - x too few.
      const second =
        b > 20 && mean < 0.5
          ? log1p(mul(sub(mean, x), 1 / (1 - mean)))
          : log(mul(sub(1, x), 1 / (1 - mean)));
      return add(add(first, mul(second, b - 1)), atMean);
    },
  });
}

beta.written = writtenAs({ a: real, b: real, link }, (data) =>
  beta(data.a, data.b, linkOf(data, "logit")),
);
