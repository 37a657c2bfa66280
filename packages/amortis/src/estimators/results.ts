/**
 * What programs give, read and joined.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import type { DataSets } from "../data/data-sets.js";
import { requireFinite, type Asked } from "../posterior/finite.js";
import { DATA_SETS_PER_CALL } from "./calls.js";

/** What a program gives, by name. */
type Results = Readonly<Record<string, HostTensor>>;

/** What a program gives of data sets less their offsets, in calls of so many. */
export async function resultsOf(
  data: DataSets,
  run: (feeds: ReturnType<DataSets["feeds"]>) => Promise<Results>,
): Promise<readonly Results[]> {
  const results: Results[] = [];
  for (let start = 0; start < data.size; start += DATA_SETS_PER_CALL) {
    results.push(await run(data.feeds(start, Math.min(start + DATA_SETS_PER_CALL, data.size))));
  }
  return results;
}

/**
 * One output of all calls, [data sets, ...].
 *
 * @param what it is, for the error.
 * @throws DataError where a number is not finite, with its data set.
 */
export function joined(results: readonly Results[], name: string, what: string): HostTensor {
  let first = 0;
  const parts = results.map((result) => {
    const [sets = 0] = result[name]?.shape ?? [];
    const values = finiteOf(result, name, { what, first, sets });
    first += sets;
    return values;
  });
  const all = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return hostTensor(all, [first, ...(results[0]?.[name]?.shape.slice(1) ?? [])]);
}

/** The summaries among what a program gives, [data sets, k]. */
export function contextOf(results: readonly Results[]): HostTensor {
  return joined(results, "context", "what the networks make of it");
}

/** A float32 output of a program. */
export function floatsOf(
  results: Readonly<Record<string, HostTensor>>,
  name: string,
): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array))
    throw new TypeError(`the program gave no float32 output "${name}"`);
  return data;
}

/**
 * A float32 output of a program, all of it finite.
 *
 * @throws DataError where a number is not, with its data set.
 */
export function finiteOf(
  results: Readonly<Record<string, HostTensor>>,
  name: string,
  asked: Asked,
): Float32Array {
  const values = floatsOf(results, name);
  requireFinite(values, asked);
  return values;
}

/** Rows [from, to) of [n, width]. */
export function rows(tensor: HostTensor, from: number, to: number): HostTensor {
  const [size, width = 1] = tensor.shape;
  if (from === 0 && to === size) return tensor;
  return hostTensor(floatsOf({ tensor }, "tensor").subarray(from * width, to * width), [
    to - from,
    width,
  ]);
}
