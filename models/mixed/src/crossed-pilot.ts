/**
 * A first look at the variances of several grouping terms: scoring steps from what expectation maximisation tells.
 *
 *     M_t = mean_l E[b_tl b_tlᵀ | y],      E|y - X β - Σ_t Z_t b_t|² = |r̂|² + σ² (N - tr D Q⁻¹)
 *
 * What a step of expectation maximisation would change is the slope of the likelihood, ½ J_t (M_t - Σ_t) / Σ_t² for a variance (Fisher's identity), and H_l = Z_lᵀ V⁻¹ Z_l = Λ⁻ᵀ (I - Cov[u_l | y]) Λ⁻¹ says its information, ½ Σ_l H_l²: variances move
 * by slope over information on a logarithmic scale, with a half-normal prior of the same 90 % quantile; correlations are those of M_t. Then each term has the numbers that the network is told of a model with that term alone.
 *
 * Reference: Laird & Ware 1982, "Random-effects models for longitudinal data"; Longford 1987 for scoring.
 */
import type { CrossedMarginal } from "./crossed-marginal.js";
import type { Pilot } from "./pilot.js";
import { factorize, forward } from "./symmetric.js";

const STEPS = 40;
/** Logarithms of variances that move by less are still. */
const STILL = 0.02;
/** Standard deviations below which nothing is asked. */
const LEAST = 1e-3;
/** The 90 % quantile of a half-normal distribution of scale one. */
const HALF_NORMAL_90 = 1.6449;

/**
 * The first look at a problem: for each term what `pilotOf` says of one.
 *
 * @param limits of each term: 90 % quantiles of the priors of σ and of each standard deviation, in units of the problem.
 */
export function crossedPilots(
  marginal: CrossedMarginal,
  limits: readonly ArrayLike<number>[],
): readonly Pilot[] {
  const { terms } = marginal.problem;
  let sigma = 0.7;
  let covariances = terms.map(({ problem }, t) => {
    const { q } = problem;
    return Float64Array.from({ length: q * q }, (_, at) =>
      at % (q + 1) === 0
        ? Math.min(0.4 / (q * terms.length), (limits[t]?.[1 + at / (q + 1)] ?? 1) ** 2)
        : 0,
    );
  });
  const scale = (t: number, k: number): number =>
    Math.max((limits[t]?.[k] ?? 1) / HALF_NORMAL_90, 1e-6);
  for (let step = 0; ; step++) {
    const found = expectation(marginal, sigma, covariances);
    if (step === STEPS) return pilotsOf(found, sigma, covariances);
    const shrunk =
      found.sigma / Math.sqrt(1 + (found.sigma / scale(0, 0)) ** 2 / marginal.problem.n);
    let moved = Math.abs(Math.log(shrunk / sigma));
    sigma = shrunk;
    covariances = covariances.map((covariance, t) => {
      const term = found.terms[t];
      const { q, groups } = terms[t]?.problem ?? { q: 0, groups: 0 };
      if (term === undefined) return covariance;
      const sds = Float64Array.from({ length: q }, (_, k) => {
        const at = k * q + k;
        const variance = Math.max(covariance[at] ?? 0, LEAST * LEAST);
        const ratio = (term.moments[at] ?? 0) / variance - 1;
        const pull = variance / scale(t, k + 1) ** 2;
        // In log Σ: slope ½ J (M / Σ - 1) - ½ Σ / h², information ½ Σ_l H² Σ² + ½ Σ / h².
        const slope = 0.5 * (groups * ratio - pull);
        const information = (term.information[at] ?? 0) * variance * variance + 0.5 * pull + 0.05;
        const change = Math.min(Math.max(slope / information, -1), 1);
        if (variance > 2 * LEAST * LEAST || change > 0) moved = Math.max(moved, Math.abs(change));
        return Math.max(Math.sqrt(variance * Math.exp(change)), LEAST);
      });
      return Float64Array.from({ length: q * q }, (_, at) => {
        const [r, c] = [Math.floor(at / q), at % q];
        const own = Math.sqrt((term.moments[r * q + r] ?? 1) * (term.moments[c * q + c] ?? 1));
        const correlation = r === c ? 1 : (0.999 * (term.moments[at] ?? 0)) / own;
        return (sds[r] ?? 1) * (sds[c] ?? 1) * correlation;
      });
    });
    if (moved < STILL)
      return pilotsOf(expectation(marginal, sigma, covariances), sigma, covariances);
  }
}

interface TermExpectation {
  /** As of `Pilot`, [q, q]. */
  readonly moments: Float64Array;
  readonly uncertainty: Float64Array;
  readonly spread: Float64Array;
  readonly information: Float64Array;
}

interface Expectation {
  readonly sigma: number;
  readonly freedom: number;
  readonly terms: readonly TermExpectation[];
}

function pilotsOf(
  { sigma: nextSigma, freedom, terms }: Expectation,
  sigma: number,
  covariances: readonly Float64Array[],
): readonly Pilot[] {
  return terms.map(({ moments, ...own }, t) => ({
    ...own,
    sigma,
    covariance: covariances[t] ?? moments,
    // The term that brings σ along tells of it; for the others it is known.
    nextSigma: t === 0 ? nextSigma : sigma,
    nextCovariance: moments,
    freedom,
  }));
}

function expectation(
  marginal: CrossedMarginal,
  sigma: number,
  covariances: readonly Float64Array[],
): Expectation {
  const { n, p, terms, yy, size } = marginal.problem;
  const lambdas = covariances.map((covariance, t) =>
    factorOf(covariance, terms[t]?.problem.q ?? 0),
  );
  marginal.logLikelihood(sigma, lambdas);
  const fixed = new Float64Array(p);
  const effects = terms.map(({ problem }) => new Float64Array(problem.groups * problem.q));
  marginal.drawEffects(fixed, effects);
  const covered = marginal.covariances();
  let numbers = size;
  let traces = 0;
  let squares = 0;
  const { priorPrecision } = terms[0]?.problem ?? { priorPrecision: new Float64Array(p) };
  for (let k = 0; k < p; k++) {
    const own = (covered.fixed[k * p + k] ?? 0) * (priorPrecision[k] ?? 0);
    traces += own;
    squares += own * own;
  }
  const found = terms.map(({ problem: { q, groups }, start }, t) => {
    if (start < 0) numbers += groups * q;
    const all = covered.effects[t] ?? new Float64Array(0);
    for (let l = 0; l < groups; l++) {
      for (let at = 0; at < q * q; at++) {
        const value = all[l * q * q + at] ?? 0;
        if (at % (q + 1) === 0) traces += value;
        squares += value * value;
      }
    }
    return momentsOf(lambdas[t] ?? new Float64Array(0), effects[t] ?? new Float64Array(0), all, q);
  });
  const residual = residualSquares(marginal, fixed, effects, yy);
  return {
    sigma: Math.sqrt(
      Math.max((residual + sigma * sigma * Math.max(numbers - traces, 0)) / n, 1e-8),
    ),
    freedom: Math.max(n - numbers + squares, 1),
    terms: found,
  };
}

/** Of one term: M, the mean of Λ C Λᵀ, the variance of M over groups, and information. */
function momentsOf(
  lambda: Float64Array,
  effects: Float64Array,
  covariances: Float64Array,
  q: number,
): TermExpectation {
  const d = q * q;
  const groups = effects.length / q;
  const [moments, squares] = [new Float64Array(d), new Float64Array(d)];
  const [uncertainty, information] = [new Float64Array(d), new Float64Array(d)];
  const h = new Float64Array(d);
  const inverse = new Float64Array(d);
  for (let k = 0; k < q; k++) inverse[k * q + k] = 1;
  forward(lambda, inverse, q, q);
  for (let l = 0; l < groups; l++) {
    const own = covariances.subarray(l * d, (l + 1) * d);
    congruent(lambda, own, q, false, h);
    for (let at = 0; at < d; at++) {
      const [r, c] = [Math.floor(at / q), at % q];
      const both = (h[at] ?? 0) + (effects[l * q + r] ?? 0) * (effects[l * q + c] ?? 0);
      uncertainty[at] = (uncertainty[at] ?? 0) + (h[at] ?? 0) / groups;
      moments[at] = (moments[at] ?? 0) + both / groups;
      squares[at] = (squares[at] ?? 0) + (both * both) / groups;
    }
    const gain = own.map((value, at) => (at % (q + 1) === 0 ? 1 : 0) - value);
    congruent(inverse, gain, q, true, h);
    for (let r = 0; r < q; r++) {
      for (let c = 0; c < q; c++) {
        const off = h[r * q + c] ?? 0;
        const value =
          r === c ? 0.5 * off * off : (h[r * q + r] ?? 0) * (h[c * q + c] ?? 0) + off * off;
        information[r * q + c] = (information[r * q + c] ?? 0) + value;
      }
    }
  }
  const spread = squares.map((value, at) => Math.max(0, value - (moments[at] ?? 0) ** 2));
  return { moments, uncertainty, spread, information };
}

/** A B Aᵀ, or with A transposed Aᵀ B A. */
function congruent(
  a: Float64Array,
  b: Float64Array,
  d: number,
  transposed: boolean,
  to: Float64Array,
): void {
  const at = (r: number, c: number): number => a[transposed ? c * d + r : r * d + c] ?? 0;
  for (let r = 0; r < d; r++) {
    for (let c = 0; c < d; c++) {
      let value = 0;
      for (let k = 0; k < d; k++)
        for (let l = 0; l < d; l++) value += at(r, k) * (b[k * d + l] ?? 0) * at(c, l);
      to[r * d + c] = value;
    }
  }
}

function factorOf(covariance: Float64Array, q: number): Float64Array {
  const factor = covariance.slice();
  for (let k = 0; k < q; k++)
    factor[k * q + k] = (factor[k * q + k] ?? 0) * (1 + 1e-6) + 1e-3 * LEAST * LEAST;
  factorize(factor, q);
  for (let r = 0; r < q; r++) for (let c = r + 1; c < q; c++) factor[r * q + c] = 0;
  return factor;
}

/** |y - X β - Σ Z b|², from products. */
function residualSquares(
  { problem }: CrossedMarginal,
  fixed: Float64Array,
  effects: readonly Float64Array[],
  yy: number,
): number {
  const { terms, inner, groups, rest, y, size, p } = problem;
  const values = new Float64Array(size);
  for (const [t, { start }] of terms.entries()) if (start >= 0) values.set(effects[t] ?? [], start);
  values.set(fixed, size - p);
  let total = yy;
  for (const [k, value] of values.entries()) total -= 2 * value * (y[k] ?? 0);
  for (const { row, column, rows, columns, products } of rest) {
    const twice = row === column ? 1 : 2;
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        total +=
          twice *
          (products[r * columns + c] ?? 0) *
          (values[row + r] ?? 0) *
          (values[column + c] ?? 0);
  }
  const own = effects[inner] ?? new Float64Array(0);
  for (const [j, { zz, zy, border }] of groups.entries()) {
    const q = zy.length;
    for (let r = 0; r < q; r++) {
      const b = own[j * q + r] ?? 0;
      let value = -2 * (zy[r] ?? 0);
      for (let c = 0; c < q; c++) value += (zz[r * q + c] ?? 0) * (own[j * q + c] ?? 0);
      for (const { column, columns, products } of border)
        for (let c = 0; c < columns; c++)
          value += 2 * (products[r * columns + c] ?? 0) * (values[column + c] ?? 0);
      total += b * value;
    }
  }
  return Math.max(total, 0);
}
