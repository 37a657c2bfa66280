/**
 * The maps of single coordinates onto intervals: plain formulae, and the same in graphs for many coordinates of one kind at once.
 *
 *     (-∞, ∞)    θ = u
 *     (l, h)     θ = l + (h - l) / (1 + e⁻ᵘ)      log θ' = log(h - l) - |u| - 2 log(1 + e^-|u|)
 *     (l, ∞)     θ = l + eᵘ                       log θ' = u
 *     (-∞, h)    θ = h - e⁻ᵘ                      log θ' = -u
 *
 * The logarithm, and not softplus, for half-lines: scale parameters become additive, a log-normal prior becomes exactly normal, and small
 * θ keep their relative accuracy; large |u| stay finite by the clamps.
 */
import {
  abs,
  add,
  clip,
  constant,
  exp,
  log,
  maximum,
  minimum,
  mul,
  neg,
  sigmoid,
  softplus,
  sub,
  type Tensor,
  type TensorLike,
} from "@amortis/graph";
import { innerBounds, type Precision } from "./rounding.js";

/** Kinds of intervals, by which of their bounds are finite. */
export type CoordinateKind = "real" | "interval" | "above" | "below";

/** Bounds of several coordinates. */
export interface Bounds {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

type OneToOne = (x: number, lower: number, upper: number) => number;
type AllToAll = (x: Tensor, bounds: Bounds) => Tensor;

/** Maps of coordinates of one kind. */
export interface CoordinateMap {
  readonly forward: OneToOne;
  readonly inverse: OneToOne;
  readonly logJacobian: OneToOne;
  /** All on [..., k], for k coordinates of this kind. */
  readonly graph: {
    readonly forward: AllToAll;
    readonly inverse: AllToAll;
    /** Element by element. */
    readonly logJacobian: AllToAll;
  };
}

/** The kind of an interval. */
export function kindOf(lower: number, upper: number): CoordinateKind {
  if (Number.isFinite(lower)) return Number.isFinite(upper) ? "interval" : "above";
  return Number.isFinite(upper) ? "below" : "real";
}

// eᵘ is within the normal numbers for u between these.
const LEAST: Readonly<Record<Precision, number>> = { float32: -87, float64: -708 };
const GREATEST: Readonly<Record<Precision, number>> = { float32: 88.7, float64: 709.7 };

/** log(1 + e^-|u|). */
const decay = (u: number): number => Math.log1p(Math.exp(-Math.abs(u)));

/** Inside (lower, upper) also where the arithmetic rounded onto a bound. */
function inside(theta: number, lower: number, upper: number): number {
  if (theta <= lower) return innerBounds(lower, upper, "float64")[0];
  return theta >= upper ? innerBounds(lower, upper, "float64")[1] : theta;
}

/** As `inside`, for values that may be on a bound, but not beyond. */
function insideIfSupported(theta: number, lower: number, upper: number): number {
  return theta >= lower && theta <= upper ? inside(theta, lower, upper) : Number.NaN;
}

/** The precision in which a tensor is computed. */
export function precisionOf(x: Tensor): Precision {
  return x.dtype === "float64" ? "float64" : "float32";
}

/** Values as a vector, or as one number where they are all the same: fewer and smaller operations. */
export function row(values: readonly number[], like: Tensor): TensorLike {
  const [first = 0] = values;
  const same = values.every((value) => value === first);
  return same ? first : constant(values, [values.length], like.dtype);
}

/** x held within the open intervals. */
function clamp(x: Tensor, { lower, upper }: Bounds): Tensor {
  const inner = lower.map((lo, i) => innerBounds(lo, upper[i] ?? Infinity, precisionOf(x)));
  const lo = row(
    inner.map(([bound]) => bound),
    x,
  );
  const hi = row(
    inner.map(([, bound]) => bound),
    x,
  );
  if (typeof lo === "number" && typeof hi === "number") return clip(x, lo, hi);
  return maximum(minimum(x, hi), lo);
}

/** eᵘ as a positive finite number. */
function safeExp(u: Tensor): Tensor {
  const precision = precisionOf(u);
  return exp(clip(u, LEAST[precision], GREATEST[precision]));
}

function hostSafeExp(u: number): number {
  return Math.exp(Math.min(GREATEST.float64, Math.max(LEAST.float64, u)));
}

/** Where nothing is added to eᵘ, no rounding onto a bound is possible. */
const allZero = (bounds: readonly number[]): boolean => bounds.every((bound) => bound === 0);

/** The map of each kind. */
export const COORDINATE_MAPS: Readonly<Record<CoordinateKind, CoordinateMap>> = {
  real: {
    forward: (u) => u,
    inverse: (theta) => theta,
    logJacobian: () => 0,
    graph: {
      forward: (u) => u,
      inverse: (theta) => theta,
      logJacobian: (u) => mul(u, 0),
    },
  },

  interval: {
    // From the nearer bound, so that its digits are kept.
    forward: (u, lower, upper) =>
      inside(
        u < 0
          ? lower + (upper - lower) / (1 + Math.exp(-u))
          : upper - (upper - lower) / (1 + Math.exp(u)),
        lower,
        upper,
      ),
    inverse: (theta, lower, upper) => {
      const x = insideIfSupported(theta, lower, upper);
      return Math.log(x - lower) - Math.log(upper - x);
    },
    logJacobian: (u, lower, upper) => Math.log(upper - lower) - Math.abs(u) - 2 * decay(u),
    graph: {
      forward: (u, bounds) => {
        const width = bounds.lower.map((lo, i) => (bounds.upper[i] ?? lo) - lo);
        return clamp(add(mul(sigmoid(u), row(width, u)), row(bounds.lower, u)), bounds);
      },
      inverse: (theta, bounds) => {
        const x = clamp(theta, bounds);
        return sub(log(sub(x, row(bounds.lower, x))), log(sub(row(bounds.upper, x), x)));
      },
      logJacobian: (u, bounds) => {
        const logWidth = bounds.lower.map((lo, i) => Math.log((bounds.upper[i] ?? lo) - lo));
        const size = abs(u);
        return sub(sub(row(logWidth, u), size), mul(softplus(neg(size)), 2));
      },
    },
  },

  above: {
    forward: (u, lower, upper) => inside(lower + hostSafeExp(u), lower, upper),
    inverse: (theta, lower, upper) => Math.log(insideIfSupported(theta, lower, upper) - lower),
    logJacobian: (u) => u,
    graph: {
      forward: (u, bounds) => {
        const scale = safeExp(u);
        return allZero(bounds.lower) ? scale : clamp(add(scale, row(bounds.lower, u)), bounds);
      },
      inverse: (theta, bounds) => log(sub(clamp(theta, bounds), row(bounds.lower, theta))),
      logJacobian: (u) => u,
    },
  },

  below: {
    forward: (u, lower, upper) => inside(upper - hostSafeExp(-u), lower, upper),
    inverse: (theta, lower, upper) => -Math.log(upper - insideIfSupported(theta, lower, upper)),
    logJacobian: (u) => -u,
    graph: {
      forward: (u, bounds) => {
        const scale = safeExp(neg(u));
        return allZero(bounds.upper) ? neg(scale) : clamp(sub(row(bounds.upper, u), scale), bounds);
      },
      inverse: (theta, bounds) => neg(log(sub(row(bounds.upper, theta), clamp(theta, bounds)))),
      logJacobian: (u) => neg(u),
    },
  },
};
