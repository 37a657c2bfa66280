/**
 * Traces of Jacobians: how fast a field dx/dt = F(x) spreads what it carries, by d log q / dt = -tr ∂F/∂x (Chen et al. 2018, arXiv 1806.07366).
 *
 *     tr J = Σ_k e_kᵀ J e_k,      or estimated by directions of random signs:      tr J ≈ 1/n Σ_k ε_kᵀ J ε_k
 *
 * (Hutchinson 1990, doi 10.1080/03610919008812866; Grathwohl et al. 2019, arXiv 1810.01367). Points are repeated once a direction, so that one gradient has all of them: its
 * nodes are as many in ten dimensions as in one.
 */
import {
  add,
  constant,
  expandDims,
  eye,
  gradient,
  mul,
  slice,
  squeeze,
  sum,
  zeros,
  type Tensor,
} from "@amortis/graph";
import { stream } from "../random/index.js";

/** Directions e_k, [n, d]; whose products add to the trace, or whose mean estimates it. */
export interface Directions {
  readonly vectors: Tensor;
  readonly count: number;
  readonly exact: boolean;
}

/** All d unit vectors: the trace is exact. */
export function unitDirections(d: number): Directions {
  return { vectors: eye(d), count: d, exact: true };
}

/** Random signs, always the same. */
export function randomDirections(count: number, d: number): Directions {
  const random = stream("directions of traces");
  const signs = Array.from({ length: count * d }, () => (random.uniform() < 0.5 ? -1 : 1));
  return { vectors: constant(signs, [count, d]), count, exact: false };
}

/** F at points, and e_kᵀ J e_k along each direction, [..., n]. */
export interface Traced {
  readonly value: Tensor;
  readonly products: Tensor;
}

/**
 * A field and its Jacobian's products.
 *
 * @param field of points with one axis more than those of x before the last.
 * @param x [..., d]
 */
export function traced(
  field: (x: Tensor) => Tensor,
  x: Tensor,
  { vectors, count }: Directions,
): Traced {
  const d = Number(x.shape.at(-1));
  const copies = add(expandDims(x, -2), zeros([count, d]));
  const values = field(copies);
  const [back = copies] = gradient(sum(mul(values, vectors)), [copies]);
  return {
    value: squeeze(slice(values, -2, 0, 1), [-2]),
    products: sum(mul(back, vectors), { axes: [-1] }),
  };
}
