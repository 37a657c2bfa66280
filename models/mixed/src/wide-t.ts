/**
 * A multivariate t distribution of five degrees of freedom: a proposal with tails heavier than those of what it stands for.
 *
 *     q(z) = t₅(z; m, S),      z = m + L ε √(5 / χ²₅),      S = L Lᵀ
 *
 * Coordinates that nothing depends on are standard normal beside it, and make no tail heavier.
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
  /** Where a row has the t distribution's coordinates, and where the others. */
  readonly #places: readonly number[];
  readonly #idle: readonly number[];

  /**
   * @param mean of the coordinates that are not idle, [d].
   * @param scale S [d, d], positive definite.
   * @param idle places of a row of standard normal coordinates.
   */
  constructor(mean: Float64Array, scale: Float64Array, idle: readonly number[] = []) {
    const d = mean.length;
    this.#places = activeOf(d + idle.length, idle);
    this.#idle = idle;
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
      z[at + (this.#places[r] ?? r)] = (this.#mean[r] ?? 0) + spread * step;
    }
    for (const place of this.#idle) z[at + place] = random.normal();
  }

  /** log q of the row of z that begins at `at`. */
  logDensity(z: Float32Array, at: number): number {
    const d = this.#mean.length;
    const x = this.#room;
    let square = 0;
    for (let r = 0; r < d; r++) {
      let value = (z[at + (this.#places[r] ?? r)] ?? 0) - (this.#mean[r] ?? 0);
      for (let k = 0; k < r; k++) value -= (this.#factor[r * d + k] ?? 0) * (x[k] ?? 0);
      x[r] = value / (this.#factor[r * d + r] ?? 1);
      square += (x[r] ?? 0) ** 2;
    }
    let total = this.#front - ((FREEDOM + d) / 2) * Math.log1p(square / FREEDOM);
    for (const place of this.#idle)
      total -= 0.5 * ((z[at + place] ?? 0) ** 2 + Math.log(2 * Math.PI));
    return total;
  }
}

/** Places of a row that are not idle. */
export function activeOf(size: number, idle: readonly number[]): readonly number[] {
  return Array.from({ length: size }, (_, place) => place).filter((place) => !idle.includes(place));
}
