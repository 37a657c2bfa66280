/**
 * The smooth trend of data in parameters that all emulators of the same simulations have, learned once.
 */
import { SmoothTrend } from "../data/smooth-trend.js";

/** A trend, learned and evaluated when it is first asked for; emulators ask for the same. */
export class SharedTrend {
  #learned: Promise<SmoothTrend | undefined> | undefined;
  #at: { readonly length: number; readonly values: Promise<Float64Array | undefined> } | undefined;

  /** The trend of numbers [n, count] in parameters [n, p]; undefined where there is none. */
  learned(
    parameters: Float32Array,
    numbers: Float64Array,
    count: number,
  ): Promise<SmoothTrend | undefined> {
    this.#learned ??= SmoothTrend.learn(parameters, numbers, count);
    return this.#learned;
  }

  /** The trend at draws of the prior [m, p], of which a number is always the same ones: [m, count]. */
  at(parameters: Float32Array): Promise<Float64Array | undefined> {
    if (this.#at?.length !== parameters.length) {
      const values = this.#learned?.then((trend) => trend?.at(parameters));
      this.#at = { length: parameters.length, values: values ?? Promise.resolve(undefined) };
    }
    return this.#at.values;
  }
}
