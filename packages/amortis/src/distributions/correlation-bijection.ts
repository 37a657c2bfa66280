/**
 * Correlation matrices by canonical partial correlations (Lewandowski, Kurowicka & Joe 2009; Stan reference manual, "correlation matrix transform").
 *
 * z_ij = tanh u_ij is the correlation of i and j given 1 … j - 1, and with L the Cholesky factor of R
 *
 *     L_ij = z_ij s_ij,   s_ij² = 1 - L_i1² - … - L_i,j-1² = Π_{k<j} (1 - z_ik²),   L_ii = s_ii,
 *     log |dR/du| = Σ_{i>j} (d - j + 1)/2 log(1 - z_ij²).
 *
 * R is what is below its diagonal, row by row.
 */
import {
  add,
  clip,
  concat,
  constant,
  div,
  exp,
  linear,
  log,
  mul,
  slice,
  softplus,
  sub,
  sum,
  tanh,
  type Tensor,
} from "@amortis/graph";
import { choleskyFactor } from "../math/index.js";
import type { Bijection } from "./bijection.js";
import { gram } from "./covariance-bijection.js";
import { symmetricOf, triangleOf, trianglePlaces } from "./triangle.js";

/** Partial correlations are held this far from ±1. */
const EDGE = { host: 1e-15, graph: 1e-6 } as const;

/** log(1 - tanh² u) = 2 (log 2 - u - softplus(-2u)). */
const hostLogSech2 = (u: number): number =>
  2 * (Math.LN2 - Math.abs(u) - Math.log1p(Math.exp(-2 * Math.abs(u))));
const logSech2 = (u: Tensor): Tensor => mul(sub(Math.LN2, add(u, softplus(mul(u, -2)))), 2);

/** Correlations below the diagonal of partial ones. */
export function correlationsOfPartial(z: ArrayLike<number>, d: number): Float64Array {
  const factor = new Float64Array(d * d);
  let k = 0;
  for (let i = 0; i < d; i++) {
    let left = 1;
    for (let j = 0; j < i; j++) {
      const own = z[k++] ?? Number.NaN;
      factor[i * d + j] = own * Math.sqrt(left);
      left *= (1 - own) * (1 + own);
    }
    factor[i * d + i] = Math.sqrt(left);
  }
  return triangleOf(gram(factor, d), d, false);
}

/** The bijection onto correlation matrices [d, d]. */
export function correlationBijection(d: number): Bijection {
  const places = trianglePlaces(d, false);
  const size = places.length;
  // Column j = 1 … d - 1 has the weight (d - j + 1) / 2.
  const weights = places.map((at) => (d - (at % d)) / 2);
  const rowStart = (i: number): number => (i * (i - 1)) / 2;

  /** Partial correlations of correlations; NaN where these are none. */
  function partialOf(r: ArrayLike<number>): Float64Array {
    const factor = choleskyFactor(symmetricOf(r, d, false), d);
    if (factor === undefined) return new Float64Array(size).fill(Number.NaN);
    return Float64Array.from(places, (at) => {
      const [i, j] = [Math.floor(at / d), at % d];
      let left = 1;
      for (let k = 0; k < j; k++) left -= (factor[i * d + k] ?? 0) ** 2;
      return (factor[at] ?? Number.NaN) / Math.sqrt(Math.max(left, EDGE.host));
    });
  }

  /** Rows of the Cholesky factor of u [..., size], each [..., i + 1]: by logarithms of what is left of one. */
  function factorRows(u: Tensor): readonly Tensor[] {
    const [z, half] = [tanh(u), mul(logSech2(u), 0.5)];
    return Array.from({ length: d }, (_, i) => {
      if (i === 0) return undefined;
      const [from, to] = [rowStart(i), rowStart(i) + i];
      const before = Array.from({ length: i * (i + 1) }, (__, at) =>
        Math.floor(at / (i + 1)) < at % (i + 1) ? 1 : 0,
      );
      const left = exp(linear(slice(half, -1, from, to), constant(before, [i, i + 1], u.dtype)));
      const own = mul(slice(z, -1, from, to), slice(left, -1, 0, i));
      return concat([own, slice(left, -1, i, i + 1)], -1);
    }).flatMap((row) => (row === undefined ? [] : [row]));
  }

  function forward(u: Tensor): Tensor {
    const rows = factorRows(u);
    const entries = rows.flatMap((row, at) => {
      const i = at + 1;
      return Array.from({ length: i }, (_, j) => {
        if (j === 0) return slice(row, -1, 0, 1);
        const other = rows[j - 1] ?? row;
        return sum(mul(slice(row, -1, 0, j + 1), other), { axes: [-1], keepDims: true });
      });
    });
    return concat(entries, -1);
  }

  /** By the Cholesky recursion on the rows, each of which is of length one. */
  function partial(r: Tensor): readonly Tensor[] {
    const factors: Tensor[][] = [];
    const partials: Tensor[] = [];
    for (let i = 1; i < d; i++) {
      const row: Tensor[] = [];
      let left: Tensor | undefined;
      for (let j = 0; j < i; j++) {
        const at = rowStart(i) + j;
        let rest = slice(r, -1, at, at + 1);
        for (const [k, own] of row.entries()) {
          const other = factors[j - 1]?.[k];
          if (other !== undefined) rest = sub(rest, mul(own, other));
        }
        const diagonal = factors[j - 1]?.[j];
        const entry = diagonal === undefined ? rest : div(rest, diagonal);
        const z = clip(
          left === undefined ? entry : div(entry, exp(mul(left, 0.5))),
          EDGE.graph - 1,
          1 - EDGE.graph,
        );
        partials.push(z);
        const gone = log(mul(sub(1, z), add(1, z)));
        row.push(left === undefined ? z : mul(z, exp(mul(left, 0.5))));
        left = left === undefined ? gone : add(left, gone);
      }
      if (left !== undefined) row.push(exp(mul(left, 0.5)));
      factors.push(row);
    }
    return partials;
  }

  return {
    unconstrainedSize: size,
    size,
    forward: (u) => correlationsOfPartial(Float64Array.from(u, Math.tanh), d),
    inverse: (r) =>
      partialOf(r).map((z) => Math.atanh(Math.max(EDGE.host - 1, Math.min(1 - EDGE.host, z)))),
    logJacobian: (u) =>
      weights.reduce((total, weight, k) => total + weight * hostLogSech2(u[k] ?? Number.NaN), 0),
    graph: {
      forward,
      inverse: (r) => {
        const z = concat(partial(r), -1);
        return mul(sub(log(add(1, z)), log(sub(1, z))), 0.5);
      },
      logJacobian: (u) => sum(mul(logSech2(u), constant(weights, [size], u.dtype)), { axes: [-1] }),
    },
  };
}
