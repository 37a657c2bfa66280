/**
 * Trained estimators of posteriors.
 */
import { hostTensor, InvalidArgumentError, type HostTensor } from "@amortis/graph";
import type { ParameterSpec } from "../model/index.js";
import { matchData, type DataInput } from "../files/index.js";
import { PosteriorBatch, type Posterior, type PosteriorSource } from "../posterior/posterior.js";
import { stream } from "../random/index.js";
import { DATA_SETS_PER_CALL, FittedBase, floatsOf } from "./base.js";

/** Rows of draws that one call of the networks takes: bounds memory, and is past the size where larger calls are faster. */
const ROWS_PER_CALL = 32_768;

/** How an answer is given. */
export interface GivenOptions {
  /** Draws held by the posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
}

/** A trained estimator of posteriors. */
export class PosteriorEstimator<P = ParameterSpec> extends FittedBase {
  readonly kind = "posterior";

  /**
   * The posterior given one data set.
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   */
  async given(data: DataInput, options: GivenOptions = {}): Promise<Posterior<P>> {
    const batch = await this.givenBatch(data, options);
    this.requireOne(batch.size, "givenBatch");
    return batch.at(0);
  }

  /** The posteriors given many data sets, along the leading axis of each array. */
  async givenBatch(data: DataInput, options: GivenOptions = {}): Promise<PosteriorBatch<P>> {
    const { samples = 1000, seed = 0 } = options;
    if (!Number.isInteger(samples) || samples < 1) {
      throw new InvalidArgumentError(
        `samples must be a whole number from 1 on, but ${samples} was given`,
      );
    }
    const { size, arrays } = matchData(this.dataShapes, data);
    const context = await this.#contexts(arrays, size);
    const source = this.#source(context, size);
    return new PosteriorBatch<P>(source, await source.draw(samples, seed, 0, size), samples);
  }

  async #contexts(
    arrays: Readonly<Record<string, Float32Array>>,
    size: number,
  ): Promise<HostTensor> {
    const parts: HostTensor[] = [];
    for (let start = 0; start < size; start += DATA_SETS_PER_CALL) {
      const end = Math.min(start + DATA_SETS_PER_CALL, size);
      const { context } = await this.programs.run("context", this.feeds(arrays, start, end));
      if (context !== undefined) parts.push(context);
    }
    const width = parts[0]?.shape[1] ?? 1;
    const all = new Float32Array(size * width);
    for (const [i, part] of parts.entries()) {
      all.set(floatsOf({ part }, "part"), i * DATA_SETS_PER_CALL * width);
    }
    return hostTensor(all, [size, width]);
  }

  #source(context: HostTensor, size: number): PosteriorSource {
    return {
      slots: this.slots,
      flatNames: this.parameterNames,
      size,
      draw: (draws, seed, start, end) => this.#draw(context, draws, seed, start, end),
      logDensity: (parameters, start, end) => this.#logDensity(context, parameters, start, end),
    };
  }

  async #draw(
    context: HostTensor,
    draws: number,
    seed: number,
    start: number,
    end: number,
  ): Promise<Float32Array> {
    const p = this.parameterNames.length;
    const result = new Float32Array((end - start) * draws * p);
    const { answers } = this.details;
    const noise = answers.kind === "posterior" ? answers.noise : { normal: 0, uniform: 0 };
    for (const [from, to] of blocks(start, end, draws)) {
      const feeds: Record<string, HostTensor> = { context: rows(context, from, to) };
      for (const kind of ["normal", "uniform"] as const) {
        if (noise[kind] === 0) continue;
        const values = new Float32Array((to - from) * draws * noise[kind]);
        const span = draws * noise[kind];
        for (let i = from; i < to; i++) {
          // A stream a data set, so that a draw does not depend on what else is in the batch.
          const random = stream(seed).split("posterior").split(kind).split(i);
          const part = values.subarray((i - from) * span, (i - from + 1) * span);
          if (kind === "normal") random.fillNormal(part);
          else random.fillUniform(part);
        }
        feeds[kind] = hostTensor(values, [to - from, draws, noise[kind]]);
      }
      const theta = floatsOf(await this.programs.run("sample", feeds), "theta");
      result.set(theta, (from - start) * draws * p);
    }
    return result;
  }

  async #logDensity(
    context: HostTensor,
    parameters: Float32Array,
    start: number,
    end: number,
  ): Promise<Float64Array> {
    const p = this.parameterNames.length;
    const each = parameters.length / ((end - start) * p);
    const result = new Float64Array((end - start) * each);
    for (const [from, to] of blocks(start, end, each)) {
      const part = parameters.slice((from - start) * each * p, (to - start) * each * p);
      const inside = this.#moveInside(part);
      const theta = hostTensor(part, [to - from, each, p]);
      const feeds = { context: rows(context, from, to), theta };
      const values = floatsOf(await this.programs.run("logDensity", feeds), "logDensity");
      for (const [i, value] of values.entries()) {
        result[(from - start) * each + i] = inside[i] === 1 ? value : -Infinity;
      }
    }
    return result;
  }

  /** Says which rows lie in the support, and replaces the others by an inner point for the networks. */
  #moveInside(parameters: Float32Array): Uint8Array {
    const { lower, upper } = this.details.model;
    const p = lower.length;
    const inside = new Uint8Array(parameters.length / p).fill(1);
    for (const [at, value] of parameters.entries()) {
      const lo = lower[at % p] ?? -Infinity;
      const hi = upper[at % p] ?? Infinity;
      if (value > lo && value < hi) continue;
      inside[Math.floor(at / p)] = 0;
      parameters[at] = Number.isFinite(lo)
        ? Number.isFinite(hi)
          ? (lo + hi) / 2
          : lo + 1
        : hi - 1;
    }
    return inside;
  }
}

/** Ranges of data sets such that one call takes about ROWS_PER_CALL draws. */
function* blocks(start: number, end: number, each: number): Generator<readonly [number, number]> {
  const step = Math.max(1, Math.floor(ROWS_PER_CALL / each));
  for (let from = start; from < end; from += step) yield [from, Math.min(from + step, end)];
}

function rows(tensor: HostTensor, from: number, to: number): HostTensor {
  const width = tensor.shape[1] ?? 1;
  return hostTensor(floatsOf({ tensor }, "tensor").subarray(from * width, to * width), [
    to - from,
    width,
  ]);
}
