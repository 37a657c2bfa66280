/**
 * Whether a tolerance is fine enough for what it accepts to be near the posterior.
 *
 * As a tolerance goes to zero nothing depends on it any more. So the nearer half of what is accepted is held against the farther half: as long as both tell the same after adjustment, a finer
 * tolerance would tell the same; where they do not, it is too coarse. It is said as well where weights are worth few draws, where what is accepted lies hardly nearer than any simulation, and
 * where an adjustment could not be made or has nothing to adjust by.
 */
import { beyondOf, effectiveOf, type Adjusted, type Adjustment } from "./adjust.js";
import type { Nearest } from "./nearest.js";

/** What is known of an answer by accepted draws. */
export interface Acceptance {
  /** Draws that were accepted, and of how many equal weights theirs are worth. */
  readonly accepted: number;
  readonly effective: number;
  /** Share of the table that was accepted: the quantile of distances that is the tolerance. */
  readonly quantile: number;
  /** The distance of the farthest accepted draw, in units of the median distance of all simulations. */
  readonly reach: number;
  /**
   * How unlike the nearer and the farther half are, of the parameter where they are most so: the difference of their means in standard deviations, or the logarithm of the ratio of these; zero
   * where it may be chance.
   */
  readonly drift: number;
  /** How far the data lie beyond the accepted simulations, in standard deviations of these: see `beyondOf`. */
  readonly beyond: number;
  /** Share of the accepted parameters' variance that the regression explains, of the parameter that has most; undefined where nothing was adjusted. */
  readonly explained: number | undefined;
}

/** Fewest draws that an answer may be worth at all, and that are not worth a word. */
export const FEWEST = 20;
const FEW = 100;
/** Halves so many standard errors apart are apart, and so many standard deviations are worth a word. */
const APART = 4;
const NOTICEABLE = 0.25;
/** What is accepted from farther away than this share of the median is hardly selected; a regression that explains less is idle. */
const FAR = 0.5;
const IDLE = 0.02;
/** Data this many standard deviations beyond what is accepted are nowhere among it: an adjustment would go by what no simulation has shown. */
export const BEYOND = 4;

/**
 * @param values what was made of the accepted draws, in unconstrained space, nearest first: [rows, k].
 * @param size of the table.
 */
export function acceptanceOf(
  { distance, typical, offsets }: Pick<Nearest, "distance" | "typical" | "offsets">,
  values: Float64Array,
  weights: Float64Array,
  made: Adjusted | undefined,
  size: number,
): Acceptance {
  const rows = weights.length;
  return {
    accepted: rows,
    effective: effectiveOf(weights),
    quantile: rows / size,
    reach: typical > 0 ? (distance.at(-1) ?? NaN) / typical : 0,
    drift: driftOf(values, rows),
    beyond: beyondOf(offsets, weights),
    explained: made && made.explained.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** What is to be said of it: nothing where it is good. */
export function describeAcceptance(
  { accepted, effective, quantile, reach, drift, beyond, explained }: Acceptance,
  asked: Adjustment,
): string | undefined {
  const share = `${Number((100 * quantile).toPrecision(2))} % of the table`;
  const all = [
    drift > 0 &&
      `the tolerance is too coarse: the nearer and the farther half of the ${accepted} accepted draws (${share}) differ by ${drift.toFixed(2)} standard deviations; accept fewer, or simulate more`,
    effective < FEW &&
      `accepted draws are worth ${effective.toFixed(0)}: simulate more, or accept a larger share`,
    beyond > BEYOND &&
      `the data lie ${beyond.toFixed(0)} standard deviations beyond the accepted simulations: nothing like them was simulated, and draws were not adjusted to them`,
    asked !== "none" &&
      !(beyond > BEYOND) &&
      explained === undefined &&
      `draws were not adjusted: ${accepted} accepted are too few for so many numbers of the summary, or some say the same; give a shorter summary, or accept more`,
    explained !== undefined &&
      explained < IDLE &&
      reach > FAR &&
      `the adjustment is idle: it explains ${(100 * explained).toFixed(1)} % of the accepted parameters' variance, though the tolerance reaches ${reach.toFixed(2)} of the median distance; the summary may say nothing of the parameters`,
  ].filter((text) => text !== false);
  return all.length === 0 ? undefined : all.join("; ");
}

/** How unlike the halves of rows are; zero where that may be chance, or is not noticeable. */
function driftOf(values: Float64Array, rows: number): number {
  const k = values.length / rows;
  const half = Math.floor(rows / 2);
  if (half < 2) return 0;
  let most = 0;
  for (let j = 0; j < k; j++) {
    const [near, far] = [momentsOf(values, k, j, 0, half), momentsOf(values, k, j, half, rows)];
    const apart = Math.abs(near.mean - far.mean) / Math.sqrt((near.variance + far.variance) / 2);
    const wider = Math.abs(Math.log(far.variance / near.variance)) / 2;
    // Standard errors of either, of normal draws: √(2 / half) of the first, √(1 / half) of the second.
    if (apart > APART * Math.sqrt(2 / half)) most = Math.max(most, apart);
    if (wider > APART * Math.sqrt(1 / half)) most = Math.max(most, wider);
  }
  return most > NOTICEABLE ? most : 0;
}

/** Mean and variance of column j in the rows [from, to). */
function momentsOf(values: Float64Array, k: number, j: number, from: number, to: number) {
  const n = to - from;
  let [mean, variance] = [0, 0];
  for (let i = from; i < to; i++) mean += (values[i * k + j] ?? NaN) / n;
  for (let i = from; i < to; i++) variance += ((values[i * k + j] ?? NaN) - mean) ** 2 / (n - 1);
  return { mean, variance };
}
