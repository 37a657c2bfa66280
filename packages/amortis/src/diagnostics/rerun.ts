/**
 * Whether simulations depend on anything but θ and their stream: some are made again, with the same of both, and in another order.
 */
import { DataSets } from "../data/data-sets.js";
import { sizeOf } from "../data/shape.js";
import type { AnyModel } from "../model/index.js";
import type { Stream } from "../random/index.js";
import { runChunk } from "../simulation/chunk.js";
import type { SimulatedData } from "../simulation/index.js";

/** Simulations made again, by their numbers. */
export interface Rerun {
  /** How many were made again. */
  readonly tried: number;
  /** Those that gave other data when made twice, one after the other. */
  readonly differ: readonly number[];
  /** Those that gave other data than among the others, in their order. */
  readonly byOrder: readonly number[];
}

/** Simulations that are made again. */
const TRIED = 10;

/** Of slow simulators. */
const FEWEST = 2;

/** Simulations in which each parameter is changed. */
const CHANGED = 3;

/** Parameters that are changed, one at a time. */
const MOST_PARAMETERS = 32;

/**
 * Makes some of the simulations again, the last first and each twice.
 *
 * @param most simulations that may be made for it, about.
 */
export async function rerun(
  model: AnyModel,
  root: Stream,
  simulated: SimulatedData,
  most: number,
): Promise<Rerun> {
  const tried = Math.min(TRIED, Math.max(FEWEST, Math.floor(most / 2)));
  const rows = someRows(simulated.size, tried).toReversed();
  const differ: number[] = [];
  const byOrder: number[] = [];
  for (const row of rows) {
    const index = simulated.indices[row] ?? 0;
    const [once, twice] = [await again(model, root, index), await again(model, root, index)];
    if (!equal(once, twice)) differ.push(index);
    if (!equal(once, valuesOf(model, simulated, row))) byOrder.push(index);
  }
  return { tried: rows.length, differ, byOrder };
}

/**
 * Flat parameters that nothing depends on: set to the values of other simulations, with the same stream, they change no number of the data. Of a dependent
 * prior, where that leaves the support, nothing is known.
 *
 * @param most simulations that may be made for it, about: the first parameters are looked at.
 */
export async function unusedParameters(
  model: AnyModel,
  root: Stream,
  simulated: SimulatedData,
  most: number,
): Promise<readonly string[]> {
  const p = model.parameterSize;
  const rows = someRows(simulated.size, CHANGED);
  const looked = Math.min(MOST_PARAMETERS, Math.floor(most / CHANGED));
  const unused: string[] = [];
  for (const [k, name] of model.parameterNames.slice(0, looked).entries()) {
    let [changes, tried] = [0, 0];
    for (const row of rows) {
      const theta = simulated.parameters.slice(row * p, (row + 1) * p);
      const other = simulated.parameters[((row + 1) % simulated.size) * p + k] ?? Number.NaN;
      if (other === theta[k]) continue;
      theta[k] = other;
      if (!(model.logPrior(theta) > -Infinity)) continue;
      tried++;
      const index = simulated.indices[row] ?? 0;
      const after = await again(model, root, index, theta);
      if (!equal(valuesOf(model, simulated, row), after)) changes++;
    }
    if (tried > 0 && changes === 0) unused.push(name);
  }
  return unused;
}

/** Rows from all over the simulations. */
function someRows(size: number, count: number): readonly number[] {
  const some = Math.min(size, count);
  return Array.from({ length: some }, (_, i) => Math.floor((i * size) / some));
}

/** All numbers of a simulation made again; none where it is invalid now. */
async function again(
  model: AnyModel,
  root: Stream,
  index: number,
  parameters?: Float64Array<ArrayBuffer>,
): Promise<readonly number[]> {
  const chunk = await runChunk(model, root, {
    first: index,
    count: 1,
    ...(parameters && { parameters }),
  });
  return chunk.size === 0 ? [] : valuesOf(model, chunk, 0);
}

/** All numbers of one data set, in single precision, as simulations may be kept. */
function valuesOf(
  { dataSpecs }: AnyModel,
  { data }: Pick<SimulatedData, "data">,
  row: number,
): readonly number[] {
  const size = row + 1;
  const arrays = Object.entries(dataSpecs).map(([name, { shape }]) => [
    name,
    (data[name] ?? new Float64Array()).subarray(0, size * sizeOf(shape)),
  ]);
  const sets = new DataSets(dataSpecs, size, Object.fromEntries(arrays));
  return Object.values(sets.row(row)).flatMap((values) => Array.from(values, Math.fround));
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
