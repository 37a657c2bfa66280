/**
 * Trained estimators: loaded programs that answer, and save themselves.
 */
import {
  bindInputs,
  hostTensor,
  InvalidArgumentError,
  type HostTensor,
  type Runtime,
  type Session,
} from "@amortis/graph";
import { readBytes, writeBytes } from "../files/bytes.js";
import { matchData, type DataInput } from "../files/index.js";
import type { AnyModel, ValuesOf } from "../model/index.js";
import { flatNames, named, parameterSlots, type ParameterSlot } from "../posterior/layout.js";
import {
  Posterior,
  PosteriorBatch,
  type BatchResult,
  type PosteriorSource,
} from "../posterior/posterior.js";
import { stream } from "../random/index.js";
import { decodeContents, encodeContents, weightsByName, type Contents } from "./contents.js";
import { defaultRuntime } from "./runtime.js";

/** Rows of draws that one call of the networks takes: bounds memory, and is past the size where larger calls are faster. */
const ROWS_PER_CALL = 32_768;
/** Data sets that one call of the summary network takes. */
const DATA_SETS_PER_CALL = 256;

/** How an estimator is opened. */
export interface OpenOptions {
  readonly runtime?: Runtime;
  readonly threads?: number;
}

/** How an answer is given. */
export interface GivenOptions {
  /** Draws held by the posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
}

/** Programs of an estimator, each compiled when it is first needed. */
class Programs {
  readonly #contents: Contents;
  readonly #options: OpenOptions;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(contents: Contents, options: OpenOptions) {
    this.#contents = contents;
    this.#options = options;
  }

  async run(
    name: string,
    feeds: Readonly<Record<string, HostTensor>>,
  ): Promise<Readonly<Record<string, HostTensor>>> {
    const session = this.#sessions.get(name) ?? this.#open(name);
    this.#sessions.set(name, session);
    return (await session).run(feeds);
  }

  async #open(name: string): Promise<Session> {
    const model = this.#contents.programs[name];
    if (model === undefined) {
      throw new InvalidArgumentError(`this estimator has no program "${name}"`);
    }
    const { runtime = await defaultRuntime(), threads } = this.#options;
    const bound = bindInputs(model, weightsByName(this.#contents));
    return runtime.createSession(bound, threads === undefined ? {} : { threads });
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }
}

/** What all trained estimators have. */
abstract class FittedBase {
  readonly contents: Contents;
  readonly slots: readonly ParameterSlot[];
  readonly parameterNames: readonly string[];
  protected readonly programs: Programs;

  constructor(contents: Contents, options: OpenOptions) {
    this.contents = contents;
    this.slots = parameterSlots(contents.details.model.parameters);
    this.parameterNames = flatNames(this.slots);
    this.programs = new Programs(contents, options);
  }

  /** Name and shape of each data array it takes. */
  get dataShapes(): Readonly<Record<string, readonly number[]>> {
    return this.contents.details.model.data;
  }

  /** How it was made and trained. */
  get details(): Contents["details"] {
    return this.contents.details;
  }

  /** Loss after each epoch. */
  get history(): Contents["details"]["training"]["history"] {
    return this.contents.details.training.history;
  }

  /** Saves to one file, whole or not at all. */
  async save(path: string): Promise<void> {
    await writeBytes(path, await encodeContents(this.contents));
  }

  /** The bytes of its file. */
  async toBytes(): Promise<Uint8Array> {
    return encodeContents(this.contents);
  }

  /** Frees the memory of the runtime. */
  async release(): Promise<void> {
    await this.programs.release();
  }

  /** Feeds of the data sets [start, end). */
  protected feeds(
    data: Readonly<Record<string, Float32Array>>,
    start: number,
    end: number,
  ): Record<string, HostTensor> {
    return Object.fromEntries(
      Object.entries(this.dataShapes).map(([name, shape]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const values = data[name]?.subarray(start * size, end * size) ?? new Float32Array();
        return [name, hostTensor(values, [end - start, ...shape])];
      }),
    );
  }

  protected requireOne(size: number, instead: string): void {
    if (size !== 1) {
      throw new InvalidArgumentError(
        `one data set is expected, but ${size} were given; use ${instead} for a batch`,
      );
    }
  }
}

function floatsOf(results: Readonly<Record<string, HostTensor>>, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array))
    throw new TypeError(`the program gave no float32 output "${name}"`);
  return data;
}

/** A trained estimator of posteriors. */
export class PosteriorEstimator<P = Record<string, never>> extends FittedBase {
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

/** A trained estimator of points and quantiles. */
export class PointEstimator<P = Record<string, never>> extends FittedBase {
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

/** A trained estimator of either kind. */
export type Fitted<P = Record<string, never>> = PosteriorEstimator<P> | PointEstimator<P>;

/** Opens an estimator from its contents. */
export function openFitted<P>(contents: Contents, options: OpenOptions = {}): Fitted<P> {
  return contents.details.answers.kind === "posterior"
    ? new PosteriorEstimator<P>(contents, options)
    : new PointEstimator<P>(contents, options);
}

/** How an estimator is loaded. */
export interface LoadOptions<M extends AnyModel = AnyModel> extends OpenOptions {
  /** The model it was trained for: gives results their names' types, and is checked against the file. */
  readonly model?: M;
}

/**
 * Loads an estimator from a file, a URL, or bytes. Everything is checked, nothing is run.
 *
 * @throws FileError where there is no such file, or it is damaged, or was trained for another model.
 * @example
 * const estimator = await load("field.amortis", { model: field });
 */
export async function load<M extends AnyModel = AnyModel>(
  source: string | URL | Uint8Array,
  options: LoadOptions<M> = {},
): Promise<Fitted<M["parameters"]>> {
  const what = source instanceof Uint8Array ? "the estimator" : String(source);
  const bytes = source instanceof Uint8Array ? source : await readBytes(source);
  const contents = await decodeContents(bytes, what);
  if (options.model !== undefined) checkModel(contents, options.model, what);
  return openFitted<M["parameters"]>(contents, options);
}

function checkModel({ details }: Contents, model: AnyModel, what: string): void {
  const file = details.model.parameters.map((parameter) => parameter.name).join(", ");
  const given = Object.keys(model.parameters).join(", ");
  const sameData = JSON.stringify(details.model.data) === JSON.stringify(model.dataShapes);
  if (file !== given || !sameData) {
    throw new InvalidArgumentError(
      `${what} was trained for the model "${details.model.name}" (parameters ${file}; data ${JSON.stringify(details.model.data)}), not for "${model.name}" (parameters ${given}; data ${JSON.stringify(model.dataShapes)})`,
    );
  }
}
