/**
 * 24 readings of an instrument that saturates: of those above its ceiling, all that is known is that they are.
 *
 *   y_i ~ N(mean, sd²),   seen where y_i ≤ ceiling
 *
 * The ceiling is among the data, and drawn as people drag it: one network answers for all ceilings, as of Richards et al. 2024 (arXiv 2306.15642).
 */
import { defineModel, missing, normal, series, uniform, type Stream } from "amortis";
import { logNormalTail } from "amortis/extend";

/** Readings. */
const READINGS = 24;

/** Where the ceiling is. At the top, which next to no reading reaches, a fifth of the simulations are. */
export const CEILING = { from: -2, top: 6 } as const;

const drawn = (random: Stream): number =>
  Math.min(CEILING.top, CEILING.from + 10 * random.uniform());

/** The model under ceilings: `mean` and `sd`; data `y` [24], NaN where a reading is above, and `ceiling`. */
export const ceiling = readings(drawn);

/** The same readings of the same noise under the highest ceiling. */
export const unceiled = readings(() => CEILING.top);

function readings(ceilingOf: (random: Stream) => number) {
  return defineModel({
    name: "ceiling",
    parameters: { mean: normal(0, 1), sd: uniform(0.2, 2) },
    data: { y: missing(series(READINGS)), ceiling: [] },
    simulate: ({ mean, sd }, random) => {
      // The readings come first: they are the same under every ceiling.
      const y = Array.from({ length: READINGS }, () => mean + sd * random.normal());
      const at = ceilingOf(random);
      return { y: y.map((value) => (value > at ? Number.NaN : value)), ceiling: at };
    },
    logLikelihood: ({ mean, sd }, { y, ceiling: limit }) => {
      const at = limit[0] ?? CEILING.top;
      const above = logNormalTail((at - mean) / sd);
      let sum = 0;
      for (const value of Array.from(y)) {
        const z = (value - mean) / sd;
        sum += Number.isNaN(value) ? above : -0.5 * z * z - Math.log(sd);
      }
      return sum;
    },
  });
}
