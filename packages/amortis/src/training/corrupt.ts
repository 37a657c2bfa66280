/**
 * Simulations as data would be had of them, by a corruption: before training looks at them, and anew for each pass over them.
 */
import type { Corruption, TypicalData } from "../corruptions/index.js";
import { DataSets, type Column } from "../data/data-sets.js";
import { compact } from "../data/precision.js";
import { sizeOf } from "../data/shape.js";
import { DataError, findNonFinite, writeData } from "../data/simulator-output.js";
import type { AnyModel } from "../model/index.js";
import { stream, type Stream } from "../random/index.js";
import type { SimulatedData } from "../simulation/index.js";
import { dataSetsOf } from "./examples.js";

/**
 * Simulations to which happened what may happen to data: to see how answers bear it.
 *
 * @param seed of what happens to each, by its number.
 * @throws DataError where the corruption returns what is no data of the model.
 * @example
 * const fresh = await simulate(line, { simulations: 1_000, seed: 9 });
 * await estimator.typicality(corruptSimulations(line, fresh, spikeAndSlab(), 1).data);
 */
export function corruptSimulations(
  model: AnyModel,
  simulated: SimulatedData,
  corruption: Corruption,
  seed: number | string,
): SimulatedData {
  const random = stream(seed).split("corruption");
  return new Corruptor(model, corruption, simulated, random).apply(simulated, 0);
}

/** Corrupts simulations of a model. */
export class Corruptor {
  readonly #model: AnyModel;
  readonly #corruption: Corruption;
  readonly #typical: TypicalData;
  readonly #random: Stream;

  /**
   * @param clean simulations by which numbers are typical.
   * @param random a stream of its own: what happens to a simulation depends on its number and the pass alone.
   */
  constructor(model: AnyModel, corruption: Corruption, clean: SimulatedData, random: Stream) {
    this.#model = model;
    this.#corruption = corruption;
    this.#typical = typicalOf(dataSetsOf(model, clean));
    this.#random = random;
  }

  /** What it is, for files. */
  get description(): string {
    return this.#corruption.description ?? "a function of the user's";
  }

  /**
   * The same simulations, corrupted.
   *
   * @param pass of training over them, from 0; or what they are for.
   * @throws DataError where the corruption returns what is no data of the model.
   */
  apply(simulated: SimulatedData, pass: number | string): SimulatedData {
    const sets = dataSetsOf(this.#model, simulated);
    const corrupted = DataSets.allocate(sets.specs, sets.size);
    const random = this.#random.split(pass);
    for (let row = 0; row < sets.size; row++) {
      const index = simulated.indices[row] ?? row;
      const own = Object.entries(sets.row(row)).map(
        ([name, values]) => [name, Float64Array.from(values)] as const,
      );
      const output = this.#corruption(Object.fromEntries(own), random.split(index), this.#typical);
      writeData(corrupted, output, row, "corrupt");
      const problem = findNonFinite(corrupted, row);
      if (problem !== undefined) {
        throw new DataError(`corrupt returned, of simulation ${index}, data in which ${problem}`);
      }
    }
    return { ...simulated, data: compact(corrupted).columns };
  }
}

/** Standard deviations of each number over data sets; NaN is left out, and of fewer than two values there is none: zero. */
function typicalOf({ specs, size, columns }: DataSets): TypicalData {
  const sd = Object.entries(specs).map(([name, { shape }]) => {
    const width = sizeOf(shape);
    const column = columns[name] ?? new Float64Array(0);
    return [name, Float64Array.from({ length: width }, (_, i) => sdAt(column, i, width, size))];
  });
  return { sd: Object.fromEntries(sd) };
}

function sdAt(column: Column, at: number, width: number, size: number): number {
  // By Welford's recursion, in one pass.
  let [count, mean, squares] = [0, 0, 0];
  for (let row = 0; row < size; row++) {
    const value = column[row * width + at] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    count++;
    const before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  }
  return count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
}
