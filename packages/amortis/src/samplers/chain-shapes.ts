/**
 * Shapes of posteriors as chains go: of each data set the factor L of the covariance within its chains, L Lᵀ = Σ, learned together.
 *
 * References: Haario, Saksman & Tamminen 2001, "An adaptive Metropolis algorithm"; Craiu, Rosenthal & Yang 2009, for chains that learn together.
 */
import { choleskyFactor } from "../math/index.js";
import { ChainMoments } from "./chain-moments.js";
import type { ChainSpace } from "./target.js";

/**
 * How far the chains of each data set start from each other, a standard deviation an axis, [size, k]: the only thing that is known of the units of an axis before chains have moved. One where they start at
 * one place.
 *
 * @param start where the chains are, [count, k].
 */
export function startingScales({ size, chains, k }: ChainSpace, start: Float64Array): Float64Array {
  return Float64Array.from({ length: size * k }, (_, at) => {
    const [set, j] = [Math.floor(at / k), at % k];
    const own = Array.from({ length: chains }, (_c, c) => start[(set * chains + c) * k + j] ?? NaN);
    const mean = own.reduce((sum, u) => sum + u, 0) / chains;
    const scale = Math.sqrt(own.reduce((sum, u) => sum + (u - mean) ** 2, 0) / (chains - 1));
    return scale > 0 && scale < Infinity ? scale : 1;
  });
}

/** Shapes of many data sets. */
export class ChainShapes {
  /** L of each, [size, k, k]: by how far its chains start from each other along each axis, until it is learned. */
  readonly factor: Float64Array;
  readonly #space: ChainSpace;
  readonly #moments: ChainMoments;

  /** @param start where the chains are, [count, k]. */
  constructor(space: ChainSpace, start: Float64Array) {
    const { k, size, count } = space;
    this.#space = space;
    this.#moments = new ChainMoments(k, count);
    this.factor = new Float64Array(size * k * k);
    for (const [at, scale] of startingScales(space, start).entries()) {
      const [set, j] = [Math.floor(at / k), at % k];
      this.factor[set * k * k + j * (k + 1)] = scale;
    }
  }

  /** Notes where all chains are. */
  note(position: Float64Array): void {
    this.#moments.note(position);
  }

  /** Learns all shapes from what was noted since the last time; returns the data sets whose chains have moved enough to have one. */
  learn(): readonly number[] {
    const sets = Array.from({ length: this.#space.size }, (_, set) => set);
    const learned = sets.filter((set) => this.#learn(set));
    this.#moments.clear();
    return learned;
  }

  #learn(set: number): boolean {
    const { k, chains } = this.#space;
    const covariance = this.#moments.covariance(set * chains, (set + 1) * chains);
    // Correlations found by chance are taken back a little: no shape is flat.
    const trust = this.#moments.seen / (this.#moments.seen + k);
    const factor = choleskyFactor(
      covariance.map((value, at) => (at % (k + 1) === 0 ? value : trust * value)),
      k,
    );
    // Chains that have not moved have no shape.
    if (factor === undefined) return false;
    this.factor.set(factor, set * k * k);
    return true;
  }
}
