/**
 * Draws by parameter, and their densities.
 */
import { kernelDensity } from "amortis/figures";
import type { FlatParameter } from "../protocol/types.js";

/** Points of a curve. */
const POINTS = 160;

/** A curve to draw. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** Draws of one flat parameter. */
export function marginal(draws: Float64Array, p: number, k: number): Float64Array {
  return Float64Array.from({ length: draws.length / p }, (_, i) => draws[i * p + k] ?? NaN);
}

/** The density of draws over the axis of a parameter. */
export function curve(
  values: Float64Array,
  { from, to, lower, upper }: FlatParameter,
): readonly CurvePoint[] {
  const x = Float64Array.from(
    { length: POINTS },
    (_, i) => from + ((to - from) * i) / (POINTS - 1),
  );
  const density = kernelDensity(values, x, { lower, upper });
  return Array.from(x, (place, i) => ({ x: place, y: density[i] ?? 0 }));
}
