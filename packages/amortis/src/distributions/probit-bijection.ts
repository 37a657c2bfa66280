/**
 * The bijection onto an interval by the normal distribution function: θ = lower + (upper - lower) Φ(u).
 *
 * Where θ is uniform, u is standard normal: a posterior that is flat up to a bound of the prior, or as wide as the prior, is nearly Gaussian in
 * u. By the logistic function, which `intervalBijection` has, the same posterior has a long tail in u.
 */
import {
  add,
  clip,
  constant,
  div,
  log,
  minimum,
  mul,
  normalCdf as graphNormalCdf,
  sqrt,
  square,
  squeeze,
  sub,
  less,
  neg,
  where,
  type Tensor,
} from "@amortis/graph";
import { logNormalDensity, normalCdf, normalQuantile } from "../math/normal.js";
import type { Bijection } from "./bijection.js";
import { innerBounds, SMALLEST, type Precision } from "./rounding.js";

/** The bijection of one number onto (lower, upper), both finite. */
export function probitBijection(lower: number, upper: number): Bijection {
  const width = upper - lower;
  const logWidth = Math.log(width);
  const [least, greatest] = innerBounds(lower, upper, "float64");
  const inside = (theta: number): number => Math.min(greatest, Math.max(least, theta));
  const held = (theta: Tensor): Tensor =>
    clip(theta, ...innerBounds(lower, upper, precisionOf(theta)));
  return {
    unconstrainedSize: 1,
    size: 1,
    bounds: { lower: [lower], upper: [upper] },
    forward: (u) => {
      const x = u[0] ?? Number.NaN;
      // From the nearer bound, so that nothing is lost beside it.
      const theta = x < 0 ? lower + width * normalCdf(x) : upper - width * normalCdf(-x);
      return Float64Array.of(inside(theta));
    },
    inverse: (theta) => {
      const value = theta[0] ?? Number.NaN;
      if (!(value >= lower && value <= upper)) return Float64Array.of(Number.NaN);
      const [below, above] = [inside(value) - lower, upper - inside(value)];
      return Float64Array.of(
        below < above ? normalQuantile(below / width) : -normalQuantile(above / width),
      );
    },
    logJacobian: (u) => logWidth + logNormalDensity(u[0] ?? Number.NaN),
    graph: {
      forward: (u) => held(add(mul(graphNormalCdf(u), width), lower)),
      inverse: (theta) => {
        const value = held(theta);
        const below = mul(sub(value, lower), 1 / width);
        const above = mul(sub(constant(upper, [], theta.dtype), value), 1 / width);
        return quantile(below, above);
      },
      logJacobian: (u) =>
        squeeze(add(mul(square(u), -0.5), logWidth - 0.5 * Math.log(2 * Math.PI)), [-1]),
    },
  };
}

function precisionOf({ dtype }: Tensor): Precision {
  return dtype === "float64" ? "float64" : "float32";
}

// Coefficients of PPND16 (Wichura 1988, Applied Statistics 37, 477, algorithm AS 241), constant terms first: rational functions for the
// middle and the tails.
const MIDDLE = [
  [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
    39307.89580009271061, 28729.085735721942674, 5226.495278852854561,
  ],
] as const;
const TAIL = [
  [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833,
    7.7454501427834140764e-4,
  ],
  [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455,
    0.14810397642748007459, 0.0151986665636164571966, 5.475938084995344946e-4,
    1.05075007164441684324e-9,
  ],
] as const;
const FAR_TAIL = [
  [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5,
    2.01033439929228813265e-7,
  ],
  [
    1, 0.59983220655588793769, 0.1369298809227358053, 0.0148753612908506148525,
    7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7,
    2.04426310338993978564e-15,
  ],
] as const;

/** Φ⁻¹ of a probability, given with its complement. */
function quantile(below: Tensor, above: Tensor): Tensor {
  const q = mul(sub(below, above), 0.5);
  const central = mul(q, rational(MIDDLE, sub(0.180625, square(q))));
  const tail = clip(minimum(below, above), SMALLEST[precisionOf(below)], 0.5);
  const r = sqrt(neg(log(tail)));
  const outer = where(
    less(r, 5),
    rational(TAIL, sub(r, 1.6)),
    rational(FAR_TAIL, sub(clip(r, 5), 5)),
  );
  const signed = where(less(q, 0), neg(outer), outer);
  return where(less(square(q), 0.180625), central, signed);
}

function rational(
  [numerator, denominator]: readonly [readonly number[], readonly number[]],
  x: Tensor,
): Tensor {
  return div(polynomial(numerator, x), polynomial(denominator, x));
}

/** By Horner's rule. */
function polynomial(coefficients: readonly number[], x: Tensor): Tensor {
  const [constantTerm = 0, ...rest] = coefficients;
  const powers = rest.toReversed();
  const [highest = 0, ...others] = powers;
  return add(
    mul(
      others.reduce<Tensor>((sum, c) => add(mul(sum, x), c), add(mul(x, 0), highest)),
      x,
    ),
    constantTerm,
  );
}
