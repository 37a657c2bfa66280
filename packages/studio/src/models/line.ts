/**
 * A straight line through 24 noisy points, of which any may be missing.
 *
 *   y_i = intercept + slope x_i + noise ε_i,   x_i evenly from -1 to 1,   ε_i ~ N(0, 1)
 *
 * In half of the simulations a share of the points, drawn anew each time, is left out at random; answers hold for values that are missing whatever they are.
 */
import { defineModel, missing, normal, series, uniform } from "amortis";

/** Points of a line. */
export const POINTS = 24;

/** Where the points are, evenly from -1 to 1. */
export const places: readonly number[] = Array.from(
  { length: POINTS },
  (_, i) => (2 * i) / (POINTS - 1) - 1,
);

/** Largest share of points that simulations lack. */
const MOST_MISSING = 0.8;

/** The model: `intercept`, `slope` and `noise`; data `y` [24], NaN where a point is missing. */
export const line = defineModel({
  name: "line",
  parameters: { intercept: normal(0, 1), slope: normal(0, 1), noise: uniform(0.05, 1) },
  data: { y: missing(series(POINTS)) },
  simulate: ({ intercept, slope, noise }, random) => {
    // The points come first: what is left out then depends on nothing that they are.
    const y = places.map((x) => intercept + slope * x + noise * random.normal());
    const share = Math.max(0, 2 * random.uniform() - 1) * MOST_MISSING;
    return { y: y.map((value) => (random.uniform() < share ? Number.NaN : value)) };
  },
  logLikelihood: ({ intercept, slope, noise }, { y }) => {
    let sum = 0;
    for (const [i, x] of places.entries()) {
      const value = y[i] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const residual = (value - intercept - slope * x) / noise;
      sum -= 0.5 * residual * residual + Math.log(noise) + 0.5 * Math.log(2 * Math.PI);
    }
    return sum;
  },
});
