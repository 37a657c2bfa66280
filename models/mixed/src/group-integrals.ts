/**
 * The likelihood of a generalised linear mixed model given fixed effects and variances: of each group an integral of its own.
 *
 *     p(y | β, Σ) = Π_j ∫ p(y_j | X_j β + Z_j Λ u) N(u; 0, I) du,      Σ = Λ Λᵀ
 *
 * Newton's steps find where an integrand is largest and how it is curved there, A = L Lᵀ; points of a randomly shifted lattice go through quantiles of the logistic distribution, whose tails are heavier than those of any integrand here,
 * u_k = û + L⁻ᵀ s logit(v_k), and the mean of integrand over density estimates the integral without bias, with an error that a few points make small. So weights by it are exact (pseudo-marginal), and u may be any of the points, drawn by their share.
 *
 * References: Pinheiro & Bates 1995 for adaptive quadrature; Andrieu & Roberts 2009, "The pseudo-marginal approach"; Tran, Scharth, Pitt & Kohn 2013, "Importance sampling squared", arXiv 1309.3339.
 */
import type { Stream } from "amortis";
import type { Family } from "./family.js";
import { lattice } from "./lattice.js";
import { backward, factorize, forward } from "./symmetric.js";

/** Scale of the logistic distribution, of variance 1.2. */
const SCALE = 0.6;
/** Newton's steps at most, and the square of the last, in standard deviations. */
const STEPS = 25;
const STILL = 1e-4;
const HALVINGS = 10;

/** What is observed, with the rows of each group one after another. */
export interface Counts {
  readonly family: Family;
  /** Responses, trials (1 but of a binomial family), and what is added to η: each [n]. */
  readonly response: Float64Array;
  readonly trials: Float64Array;
  readonly offset: Float64Array;
  /** X [n, p] and Z [n, q], by rows. */
  readonly fixed: Float64Array;
  readonly random: Float64Array;
  readonly p: number;
  readonly q: number;
  /** Where each group's rows begin, and where the last one's end: [groups + 1]. */
  readonly start: Int32Array;
}

/** The integrals of one data set; its arrays are used again at each call. */
export class GroupIntegrals {
  readonly counts: Counts;
  readonly groups: number;
  /** Where Newton's steps begin: [groups, q]. */
  readonly #begin: Float64Array;
  #points = 0;
  #lattice: Float64Array = new Float64Array(0);
  /** u of each point [groups, points, q], and log of its share [groups, points]. */
  #u: Float64Array = new Float64Array(0);
  #log: Float64Array = new Float64Array(0);
  /** X β + offset [n], and Z Λ [n, q]. */
  readonly #eta: Float64Array;
  /** η of some u, [n]. */
  readonly #own: Float64Array;
  readonly #design: Float64Array;
  readonly #mode: Float64Array;
  readonly #trial: Float64Array;
  readonly #gradient: Float64Array;
  readonly #a: Float64Array;
  readonly #shift: Float64Array;
  readonly #lambda: Float64Array;

  constructor(counts: Counts, points: number) {
    const { q, response } = counts;
    this.counts = counts;
    this.groups = counts.start.length - 1;
    this.#begin = new Float64Array(this.groups * q);
    this.#eta = new Float64Array(response.length);
    this.#own = new Float64Array(response.length);
    this.#design = new Float64Array(response.length * q);
    this.#mode = new Float64Array(q);
    this.#trial = new Float64Array(q);
    this.#gradient = new Float64Array(q);
    this.#shift = new Float64Array(q);
    this.#a = new Float64Array(q * q);
    this.#lambda = new Float64Array(q * q);
    this.points = points;
  }

  /** How many points a group has. */
  get points(): number {
    return this.#points;
  }

  set points(count: number) {
    const { q } = this.counts;
    this.#points = count;
    this.#lattice = lattice(count, q);
    this.#u = new Float64Array(this.groups * count * q);
    this.#log = new Float64Array(this.groups * count);
  }

  /**
   * An estimate of p(y | β, Σ) without bias: its logarithm, less what y alone makes of it.
   *
   * @param beta [p]
   * @param lambda Λ, lower [q, q].
   */
  logLikelihood(beta: Float64Array, lambda: Float64Array, random: Stream): number {
    const { start } = this.counts;
    this.#lambda.set(lambda);
    this.#predict(beta);
    let total = 0;
    for (let j = 0; j < this.groups; j++) {
      const [from, to] = [start[j] ?? 0, start[j + 1] ?? 0];
      total += this.#integral(j, from, to, this.#climb(j, from, to), random);
    }
    return Number.isNaN(total) ? -Infinity : total;
  }

  /** η without random effects, and the columns that u has. */
  #predict(beta: Float64Array): void {
    const { fixed, random, offset, p, q } = this.counts;
    const lambda = this.#lambda;
    for (let i = 0; i < offset.length; i++) {
      let eta = offset[i] ?? 0;
      for (let k = 0; k < p; k++) eta += (fixed[i * p + k] ?? 0) * (beta[k] ?? 0);
      this.#eta[i] = eta;
      for (let c = 0; c < q; c++) {
        let value = 0;
        for (let r = c; r < q; r++) value += (random[i * q + r] ?? 0) * (lambda[r * q + c] ?? 0);
        this.#design[i * q + c] = value;
      }
    }
  }

  /** log of p(y_j | u) less c. */
  #logOf(u: Float64Array, at: number, from: number, to: number): number {
    const { family, response, trials, q } = this.counts;
    const [design, eta, own] = [this.#design, this.#eta, this.#own];
    let total = 0;
    for (let i = from; i < to; i++) {
      let value = eta[i] ?? 0;
      for (let k = 0; k < q; k++) value += (design[i * q + k] ?? 0) * (u[at + k] ?? 0);
      own[i] = value;
      total += (response[i] ?? 0) * value;
    }
    return total - family.cumulants(own, trials, from, to);
  }

  /** û into the mode and L into A, by Newton's steps, halved where they lead down; returns log |A|. */
  #climb(j: number, from: number, to: number): number {
    const { q } = this.counts;
    const [mode, trial, gradient, a] = [this.#mode, this.#trial, this.#gradient, this.#a];
    for (let k = 0; k < q; k++) mode[k] = this.#begin[j * q + k] ?? 0;
    let height = this.#logOf(mode, 0, from, to) - 0.5 * squared(mode, 0, q);
    for (let step = 0; ; step++) {
      const logDeterminant = this.#slope(from, to);
      if (Number.isNaN(logDeterminant)) return this.#flat();
      forward(a, gradient, q, 1);
      const decrement = squared(gradient, 0, q);
      if (!(decrement > STILL) || step === STEPS) return logDeterminant;
      backward(a, gradient, q, 1);
      let share = 1;
      for (let halving = 0; ; halving++) {
        for (let k = 0; k < q; k++) trial[k] = (mode[k] ?? 0) + share * (gradient[k] ?? 0);
        const next = this.#logOf(trial, 0, from, to) - 0.5 * squared(trial, 0, q);
        if (next > height || !(height > -Infinity)) {
          height = next;
          for (let k = 0; k < q; k++) mode[k] = trial[k] ?? 0;
          break;
        }
        if (halving === HALVINGS) return logDeterminant;
        share /= 2;
      }
    }
  }

  /** The gradient of the integrand's logarithm at the mode, and A there, factorised. */
  #slope(from: number, to: number): number {
    const { family, response, trials, q } = this.counts;
    const [mode, gradient, a, design] = [this.#mode, this.#gradient, this.#a, this.#design];
    for (let r = 0; r < q; r++) {
      gradient[r] = -(mode[r] ?? 0);
      for (let c = 0; c <= r; c++) a[r * q + c] = r === c ? 1 : 0;
    }
    for (let i = from; i < to; i++) {
      let eta = this.#eta[i] ?? 0;
      for (let k = 0; k < q; k++) eta += (design[i * q + k] ?? 0) * (mode[k] ?? 0);
      const mean = family.mean(eta);
      const score = (response[i] ?? 0) - (trials[i] ?? 0) * mean;
      const weight = (trials[i] ?? 0) * family.variance(mean);
      for (let r = 0; r < q; r++) {
        const z = design[i * q + r] ?? 0;
        gradient[r] = (gradient[r] ?? 0) + z * score;
        for (let c = 0; c <= r; c++)
          a[r * q + c] = (a[r * q + c] ?? 0) + z * weight * (design[i * q + c] ?? 0);
      }
    }
    return factorize(a, q);
  }

  /** Where there is no number to climb by: the prior's. */
  #flat(): number {
    const { q } = this.counts;
    this.#mode.fill(0);
    for (let r = 0; r < q; r++) for (let c = 0; c <= r; c++) this.#a[r * q + c] = r === c ? 1 : 0;
    return 0;
  }

  /** log of the mean over points of integrand over density. */
  #integral(j: number, from: number, to: number, logDeterminant: number, random: Stream): number {
    const { q } = this.counts;
    const [points, u, logs, shift, step] = [
      this.#points,
      this.#u,
      this.#log,
      this.#shift,
      this.#trial,
    ];
    for (let k = 0; k < q; k++) shift[k] = random.positive();
    const front = q * (Math.log(SCALE) - 0.5 * Math.log(2 * Math.PI)) - 0.5 * logDeterminant;
    let most = -Infinity;
    for (let i = 0; i < points; i++) {
      let logDensity = 0;
      for (let k = 0; k < q; k++) {
        const sum = (this.#lattice[i * q + k] ?? 0) + (shift[k] ?? 0);
        const v = Math.min(Math.max(sum < 1 ? sum : sum - 1, 1e-300), 1 - 2 ** -53);
        step[k] = SCALE * Math.log(v / (1 - v));
        logDensity += Math.log(v * (1 - v));
      }
      backward(this.#a, step, q, 1);
      const at = (j * points + i) * q;
      for (let k = 0; k < q; k++) u[at + k] = (this.#mode[k] ?? 0) + (step[k] ?? 0);
      const log = this.#logOf(u, at, from, to) - 0.5 * squared(u, at, q) + front - logDensity;
      logs[j * points + i] = Number.isNaN(log) ? -Infinity : log;
      if (log > most) most = log;
    }
    if (most === -Infinity) return most;
    let sum = 0;
    for (let i = 0; i < points; i++) sum += Math.exp((logs[j * points + i] ?? 0) - most);
    const total = most + Math.log(sum);
    for (let i = 0; i < points; i++) logs[j * points + i] = (logs[j * points + i] ?? 0) - total;
    return total - Math.log(points);
  }

  /** A draw of b given y, β and Σ of the last call: of each group one of its points, [groups, q]. */
  drawEffects(random: Stream, effects: Float64Array): void {
    const { q } = this.counts;
    const points = this.#points;
    effects.fill(0);
    for (let j = 0; j < this.groups; j++) {
      let left = random.uniform();
      let at = 0;
      while (at < points - 1) {
        left -= Math.exp(this.#log[j * points + at] ?? -Infinity);
        if (left < 0) break;
        at++;
      }
      this.#effect((j * points + at) * q, effects, j * q, 1);
    }
  }

  /** Adds a share of b = Λ u of a point. */
  #effect(from: number, effects: Float64Array, to: number, share: number): void {
    const { q } = this.counts;
    for (let r = 0; r < q; r++) {
      let value = 0;
      for (let k = 0; k <= r; k++)
        value += (this.#lambda[r * q + k] ?? 0) * (this.#u[from + k] ?? 0);
      effects[to + r] = (effects[to + r] ?? 0) + share * value;
    }
  }

  /**
   * Means given y, β and Σ of the last call: of b [groups, q], and of each response's score y - m κ'(η) and weight m κ''(η) [n]. Newton's steps begin at these means from now on.
   */
  expectations(effects: Float64Array, scores: Float64Array, weights: Float64Array): void {
    const { family, response, trials, start, q } = this.counts;
    const [points, u, design] = [this.#points, this.#u, this.#design];
    effects.fill(0);
    scores.fill(0);
    weights.fill(0);
    this.#begin.fill(0);
    for (let j = 0; j < this.groups; j++) {
      for (let point = 0; point < points; point++) {
        const share = Math.exp(this.#log[j * points + point] ?? -Infinity);
        if (!(share > 1e-12)) continue;
        const at = (j * points + point) * q;
        this.#effect(at, effects, j * q, share);
        for (let k = 0; k < q; k++)
          this.#begin[j * q + k] = (this.#begin[j * q + k] ?? 0) + share * (u[at + k] ?? 0);
        for (let i = start[j] ?? 0; i < (start[j + 1] ?? 0); i++) {
          let eta = this.#eta[i] ?? 0;
          for (let k = 0; k < q; k++) eta += (design[i * q + k] ?? 0) * (u[at + k] ?? 0);
          const mean = family.mean(eta);
          scores[i] = (scores[i] ?? 0) + share * ((response[i] ?? 0) - (trials[i] ?? 0) * mean);
          weights[i] = (weights[i] ?? 0) + share * (trials[i] ?? 0) * family.variance(mean);
        }
      }
    }
  }
}

function squared(values: Float64Array, at: number, d: number): number {
  let sum = 0;
  for (let k = 0; k < d; k++) sum += (values[at + k] ?? 0) ** 2;
  return sum;
}
