/**
 * Shapes of posteriors as chains go: of each data set the factor L of the covariance within its chains, L Lᵀ = Σ, learned together.
 *
 * References: Haario, Saksman & Tamminen 2001, "An adaptive Metropolis algorithm"; Craiu, Rosenthal & Yang 2009, for chains that learn together.
 */
import { choleskyFactor } from "../math/index.js";
import { ChainMoments } from "./chain-moments.js";
import type { ChainSpace } from "./target.js";

/** Shapes of many data sets. */
export class ChainShapes {
  /** L of each, [size, k, k]: the identity until it is learned. */
  readonly factor: Float64Array;
  readonly #space: ChainSpace;
  readonly #moments: ChainMoments;

  constructor(space: ChainSpace) {
    const { k, size, count } = space;
    this.#space = space;
    this.#moments = new ChainMoments(k, count);
    this.factor = Float64Array.from({ length: size * k * k }, (_, at) =>
      (at % (k * k)) % (k + 1) === 0 ? 1 : 0,
    );
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
