/**
 * A first look at the variances: some steps of expectation maximisation with an expanded parameter, and what they leave to be said.
 *
 *     E:  b_j | y ~ N(b̂_j, V_j),  M_j = b̂_j b̂_jᵀ + V_j
 *     M:  Σ ← α (mean_j M_j) αᵀ,  α = argmin Σ_j E |r_j - Z_j α b_j|²,  σ² ← (Σ_j E |r_j - Z_j α b_j|² + p σ²) / n
 *
 * with residuals r_j from the mean of the fixed effects, and standard deviations drawn to their priors as a half-normal prior of the same 90 % quantile would. What a further plain step would change is the slope of the
 * likelihood (Fisher's identity), and the spread of M_j over groups is its information: a few numbers that tell a network where the posterior of variances is, and how wide, whatever the number and the sizes of groups are.
 *
 * References: Laird & Ware 1982, "Random-effects models for longitudinal data"; Liu, Rubin & Wu 1998, "Parameter expansion to accelerate EM: the PX-EM algorithm", for α.
 */
import type { Marginal } from "./marginal.js";
import { backward, factorize, forward } from "./symmetric.js";

/** Steps at most, and standard errors by which the last may move anything. */
const STEPS = 40;
const STILL = 0.1;
/** Variances below which nothing is asked. */
const LEAST = 1e-8;
/** The 90 % quantile of a half-normal distribution of scale one. */
const HALF_NORMAL_90 = 1.6449;

/** What the first look has found, in units of the problem. */
export interface Pilot {
  /** Where the steps ended. */
  readonly sigma: number;
  /** Σ [q, q]. */
  readonly covariance: Float64Array;
  /** Of a further plain step. */
  readonly nextSigma: number;
  readonly nextCovariance: Float64Array;
  /** Mean over groups of V_j, [q, q]. */
  readonly uncertainty: Float64Array;
  /** Variance over groups of each number of M_j, [q, q]. */
  readonly spread: Float64Array;
  /** Expected information of each number of Σ, [q, q]: ½ Σ_j H²[k, k], and Σ_j H[i, i] H[k, k] + H²[i, k], with H_j = Z_jᵀ V⁻¹ Z_j of the whole y_j. */
  readonly information: Float64Array;
  /** Twice the expected information of log σ, halved: degrees of freedom that are left to σ. */
  readonly freedom: number;
}

/**
 * The first look at a problem.
 *
 * @param widths 90 % quantiles of the priors of σ and of each standard deviation, in units of the problem.
 * @param known σ, where it is.
 */
export function pilotOf(marginal: Marginal, widths: ArrayLike<number>, known?: number): Pilot {
  const { groups, n, q } = marginal.problem;
  let sigma = known ?? 0.8;
  let covariance: Float64Array = new Float64Array(q * q);
  for (let k = 0; k < q; k++) covariance[k * q + k] = Math.min(0.4 / q, (widths[k + 1] ?? 1) ** 2);
  const half = (k: number): number => Math.max((widths[k] ?? 1) / HALF_NORMAL_90, 1e-6);
  for (let step = 0; step < STEPS; step++) {
    const { moments, expandedSigma, alpha, information, freedom } = expectation(
      marginal,
      sigma,
      covariance,
    );
    const before = { sigma, covariance };
    sigma = known ?? drawn(expandedSigma, half(0), n);
    covariance = congruent(alpha, moments, q);
    const ratios = Float64Array.from({ length: q }, (_, k) => {
      const own = Math.sqrt(Math.max(covariance[k * q + k] ?? 0, LEAST));
      return drawn(own, half(k + 1), groups) / own;
    });
    for (let r = 0; r < q; r++) {
      for (let c = 0; c < q; c++)
        covariance[r * q + c] = (covariance[r * q + c] ?? 0) * (ratios[r] ?? 1) * (ratios[c] ?? 1);
    }
    const moved = (value: number, at: number): boolean =>
      Math.abs(value - (before.covariance[at] ?? 0)) * Math.sqrt(information[at] ?? 0) > STILL;
    const still = Math.abs(Math.log(sigma / before.sigma)) * Math.sqrt(2 * freedom) <= STILL;
    if (still && !covariance.some(moved)) break;
  }
  const { moments, plainSigma, ...last } = expectation(marginal, sigma, covariance);
  return {
    sigma,
    covariance,
    nextSigma: known ?? plainSigma,
    nextCovariance: moments,
    ...last,
  };
}

/** The standard deviation s that maximises -n log s - n own² / (2 s²) - s² / (2 half²). */
function drawn(own: number, half: number, n: number): number {
  const x = (4 * own * own) / (n * half * half);
  // half² n (√(1 + x) - 1) / 2, without cancellation.
  return Math.sqrt(Math.max((0.5 * half * half * n * x) / (1 + Math.sqrt(1 + x)), LEAST));
}

/** A B Aᵀ. */
function congruent(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const result = new Float64Array(d * d);
  for (let r = 0; r < d; r++) {
    for (let c = 0; c < d; c++) {
      let value = 0;
      for (let k = 0; k < d; k++)
        for (let l = 0; l < d; l++)
          value += (a[r * d + k] ?? 0) * (b[k * d + l] ?? 0) * (a[c * d + l] ?? 0);
      result[r * d + c] = value;
    }
  }
  return result;
}

/** H = Zᵀ V⁻¹ Z = (ZᵀZ - Tᵀ T) / σ² with T = L⁻¹ Λᵀ ZᵀZ / σ, and A⁻¹, of one group. */
function informed(
  marginal: Marginal,
  sigma: number,
  lambda: Float64Array,
  j: number,
  h: Float64Array,
  inverse: Float64Array,
): void {
  const { p, q, products } = marginal.problem;
  const m = q + p + 1;
  const at = j * m * m;
  const factor = marginal.factorOf(j);
  for (let r = 0; r < q; r++) {
    for (let c = 0; c < q; c++) {
      let value = 0;
      for (let k = r; k < q; k++)
        value += (lambda[k * q + r] ?? 0) * (products[at + k * m + c] ?? 0);
      h[r * q + c] = value / sigma;
      inverse[r * q + c] = r === c ? 1 : 0;
    }
  }
  forward(factor, h, q, q);
  const t = h.slice();
  for (let r = 0; r < q; r++) {
    for (let c = 0; c < q; c++) {
      let value = products[at + r * m + c] ?? 0;
      for (let k = 0; k < q; k++) value -= (t[k * q + r] ?? 0) * (t[k * q + c] ?? 0);
      h[r * q + c] = value / (sigma * sigma);
    }
  }
  forward(factor, inverse, q, q);
  backward(factor, inverse, q, q);
}

interface Expectation {
  /** mean_j M_j, [q, q]. */
  readonly moments: Float64Array;
  readonly uncertainty: Float64Array;
  readonly spread: Float64Array;
  readonly information: Float64Array;
  readonly freedom: number;
  /** α, [q, q]. */
  readonly alpha: Float64Array;
  /** σ of a step with α, and without. */
  readonly expandedSigma: number;
  readonly plainSigma: number;
}

function expectation(marginal: Marginal, sigma: number, covariance: Float64Array): Expectation {
  const { n, groups, p, q, products } = marginal.problem;
  const m = q + p + 1;
  const lambda = covariance.slice();
  for (let k = 0; k < q; k++) lambda[k * q + k] = (lambda[k * q + k] ?? 0) * (1 + 1e-6) + LEAST;
  factorize(lambda, q);
  for (let r = 0; r < q; r++) for (let c = r + 1; c < q; c++) lambda[r * q + c] = 0;
  marginal.logLikelihood(sigma, lambda);
  const beta = marginal.fixedMean.slice();
  const effects = new Float64Array(groups * q);
  marginal.meanEffects(beta, effects);
  const moments = new Float64Array(q * q);
  const squares = new Float64Array(q * q);
  const uncertainty = new Float64Array(q * q);
  const information = new Float64Array(q * q);
  let freedom = n - p;
  const d = q * q;
  // α in the order [r, c]: Σ_j ZᵀZ[r, s] M[c, t] α[s, t] = Σ_j (Zᵀr)[r] b̂[c].
  const gram = new Float64Array(d * d);
  const cross = new Float64Array(d);
  const v = new Float64Array(d);
  const half = new Float64Array(d);
  const h = new Float64Array(d);
  const inverse = new Float64Array(d);
  const second = new Float64Array(d);
  const score = new Float64Array(q);
  let [total, plain] = [0, 0];
  for (let j = 0; j < groups; j++) {
    const at = j * m * m;
    // V = Λ A⁻¹ Λᵀ = (L⁻¹ Λᵀ)ᵀ (L⁻¹ Λᵀ).
    for (let r = 0; r < q; r++)
      for (let c = 0; c < q; c++) half[r * q + c] = lambda[c * q + r] ?? 0;
    forward(marginal.factorOf(j), half, q, q);
    for (let r = 0; r < q; r++) {
      let z = products[at + r * m + m - 1] ?? 0;
      for (let k = 0; k < p; k++) z -= (products[at + r * m + q + k] ?? 0) * (beta[k] ?? 0);
      score[r] = z;
      for (let c = 0; c < q; c++) {
        let value = 0;
        for (let k = 0; k < q; k++) value += (half[k * q + r] ?? 0) * (half[k * q + c] ?? 0);
        v[r * q + c] = value;
        const both = value + (effects[j * q + r] ?? 0) * (effects[j * q + c] ?? 0);
        second[r * q + c] = both;
        uncertainty[r * q + c] = (uncertainty[r * q + c] ?? 0) + value / groups;
        moments[r * q + c] = (moments[r * q + c] ?? 0) + both / groups;
        squares[r * q + c] = (squares[r * q + c] ?? 0) + (both * both) / groups;
      }
    }
    informed(marginal, sigma, lambda, j, h, inverse);
    freedom -= q;
    for (let k = 0; k < d; k++) freedom += (inverse[k] ?? 0) ** 2;
    for (let r = 0; r < q; r++) {
      for (let c = 0; c < q; c++) {
        const off = h[r * q + c] ?? 0;
        const own =
          r === c ? 0.5 * off * off : (h[r * q + r] ?? 0) * (h[c * q + c] ?? 0) + off * off;
        information[r * q + c] = (information[r * q + c] ?? 0) + own;
      }
    }
    // |y - X β|² of the group.
    let own = products[at + m * m - 1] ?? 0;
    for (let r = 0; r < p; r++) {
      own -= 2 * (beta[r] ?? 0) * (products[at + (q + r) * m + m - 1] ?? 0);
      for (let c = 0; c < p; c++)
        own += (beta[r] ?? 0) * (beta[c] ?? 0) * (products[at + (q + r) * m + q + c] ?? 0);
    }
    total += own;
    plain += own;
    for (let r = 0; r < q; r++) {
      plain -= 2 * (score[r] ?? 0) * (effects[j * q + r] ?? 0);
      for (let c = 0; c < q; c++) {
        const row = r * q + c;
        cross[row] = (cross[row] ?? 0) + (score[r] ?? 0) * (effects[j * q + c] ?? 0);
        plain += (products[at + r * m + c] ?? 0) * (second[row] ?? 0);
        for (let s = 0; s <= r; s++) {
          const z = products[at + r * m + s] ?? 0;
          for (let t = 0; t < q; t++) {
            gram[row * d + s * q + t] =
              (gram[row * d + s * q + t] ?? 0) + z * (second[c * q + t] ?? 0);
          }
        }
      }
    }
  }
  const alpha = cross.slice();
  for (let k = 0; k < d; k++) gram[k * d + k] = (gram[k * d + k] ?? 0) * (1 + 1e-9) + 1e-12;
  const known = !Number.isNaN(factorize(gram, d));
  if (known) {
    forward(gram, alpha, d, 1);
    backward(gram, alpha, d, 1);
  } else {
    alpha.fill(0);
    for (let k = 0; k < q; k++) alpha[k * q + k] = 1;
  }
  let expanded = known ? total : plain;
  if (known) for (let k = 0; k < d; k++) expanded -= (cross[k] ?? 0) * (alpha[k] ?? 0);
  const deviation = (sum: number): number =>
    Math.sqrt(Math.max((sum + p * sigma * sigma) / n, LEAST));
  return {
    moments,
    uncertainty,
    spread: squares.map((value, at) => Math.max(0, value - (moments[at] ?? 0) ** 2)),
    information,
    freedom: Math.max(freedom, 1),
    alpha,
    expandedSigma: deviation(expanded),
    plainSigma: deviation(plain),
  };
}
