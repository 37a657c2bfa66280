/**
 * The likelihood of variances of a model with several grouping terms: all effects integrate out.
 *
 * With b_tl = Λ_t u_tl, u standard normal, W = [Z Λ, X] and w = [u, β], the precision of w given y is Q = D + WᵀW / σ², D = diag(I, S⁻¹), and with h = D m + Wᵀ y / σ²
 *
 *     log p(y | σ, Σ) = -½ (n log 2πσ² + log |S| + log |Q| + mᵀ S⁻¹ m + yᵀy / σ² - hᵀ Q⁻¹ h).
 *
 * Q is factorised from the inner groups outwards: A_j = L_j L_jᵀ of each, T_j = L_j⁻¹ of its products with what it meets of the rest, and the rest less Σ_j T_jᵀ T_j, which is dense: D³ / 3 steps for D numbers of the rest.
 * Given the variances w is normal: the rest is drawn first, then each inner group.
 *
 * Reference: Bates, Mächler, Bolker & Walker 2015, "Fitting linear mixed-effects models using lme4", section 5, for the same system by a sparse factor.
 */
import type { Stream } from "amortis";
import type { Block, CrossedProblem, InnerGroup } from "./crossed-problem.js";
import { backward, factorize, forward } from "./symmetric.js";

const LOG_2PI = Math.log(2 * Math.PI);

/** What is kept of an inner group: L [q, q], T [q, columns], L⁻¹ of its products with y [q]. */
interface Factor {
  readonly l: Float64Array;
  readonly t: Float64Array;
  readonly y: Float64Array;
}

/** The likelihood of one problem; its arrays are used again at each call. */
export class CrossedMarginal {
  readonly problem: CrossedProblem;
  readonly #factors: readonly Factor[];
  /** The rest's precision, factorised [size, size], and L⁻¹ h, then its mean [size]. */
  readonly #rest: Float64Array;
  readonly #mean: Float64Array;
  readonly #room: Float64Array;
  readonly #identity: Float64Array;
  #lambdas: readonly Float64Array[] = [];

  constructor(problem: CrossedProblem) {
    const { p, size, groups, terms, inner } = problem;
    const q = terms[inner]?.problem.q ?? 0;
    this.problem = problem;
    this.#factors = groups.map(({ columns }) => ({
      l: new Float64Array(q * q),
      t: new Float64Array(q * columns.length),
      y: new Float64Array(q),
    }));
    this.#rest = new Float64Array(size * size);
    this.#mean = new Float64Array(size);
    const widest = Math.max(p, ...terms.map((term) => term.problem.q));
    this.#room = new Float64Array(widest * widest);
    this.#identity = new Float64Array(p * p);
    for (let k = 0; k < p; k++) this.#identity[k * p + k] = 1;
  }

  /**
   * log p(y | σ, Σ), in units of the problem.
   *
   * @param lambdas the lower factor Λ of each term, [q, q].
   * @returns -Infinity where it is no number.
   */
  logLikelihood(sigma: number, lambdas: readonly Float64Array[]): number {
    const { n, p, size, groups, rest, y, yy, terms } = this.problem;
    const { priorMean, priorPrecision } = terms[0]?.problem ?? NONE;
    const inverse = 1 / (sigma * sigma);
    this.#lambdas = lambdas.map((lambda) => lambda.slice());
    const [s, mean] = [this.#rest, this.#mean];
    s.fill(0);
    for (const block of rest) this.#spread(block, s, inverse);
    this.#scores(y, mean, inverse);
    let squares = yy * inverse;
    let logDeterminants = n * Math.log(sigma * sigma);
    for (let k = 0; k < size; k++) {
      const at = k - (size - p);
      const weight = at < 0 ? 1 : (priorPrecision[at] ?? 1);
      s[k * size + k] = (s[k * size + k] ?? 0) + weight;
      if (at < 0) continue;
      mean[k] = (mean[k] ?? 0) + weight * (priorMean[at] ?? 0);
      squares += weight * (priorMean[at] ?? 0) ** 2;
      logDeterminants -= Math.log(weight);
    }
    for (const [j, group] of groups.entries()) {
      const factor = this.#factors[j];
      if (factor === undefined) continue;
      logDeterminants += this.#eliminate(group, factor, inverse);
      for (const value of factor.y) squares -= value * value;
    }
    logDeterminants += factorize(s, size);
    forward(s, mean, size, 1);
    for (const value of mean) squares -= value * value;
    backward(s, mean, size, 1);
    const value = -0.5 * (n * LOG_2PI + logDeterminants + squares);
    return Number.isNaN(value) ? -Infinity : value;
  }

  /** Λ of a term, and of β one. */
  #lambdaOf(term: number): Float64Array {
    return term < 0 ? this.#identity : (this.#lambdas[term] ?? this.#identity);
  }

  /** Adds Λᵀ B Λ / σ² of a block of the rest to it. */
  #spread(block: Block, s: Float64Array, inverse: number): void {
    const { size } = this.problem;
    const { rows, columns, row, column, products } = block;
    const [left, right, room] = [
      this.#lambdaOf(block.rowTerm),
      this.#lambdaOf(block.columnTerm),
      this.#room,
    ];
    multiply(products, right, rows, columns, room);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let value = 0;
        for (let k = r; k < rows; k++)
          value += (left[k * rows + r] ?? 0) * (room[k * columns + c] ?? 0);
        s[(row + r) * size + column + c] =
          (s[(row + r) * size + column + c] ?? 0) + value * inverse;
      }
    }
  }

  /** Λᵀ Zᵀ y / σ² and Xᵀ y / σ² of the rest. */
  #scores(y: Float64Array, to: Float64Array, inverse: number): void {
    const { terms, size, p } = this.problem;
    to.fill(0);
    for (const [t, { start, problem }] of terms.entries()) {
      if (start < 0) continue;
      const { q, groups } = problem;
      for (let l = 0; l < groups; l++)
        transposed(this.#lambdaOf(t), y, start + l * q, q, to, start + l * q, inverse);
    }
    for (let k = size - p; k < size; k++) to[k] = (y[k] ?? 0) * inverse;
  }

  /** Takes an inner group out of the rest; returns log |A|. */
  #eliminate(group: InnerGroup, factor: Factor, inverse: number): number {
    const { inner, size } = this.problem;
    const lambda = this.#lambdaOf(inner);
    const { l, t, y } = factor;
    const q = y.length;
    const room = this.#room;
    multiply(group.zz, lambda, q, q, room);
    for (let r = 0; r < q; r++) {
      for (let c = 0; c <= r; c++) {
        let value = r === c ? 1 : 0;
        for (let k = r; k < q; k++)
          value += (lambda[k * q + r] ?? 0) * (room[k * q + c] ?? 0) * inverse;
        l[r * q + c] = value;
      }
    }
    const logDeterminant = factorize(l, q);
    transposed(lambda, group.zy, 0, q, y, 0, inverse);
    forward(l, y, q, 1);
    const { columns, border } = group;
    const m = columns.length;
    let at = 0;
    for (const block of border) {
      multiply(block.products, this.#lambdaOf(block.columnTerm), q, block.columns, room);
      for (let r = 0; r < q; r++) {
        for (let c = 0; c < block.columns; c++) {
          let value = 0;
          for (let k = r; k < q; k++)
            value += (lambda[k * q + r] ?? 0) * (room[k * block.columns + c] ?? 0);
          t[r * m + at + c] = value * inverse;
        }
      }
      at += block.columns;
    }
    forward(l, t, q, m);
    const [s, mean] = [this.#rest, this.#mean];
    for (let a = 0; a < m; a++) {
      const row = columns[a] ?? 0;
      for (let k = 0; k < q; k++) {
        const own = t[k * m + a] ?? 0;
        if (own === 0) continue;
        mean[row] = (mean[row] ?? 0) - own * (y[k] ?? 0);
        for (let b = 0; b <= a; b++) {
          const place = row * size + (columns[b] ?? 0);
          s[place] = (s[place] ?? 0) - own * (t[k * m + b] ?? 0);
        }
      }
    }
    return logDeterminant;
  }

  /**
   * A draw of all effects given the variances that were asked for last, in units of the problem; without a stream their means.
   *
   * @param fixed β, [p].
   * @param effects b of each term, [groups, q].
   */
  drawEffects(fixed: Float64Array, effects: readonly Float64Array[], random?: Stream): void {
    const { size, p, terms, inner, groups } = this.problem;
    const rest = new Float64Array(size);
    if (random !== undefined) {
      for (let k = 0; k < size; k++) rest[k] = random.normal();
      backward(this.#rest, rest, size, 1);
    }
    for (let k = 0; k < size; k++) rest[k] = (rest[k] ?? 0) + (this.#mean[k] ?? 0);
    fixed.set(rest.subarray(size - p));
    for (const [t, { start, problem }] of terms.entries()) {
      const to = effects[t];
      if (start < 0 || to === undefined) continue;
      const { q } = problem;
      for (let at = 0; at < to.length; at += q)
        times(this.#lambdaOf(t), rest, start + at, q, to, at);
    }
    const to = effects[inner];
    for (const [j, { columns }] of groups.entries()) {
      const factor = this.#factors[j];
      if (factor === undefined || to === undefined) continue;
      const q = factor.y.length;
      const u = factor.y.slice();
      for (let r = 0; r < q; r++) {
        for (const [a, column] of columns.entries())
          u[r] = (u[r] ?? 0) - (factor.t[r * columns.length + a] ?? 0) * (rest[column] ?? 0);
        u[r] = (u[r] ?? 0) + (random?.normal() ?? 0);
      }
      backward(factor.l, u, q, 1);
      times(this.#lambdaOf(inner), u, 0, q, to, j * q);
    }
  }

  /**
   * Covariances of u of each group of each term given the variances that were asked for last, [groups, q, q], and of β [p, p].
   */
  covariances(): { readonly effects: readonly Float64Array[]; readonly fixed: Float64Array } {
    const { size, p, terms, inner, groups } = this.problem;
    const inverse = new Float64Array(size * size);
    for (let k = 0; k < size; k++) inverse[k * size + k] = 1;
    forward(this.#rest, inverse, size, size);
    backward(this.#rest, inverse, size, size);
    const block = (start: number, q: number): Float64Array =>
      Float64Array.from(
        { length: q * q },
        (_, at) => inverse[(start + Math.floor(at / q)) * size + start + (at % q)] ?? 0,
      );
    const effects = terms.map(({ start, problem }, t) => {
      const { q } = problem;
      const all = new Float64Array(problem.groups * q * q);
      if (t !== inner) {
        for (let l = 0; l < problem.groups; l++) all.set(block(start + l * q, q), l * q * q);
        return all;
      }
      for (const [j, { columns }] of groups.entries()) {
        const factor = this.#factors[j];
        if (factor !== undefined)
          all.set(innerCovariance(factor, columns, inverse, size), j * q * q);
      }
      return all;
    });
    return { effects, fixed: block(size - p, p) };
  }
}

/** A⁻¹ + K C Kᵀ with K = L⁻ᵀ T and C of the rest. */
function innerCovariance(
  { l, t, y }: Factor,
  columns: Int32Array,
  inverse: Float64Array,
  size: number,
): Float64Array {
  const [q, m] = [y.length, columns.length];
  const k = t.slice();
  backward(l, k, q, m);
  const own = new Float64Array(q * q);
  for (let r = 0; r < q; r++) own[r * q + r] = 1;
  forward(l, own, q, q);
  backward(l, own, q, q);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      const value = inverse[(columns[a] ?? 0) * size + (columns[b] ?? 0)] ?? 0;
      for (let r = 0; r < q; r++)
        for (let c = 0; c < q; c++)
          own[r * q + c] =
            (own[r * q + c] ?? 0) + (k[r * m + a] ?? 0) * value * (k[c * m + b] ?? 0);
    }
  }
  return own;
}

/** B Λ of B [rows, d] and a lower Λ [d, d]. */
function multiply(
  b: Float64Array,
  lambda: Float64Array,
  rows: number,
  d: number,
  to: Float64Array,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < d; c++) {
      let value = 0;
      for (let k = c; k < d; k++) value += (b[r * d + k] ?? 0) * (lambda[k * d + c] ?? 0);
      to[r * d + c] = value;
    }
  }
}

/** Λᵀ x times a number. */
function transposed(
  lambda: Float64Array,
  x: Float64Array,
  from: number,
  q: number,
  to: Float64Array,
  at: number,
  by: number,
): void {
  for (let r = 0; r < q; r++) {
    let value = 0;
    for (let k = r; k < q; k++) value += (lambda[k * q + r] ?? 0) * (x[from + k] ?? 0);
    to[at + r] = value * by;
  }
}

/** Λ x. */
function times(
  lambda: Float64Array,
  x: Float64Array,
  from: number,
  q: number,
  to: Float64Array,
  at: number,
): void {
  for (let r = 0; r < q; r++) {
    let value = 0;
    for (let k = 0; k <= r; k++) value += (lambda[r * q + k] ?? 0) * (x[from + k] ?? 0);
    to[at + r] = value;
  }
}

const NONE = { priorMean: new Float64Array(0), priorPrecision: new Float64Array(0) };
