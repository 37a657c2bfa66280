/**
 * Simulations that are drawn anew while networks learn: their data given the same parameters every few epochs, and parameters more rarely, or never.
 *
 * A network that meets each data set once cannot learn it by heart, and of many models data are cheap once something that depends on the parameters alone is known, such as the
 * Cholesky factor of a covariance: that is kept with the parameters (`precompute` of the model), and each epoch has fresh data of it. Sainsbury-Dale, Zammit-Mangion & Huser 2024,
 * arXiv 2208.12942, section 2.2.3, train in this way; "epochs per refresh" of their package NeuralEstimators.
 *
 * What an epoch has follows from the seed and the epoch alone, so that a training that was interrupted goes on with the same. A fresh simulation that is invalid leaves its place to the
 * one from which the table began: either is a draw of valid simulations given the parameters, or of parameters and data, so that these keep their distribution.
 */
import type { AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import { policyOf } from "./gather.js";
import type { TrainOptions } from "./options.js";
import type { TrainSettings } from "../settings/training.js";
import { joinSimulations, takeSimulations } from "./stored.js";

/** Bytes of what is kept with parameters, at most; of the parameters beyond it is computed anew. */
const MOST_KEPT = 2 ** 30;

/** Draws simulations anew. */
export class Refresher {
  readonly #model: AnyModel;
  readonly #first: SimulatedData;
  readonly #settings: TrainSettings;
  readonly #options: TrainOptions;
  readonly #seed: string;
  readonly #kept: KeptModel | undefined;
  /** The parameters of now, with the data that they came with, and which draw of parameters that is. */
  #table: SimulatedData;
  #block = 0;
  /** What was drawn last, and of which epoch it is. */
  #drawn: { readonly epoch: number; readonly data: SimulatedData } | undefined;

  /**
   * @param first what training begins with, epoch 0.
   * @param random a stream of its own for each network.
   */
  constructor(
    model: AnyModel,
    first: SimulatedData,
    settings: TrainSettings,
    random: Stream,
    options: TrainOptions,
  ) {
    this.#model = model;
    this.#first = first;
    this.#table = first;
    this.#settings = settings;
    this.#options = options;
    this.#seed = `refresh ${random.split("refresh").integer(2 ** 32)}`;
    this.#kept = model.precompute === undefined ? undefined : new KeptModel(model);
  }

  /**
   * The simulations of an epoch; the same object where nothing was drawn since.
   *
   * @throws SimulationError where all are invalid, or any with `onInvalid: "fatal"`; the signal's reason, where it comes.
   */
  async at(epoch: number): Promise<SimulatedData> {
    const { refreshData: often, refreshParameters: rarely } = this.#settings;
    const block = rarely === undefined ? 0 : Math.floor(epoch / rarely);
    const since = rarely === undefined ? epoch : epoch % rarely;
    if (block !== this.#block) {
      this.#kept?.clear();
      this.#table = block === 0 ? this.#first : await this.#fresh(block, this.#first);
      this.#block = block;
    }
    if (often === undefined || since < often) return this.#table;
    const drawn = epoch - (since % often);
    if (this.#drawn?.epoch !== drawn) {
      const data = await this.#fresh(drawn, this.#table, this.#table.parameters);
      this.#drawn = { epoch: drawn, data };
    }
    return this.#drawn.data;
  }

  /** Fresh simulations in the places of others. */
  async #fresh(
    number: number,
    table: SimulatedData,
    parameters?: Float64Array,
  ): Promise<SimulatedData> {
    const { workers, signal } = this.#options;
    const { size } = table;
    const firstIndex = number * size;
    const kept = parameters === undefined ? undefined : this.#kept?.model;
    const fresh = await simulate(kept ?? this.#model, {
      simulations: size,
      seed: `${this.#seed} ${parameters === undefined ? "parameters" : "data"}`,
      firstIndex,
      ...(parameters !== undefined && { parameters: parameters.slice() }),
      // What is kept is kept in this thread.
      ...(kept !== undefined ? { workers: 0 } : workers !== undefined && { workers }),
      ...(signal && { signal }),
      ...policyOf(this.#options),
      // Of invalid simulations was warned before training, and each epoch would say the same.
      onWarning: () => {},
    });
    if (fresh.size === size) return fresh;
    const rows = Uint32Array.from({ length: size }, (_, row) => fresh.size + row);
    for (const [row, index] of fresh.indices.entries()) rows[index - firstIndex] = row;
    return takeSimulations(this.#model, joinSimulations(this.#model, [fresh, table]), rows);
  }
}

/** A model that keeps what it computes of parameters alone, as long as there is room. */
class KeptModel {
  readonly #known = new Map<string, unknown>();
  #bytes = 0;
  readonly model: AnyModel;

  constructor(model: AnyModel) {
    // Without its module and its workers: what is kept is of no use to those, which would each have their own.
    const { module: _, startWorker: _start, ...rest } = model;
    this.model = {
      ...rest,
      simulate: (values, random, sizes) =>
        model.simulate(values, random, sizes, this.#of(model, values)),
    };
  }

  clear(): void {
    this.#known.clear();
    this.#bytes = 0;
  }

  #of(model: AnyModel, values: Parameters<AnyModel["simulate"]>[0]): unknown {
    const key = model.pack(values).join();
    if (this.#known.has(key)) return this.#known.get(key);
    const computed = model.precompute?.(values);
    const bytes = bytesOf(computed);
    if (this.#bytes + bytes <= MOST_KEPT) {
      this.#known.set(key, computed);
      this.#bytes += bytes;
    }
    return computed;
  }
}

/** Bytes that a value holds, about: of numbers in arrays, plain or typed, however nested. */
function bytesOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce((sum: number, part) => sum + bytesOf(part), 0);
}
