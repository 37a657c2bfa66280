/**
 * Priors of the whole line whose tails are heavier than a normal's: Student t, Cauchy, Laplace.
 */
import { abs, add, log1p, mul, square, sub } from "@amortis/graph";
import { incompleteBeta, logBeta, logitIncompleteBetaInverse } from "../math/index.js";
import { isPositive, requireSetting, type ScalarDistribution } from "./distribution.js";
import type { LinkOptions } from "./link.js";
import { scalarDistribution } from "./scalar.js";
import { sinhBijection } from "./sinh-bijection.js";
import { link, linkOf, real, writtenAs } from "./written.js";

/** @throws InvalidArgumentError unless the location is finite and the scale positive. */
function requireLocationScale(what: string, location: number, scale: number): void {
  requireSetting(Number.isFinite(location), what, "needs a finite location", location);
  requireSetting(isPositive(scale), what, "needs a positive scale", scale);
}

/** t of the standard Student t at p = 1 - q. */
function standardQuantile(degrees: number, p: number, q: number): number {
  if (p === q) return 0;
  // P(T < -|t|) = I_x(ν / 2, 1 / 2) / 2 with x = ν / (ν + t²), so t² = ν (1 - x) / x.
  const tail = Math.min(p, q);
  const v = logitIncompleteBetaInverse(degrees / 2, 0.5, 2 * tail, Math.abs(q - p));
  return Math.sign(p - q) * Math.sqrt(degrees) * Math.exp(-v / 2);
}

/**
 * Student t, with a location and a scale: about normal where the degrees of freedom are many, and with tails as powers where they are few.
 *
 *     p(x) ∝ (1 + ((x - location) / scale)² / degrees)^(-(degrees + 1) / 2)
 *
 * Three to seven degrees are a weakly informative prior of regression coefficients (Gelman et al. 2008, arXiv 0901.4011).
 *
 * @param degrees of freedom, which need not be whole.
 * @throws InvalidArgumentError unless degrees and scale are positive (the former from 0.01 to 1e100) and the location finite.
 * @example student(4, 0, 2.5)
 */
export function student(
  degrees: number,
  location = 0,
  scale = 1,
  options: LinkOptions<"identity"> = {},
): ScalarDistribution {
  const what = "student(degrees, location, scale)";
  requireSetting(
    degrees >= 0.01 && degrees <= 1e100,
    what,
    "needs degrees from 0.01 to 1e100",
    degrees,
  );
  requireLocationScale(what, location, scale);
  const constant = -logBeta(degrees / 2, 0.5) - 0.5 * Math.log(degrees) - Math.log(scale);
  const power = (degrees + 1) / 2;
  return scalarDistribution({
    name: "student",
    lower: -Infinity,
    upper: Infinity,
    settings: { degrees, location, scale },
    options,
    scores: {
      kind: "curve",
      at: (p, q) => Math.asinh(standardQuantile(degrees, p, q)),
      space: sinhBijection([location], [scale]),
    },
    moments: () => [
      degrees > 1 ? location : Number.NaN,
      degrees > 2 ? (scale ** 2 * degrees) / (degrees - 2) : degrees > 1 ? Infinity : Number.NaN,
    ],
    sample: (random) =>
      location + (scale * random.normal()) / Math.sqrt((2 * random.gamma(degrees / 2)) / degrees),
    logDensity: (x) => constant - power * Math.log1p(((x - location) / scale) ** 2 / degrees),
    cdf: (x) => {
      const t = (x - location) / scale;
      const total = degrees + t * t;
      const { lower } = incompleteBeta(degrees / 2, 0.5, degrees / total, (t * t) / total);
      return t < 0 ? 0.5 * lower : 1 - 0.5 * lower;
    },
    quantile: (p) => location + scale * standardQuantile(degrees, p, 1 - p),
    graphLogDensity: (x) => {
      const t = mul(sub(x, location), 1 / scale);
      return add(mul(log1p(mul(square(t), 1 / degrees)), -power), constant);
    },
  });
}

student.written = writtenAs({ degrees: real, location: real, scale: real, link }, (data) =>
  student(data.degrees, data.location, data.scale, linkOf(data, "identity")),
);

/** The standard Cauchy at p = 1 - q. */
function standardCauchy(p: number, q: number): number {
  if (p < 0.25) return -1 / Math.tan(Math.PI * p);
  if (q < 0.25) return 1 / Math.tan(Math.PI * q);
  return Math.tan(0.5 * Math.PI * (p - q));
}

/**
 * Cauchy: tails so heavy that there is no mean.
 *
 *     p(x) = 1 / (π scale (1 + ((x - location) / scale)²))
 *
 * @throws InvalidArgumentError unless the location is finite and the scale positive.
 * @example cauchy(0, 2.5)   // quartiles -2.5 and 2.5
 */
export function cauchy(
  location = 0,
  scale = 1,
  options: LinkOptions<"identity"> = {},
): ScalarDistribution {
  requireLocationScale("cauchy(location, scale)", location, scale);
  const constant = Math.log(Math.PI * scale);
  return scalarDistribution({
    name: "cauchy",
    lower: -Infinity,
    upper: Infinity,
    settings: { location, scale },
    options,
    scores: {
      kind: "curve",
      at: asinhCauchy,
      space: sinhBijection([location], [scale]),
    },
    moments: () => [Number.NaN, Number.NaN],
    sample: (random) => {
      const p = random.positive();
      return location + scale * standardCauchy(p, 1 - p);
    },
    logDensity: (x) => -Math.log1p(((x - location) / scale) ** 2) - constant,
    cdf: (x) => {
      const t = (x - location) / scale;
      if (t < -1) return Math.atan(-1 / t) / Math.PI;
      return t > 1 ? 1 - Math.atan(1 / t) / Math.PI : 0.5 + Math.atan(t) / Math.PI;
    },
    quantile: (p) => location + scale * standardCauchy(p, 1 - p),
    graphLogDensity: (x) => sub(mul(log1p(square(mul(sub(x, location), 1 / scale))), -1), constant),
  });
}

cauchy.written = writtenAs({ location: real, scale: real, link }, (data) =>
  cauchy(data.location, data.scale, linkOf(data, "identity")),
);

/** One function, so that all have one table. */
function asinhCauchy(p: number, q: number): number {
  return Math.asinh(standardCauchy(p, q));
}

/** The standard Laplace at p = 1 - q. */
function standardLaplace(p: number, q: number): number {
  return p < q ? Math.log(2 * p) : -Math.log(2 * q);
}

function asinhLaplace(p: number, q: number): number {
  return Math.asinh(standardLaplace(p, q));
}

/**
 * Laplace, two exponentials back to back: most mass near the location, and tails like e^-|x| (the prior of the lasso: Park & Casella 2008,
 * "The Bayesian lasso").
 *
 *     p(x) = exp(-|x - location| / scale) / (2 scale)
 *
 * @throws InvalidArgumentError unless the location is finite and the scale positive.
 * @example laplace(0, 1)   // standard deviation √2
 */
export function laplace(
  location = 0,
  scale = 1,
  options: LinkOptions<"identity"> = {},
): ScalarDistribution {
  requireLocationScale("laplace(location, scale)", location, scale);
  const constant = Math.log(2 * scale);
  return scalarDistribution({
    name: "laplace",
    lower: -Infinity,
    upper: Infinity,
    settings: { location, scale },
    options,
    scores: {
      kind: "curve",
      at: asinhLaplace,
      corner: {
        p: 0.5,
        slope: (p, q) => 1 / (Math.min(p, q) * Math.hypot(1, standardLaplace(p, q))),
      },
      space: sinhBijection([location], [scale]),
    },
    moments: () => [location, 2 * scale ** 2],
    sample: (random) => {
      const size = scale * random.exponential();
      return random.uniform() < 0.5 ? location - size : location + size;
    },
    logDensity: (x) => -Math.abs((x - location) / scale) - constant,
    cdf: (x) => {
      const t = (x - location) / scale;
      return t < 0 ? 0.5 * Math.exp(t) : 1 - 0.5 * Math.exp(-t);
    },
    quantile: (p) => location + scale * standardLaplace(p, 1 - p),
    graphLogDensity: (x) => sub(mul(abs(mul(sub(x, location), 1 / scale)), -1), constant),
  });
}

laplace.written = writtenAs({ location: real, scale: real, link }, (data) =>
  laplace(data.location, data.scale, linkOf(data, "identity")),
);
