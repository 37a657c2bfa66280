/**
 * Whether momenta reach all energies that a posterior has: the estimated Bayesian fraction of missing information,
 *
 *     E-BFMI = Σ_t (E_t - E_{t-1})² / Σ_t (E_t - Ē)²,
 *
 * about one where a draw of the momentum alone goes through all of them, and small where tails are long: chains with less than 0.3 take long to get to places that they need to see.
 *
 * Reference: Betancourt 2016, "Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte Carlo", arXiv 1604.00695.
 */
import type { StepInfo } from "./sampler.js";

/** Energies and divergences of chains as they go. */
export class Energies {
  readonly #chains: number;
  readonly #last: Float64Array;
  readonly #jumps: Float64Array;
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;
  readonly #divergent: Uint32Array;
  #seen = 0;
  #heard = false;

  /** @param count chains in all, so many for each data set. */
  constructor(count: number, chains: number) {
    this.#chains = chains;
    this.#last = new Float64Array(count);
    this.#jumps = new Float64Array(count);
    this.#mean = new Float64Array(count);
    this.#squares = new Float64Array(count);
    this.#divergent = new Uint32Array(count / chains);
  }

  /** Hears of a step of all chains; of samplers without energies there is nothing to hear. */
  note({ energy, divergent }: StepInfo): void {
    if (energy === undefined || divergent === undefined) return;
    this.#heard = true;
    this.#seen++;
    for (const [i, value] of energy.entries()) {
      if (this.#seen > 1)
        this.#jumps[i] = (this.#jumps[i] ?? 0) + (value - (this.#last[i] ?? 0)) ** 2;
      const off = value - (this.#mean[i] ?? 0);
      this.#mean[i] = (this.#mean[i] ?? 0) + off / this.#seen;
      this.#squares[i] = (this.#squares[i] ?? 0) + off * (value - (this.#mean[i] ?? 0));
      this.#last[i] = value;
      const set = Math.floor(i / this.#chains);
      this.#divergent[set] = (this.#divergent[set] ?? 0) + (divergent[i] ?? 0);
    }
  }

  /** Of each data set: trajectories that diverged, and the smallest E-BFMI of its chains; undefined of samplers without energies. */
  summary(): { readonly divergences: Uint32Array; readonly eBfmi: Float64Array } | undefined {
    if (!this.#heard) return undefined;
    const ofChains = this.#jumps.map((jumps, i) => jumps / (this.#squares[i] ?? NaN));
    const eBfmi = Float64Array.from(this.#divergent, (_, set) =>
      ofChains
        .subarray(set * this.#chains, (set + 1) * this.#chains)
        .reduce((least, value) => Math.min(least, value), Infinity),
    );
    return { divergences: this.#divergent.slice(), eBfmi };
  }
}
