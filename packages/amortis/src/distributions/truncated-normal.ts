import { mul, square, sub } from "@amortis/graph";
import { logNormalDensity, logNormalTail, normalQuantile } from "../math/index.js";
import type { Stream } from "../random/index.js";
import { requireSetting, scalarDistribution, type ScalarDistribution } from "./distribution.js";

const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);
/** Beyond this many standard deviations the tail underflows, and is exponential for all purposes but exactness. */
const FAR = 30;

/** log P(a < X < b) for a standard normal X, by the tail in which nothing cancels. */
function logMass(a: number, b: number): number {
  if (a + b < 0) return logMass(-b, -a);
  const [near, far] = [logNormalTail(a), logNormalTail(b)];
  return near + Math.log1p(-Math.exp(far - near));
}

/** A standard normal held to (a, b), with |a| the nearer bound where both are on one side. */
function sampleStandard(random: Stream, a: number, b: number): number {
  if (a + b < 0) return -sampleStandard(random, -b, -a);
  if (a < FAR) {
    // Inversion of the upper tail: P(X > x) uniform between its values at b and a.
    const [high, low] = [Math.exp(logNormalTail(a)), Math.exp(logNormalTail(b))];
    const x = -normalQuantile(low + random.positive() * (high - low));
    return Math.min(b, Math.max(a, x));
  }
  // Far out: an exponential of rate a, held to (0, b - a), accepted with probability exp(-excess² / 2), which is near one (Robert 1995).
  const share = -Math.expm1(-a * (b - a));
  for (;;) {
    const excess = -Math.log1p(-random.uniform() * share) / a;
    if (random.uniform() < Math.exp(-0.5 * excess * excess)) return a + excess;
  }
}

/**
 * A normal of a mean and standard deviation, held to (lower, upper); either bound may be infinite.
 *
 * @throws InvalidArgumentError unless sd is positive and lower < upper.
 */
export function truncatedNormal(
  mean: number,
  sd: number,
  lower: number,
  upper: number,
): ScalarDistribution {
  const what = "truncatedNormal(mean, sd, lower, upper)";
  requireSetting(Number.isFinite(mean), what, "needs a finite mean", mean);
  requireSetting(sd > 0 && Number.isFinite(sd), what, "needs a positive sd", sd);
  requireSetting(lower < upper, what, "needs lower < upper", `${lower}, ${upper}`);
  const [a, b] = [(lower - mean) / sd, (upper - mean) / sd];
  const constant = Math.log(sd) + logMass(a, b);
  return scalarDistribution({
    name: "truncatedNormal",
    lower,
    upper,
    settings: { mean, sd, lower, upper },
    sample: (random) => Math.min(upper, Math.max(lower, mean + sd * sampleStandard(random, a, b))),
    logDensity: (x) => logNormalDensity((x - mean) / sd) - constant,
    graphLogDensity: (x) =>
      sub(mul(square(mul(sub(x, mean), 1 / sd)), -0.5), constant + LOG_SQRT_2PI),
  });
}
