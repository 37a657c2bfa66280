/**
 * Means and covariances of chains as they go, one pass and without cancellation (Welford 1962).
 */

/** Moments of many chains in k dimensions. */
export class ChainMoments {
  readonly #k: number;
  /** Mean of each chain, [chains, k], and sums of squares and products, the lower triangles of [chains, k, k]. */
  readonly #mean: Float64Array;
  readonly #products: Float64Array;
  readonly #delta: Float64Array;
  #seen = 0;

  constructor(k: number, chains: number) {
    this.#k = k;
    this.#mean = new Float64Array(chains * k);
    this.#products = new Float64Array(chains * k * k);
    this.#delta = new Float64Array(k);
  }

  /** Positions noted of each chain. */
  get seen(): number {
    return this.#seen;
  }

  /** Notes where all chains are, [chains, k]. */
  note(position: Float64Array): void {
    this.#seen++;
    const [k, delta] = [this.#k, this.#delta];
    const rest = 1 - 1 / this.#seen;
    for (let from = 0; from < position.length; from += k) {
      for (let j = 0; j < k; j++) {
        const off = (position[from + j] ?? NaN) - (this.#mean[from + j] ?? NaN);
        delta[j] = off;
        this.#mean[from + j] = (this.#mean[from + j] ?? NaN) + off / this.#seen;
        for (let l = 0; l <= j; l++) {
          const at = (from + j) * k + l;
          this.#products[at] = (this.#products[at] ?? NaN) + rest * off * (delta[l] ?? NaN);
        }
      }
    }
  }

  /** Forgets all. */
  clear(): void {
    this.#mean.fill(0);
    this.#products.fill(0);
    this.#seen = 0;
  }

  /** Mean of one chain, [k]. */
  mean(chain: number): Float64Array {
    return this.#mean.slice(chain * this.#k, (chain + 1) * this.#k);
  }

  /** Covariance within chains [from, to), each about its own mean: the lower triangle of [k, k]. */
  covariance(from: number, to: number): Float64Array {
    const square = this.#k ** 2;
    const degrees = (to - from) * Math.max(1, this.#seen - 1);
    return Float64Array.from({ length: square }, (_, at) => {
      let sum = 0;
      for (let i = from; i < to; i++) sum += this.#products[i * square + at] ?? 0;
      return sum / degrees;
    });
  }
}
