/**
 * The linear trend of data in parameters, of the numbers of a trial that are continuous.
 */
import { trendSpread, type LinearTrend } from "../data/linear-trend.js";
import type { Standardization } from "../data/standardization.js";
import type { TrialLayout } from "./trials.js";

/** The trend of the continuous numbers; where discrete ones lie between them, each by itself. */
export function trendOf(
  { continuous, discrete, specs }: TrialLayout,
  { trend }: Standardization,
): LinearTrend | undefined {
  if (trend === undefined || discrete.length === 0) return trend;
  const starts = new Map<string, number>();
  let next = 0;
  for (const name of Object.keys(specs).toSorted()) {
    starts.set(name, next);
    next += specs[name]?.shape.reduce((a, b) => a * b, 1) ?? 0;
  }
  const places = continuous.map(({ array, at }) => (starts.get(array) ?? 0) + at);
  const all = trendSpread(trend);
  const d = places.length;
  const rows = trend.weights.length / trend.intercept.length;
  return {
    weights: Array.from({ length: rows }, (_, i) =>
      places.map((place) => trend.weights[i * trend.intercept.length + place] ?? 0),
    ).flat(),
    intercept: places.map((place) => trend.intercept[place] ?? 0),
    factor: Array.from({ length: d * d }, (_, at) =>
      at % (d + 1) === 0 ? (all[places[at / (d + 1)] ?? 0] ?? 1) : 0,
    ),
  };
}
