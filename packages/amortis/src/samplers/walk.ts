/**
 * The steps of random walks: how large they are and which way they go, learned while chains burn in (adaptive Metropolis).
 *
 * A proposal is u + s L ε, ε ~ N(0, I). The scale s follows the acceptance by Robbins & Monro's recursion on its logarithm,
 *
 *     log s ← log s + 2.5 (rate - target) / √round,
 *
 * one for each chain, and L Lᵀ is the covariance within the chains of a data set so far: for a normal target the best proposals have its shape, with
 * s = 2.4/√k. It is learned anew from the last half whenever the rounds have doubled, so that the way from the start to the posterior is forgotten.
 *
 * References: Haario, Saksman & Tamminen 2001, "An adaptive Metropolis algorithm"; Craiu, Rosenthal & Yang 2009, for chains that learn
 * together; Gelman, Roberts & Gilks 1996; Roberts & Rosenthal 2001 (acceptance 0.44 for one parameter, towards 0.234 for many).
 */
import { choleskyFactor } from "../math/index.js";

/** Subtracted from the logarithm of the scale of chains that accept nothing at all before they have a shape: it is far too large. */
const STUCK = 1.5;

/** Sizes and shapes of the steps of many chains in k dimensions, so many chains a data set. */
export class Walk {
  readonly #k: number;
  readonly #chains: number;
  readonly #target: number;
  readonly #logScale: Float64Array;
  readonly #accepted: Float64Array;
  #recent = 0;
  /** Of more than one dimension: L of each data set, [k, k]. */
  readonly #factor: Float64Array;
  readonly #shaped: Uint8Array;
  /** Mean of each chain's draws, [k], and their sums of squares and products, the lower triangle of [k, k]. */
  readonly #mean: Float64Array;
  readonly #products: Float64Array;
  readonly #delta: Float64Array;
  #seen = 0;

  constructor(k: number, size: number, chains: number) {
    const count = size * chains;
    this.#k = k;
    this.#chains = chains;
    this.#target = k === 1 ? 0.44 : Math.max(0.234, 0.44 - 0.07 * (k - 1));
    this.#logScale = new Float64Array(count).fill(firstScale(k));
    this.#accepted = new Float64Array(count);
    // One dimension needs its scale only.
    const [shapes, walkers] = k === 1 ? [0, 0] : [size, count];
    this.#factor = new Float64Array(shapes * k * k);
    for (let at = 0; at < this.#factor.length; at++) {
      const within = at % (k * k);
      if (within % (k + 1) === 0) this.#factor[at] = 1;
    }
    this.#shaped = new Uint8Array(shapes);
    this.#mean = new Float64Array(walkers * k);
    this.#products = new Float64Array(walkers * k * k);
    this.#delta = new Float64Array(k);
  }

  /** Writes the proposal of one chain, from normals at a place, to its place in `to`. */
  propose(i: number, u: Float64Array, normals: Float64Array, at: number, to: Float64Array): void {
    const scale = Math.exp(this.#logScale[i] ?? 0);
    if (this.#k === 1) {
      to[i] = (u[i] ?? NaN) + scale * (normals[at] ?? NaN);
      return;
    }
    const k = this.#k;
    const shape = Math.floor(i / this.#chains) * k * k;
    for (let j = 0; j < k; j++) {
      let step = 0;
      for (let l = 0; l <= j; l++) {
        step += (this.#factor[shape + j * k + l] ?? NaN) * (normals[at + l] ?? NaN);
      }
      to[i * k + j] = (u[i * k + j] ?? NaN) + scale * step;
    }
  }

  /** Counts an iteration of one chain. Chains are noted in their order, the first one first. */
  note(i: number, u: Float64Array, accepted: boolean): void {
    if (i === 0) {
      this.#recent++;
      this.#seen++;
    }
    if (accepted) this.#accepted[i] = (this.#accepted[i] ?? 0) + 1;
    const k = this.#k;
    if (k === 1) return;
    // Welford's update: one pass, no cancellation.
    const rest = 1 - 1 / this.#seen;
    for (let j = 0; j < k; j++) {
      const delta = (u[i * k + j] ?? NaN) - (this.#mean[i * k + j] ?? NaN);
      this.#delta[j] = delta;
      this.#mean[i * k + j] = (this.#mean[i * k + j] ?? NaN) + delta / this.#seen;
      for (let l = 0; l <= j; l++) {
        const at = (i * k + j) * k + l;
        this.#products[at] = (this.#products[at] ?? NaN) + rest * delta * (this.#delta[l] ?? NaN);
      }
    }
  }

  /** Learns from what was noted since the last round. Rounds count from 1. */
  adapt(round: number): void {
    for (let i = 0; i < this.#accepted.length; i++) {
      const rate = (this.#accepted[i] ?? 0) / this.#recent;
      this.#logScale[i] =
        (this.#logScale[i] ?? 0) + (2.5 * (rate - this.#target)) / Math.sqrt(round);
      if (rate === 0 && this.#shaped[Math.floor(i / this.#chains)] === 0) {
        this.#logScale[i] = (this.#logScale[i] ?? 0) - STUCK;
      }
      this.#accepted[i] = 0;
    }
    this.#recent = 0;
    if (this.#k === 1 || !Number.isInteger(Math.log2(round))) return;
    for (let dataSet = 0; dataSet < this.#shaped.length; dataSet++) this.#learn(dataSet);
    this.#mean.fill(0);
    this.#products.fill(0);
    this.#seen = 0;
  }

  /** The covariance within the chains of a data set, and its factor. */
  #learn(dataSet: number): void {
    const k = this.#k;
    const first = dataSet * this.#chains;
    const covariance = new Float64Array(k * k);
    // Correlations found by chance are taken back a little: no shape is flat.
    const trust = this.#seen / (this.#seen + k);
    for (let at = 0; at < k * k; at++) {
      let sum = 0;
      for (let i = first; i < first + this.#chains; i++) sum += this.#products[i * k * k + at] ?? 0;
      const onDiagonal = at % (k + 1) === 0;
      covariance[at] =
        ((onDiagonal ? 1 : trust) * sum) / (this.#chains * Math.max(1, this.#seen - 1));
    }
    const factor = choleskyFactor(covariance, k);
    // Chains that have not moved have no shape.
    if (factor === undefined) return;
    this.#factor.set(factor, dataSet * k * k);
    if (this.#shaped[dataSet] === 1) return;
    // Until now the scales were those of another shape.
    this.#logScale.fill(firstScale(k), first, first + this.#chains);
    this.#shaped[dataSet] = 1;
  }
}

/** log of what is best for a normal target of known covariance. */
function firstScale(k: number): number {
  return Math.log(2.4 / Math.sqrt(k));
}
