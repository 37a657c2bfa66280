/**
 * Bijections from unconstrained space onto supports, θ = g(u), with log |dθ/du|.
 *
 * Everything is increasing coordinate by coordinate, but for the simplex, and strictly inside the support also where single
 * precision would round onto a bound.
 */
import {
  add,
  clip,
  concat,
  exp,
  expandDims,
  log,
  mul,
  neg,
  sigmoid,
  slice,
  softplus,
  sub,
  sum,
  type Tensor,
} from "@amortis/graph";

/** θ = g(u), u in R^unconstrainedSize. */
export interface Bijection {
  readonly unconstrainedSize: number;
  readonly size: number;
  forward(u: ArrayLike<number>): Float64Array;
  inverse(theta: ArrayLike<number>): Float64Array;
  /** log |dθ/du| at u. */
  logJacobian(u: ArrayLike<number>): number;
  readonly graph: {
    /** [..., unconstrainedSize] to [..., size] */
    forward(u: Tensor): Tensor;
    inverse(theta: Tensor): Tensor;
    /** [..., unconstrainedSize] to [...] */
    logJacobian(u: Tensor): Tensor;
  };
}

const hostSoftplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const hostSigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The single-precision numbers next inside (lower, upper): inside in double precision too. */
function innerBounds(lower: number, upper: number): readonly [number, number] {
  return [nextFloat32(lower, 1), nextFloat32(upper, -1)];
}

/** The nearest float32 strictly beyond x in a direction; the smallest normal number instead of a denormal one. */
function nextFloat32(x: number, direction: 1 | -1): number {
  if (!Number.isFinite(x)) return direction * -3.4028234663852886e38;
  const smallest = 1.1754943508222875e-38;
  if (Math.abs(x) < smallest) return direction * smallest;
  const bits = new Int32Array(1);
  const value = new Float32Array(bits.buffer);
  value[0] = x;
  const rounded = value[0] ?? x;
  if (direction * (rounded - x) > 0) return rounded;
  bits[0] = (bits[0] ?? 0) + (rounded > 0 === direction > 0 ? 1 : -1);
  return value[0] ?? x;
}

/** One coordinate: plain formulas, and the same in a graph. */
interface Coordinate {
  forward(u: number): number;
  inverse(theta: number): number;
  logJacobian(u: number): number;
  graphForward(u: Tensor): Tensor;
  graphInverse(theta: Tensor): Tensor;
  graphLogJacobian(u: Tensor): Tensor;
}

const REAL: Coordinate = {
  forward: (u) => u,
  inverse: (theta) => theta,
  logJacobian: () => 0,
  graphForward: (u) => u,
  graphInverse: (theta) => theta,
  graphLogJacobian: (u) => mul(u, 0),
};

/** θ = lower + (upper - lower) sigmoid(u): a uniform prior becomes logistic. */
function logit(lower: number, upper: number): Coordinate {
  const width = upper - lower;
  const [lo, hi] = innerBounds(lower, upper);
  return {
    forward: (u) => Math.min(hi, Math.max(lo, lower + width * hostSigmoid(u))),
    inverse: (theta) => Math.log(theta - lower) - Math.log(upper - theta),
    logJacobian: (u) => Math.log(width) - hostSoftplus(u) - hostSoftplus(-u),
    graphForward: (u) => clip(add(mul(sigmoid(u), width), lower), lo, hi),
    graphInverse: (theta) => sub(log(sub(theta, lower)), log(sub(upper, theta))),
    graphLogJacobian: (u) => sub(Math.log(width), add(softplus(u), softplus(neg(u)))),
  };
}

/** θ = lower + eᵘ: scale parameters become additive, and a log-normal prior normal. */
function above(lower: number): Coordinate {
  const [lo, hi] = innerBounds(lower, Infinity);
  return {
    forward: (u) => Math.min(hi, Math.max(lo, lower + Math.exp(u))),
    inverse: (theta) => Math.log(theta - lower),
    logJacobian: (u) => u,
    graphForward: (u) => clip(add(exp(u), lower), lo, hi),
    graphInverse: (theta) => log(sub(theta, lower)),
    graphLogJacobian: (u) => u,
  };
}

/** θ = upper - e⁻ᵘ. */
function below(upper: number): Coordinate {
  const [lo, hi] = innerBounds(-Infinity, upper);
  return {
    forward: (u) => Math.min(hi, Math.max(lo, upper - Math.exp(-u))),
    inverse: (theta) => -Math.log(upper - theta),
    logJacobian: (u) => -u,
    graphForward: (u) => clip(sub(upper, exp(neg(u))), lo, hi),
    graphInverse: (theta) => neg(log(sub(upper, theta))),
    graphLogJacobian: (u) => neg(u),
  };
}

function coordinate(lower: number, upper: number): Coordinate {
  if (Number.isFinite(lower)) return Number.isFinite(upper) ? logit(lower, upper) : above(lower);
  return Number.isFinite(upper) ? below(upper) : REAL;
}

/** The bijection of one coordinate onto (lower, upper), either of which may be infinite; `size` coordinates alike. */
export function intervalBijection(lower: number, upper: number, size = 1): Bijection {
  const one = coordinate(lower, upper);
  return {
    unconstrainedSize: size,
    size,
    forward: (u) => Float64Array.from(u, (value) => one.forward(value)),
    inverse: (theta) => Float64Array.from(theta, (value) => one.inverse(value)),
    logJacobian: (u) => Array.from(u).reduce((total, value) => total + one.logJacobian(value), 0),
    graph: {
      forward: (u) => one.graphForward(u),
      inverse: (theta) => one.graphInverse(theta),
      logJacobian: (u) => sum(one.graphLogJacobian(u), { axes: [-1] }),
    },
  };
}

/**
 * Stick-breaking onto the simplex of d coordinates: z_k = sigmoid(u_k - log(d - k)), x_k = z_k (1 - x_1 - ... - x_{k-1}); u = 0 is the centre (Stan
 * reference manual, "simplex transform").
 */
export function simplexBijection(d: number): Bijection {
  const offset = (k: number): number => Math.log(d - 1 - k);
  const tiny = 1.1754943508222875e-38;
  const forward = (u: ArrayLike<number>): Float64Array => {
    const x = new Float64Array(d);
    let logRest = 0;
    for (let k = 0; k < d - 1; k++) {
      const v = (u[k] ?? 0) - offset(k);
      x[k] = Math.max(tiny, Math.exp(logRest - hostSoftplus(-v)));
      logRest -= hostSoftplus(v);
    }
    x[d - 1] = Math.max(tiny, Math.exp(logRest));
    return x;
  };
  return {
    unconstrainedSize: d - 1,
    size: d,
    forward,
    inverse: (x) => {
      const u = new Float64Array(d - 1);
      // The rest is summed from the end, where subtracting from one would cancel.
      let rest = x[d - 1] ?? 0;
      for (let k = d - 2; k >= 0; k--) {
        u[k] = Math.log(x[k] ?? 0) - Math.log(rest) + offset(k);
        rest += x[k] ?? 0;
      }
      return u;
    },
    logJacobian: (u) => {
      let total = 0;
      let logRest = 0;
      for (let k = 0; k < d - 1; k++) {
        const v = (u[k] ?? 0) - offset(k);
        total += logRest - hostSoftplus(v) - hostSoftplus(-v);
        logRest -= hostSoftplus(v);
      }
      return total;
    },
    graph: {
      forward: (u) => {
        const parts: Tensor[] = [];
        let logRest: Tensor | undefined;
        for (let k = 0; k < d - 1; k++) {
          const v = sub(slice(u, -1, k, k + 1), offset(k));
          const logPart = neg(softplus(neg(v)));
          parts.push(logRest === undefined ? logPart : add(logRest, logPart));
          logRest = logRest === undefined ? neg(softplus(v)) : sub(logRest, softplus(v));
        }
        if (logRest !== undefined) parts.push(logRest);
        return clip(exp(concat(parts, -1)), tiny, 1);
      },
      inverse: (x) => {
        const parts: Tensor[] = [];
        let rest = slice(x, -1, d - 1, d);
        for (let k = d - 2; k >= 0; k--) {
          const part = slice(x, -1, k, k + 1);
          parts.unshift(add(sub(log(part), log(rest)), offset(k)));
          rest = add(rest, part);
        }
        return concat(parts, -1);
      },
      logJacobian: (u) => {
        let total: Tensor | undefined;
        let logRest: Tensor | undefined;
        for (let k = 0; k < d - 1; k++) {
          const v = sub(slice(u, -1, k, k + 1), offset(k));
          const local = neg(add(softplus(v), softplus(neg(v))));
          const term = logRest === undefined ? local : add(logRest, local);
          total = total === undefined ? term : add(total, term);
          logRest = logRest === undefined ? neg(softplus(v)) : sub(logRest, softplus(v));
        }
        return sum(total ?? u, { axes: [-1] });
      },
    },
  };
}

/** Several bijections side by side, their coordinates concatenated. */
export function productBijection(parts: readonly Bijection[]): Bijection {
  const total = (of: "size" | "unconstrainedSize"): number =>
    parts.reduce((sofar, part) => sofar + part[of], 0);
  const cut = (values: ArrayLike<number>, of: "size" | "unconstrainedSize"): number[][] => {
    const all = Array.from(values);
    return parts.map((part) => all.splice(0, part[of]));
  };
  const cutTensor = (x: Tensor, of: "size" | "unconstrainedSize"): Tensor[] => {
    let offset = 0;
    return parts.map((part) => {
      const piece = slice(x, -1, offset, offset + part[of]);
      offset += part[of];
      return piece;
    });
  };
  const join = (pieces: readonly Float64Array[]): Float64Array =>
    Float64Array.from(pieces.flatMap((piece) => [...piece]));
  return {
    size: total("size"),
    unconstrainedSize: total("unconstrainedSize"),
    forward: (u) => {
      const pieces = cut(u, "unconstrainedSize");
      return join(parts.map((part, i) => part.forward(pieces[i] ?? [])));
    },
    inverse: (theta) => {
      const pieces = cut(theta, "size");
      return join(parts.map((part, i) => part.inverse(pieces[i] ?? [])));
    },
    logJacobian: (u) => {
      const pieces = cut(u, "unconstrainedSize");
      return parts.reduce((sofar, part, i) => sofar + part.logJacobian(pieces[i] ?? []), 0);
    },
    graph: {
      forward: (u) => {
        const pieces = cutTensor(u, "unconstrainedSize");
        return concat(
          parts.map((part, i) => part.graph.forward(pieces[i] ?? u)),
          -1,
        );
      },
      inverse: (theta) => {
        const pieces = cutTensor(theta, "size");
        return concat(
          parts.map((part, i) => part.graph.inverse(pieces[i] ?? theta)),
          -1,
        );
      },
      logJacobian: (u) => {
        const pieces = cutTensor(u, "unconstrainedSize");
        const terms = parts.map((part, i) =>
          expandDims(part.graph.logJacobian(pieces[i] ?? u), -1),
        );
        return sum(concat(terms, -1), { axes: [-1] });
      },
    },
  };
}
