/**
 * The LKJ distribution of correlation matrices, as vectors of what is below the diagonal, row by row: [r₂₁, r₃₁, r₃₂, r₄₁, ...].
 *
 *     p(R) = |R|^(η - 1) / c,      log c = Σ_k [(2η - 2 + d - k)(d - k) log 2 + (d - k) log B(η + (d - k - 1)/2, η + (d - k - 1)/2)],   k = 1 … d - 1
 *
 * (Lewandowski, Kurowicka & Joe 2009, "Generating random correlation matrices based on vines and extended onion method"): uniform for η = 1, and nearer the identity the larger η is.
 */
import {
  add,
  choleskyFactors,
  constant,
  diagonal,
  linear,
  log,
  mul,
  reshape,
  sum,
  type Tensor,
} from "@amortis/graph";
import { choleskyFactor, logBeta } from "../math/index.js";
import type { Bijection } from "./bijection.js";
import { correlationBijection, correlationsOfPartial } from "./correlation-bijection.js";
import {
  isPositive,
  requireLength,
  requireSetting,
  type VectorDistribution,
} from "./distribution.js";
import { symmetricOf, trianglePlaces } from "./triangle.js";
import { real, writtenAs } from "./written.js";

/** Rows of a correlation matrix, at most. */
const MOST = 30;

/**
 * A correlation matrix [d, d].
 *
 * With standard deviations of their own beside it, covariances are made in the simulator: σ_i σ_j r_ij.
 *
 * @param dimension d, from 2 on.
 * @param eta η, 1 by default: uniform over correlation matrices.
 * @throws InvalidArgumentError where the dimension is not within 2 and 30, or η is not positive.
 * @example lkj(3, 2)   // a vector of 3: r₂₁, r₃₁, r₃₂
 */
export function lkj(dimension: number, eta = 1): VectorDistribution {
  const what = "lkj(dimension, eta)";
  const d = dimension;
  requireSetting(
    Number.isInteger(d) && d >= 2 && d <= MOST,
    what,
    `needs a dimension from 2 to ${MOST}`,
    d,
  );
  requireSetting(isPositive(eta), what, "needs a positive eta", eta);
  const places = trianglePlaces(d, false);
  const size = places.length;
  let logConstant = 0;
  for (let k = 1; k < d; k++) {
    const left = d - k;
    const shape = eta + (left - 1) / 2;
    logConstant -= (2 * eta - 2 + left) * left * Math.LN2 + left * logBeta(shape, shape);
  }
  let bijection: Bijection | undefined;
  const logDeterminant = (value: ArrayLike<number>): number => {
    const factor = Array.from(value).every(Number.isFinite)
      ? choleskyFactor(symmetricOf(value, d, false), d)
      : undefined;
    if (factor === undefined) return -Infinity;
    let total = 0;
    for (let i = 0; i < d; i++) total += 2 * Math.log(factor[i * d + i] ?? Number.NaN);
    return total;
  };
  return {
    name: "lkj",
    shape: [size],
    size,
    support: { kind: "region", lower: places.map(() => -1), upper: places.map(() => 1) },
    get bijection() {
      bijection ??= correlationBijection(d);
      return bijection;
    },
    sample: (random) =>
      correlationsOfPartial(
        Float64Array.from(places, (at) => {
          // The partial correlation of column k given those before it.
          const shape = eta + (d - 2 - (at % d)) / 2;
          return 2 * random.beta(shape, shape) - 1;
        }),
        d,
      ),
    contains: (value) => value.length === size && logDeterminant(value) > -Infinity,
    logDensity: (value) => {
      requireLength("lkj", value, size);
      const log = logDeterminant(value);
      return log === -Infinity ? log : (eta - 1) * log + logConstant;
    },
    graph: {
      logDensity: (value) => {
        const { factor } = choleskyFactors(withUnitDiagonal(value, d));
        const half = sum(log(diagonal(factor)), { axes: [-1] });
        return add(mul(half, 2 * (eta - 1)), logConstant);
      },
    },
    toJSON: () => ({ name: "lkj", dimension: d, eta }),
  };
}

lkj.written = writtenAs({ dimension: real, eta: real }, (data) => lkj(data.dimension, data.eta));

/** Correlation matrices [..., d, d] of what is below their diagonals, [..., entries]. */
function withUnitDiagonal(entries: Tensor, d: number): Tensor {
  const places = trianglePlaces(d, false);
  const mirrored = (at: number): number => (at % d) * d + Math.floor(at / d);
  const picks = places.flatMap((at) =>
    Array.from({ length: d * d }, (_, to) => (to === at || to === mirrored(at) ? 1 : 0)),
  );
  const flat = linear(entries, constant(picks, [places.length, d * d], entries.dtype));
  const identity = Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0));
  const whole = add(flat, constant(identity, [d * d], entries.dtype));
  return reshape(whole, [...whole.shape.slice(0, -1), d, d], whole);
}
