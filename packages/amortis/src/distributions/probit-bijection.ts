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
  const made: Bijection = {
    unconstrainedSize: 1,
    size: 1,
    get coordinates() {
      return [made];
    },
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
  return made;
}

function precisionOf({ dtype }: Tensor): Precision {
  return dtype === "float64" ? "float64" : "float32";
}

// Coefficients of PPND16 (Wichura 1988, Applied Statistics 37, 477, algorithm AS 241), constant terms first: rational functions for the
// middle and the tails.
const MIDDLE = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946,
    45921.95393154987, 67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597,
    39307.89580009271, 28729.085735721943, 5226.495278852854,
  ],
] as const;
const TAIL = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045,
    1.2704582524523684, 0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008,
    0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const;
const FAR_TAIL = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487,
    0.026532189526576124, 0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
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
