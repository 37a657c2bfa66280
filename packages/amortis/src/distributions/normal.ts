import { add, log, mul, square, sub } from "@amortis/graph";
import { erf, erfInverseCentral, LOG_SQRT_2PI, normalCdf, normalQuantile } from "../math/index.js";
import { isPositive, requireSetting, type ScalarDistribution } from "./distribution.js";
import type { LinkOptions } from "./link.js";
import { scalarDistribution } from "./scalar.js";
import { link, linkOf, real, writtenAs } from "./written.js";

/**
 * Normal.
 *
 *     p(x) = exp(-((x - mean) / sd)² / 2) / (sd √(2π))
 *
 * @throws InvalidArgumentError unless the mean is finite and the standard deviation positive.
 * @example normal(0, 1)
 */
export function normal(
  mean: number,
  sd: number,
  options: LinkOptions<"identity"> = {},
): ScalarDistribution {
  requireSetting(Number.isFinite(mean), "normal(mean, sd)", "needs a finite mean", mean);
  requireSetting(isPositive(sd), "normal(mean, sd)", "needs a positive sd", sd);
  const constant = Math.log(sd) + LOG_SQRT_2PI;
  return scalarDistribution({
    name: "normal",
    lower: -Infinity,
    upper: Infinity,
    settings: { mean, sd },
    options,
    scores: { kind: "line", shift: mean, scale: sd },
    moments: () => [mean, sd ** 2],
    sample: (random) => mean + sd * random.normal(),
    logDensity: (x) => -0.5 * ((x - mean) / sd) ** 2 - constant,
    cdf: (x) => normalCdf((x - mean) / sd),
    quantile: (p) => mean + sd * normalQuantile(p),
    graphLogDensity: (x) => sub(mul(square(mul(sub(x, mean), 1 / sd)), -0.5), constant),
  });
}

normal.written = writtenAs({ mean: real, sd: real, link }, (data) =>
  normal(data.mean, data.sd, linkOf(data, "identity")),
);

/**
 * exp of a normal with mean mu and standard deviation sigma.
 *
 *     p(x) = exp(-((log x - mu) / sigma)² / 2) / (x sigma √(2π)),   x > 0
 *
 * @throws InvalidArgumentError unless mu is finite and sigma positive.
 * @example logNormal(Math.log(2), 0.5)   // median 2
 */
export function logNormal(
  mu: number,
  sigma: number,
  options: LinkOptions<"log"> = {},
): ScalarDistribution {
  const what = "logNormal(mu, sigma)";
  requireSetting(Number.isFinite(mu), what, "needs a finite mu", mu);
  requireSetting(isPositive(sigma), what, "needs a positive sigma", sigma);
  const constant = Math.log(sigma) + LOG_SQRT_2PI;
  return scalarDistribution({
    name: "logNormal",
    lower: 0,
    upper: Infinity,
    settings: { mu, sigma },
    options,
    scores: { kind: "line", shift: mu, scale: sigma },
    moments: () => {
      const mean = Math.exp(mu + sigma ** 2 / 2);
      return [mean, mean ** 2 * Math.expm1(sigma ** 2)];
    },
    sample: (random) => Math.exp(mu + sigma * random.normal()),
    logDensity: (x) => {
      const logX = Math.log(x);
      return x === 0 ? -Infinity : -0.5 * ((logX - mu) / sigma) ** 2 - constant - logX;
    },
    cdf: (x) => normalCdf((Math.log(x) - mu) / sigma),
    quantile: (p) => Math.exp(mu + sigma * normalQuantile(p)),
    graphLogDensity: (x) => {
      const logX = log(x);
      return sub(mul(square(mul(sub(logX, mu), 1 / sigma)), -0.5), add(logX, constant));
    },
  });
}

logNormal.written = writtenAs({ mu: real, sigma: real, link }, (data) =>
  logNormal(data.mu, data.sigma, linkOf(data, "log")),
);

/**
 * |X| of a normal X of mean zero and standard deviation sd.
 *
 *     p(x) = 2 exp(-(x / sd)² / 2) / (sd √(2π)),   x > 0
 *
 * @throws InvalidArgumentError unless sd is positive.
 * @example halfNormal(2)
 */
export function halfNormal(sd: number, options: LinkOptions<"log"> = {}): ScalarDistribution {
  requireSetting(isPositive(sd), "halfNormal(sd)", "needs a positive sd", sd);
  const constant = Math.log(sd) + LOG_SQRT_2PI - Math.LN2;
  const standard = (p: number, q: number): number =>
    p < 0.9 ? Math.SQRT2 * erfInverseCentral(p) : -normalQuantile(q / 2);
  return scalarDistribution({
    name: "halfNormal",
    lower: 0,
    upper: Infinity,
    settings: { sd },
    options,
    scores: { kind: "curve", at: (p, q) => Math.log(sd) + Math.log(standard(p, q)) },
    moments: () => [sd * Math.sqrt(2 / Math.PI), sd ** 2 * (1 - 2 / Math.PI)],
    sample: (random) => sd * Math.abs(random.normal()),
    logDensity: (x) => -0.5 * (x / sd) ** 2 - constant,
    cdf: (x) => erf((x / sd) * Math.SQRT1_2),
    quantile: (p) => sd * standard(p, 1 - p),
    graphLogDensity: (x) => sub(mul(square(mul(x, 1 / sd)), -0.5), constant),
  });
}

halfNormal.written = writtenAs({ sd: real, link }, (data) =>
  halfNormal(data.sd, linkOf(data, "log")),
);
