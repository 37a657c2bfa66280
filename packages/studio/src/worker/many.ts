/**
 * Many data sets in one call.
 */
import type { PosteriorBatch } from "amortis";
import type { DataRecord, Summaries } from "../protocol/types.js";
import { joined } from "./data.js";
import { openedAs } from "./opened.js";

/** Draws of each. */
const DRAWS = 400;

/** Posterior means and intervals of data sets, [n, p] each. */
export async function answerMany({
  estimator,
  sets,
  level,
}: {
  readonly estimator: number;
  readonly sets: readonly DataRecord[];
  readonly level: number;
}): Promise<Summaries> {
  const { estimator: fitted } = openedAs(estimator);
  return summariesOf(await fitted.givenBatch(joined(sets), { samples: DRAWS }), level);
}

/** Means and ends of central intervals, [n, p] each. */
export function summariesOf(posteriors: PosteriorBatch, level: number): Summaries {
  const { slots, size, parameterNames } = posteriors;
  const p = parameterNames.length;
  /** By name [n × size] as [n, p]. */
  const flat = (values: Readonly<Record<string, Float64Array>>): Float64Array => {
    const all = new Float64Array(size * p);
    for (const { name, offset, size: width } of slots) {
      for (const [at, value] of (values[name] ?? new Float64Array(0)).entries()) {
        all[Math.floor(at / width) * p + offset + (at % width)] = value;
      }
    }
    return all;
  };
  const { lower, upper } = posteriors.interval(level);
  return { mean: flat(posteriors.mean()), lower: flat(lower), upper: flat(upper) };
}
