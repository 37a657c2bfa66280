/**
 * Positive definite matrices by their Cholesky factor, with the logarithm of its diagonal.
 *
 *     X = L Lᵀ,   L_ij = u_ij below the diagonal,   L_ii = exp u_ii,
 *     log |dX/du| = d log 2 + Σ_i (d - i + 2) u_ii,   i = 1 … d
 *
 * (Pinheiro & Bates 1996, "Unconstrained parametrizations for variance-covariance matrices"). X is its lower triangle, row by row.
 */
import {
  add,
  cholesky,
  constant,
  exp,
  linear,
  log,
  matmul,
  maximum,
  mul,
  sub,
  type Tensor,
} from "@amortis/graph";
import { choleskyFactor } from "../math/index.js";
import type { Bijection } from "./bijection.js";
import { dropLast } from "./distribution.js";
import { matricesOf, symmetricOf, triangleOf, trianglePlaces, trianglesOf } from "./triangle.js";

/** Smallest entry of a factor's diagonal in graphs. */
const LEAST = 1e-18;

/** The bijection onto positive definite matrices [d, d]. */
export function covarianceBijection(d: number): Bijection {
  const places = trianglePlaces(d, true);
  const size = places.length;
  const isDiagonal = places.map((at) => at % (d + 1) === 0);
  const weights = places.map((at) => (at % (d + 1) === 0 ? d - at / (d + 1) + 1 : 0));
  const marks = (x: Tensor): Tensor =>
    constant(
      isDiagonal.map((is) => (is ? 1 : 0)),
      [size],
      x.dtype,
    );
  /** f of the diagonal, and what is below it as it is. */
  const onDiagonal = (x: Tensor, f: (diagonal: Tensor) => Tensor, neutral: number): Tensor => {
    const mark = marks(x);
    const rest = sub(1, mark);
    const diagonal = add(mul(x, mark), mul(rest, neutral));
    return add(mul(f(diagonal), mark), mul(x, rest));
  };
  return {
    unconstrainedSize: size,
    size,
    forward: (u) => {
      const factor = new Float64Array(d * d);
      for (const [k, at] of places.entries()) {
        const value = u[k] ?? Number.NaN;
        factor[at] = isDiagonal[k] === true ? Math.exp(value) : value;
      }
      return triangleOf(gram(factor, d), d, true);
    },
    inverse: (x) => {
      const factor = choleskyFactor(symmetricOf(x, d, true), d);
      if (factor === undefined) return new Float64Array(size).fill(Number.NaN);
      return triangleOf(factor, d, true).map((value, k) =>
        isDiagonal[k] === true ? Math.log(value) : value,
      );
    },
    logJacobian: (u) =>
      weights.reduce((total, weight, k) => total + weight * (u[k] ?? 0), d * Math.LN2),
    graph: {
      forward: (u) => {
        const factor = matricesOf(onDiagonal(u, exp, 0), d, "lower");
        return trianglesOf(matmul(factor, factor, { transposeB: true }), d);
      },
      inverse: (x) => {
        const factor = trianglesOf(cholesky(matricesOf(x, d, "symmetric")), d);
        return onDiagonal(factor, (diagonal) => log(maximum(diagonal, LEAST)), 1);
      },
      logJacobian: (u) => {
        const total = linear(u, constant(weights, [size, 1], u.dtype));
        return add(dropLast(total), d * Math.LN2);
      },
    },
  };
}

/** A Aᵀ of a square matrix [d, d]. */
export function gram(matrix: Float64Array, d: number): Float64Array {
  return Float64Array.from({ length: d * d }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    let total = 0;
    for (let k = 0; k < d; k++) total += (matrix[i * d + k] ?? 0) * (matrix[j * d + k] ?? 0);
    return total;
  });
}
