/**
 * Calibration of posteriors of one parameter, over data sets drawn from the model.
 *
 * The share of a calibrated posterior's draws that are below the truth (the probability integral transform, PIT) is uniform on (0, 1). Its
 * distribution function is compared with the diagonal within a band that holds all of it at once: z ± c √(z (1 - z) / n), where c is what
 * the largest standardised deviation of n uniform numbers stays below with the band's probability, by simulation.
 *
 * References: Talts et al. 2018, "Validating Bayesian inference algorithms with simulation-based calibration", arXiv 1804.06788;
 * Säilynoja, Bürkner & Vehtari 2022, "Graphical test for discrete uniformity", arXiv 2103.10522, who also take c by simulation.
 */
import { stream } from "amortis";
import { average } from "amortis/diagnostics";
import { quantileOf } from "amortis/extend";
import { rounded } from "./answers.js";
import type { Calibration } from "./results.js";

const LEVELS = [0.5, 0.8, 0.9, 0.95];
const BINS = 20;
/** Places at which distribution functions are compared: z = 0.02, 0.04 ... 0.98. */
const PLACES = Array.from({ length: 49 }, (_, i) => (i + 1) / 50);
/** Of the band. */
const PROBABILITY = 0.95;
const SIMULATIONS = 2_000;

/**
 * Calibration of draws.
 *
 * @param sorted the draws for each data set, increasing.
 * @param truth [data sets]
 */
export function calibrationOf(
  sorted: readonly Float64Array[],
  truth: readonly number[],
): Calibration {
  const pit = sorted.map((draws, i) => {
    const theta = truth[i] ?? Number.NaN;
    const below = draws.reduce((count, x) => count + (x < theta ? 1 : 0), 0);
    return (below + 0.5) / (draws.length + 1);
  });
  const half = simultaneousWidth(pit.length);
  const n = pit.length;
  const deviations = PLACES.map((z) => half * Math.sqrt((z * (1 - z)) / n));
  const histogram = Array.from(
    { length: BINS },
    (_, bin) => pit.filter((u) => Math.min(Math.floor(u * BINS), BINS - 1) === bin).length,
  );
  return {
    coverage: LEVELS.map((level) => {
      const covered = sorted.map((draws, i) => {
        const theta = truth[i] ?? Number.NaN;
        const [lower, upper] = [(1 - level) / 2, (1 + level) / 2].map((q) => quantileOf(draws, q));
        return Number(theta >= (lower ?? Number.NaN) && theta <= (upper ?? Number.NaN));
      });
      const { value, standardError } = average(covered);
      return { level, value, standardError };
    }),
    pit: rounded(pit),
    histogram,
    ecdf: {
      at: PLACES,
      share: rounded(shares(pit)),
      lower: rounded(PLACES.map((z, i) => z - (deviations[i] ?? 0))),
      upper: rounded(PLACES.map((z, i) => z + (deviations[i] ?? 0))),
    },
  };
}

/** Shares of numbers of [0, 1) that are at or below each place. */
function shares(values: ArrayLike<number>): Float64Array {
  const counts = new Float64Array(PLACES.length + 1);
  for (let i = 0; i < values.length; i++) {
    const cell = Math.min(Math.floor((values[i] ?? 0) * counts.length), PLACES.length);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  let below = 0;
  return Float64Array.from(PLACES, (_, i) => (below += counts[i] ?? 0) / values.length);
}

/** c of n data sets. */
export function simultaneousWidth(n: number): number {
  const random = stream("review/band");
  const values = new Float64Array(n);
  const largest = Float64Array.from({ length: SIMULATIONS }, () => {
    random.fillUniform(values);
    return shares(values).reduce((worst, share, i) => {
      const z = PLACES[i] ?? 0.5;
      return Math.max(worst, Math.abs(share - z) / Math.sqrt((z * (1 - z)) / n));
    }, 0);
  });
  return quantileOf(largest.toSorted(), PROBABILITY);
}
