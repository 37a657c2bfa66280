/**
 * Stick-breaking onto the simplex (Stan reference manual, "simplex transform").
 */
import {
  add,
  clip,
  concat,
  constant,
  exp,
  linear,
  log,
  mul,
  neg,
  slice,
  softplus,
  sub,
  sum,
  InvalidArgumentError,
  type Tensor,
} from "@amortis/graph";
import type { Bijection } from "./bijection.js";
import { innerBounds } from "./rounding.js";

const hostSoftplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * The bijection of R^(d-1) onto the open simplex of d coordinates. With v_k = u_k - log(d - k), so that u = 0 is the centre,
 *
 *     z_k = 1 / (1 + exp(-v_k)),   x_k = z_k (1 - x_1 - ... - x_{k-1}),   x_d = the rest,
 *     log |dx/du| = Σ_k [ log z_k + (d - k) log(1 - z_k) ]     (of the first d - 1 coordinates of x),
 *
 * in logarithms throughout: log z = -softplus(-v), log(1 - z) = -softplus(v).
 *
 * @throws InvalidArgumentError where d is below two.
 */
export function simplexBijection(d: number): Bijection {
  if (!Number.isInteger(d) || d < 2) {
    throw new InvalidArgumentError(
      `a simplex has two coordinates or more, but ${d} were asked for`,
    );
  }
  const k = d - 1;
  const offsets = Array.from({ length: k }, (_, i) => Math.log(k - i));
  const shifted = (u: ArrayLike<number>, i: number): number =>
    (u[i] ?? Number.NaN) - (offsets[i] ?? 0);
  const [least, greatest] = innerBounds(0, 1, "float64");
  const inside = (x: number): number => Math.min(greatest, Math.max(least, x));
  return {
    unconstrainedSize: k,
    size: d,
    forward: (u) => {
      const x = new Float64Array(d);
      let logRest = 0;
      for (let i = 0; i < k; i++) {
        const v = shifted(u, i);
        x[i] = inside(Math.exp(logRest - hostSoftplus(-v)));
        logRest -= hostSoftplus(v);
      }
      x[k] = inside(Math.exp(logRest));
      return x;
    },
    inverse: (x) => {
      const u = new Float64Array(k);
      const part = (i: number): number => {
        const value = x[i] ?? Number.NaN;
        return value >= 0 ? Math.max(least, value) : Number.NaN;
      };
      // The rest is summed from the end, where subtracting from one would cancel.
      let rest = part(k);
      for (let i = k - 1; i >= 0; i--) {
        u[i] = Math.log(part(i)) - Math.log(rest) + (offsets[i] ?? 0);
        rest += part(i);
      }
      return u;
    },
    logJacobian: (u) => {
      let total = 0;
      for (let i = 0; i < k; i++) {
        const v = shifted(u, i);
        total -= hostSoftplus(-v) + (k - i) * hostSoftplus(v);
      }
      return total;
    },
    graph: {
      forward: (u) => {
        const v = sub(u, constant(offsets, [k], u.dtype));
        const broken = softplus(v);
        const logParts = neg(softplus(neg(v)));
        const before = k > 1 ? sub(logParts, earlierSums(broken, k)) : logParts;
        const rest = neg(sum(broken, { axes: [-1], keepDims: true }));
        const [lo, hi] = innerBounds(0, 1, u.dtype === "float64" ? "float64" : "float32");
        return clip(exp(concat([before, rest], -1)), lo, hi);
      },
      inverse: (x) => {
        const [lo, hi] = innerBounds(0, 1, x.dtype === "float64" ? "float64" : "float32");
        const held = clip(x, lo, hi);
        const later = linear(
          held,
          matrix(d, k, (i, j) => i > j, x),
        );
        const firsts = slice(held, -1, 0, k);
        return add(sub(log(firsts), log(later)), constant(offsets, [k], x.dtype));
      },
      logJacobian: (u) => {
        const v = sub(u, constant(offsets, [k], u.dtype));
        const counts = constant(
          offsets.map((_, i) => k - i),
          [k],
          u.dtype,
        );
        return neg(sum(add(softplus(neg(v)), mul(softplus(v), counts)), { axes: [-1] }));
      },
    },
  };
}

/** Sums of the coordinates before each, [..., k] to [..., k], as one product. */
function earlierSums(x: Tensor, k: number): Tensor {
  return linear(
    x,
    matrix(k, k, (i, j) => i < j, x),
  );
}

/** A matrix of ones and zeros. */
function matrix(
  rows: number,
  columns: number,
  isOne: (row: number, column: number) => boolean,
  like: Tensor,
): Tensor {
  const values = Array.from({ length: rows * columns }, (_, at) =>
    isOne(Math.floor(at / columns), at % columns) ? 1 : 0,
  );
  return constant(values, [rows, columns], like.dtype);
}
