import { add, log, mul, square, sub } from "@amortis/graph";
import { requireSetting, scalarDistribution, type ScalarDistribution } from "./distribution.js";

const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

/** @throws InvalidArgumentError unless the mean is finite and the standard deviation positive. */
export function normal(mean: number, sd: number): ScalarDistribution {
  requireSetting(Number.isFinite(mean), "normal(mean, sd)", "needs a finite mean", mean);
  requireSetting(sd > 0 && Number.isFinite(sd), "normal(mean, sd)", "needs a positive sd", sd);
  const constant = Math.log(sd) + LOG_SQRT_2PI;
  return scalarDistribution({
    name: "normal",
    lower: -Infinity,
    upper: Infinity,
    settings: { mean, sd },
    sample: (random) => mean + sd * random.normal(),
    logDensity: (x) => -0.5 * ((x - mean) / sd) ** 2 - constant,
    graphLogDensity: (x) => sub(mul(square(mul(sub(x, mean), 1 / sd)), -0.5), constant),
  });
}

/** exp of a normal with mean mu and standard deviation sigma. @throws InvalidArgumentError unless sigma is positive. */
export function logNormal(mu: number, sigma: number): ScalarDistribution {
  requireSetting(Number.isFinite(mu), "logNormal(mu, sigma)", "needs a finite mu", mu);
  requireSetting(
    sigma > 0 && Number.isFinite(sigma),
    "logNormal(mu, sigma)",
    "needs a positive sigma",
    sigma,
  );
  const constant = Math.log(sigma) + LOG_SQRT_2PI;
  return scalarDistribution({
    name: "logNormal",
    lower: 0,
    upper: Infinity,
    settings: { mu, sigma },
    sample: (random) => Math.exp(mu + sigma * random.normal()),
    logDensity: (x) =>
      x === 0 ? -Infinity : -0.5 * ((Math.log(x) - mu) / sigma) ** 2 - constant - Math.log(x),
    graphLogDensity: (x) => {
      const logX = log(x);
      return sub(mul(square(mul(sub(logX, mu), 1 / sigma)), -0.5), add(logX, constant));
    },
  });
}

/** |X| of a normal X of mean zero and standard deviation sd. @throws InvalidArgumentError unless sd is positive. */
export function halfNormal(sd: number): ScalarDistribution {
  requireSetting(sd > 0 && Number.isFinite(sd), "halfNormal(sd)", "needs a positive sd", sd);
  const constant = Math.log(sd) + LOG_SQRT_2PI - Math.LN2;
  return scalarDistribution({
    name: "halfNormal",
    lower: 0,
    upper: Infinity,
    settings: { sd },
    sample: (random) => sd * Math.abs(random.normal()),
    logDensity: (x) => -0.5 * (x / sd) ** 2 - constant,
    graphLogDensity: (x) => sub(mul(square(mul(x, 1 / sd)), -0.5), constant),
  });
}
