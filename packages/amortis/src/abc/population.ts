/**
 * Populations of sequential approximate Bayesian computation, one data set: particles with weights, and how the next are proposed from them.
 *
 *     u* ~ Σ_j w_j N(u_j, 2 Σ),      w(u*) = π(u*) / Σ_j w_j N(u*; u_j, 2 Σ)
 *
 * with Σ the weighted covariance of the particles, in unconstrained space (Beaumont, Cornuet, Marin & Robert 2009, arXiv 0805.2256).
 */
import { takeRows } from "../data/data-sets.js";
import type { Bijection, Distribution } from "../distributions/index.js";
import { choleskyFactor, solveLower } from "../math/index.js";
import type { Stream } from "../random/index.js";
import { eachRow } from "./rows.js";
import { resample } from "../samplers/resample.js";

/** Particles, nearest first. */
export interface AbcPopulation {
  /** θ less its offset, [rows, p], and the same in unconstrained space, [rows, k]. */
  readonly parameters: Float64Array;
  readonly position: Float64Array;
  /** Up to a constant that is the same for all populations, [rows]. */
  readonly weights: Float64Array;
  readonly distance: Float64Array;
  /** W (S - S_obs), [rows, s]. */
  readonly offsets: Float64Array;
}

/** Rows of some particles, in an order. */
export function takeParticles(of: AbcPopulation, rows: readonly number[]): AbcPopulation {
  const total = of.distance.length;
  const pick = (values: Float64Array): Float64Array =>
    takeRows(values, values.length / total, rows);
  return {
    parameters: pick(of.parameters),
    position: pick(of.position),
    weights: pick(of.weights),
    distance: pick(of.distance),
    offsets: pick(of.offsets),
  };
}

/** The nearest of a population, or of two together, nearest first; particles whose distance is no number are left out. */
export function nearestOf(
  a: AbcPopulation,
  b: AbcPopulation | undefined,
  count: number,
): AbcPopulation {
  const joined = (of: (population: AbcPopulation) => Float64Array): Float64Array =>
    Float64Array.from([...of(a), ...(b === undefined ? [] : of(b))]);
  const all: AbcPopulation = {
    parameters: joined(({ parameters }) => parameters),
    position: joined(({ position }) => position),
    weights: joined(({ weights }) => weights),
    distance: joined(({ distance }) => distance),
    offsets: joined(({ offsets }) => offsets),
  };
  const rows = Array.from(all.distance.keys())
    .filter((row) => Number.isFinite(all.distance[row]))
    .toSorted((i, j) => (all.distance[i] ?? NaN) - (all.distance[j] ?? NaN) || i - j);
  return takeParticles(all, rows.slice(0, count));
}

/** What proposes from a population; undefined where its particles have no spread. */
export class Proposals {
  readonly #position: Float64Array;
  readonly #shares: Float64Array;
  /** L of 2 Σ. */
  readonly #factor: Float64Array;
  /** L⁻¹ u_j, [n, k]. */
  readonly #white: Float64Array;
  readonly #k: number;
  readonly #logRoot: number;

  private constructor(position: Float64Array, shares: Float64Array, factor: Float64Array) {
    this.#position = position;
    this.#shares = shares;
    this.#factor = factor;
    const k = position.length / shares.length;
    this.#k = k;
    this.#white = eachRow(position, k, k, (u) => solveLower(factor, u));
    this.#logRoot = Array.from({ length: this.#k }, (_, j) => factor[j * (this.#k + 1)] ?? NaN)
      .map(Math.log)
      .reduce((a, b) => a + b, (this.#k / 2) * Math.log(2 * Math.PI));
  }

  static of({ position, weights }: AbcPopulation): Proposals | undefined {
    const sum = weights.reduce((a, b) => a + b, 0);
    const shares = weights.map((w) => w / sum);
    const k = position.length / weights.length;
    const factor = choleskyFactor(
      covarianceOf(position, shares, k).map((value) => 2 * value),
      k,
    );
    return factor && new Proposals(position, shares, factor);
  }

  /** New positions, [count, k]. */
  draw(count: number, random: Stream): Float64Array {
    const k = this.#k;
    const result = new Float64Array(count * k);
    const noise = new Float64Array(k);
    for (const [i, row] of resample(this.#shares, count, random).entries()) {
      random.fillNormal(noise);
      for (let a = 0; a < k; a++) {
        let value = this.#position[row * k + a] ?? NaN;
        for (let b = 0; b <= a; b++) value += (this.#factor[a * k + b] ?? NaN) * (noise[b] ?? NaN);
        result[i * k + a] = value;
      }
    }
    return result;
  }

  /** log Σ_j w_j N(u; u_j, 2 Σ). */
  logDensity(u: Float64Array): number {
    const k = this.#k;
    const at = solveLower(this.#factor, u);
    let sum = 0;
    for (const [j, share] of this.#shares.entries()) {
      let square = 0;
      for (let a = 0; a < k; a++) square += ((at[a] ?? NaN) - (this.#white[j * k + a] ?? NaN)) ** 2;
      sum += share * Math.exp(-0.5 * square);
    }
    return Math.log(sum) - this.#logRoot;
  }
}

/** log π(u) = log p(θ) + log |dθ/du|. */
export function logPriorAt(
  prior: Pick<Distribution, "logDensity">,
  bijection: Bijection,
  u: Float64Array,
): number {
  return prior.logDensity(bijection.forward(u)) + bijection.logJacobian(u);
}

/** Weighted covariance of rows [n, k], with weights of sum one. */
function covarianceOf(position: Float64Array, shares: Float64Array, k: number): Float64Array {
  const mean = new Float64Array(k);
  for (const [i, share] of shares.entries())
    for (let a = 0; a < k; a++) mean[a] = (mean[a] ?? 0) + share * (position[i * k + a] ?? NaN);
  const covariance = new Float64Array(k * k);
  for (const [i, share] of shares.entries())
    for (let a = 0; a < k; a++)
      for (let b = 0; b <= a; b++) {
        const product =
          ((position[i * k + a] ?? NaN) - (mean[a] ?? NaN)) *
          ((position[i * k + b] ?? NaN) - (mean[b] ?? NaN));
        covariance[a * k + b] = (covariance[a * k + b] ?? 0) + share * product;
      }
  return covariance;
}
