import { add, mul, sub } from "@amortis/graph";
import { gaussLegendre, integrate, logNormalDensity, normalCdf } from "../math/index.js";
import { isPositive, requireSetting, type ScalarDistribution } from "./distribution.js";
import { supportLink, type LinkOptions } from "./link.js";
import { normalInterval, type NormalInterval } from "./normal-interval.js";
import type { PositionAt } from "./normal-scores.js";
import { scalarDistribution } from "./scalar.js";
import { bound, link, linkOf, real, writtenAs } from "./written.js";

/** Normal scores beyond which there is a mass of 1e-19. */
const FARTHEST = 9;
const RULE = gaussLegendre(80);

/**
 * A normal of a mean and standard deviation (before truncation), held to (lower, upper); either bound may be infinite.
 *
 *     p(x) = φ((x - mean) / sd) / (sd (Φ((upper - mean) / sd) - Φ((lower - mean) / sd))),   lower < x < upper
 *
 * Exact however far the bounds are in the tail, and however close to one another; draws are by inversion, one uniform number each.
 *
 * @throws InvalidArgumentError unless the mean is finite, sd is positive and lower < upper.
 * @example truncatedNormal(0, 1, 0, 3)
 */
export function truncatedNormal(
  mean: number,
  sd: number,
  lower: number,
  upper: number,
  options: LinkOptions = {},
): ScalarDistribution {
  const what = "truncatedNormal(mean, sd, lower, upper)";
  requireSetting(Number.isFinite(mean), what, "needs a finite mean", mean);
  requireSetting(isPositive(sd), what, "needs a positive sd", sd);
  requireSetting(
    lower < upper && lower < Infinity && upper > -Infinity,
    what,
    "needs lower < upper",
    `${lower}, ${upper}`,
  );
  const [a, b] = [(lower - mean) / sd, (upper - mean) / sd];
  requireSetting(
    a < Infinity && b > -Infinity,
    what,
    "needs bounds within 1e308 standard deviations of the mean",
    `${mean}, ${sd}, ${lower}, ${upper}`,
  );
  const interval = normalInterval(a, b, (upper - lower) / sd);
  const c = interval.anchor;
  // The anchor in units of x, without rounding where it is a bound.
  const origin = c === 0 ? mean : c === a ? lower : upper;
  const constant = Math.log(sd) + interval.logMass;
  return scalarDistribution({
    name: "truncatedNormal",
    lower,
    upper,
    settings: { mean, sd, lower, upper },
    options,
    scores:
      a === -Infinity && b === Infinity
        ? { kind: "line", shift: mean, scale: sd }
        : { kind: "curve", at: positionWithin(interval, a, b, sd) },
    moments: () => {
      const [first, second] = momentsOf(interval);
      return [origin + sd * first, sd ** 2 * (second - first ** 2)];
    },
    sample: (random) => origin + sd * interval.quantile(random.positive()),
    logDensity: (x) => {
      const y = (x - origin) / sd;
      return -0.5 * y * (y + 2 * c) - constant;
    },
    cdf: (x) => interval.cdf((x - origin) / sd),
    quantile: (p) => origin + sd * interval.quantile(p),
    graphLogDensity: (x) => {
      const y = mul(sub(x, origin), 1 / sd);
      return sub(mul(mul(y, add(y, 2 * c)), -0.5), constant);
    },
  });
}

truncatedNormal.written = writtenAs(
  { mean: real, sd: real, lower: bound, upper: bound, link },
  (data) =>
    truncatedNormal(
      data.mean,
      data.sd,
      data.lower,
      data.upper,
      linkOf(data, supportLink(data.lower, data.upper)),
    ),
);

/** Mean and mean square of the distance from the anchor, by quadrature over normal scores, in which they are smooth. */
function momentsOf(interval: NormalInterval): readonly [number, number] {
  const moment = (power: number): number =>
    integrate(
      (z) =>
        interval.quantile(normalCdf(z), normalCdf(-z)) ** power * Math.exp(logNormalDensity(z)),
      -FARTHEST,
      FARTHEST,
      RULE,
    );
  return [moment(1), moment(2)];
}

/** Below this share of its decay the mass beside a bound is a parabola, to ten digits. */
const BESIDE = 1e-5;

/** Where a value is between its bounds [a, b] (in standard deviations), of which one is finite: as the support's own map has it. */
function positionWithin(interval: NormalInterval, a: number, b: number, sd: number): PositionAt {
  const { anchor: c, logMass } = interval;
  /** Distance from a bound beyond which there is the mass, where it is small; the slope is of log-density away from the bound. */
  const beside = (mass: number, bound: number, slope: number): number | undefined => {
    const first = mass * Math.exp(logMass + 0.5 * (bound - c) * (bound + c));
    const bend = slope * first;
    return first < BESIDE && Math.abs(bend) < BESIDE ? first * (1 - 0.5 * bend) : undefined;
  };
  return (p, q) => {
    const y = interval.quantile(p, q);
    const below = (): number => (c === a ? y : (beside(p, a, -a) ?? c - a + y));
    const above = (): number => (c === b ? -y : (beside(q, b, b) ?? b - c - y));
    if (b === Infinity) return Math.log(sd * below());
    if (a === -Infinity) return -Math.log(sd * above());
    return Math.log(below()) - Math.log(above());
  };
}
