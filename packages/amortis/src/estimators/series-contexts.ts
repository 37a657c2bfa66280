/**
 * What the recurrent network makes of series, a time after the other.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import { countElements } from "../data/counts.js";
import type { DataSets } from "../data/data-sets.js";
import { placeOf, seenName } from "../data/series-place.js";
import { sizeOf } from "../data/shape.js";
import { DATA_SETS_PER_CALL } from "./calls.js";
import type { OpenedPrograms } from "./opened-programs.js";
import { finiteOf } from "./results.js";

/** Of one series. */
export interface SeriesContexts {
  /** r_t at each of its times, [times, k]. */
  readonly contexts: HostTensor;
  /** What is seen at a time, as programs take it. */
  readonly seenAt: (time: number) => Record<string, HostTensor>;
}

/** Times of each series: up to the last at which anything is seen. */
export function lengthsOf(sets: DataSets): readonly number[] {
  return Array.from({ length: sets.size }, (_, row) =>
    Math.max(
      ...Object.entries(sets.specs).map(([name, spec]) =>
        countElements(spec, sets.column(name), row),
      ),
    ),
  );
}

/** r_t of all series, each as long as it is. */
export async function contextsOfSeries(
  programs: OpenedPrograms,
  sets: DataSets,
  units: number,
): Promise<readonly SeriesContexts[]> {
  const all: SeriesContexts[] = [];
  for (let start = 0; start < sets.size; start += DATA_SETS_PER_CALL) {
    const some = sets.slice(start, Math.min(start + DATA_SETS_PER_CALL, sets.size));
    all.push(...(await contextsOfSome(programs, some, units, start)));
  }
  return all;
}

async function contextsOfSome(
  programs: OpenedPrograms,
  sets: DataSets,
  units: number,
  first: number,
): Promise<readonly SeriesContexts[]> {
  const lengths = lengthsOf(sets);
  const most = Math.max(...lengths);
  const n = sets.size;
  let before = hostTensor(new Float32Array(n * units), [n, units]);
  const steps: Float32Array[] = [];
  for (let time = 0; time < most; time++) {
    const place = hostTensor(new Float32Array(n).fill(placeOf(time)), [n, 1]);
    const results = await programs.run("update", { ...seenAtTime(sets, time), before, place });
    const asked = { what: "what the networks make of it", first, sets: n };
    steps.push(finiteOf(results, "context", asked));
    before = results["after"] ?? before;
  }
  const k = (steps[0]?.length ?? 0) / n;
  return lengths.map((length, row) => {
    const own = new Float32Array(length * k);
    for (let time = 0; time < length; time++) {
      own.set(steps[time]?.subarray(row * k, (row + 1) * k) ?? [], time * k);
    }
    return {
      contexts: hostTensor(own, [length, k]),
      seenAt: (time) => seenAtTime(sets.slice(row, row + 1), time),
    };
  });
}

/** What is seen of all series at one time, [series, 1, ...]; NaN where a series has ended. */
function seenAtTime(sets: DataSets, time: number): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(sets.specs).map(([name, { shape }]) => {
      const [times = 1, ...rest] = shape;
      const size = sizeOf(rest);
      const column = sets.column(name);
      const values = new Float32Array(sets.size * size);
      for (let row = 0; row < sets.size; row++) {
        const from = (row * times + time) * size;
        values.set(column.subarray(from, from + size), row * size);
      }
      return [seenName(name), hostTensor(values, [sets.size, 1, ...rest])];
    }),
  );
}
