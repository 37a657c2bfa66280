/**
 * Data of a question: simulated or given, corrupted, erased.
 */
import { corruptSimulations, simulate, spikeAndSlab, type AnyModel } from "amortis";
import { seen } from "../protocol/seen.js";
import type { Contamination, DataRecord, Question } from "../protocol/types.js";
import { modelOf, wholeModelOf, type Opened } from "./opened.js";

/** Simulations by which errors are scaled. */
const TYPICAL = 200;

/** Rows of arrays of many data sets. */
export function rowsOf(
  data: Readonly<Record<string, ArrayLike<number>>>,
  size: number,
): readonly DataRecord[] {
  return Array.from({ length: size }, (_, row) =>
    Object.fromEntries(
      Object.entries(data).map(([name, values]) => {
        const width = values.length / size;
        return [
          name,
          Float64Array.from({ length: width }, (_value, i) => values[row * width + i] ?? NaN),
        ];
      }),
    ),
  );
}

/** Data sets along a leading axis, flat. */
export function joined(sets: readonly DataRecord[]): Record<string, Float64Array> {
  const [first = {}] = sets;
  return Object.fromEntries(
    Object.entries(first).map(([name, { length }]) => {
      const all = new Float64Array(sets.length * length);
      for (const [i, one] of sets.entries()) all.set(one[name] ?? [], i * length);
      return [name, all];
    }),
  );
}

/**
 * Data sets that the model makes at given parameters, one a row.
 *
 * @param theta [n, p]
 */
export async function simulated(
  model: AnyModel,
  theta: Float64Array,
  seed: number | string,
): Promise<readonly DataRecord[]> {
  const made = await simulate(model, { parameters: theta, seed, onInvalid: "fatal" });
  return rowsOf(made.data, made.size);
}

/**
 * The data sets of a question, one or its replicates, before anything is erased.
 *
 * @throws Error where they are to be simulated, and there is no simulator.
 */
export async function wholeDataOf(
  opened: Opened,
  question: Question,
): Promise<readonly DataRecord[]> {
  const { source, contamination, replicates } = question;
  const clean =
    source.kind === "given"
      ? [source.data]
      : await simulated(wholeModelOf(opened), repeated(source.theta, replicates), source.seed);
  return contamination.share > 0 ? corrupt(opened, clean, contamination) : clean;
}

/** The data sets of a question, as it asks. */
export async function dataOf(opened: Opened, question: Question): Promise<readonly DataRecord[]> {
  return (await wholeDataOf(opened, question)).map((one) =>
    seen(one, question, opened.card.threshold),
  );
}

function repeated(theta: readonly number[], times: number): Float64Array {
  const all = new Float64Array(theta.length * times);
  for (let i = 0; i < times; i++) all.set(theta, i * theta.length);
  return all;
}

const typical = new WeakMap<Opened, ReturnType<typeof simulate>>();

/** The library's spike and slab, scaled by simulations of the prior: the data sets are put at their end. */
async function corrupt(
  opened: Opened,
  sets: readonly DataRecord[],
  { share, slab }: Contamination,
): Promise<readonly DataRecord[]> {
  const model = modelOf(opened);
  const making = typical.get(opened) ?? simulate(model, { simulations: TYPICAL, seed: "typical" });
  typical.set(opened, making);
  const others = await making;
  const own = joined(sets);
  const data = Object.fromEntries(
    Object.entries(own).map(([name, values]) => [
      name,
      Float64Array.from([...(others.data[name] ?? []), ...values]),
    ]),
  );
  const size = others.size + sets.length;
  const all = {
    size,
    data,
    parameters: new Float64Array(size * model.parameterSize),
    indices: Float64Array.from({ length: size }, (_, i) => i),
    invalid: [],
  };
  const corruption = spikeAndSlab({ share, slab, spike: 0 });
  const after = corruptSimulations(model, all, corruption, "studio");
  return rowsOf(after.data, size).slice(others.size);
}
