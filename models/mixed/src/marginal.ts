/**
 * The likelihood of variances alone: random and fixed effects of a linear mixed model integrate out.
 *
 * With Σ = Λ Λᵀ and, for each group, A = I + Λᵀ ZᵀZ Λ / σ² (Woodbury),
 *
 *     V = Z Σ Zᵀ + σ² I,      log |V| = n log σ² + log |A|,      aᵀ V⁻¹ b = (aᵀb - (Λᵀ Zᵀ a / σ)ᵀ A⁻¹ (Λᵀ Zᵀ b / σ)) / σ²,
 *
 *     P = S⁻¹ + Σ_j Xᵀ V⁻¹ X,      h = S⁻¹ m + Σ_j Xᵀ V⁻¹ y,
 *
 *     log p(y | σ, Σ) = -½ (n log 2π + Σ_j log |V| + log |S| + log |P| + mᵀ S⁻¹ m + Σ_j yᵀ V⁻¹ y - hᵀ P⁻¹ h),
 *
 * and given the variances β ~ N(P⁻¹ h, P⁻¹), b_j = Λ u_j, u_j ~ N(A⁻¹ Λᵀ Zᵀ (y - X β) / σ², A⁻¹). All of it follows from products of columns within groups: an evaluation takes
 * q³ + q² p + q p² steps for each different design of a group, whatever the number of observations, and of groups that share it.
 *
 * Reference: Bates, Mächler, Bolker & Walker 2015, "Fitting linear mixed-effects models using lme4", section 3, for the same algebra.
 */
import type { Stream } from "amortis";
import { patternsOf, type Pattern } from "./patterns.js";
import type { Problem } from "./problem.js";
import { backward, factorize, forward } from "./symmetric.js";

const LOG_2PI = Math.log(2 * Math.PI);

/** The likelihood of one problem; its arrays are used again at each call. */
export class Marginal {
  readonly problem: Problem;
  readonly #patterns: readonly Pattern[];
  /** The pattern of each group. */
  readonly #of: Int32Array;
  /** A of each pattern, factorised: [q, q]. */
  readonly #factors: readonly Float64Array[];
  /** P, factorised: [p, p]. */
  readonly #precision: Float64Array;
  /** L⁻¹ h, then P⁻¹ h. */
  readonly #h: Float64Array;
  /** L⁻¹ Λᵀ Zᵀ X / σ [q, p], L⁻¹ Λᵀ Σ Zᵀ y / σ [q], and L⁻¹ Λᵀ [q, q] of a pattern. */
  readonly #tx: Float64Array;
  readonly #ty: Float64Array;
  readonly #b: Float64Array;
  readonly #u: Float64Array;
  readonly #lambda: Float64Array;
  readonly #logPriorDeterminant: number;
  #sigma = 1;

  constructor(problem: Problem) {
    const { p, q, priorPrecision } = problem;
    this.problem = problem;
    const { patterns, of } = patternsOf(problem);
    this.#patterns = patterns;
    this.#of = of;
    this.#factors = patterns.map(() => new Float64Array(q * q));
    this.#precision = new Float64Array(p * p);
    this.#h = new Float64Array(p);
    this.#tx = new Float64Array(q * p);
    this.#ty = new Float64Array(q);
    this.#b = new Float64Array(q * q);
    this.#u = new Float64Array(q);
    this.#lambda = new Float64Array(q * q);
    this.#logPriorDeterminant = -priorPrecision.reduce((sum, value) => sum + Math.log(value), 0);
  }

  /**
   * log p(y | σ, Σ), in units of the problem.
   *
   * @param lambda the lower factor Λ of Σ, [q, q].
   * @returns -Infinity where it is no number.
   */
  logLikelihood(sigma: number, lambda: Float64Array): number {
    const { n, p, q, priorMean, priorPrecision } = this.problem;
    const inverse = 1 / (sigma * sigma);
    const [precision, h] = [this.#precision, this.#h];
    this.#sigma = sigma;
    this.#lambda.set(lambda);
    let logDeterminants = n * Math.log(sigma * sigma);
    let squares = 0;
    precision.fill(0);
    for (let k = 0; k < p; k++) {
      const weight = priorPrecision[k] ?? 0;
      precision[k * p + k] = weight;
      h[k] = weight * (priorMean[k] ?? 0);
      squares += weight * (priorMean[k] ?? 0) ** 2;
    }
    for (let at = 0; at < this.#patterns.length; at++) {
      const pattern = this.#patterns[at];
      const a = this.#factors[at];
      if (pattern === undefined || a === undefined) continue;
      const { count, zz, zx, xx, zy, xy, yy } = pattern;
      logDeterminants += count * this.#factorize(a, zz, inverse);
      this.#transform(a, zx, this.#tx, p);
      this.#transform(a, zy, this.#ty, 1);
      const [tx, ty] = [this.#tx, this.#ty];
      for (let r = 0; r < p; r++) {
        for (let c = 0; c <= r; c++) {
          let value = xx[r * p + c] ?? 0;
          for (let k = 0; k < q; k++) value -= (tx[k * p + r] ?? 0) * (tx[k * p + c] ?? 0);
          precision[r * p + c] = (precision[r * p + c] ?? 0) + count * value * inverse;
        }
        let value = xy[r] ?? 0;
        for (let k = 0; k < q; k++) value -= (tx[k * p + r] ?? 0) * (ty[k] ?? 0);
        h[r] = (h[r] ?? 0) + value * inverse;
      }
      squares += (yy - (count === 1 ? squared(ty) : this.#pooled(a, pattern))) * inverse;
    }
    const logPrecision = factorize(precision, p);
    forward(precision, h, p, 1);
    for (let k = 0; k < p; k++) squares -= (h[k] ?? 0) ** 2;
    backward(precision, h, p, 1);
    const value =
      -0.5 * (n * LOG_2PI + logDeterminants + this.#logPriorDeterminant + logPrecision + squares);
    return Number.isNaN(value) ? -Infinity : value;
  }

  /** The factor of A = I + Λᵀ ZᵀZ Λ / σ² into `a`; returns log |A|. */
  #factorize(a: Float64Array, zz: Float64Array, inverse: number): number {
    const { q } = this.problem;
    const lambda = this.#lambda;
    for (let r = 0; r < q; r++) {
      for (let c = 0; c <= r; c++) {
        let value = 0;
        for (let k = r; k < q; k++) {
          let inner = 0;
          for (let l = c; l < q; l++) inner += (zz[k * q + l] ?? 0) * (lambda[l * q + c] ?? 0);
          value += (lambda[k * q + r] ?? 0) * inner;
        }
        a[r * q + c] = value * inverse + (r === c ? 1 : 0);
      }
    }
    return factorize(a, q);
  }

  /** L⁻¹ Λᵀ C / σ of C [q, columns]. */
  #transform(a: Float64Array, from: Float64Array, to: Float64Array, columns: number): void {
    const { q } = this.problem;
    const lambda = this.#lambda;
    for (let r = 0; r < q; r++) {
      for (let c = 0; c < columns; c++) {
        let value = 0;
        for (let k = r; k < q; k++)
          value += (lambda[k * q + r] ?? 0) * (from[k * columns + c] ?? 0);
        to[r * columns + c] = value / this.#sigma;
      }
    }
    forward(a, to, q, columns);
  }

  /** Σ_j |L⁻¹ Λᵀ Zᵀ y_j / σ|² over the groups of a pattern. */
  #pooled(a: Float64Array, { zyzy }: Pattern): number {
    const { q } = this.problem;
    const b = this.#b;
    for (let r = 0; r < q; r++)
      for (let c = 0; c < q; c++) b[r * q + c] = (this.#lambda[c * q + r] ?? 0) / this.#sigma;
    forward(a, b, q, q);
    let value = 0;
    for (let r = 0; r < q; r++) {
      for (let c = 0; c < q; c++) {
        for (let k = 0; k < q; k++)
          value += (b[r * q + c] ?? 0) * (zyzy[c * q + k] ?? 0) * (b[r * q + k] ?? 0);
      }
    }
    return value;
  }

  /** A of a group, factorised, for the variances that were asked for last: [q, q]. */
  factorOf(group: number): Float64Array {
    return this.#factors[this.#of[group] ?? 0] ?? new Float64Array(0);
  }

  /** E[β | y, σ, Σ] of the variances that were asked for last, in units of the problem; it is overwritten by the next call. */
  get fixedMean(): Float64Array {
    return this.#h;
  }

  /**
   * A draw of β and b given the variances that were asked for last, in units of the problem.
   *
   * @param fixed β, [p].
   * @param effects b, [groups, q].
   */
  drawEffects(random: Stream, fixed: Float64Array, effects: Float64Array): void {
    const { p } = this.problem;
    for (let k = 0; k < p; k++) fixed[k] = random.normal();
    backward(this.#precision, fixed, p, 1);
    for (let k = 0; k < p; k++) fixed[k] = (fixed[k] ?? 0) + (this.#h[k] ?? 0);
    this.#effects(fixed, effects, random);
  }

  /**
   * β = P⁻¹ h + L⁻ᵀ e, P = L Lᵀ, of the variances that were asked for last, in units of the problem.
   *
   * @param e [p], from `at` on; β is written to `fixed`.
   * @returns log |dβ / de|.
   */
  fixedAt(e: ArrayLike<number>, at: number, fixed: Float64Array): number {
    const { p } = this.problem;
    let logSlope = 0;
    for (let k = 0; k < p; k++) {
      fixed[k] = e[at + k] ?? 0;
      logSlope -= Math.log(this.#precision[k * p + k] ?? 1);
    }
    backward(this.#precision, fixed, p, 1);
    for (let k = 0; k < p; k++) fixed[k] = (fixed[k] ?? 0) + (this.#h[k] ?? 0);
    return logSlope;
  }

  /** E[b | y, β, σ, Σ] of the variances that were asked for last: [groups, q]. */
  meanEffects(fixed: Float64Array, effects: Float64Array): void {
    this.#effects(fixed, effects);
  }

  /** u = A⁻¹ Λᵀ Zᵀ (y - X β) / σ² and b = Λ u; with noise, u + L⁻ᵀ ε. */
  #effects(fixed: Float64Array, effects: Float64Array, random?: Stream): void {
    const { groups, p, q, products } = this.problem;
    const m = q + p + 1;
    const [u, score, lambda] = [this.#u, this.#ty, this.#lambda];
    for (let j = 0; j < groups; j++) {
      const at = j * m * m;
      for (let r = 0; r < q; r++) {
        let value = products[at + r * m + m - 1] ?? 0;
        for (let c = 0; c < p; c++) value -= (products[at + r * m + q + c] ?? 0) * (fixed[c] ?? 0);
        u[r] = value;
      }
      const factor = this.factorOf(j);
      this.#transform(factor, u, score, 1);
      for (let r = 0; r < q; r++)
        score[r] = (score[r] ?? 0) / this.#sigma + (random?.normal() ?? 0);
      backward(factor, score, q, 1);
      for (let r = 0; r < q; r++) {
        let value = 0;
        for (let k = 0; k <= r; k++) value += (lambda[r * q + k] ?? 0) * (score[k] ?? 0);
        effects[j * q + r] = value;
      }
    }
  }
}

function squared(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
