/**
 * Trained estimators of points and quantiles.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { matchData, type DataInput } from "../files/index.js";
import type { ParameterSpec, ValuesOf } from "../model/index.js";
import { named } from "../posterior/layout.js";
import type { BatchResult } from "../posterior/posterior.js";
import { DATA_SETS_PER_CALL, FittedBase, floatsOf } from "./base.js";

/** A trained estimator of points and quantiles. */
export class PointEstimator<P = ParameterSpec> extends FittedBase {
  readonly kind = "point";

  /** Levels of the quantiles it estimates, increasing. */
  get levels(): readonly number[] {
    const { answers } = this.details;
    return answers.kind === "point" ? answers.quantiles : [];
  }

  /** The point estimate of one data set. */
  async estimate(data: DataInput): Promise<ValuesOf<P>> {
    const { points, size } = await this.#run(data);
    this.requireOne(size, "estimateBatch");
    return this.#values(points);
  }

  /** Point estimates of many data sets: an array a parameter. */
  async estimateBatch(data: DataInput): Promise<BatchResult<P>> {
    const { points, size } = await this.#run(data);
    return this.#batch(points, size);
  }

  /**
   * Estimated quantiles of one data set, in the order of `levels`.
   *
   * @throws InvalidArgumentError where the estimator was trained without quantiles.
   */
  async quantiles(data: DataInput): Promise<readonly ValuesOf<P>[]> {
    const { quantiles, size } = await this.#run(data);
    this.requireOne(size, "quantilesBatch");
    const p = this.parameterNames.length;
    return this.#requireLevels().map((_, i) =>
      this.#values(quantiles.subarray(i * p, (i + 1) * p)),
    );
  }

  /** Estimated quantiles of many data sets, in the order of `levels`. */
  async quantilesBatch(data: DataInput): Promise<readonly BatchResult<P>[]> {
    const { quantiles, size } = await this.#run(data);
    const p = this.parameterNames.length;
    const levels = this.#requireLevels();
    return levels.map((_, level) => {
      const flat = Float32Array.from({ length: size * p }, (_unused, at) => {
        const index = (Math.floor(at / p) * levels.length + level) * p + (at % p);
        return quantiles[index] ?? Number.NaN;
      });
      return this.#batch(flat, size);
    });
  }

  #requireLevels(): readonly number[] {
    if (this.levels.length === 0) {
      throw new InvalidArgumentError(
        "this estimator was trained without quantiles; train it with `quantiles` or `interval`",
      );
    }
    return this.levels;
  }

  async #run(
    data: DataInput,
  ): Promise<{ points: Float32Array; quantiles: Float32Array; size: number }> {
    const { size, arrays } = matchData(this.dataShapes, data);
    const p = this.parameterNames.length;
    const points = new Float32Array(size * p);
    const quantiles = new Float32Array(size * p * this.levels.length);
    for (let start = 0; start < size; start += DATA_SETS_PER_CALL) {
      const end = Math.min(start + DATA_SETS_PER_CALL, size);
      const results = await this.programs.run("estimate", this.feeds(arrays, start, end));
      points.set(floatsOf(results, "point"), start * p);
      if (this.levels.length > 0) {
        quantiles.set(floatsOf(results, "quantiles"), start * p * this.levels.length);
      }
    }
    return { points, quantiles, size };
  }

  #values(flat: Float32Array): ValuesOf<P> {
    const values = named(this.slots, (i) => flat[i] ?? Number.NaN);
    const entries = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "number" ? value : Float64Array.from(value),
    ]);
    // The slots are those of the model's parameters, which is what P names.
    return Object.fromEntries(entries) as ValuesOf<P>;
  }

  #batch(flat: Float32Array, size: number): BatchResult<P> {
    const p = this.parameterNames.length;
    const result: Record<string, Float64Array> = {};
    for (const { name, offset, size: width } of this.slots) {
      result[name] = Float64Array.from({ length: size * width }, (_, at) => {
        return flat[Math.floor(at / width) * p + offset + (at % width)] ?? Number.NaN;
      });
    }
    return result as BatchResult<P>;
  }
}
