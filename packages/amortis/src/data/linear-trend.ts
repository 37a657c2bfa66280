/**
 * The linear trend of parameters in data: a ridge regression in closed form, and the spread of what it leaves.
 *
 *     v = m(x) + L ε,      m(x) = b + Wᵀ x,      L Lᵀ = Cov(v - m(x)).
 *
 * A network that learns the density of ε given x begins where the best Gaussian with a linear mean ends, and a few simulations suffice for what is linear
 * (the regression adjustment of Beaumont, Zhang & Balding 2002, doi 10.1093/genetics/162.4.2025, and of Blum & François 2010, arXiv 0809.4178, as a
 * standardisation). The penalty is chosen for each parameter by generalised cross-validation (Golub, Heath & Wahba 1979), among those that leave a quarter of the rows
 * free: where there are hardly more rows than features, others fit the rows themselves, and what they leave says nothing of rows to come.
 */
import { add, constant, matmul, sub, type Tensor } from "@amortis/graph";
import { choleskyFactor, invertLower } from "../math/index.js";
import {
  centred,
  interceptOf,
  MOST_ROWS,
  products,
  ridge,
  type LinearMap,
  type RidgeFit,
} from "./least-squares.js";
import type { TrendRest } from "./trend-rest.js";

/** A linear trend, and the Cholesky factor of the covariance about it; matrices row-major. */
export interface LinearTrend extends LinearMap {
  /** L, lower triangular [d, d]. */
  readonly factor: readonly number[];
  /** What the trend leaves of the features, where networks are told how large it is. */
  readonly rest?: TrendRest;
}

/** Most features that a trend is learned of: more take longer than networks do. */
export const MOST_FEATURES = 300;

/** Penalties in units of the features' variance. */
const PENALTIES = [1e-6, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3, 1, 3, 10, 100];

/** Share of the rows that a fit must leave free. */
const LEAST_FREE = 0.25;

/** Smallest variance that is left, in units of a parameter's. */
const LEAST = 1e-8;

/**
 * Learns a trend.
 *
 * @param features [n, k], of about unit scale
 * @param targets [n, d]
 * @param shares [n], what each row counts, on average 1; all the same by default
 * @returns undefined where the numbers allow none: too few rows, too many features, or values that are not finite.
 */
export function learnLinearTrend(
  features: ArrayLike<number>,
  k: number,
  targets: ArrayLike<number>,
  d: number,
  shares?: ArrayLike<number>,
): LinearTrend | undefined {
  const n = Math.min(MOST_ROWS, targets.length / d);
  if (n < 2 * d + 2 || k === 0 || k > MOST_FEATURES) return undefined;
  const x = centred(features, n, k, shares);
  const u = centred(targets, n, d, shares);
  const gram = products(x.values, k, x.values, k, n, shares);
  const cross = products(x.values, k, u.values, d, n, shares);
  const total = products(u.values, d, u.values, d, n, shares);
  const fits = PENALTIES.flatMap((penalty) => {
    const fit = ridge(gram, cross, k, d, penalty);
    return fit === undefined || freeShare(fit, n) < LEAST_FREE ? [] : [fit];
  });
  const weights = new Float64Array(k * d);
  const free = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const scored = fits.map((fit) => {
      const residual =
        (total[j * d + j] ?? 0) - explained(fit.weights, j, fit.weights, j, { gram, cross, k, d });
      return { fit, score: residual / freeShare(fit, n) ** 2 };
    });
    scored.push({
      fit: { weights: new Float64Array(k * d), freedom: 0 },
      score: (total[j * d + j] ?? 0) / (1 - 1 / n) ** 2,
    });
    const best = scored.reduce((a, b) => (b.score < a.score ? b : a));
    for (let i = 0; i < k; i++) weights[i * d + j] = best.fit.weights[i * d + j] ?? 0;
    free[j] = freeShare(best.fit, n);
  }
  const covariance = new Float64Array(d * d);
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) {
      const raw =
        (total[a * d + b] ?? 0) - explained(weights, a, weights, b, { gram, cross, k, d });
      const kept = shareKept(free[a] ?? 1) * shareKept(free[b] ?? 1);
      covariance[a * d + b] = raw / kept + (a === b ? LEAST : 0);
    }
  }
  const factor = choleskyFactor(covariance, d);
  if (factor === undefined || !weights.every(Number.isFinite)) return undefined;
  const intercept = interceptOf(weights, x.mean, u.mean);
  return { weights: Array.from(weights), intercept, factor: Array.from(factor) };
}

/** Share of n rows that a fit leaves free, beside its intercept. */
function freeShare({ freedom }: RidgeFit, n: number): number {
  return 1 - (freedom + 1) / n;
}

/**
 * What a fit leaves of the spread of rows that it has seen, of that of rows to come: the root of the share that is free; where that is less than half, the share itself, by
 * which cross-validation judges fits.
 */
function shareKept(free: number): number {
  return free < 0.5 ? free : Math.sqrt(free);
}

/** ε = L⁻¹ (v - m), rows of [..., d]. */
export function lessTrend(v: Tensor, m: Tensor, { factor, intercept }: LinearTrend): Tensor {
  const d = intercept.length;
  const inverse = invertLower(Float64Array.from(factor), d);
  return matmul(sub(v, m), constant(transposed(inverse, d), [d, d]));
}

/** v = m + L ε, columns of [..., d, n]. */
export function withTrend(epsilon: Tensor, m: Tensor, { factor, intercept }: LinearTrend): Tensor {
  const d = intercept.length;
  return add(matmul(constant([...factor], [d, d]), epsilon), m);
}

/** Standard deviation of each parameter about the trend, whatever the others: [d]. */
export function trendSpread({ factor, intercept: { length: d } }: LinearTrend): readonly number[] {
  return Array.from({ length: d }, (_, i) => Math.hypot(...factor.slice(i * d, i * d + i + 1)));
}

/** log |det L|: what densities of v and of ε differ by. */
export function trendLogScale({ factor, intercept: { length: d } }: LinearTrend): number {
  let total = 0;
  for (let i = 0; i < d; i++) total += Math.log(factor[i * d + i] ?? 1);
  return total;
}

function transposed(matrix: ArrayLike<number>, d: number): number[] {
  return Array.from({ length: d * d }, (_, at) => matrix[(at % d) * d + Math.floor(at / d)] ?? 0);
}

/** The trend of the first targets alone: L is lower triangular, so that what they leave does not depend on the others. */
export function leadingTrend(
  { weights, intercept, factor }: LinearTrend,
  count: number,
): LinearTrend {
  const d = intercept.length;
  const first = (matrix: readonly number[]): number[] => matrix.filter((_, at) => at % d < count);
  return {
    weights: first(weights),
    intercept: intercept.slice(0, count),
    factor: first(factor.slice(0, count * d)),
  };
}

/** What weights a and b explain of the covariance of the two targets: wₐᵀ c_b + w_bᵀ c_a - wₐᵀ G w_b. */
function explained(
  left: Float64Array,
  a: number,
  right: Float64Array,
  b: number,
  {
    gram,
    cross,
    k,
    d,
  }: {
    readonly gram: Float64Array;
    readonly cross: Float64Array;
    readonly k: number;
    readonly d: number;
  },
): number {
  let value = 0;
  for (let i = 0; i < k; i++) {
    const wa = left[i * d + a] ?? 0;
    const wb = right[i * d + b] ?? 0;
    value += wa * (cross[i * d + b] ?? 0) + wb * (cross[i * d + a] ?? 0);
    if (wa === 0) continue;
    let row = 0;
    for (let r = 0; r < k; r++) row += (gram[i * k + r] ?? 0) * (right[r * d + b] ?? 0);
    value -= wa * row;
  }
  return value;
}
