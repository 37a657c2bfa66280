/**
 * A multivariate t distribution of five degrees of freedom: a proposal with tails heavier than those of what it stands for.
 *
 *     q(z) = t₅(z; m, S),      z = m + L ε √(5 / χ²₅),      S = L Lᵀ
 */
import type { Stream } from "amortis";
import { logGamma } from "amortis/extend";
import { factorize } from "./symmetric.js";

const FREEDOM = 5;

/** One t distribution; it makes no garbage, for it is asked thousands of times an answer. */
export class WideT {
  readonly #mean: Float64Array;
  readonly #factor: Float64Array;
  readonly #front: number;
  readonly #room: Float64Array;

  /** @param scale S [d, d], positive definite. */
  constructor(mean: Float64Array, scale: Float64Array) {
    const d = mean.length;
    this.#mean = mean;
    this.#factor = scale.slice();
    const logDeterminant = factorize(this.#factor, d);
    this.#front =
      logGamma((FREEDOM + d) / 2) -
      logGamma(FREEDOM / 2) -
      (d / 2) * Math.log(FREEDOM * Math.PI) -
      logDeterminant / 2;
    this.#room = new Float64Array(d);
  }

  /** A draw, written to the row of z that begins at `at`. */
  sample(random: Stream, z: Float32Array, at: number): void {
    const d = this.#mean.length;
    const noise = this.#room;
    for (let k = 0; k < d; k++) noise[k] = random.normal();
    const spread = Math.sqrt(FREEDOM / (2 * random.gamma(FREEDOM / 2)));
    for (let r = 0; r < d; r++) {
      let step = 0;
      for (let k = 0; k <= r; k++) step += (this.#factor[r * d + k] ?? 0) * (noise[k] ?? 0);
      z[at + r] = (this.#mean[r] ?? 0) + spread * step;
    }
  }

  /** log q of the row of z that begins at `at`. */
  logDensity(z: Float32Array, at: number): number {
    const d = this.#mean.length;
    const x = this.#room;
    let square = 0;
    for (let r = 0; r < d; r++) {
      let value = (z[at + r] ?? 0) - (this.#mean[r] ?? 0);
      for (let k = 0; k < r; k++) value -= (this.#factor[r * d + k] ?? 0) * (x[k] ?? 0);
      x[r] = value / (this.#factor[r * d + r] ?? 1);
      square += (x[r] ?? 0) ** 2;
    }
    return this.#front - ((FREEDOM + d) / 2) * Math.log1p(square / FREEDOM);
  }
}
