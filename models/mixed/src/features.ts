/**
 * What the network is told of a problem: a few numbers, whatever its number of groups, observations and effects.
 *
 * How much there is (groups, observations, degrees of freedom), what the first look has found in units of the coordinates, what a further step would change, how well groups tell of their own, and where the
 * priors have their mass.
 */
import type { ScalarDistribution } from "amortis";
import { MOST, type Coordinates } from "./coordinates.js";
import type { Pilot } from "./pilot.js";
import type { VariancePriors } from "./priors.js";
import type { Problem } from "./problem.js";

/** Levels of the priors' quantiles. */
const LEVELS = [0.1, 0.5, 0.9] as const;
/** Pairs of effects, [later, earlier]. */
const PAIRS = Array.from({ length: MOST }, (_, i) =>
  Array.from({ length: i }, (_unused, j) => [i, j] as const),
).flat();

/** Numbers of each effect, of each pair, and of all. */
const EACH = 8 + LEVELS.length;
const PAIR = 4;
const ALL = 6 + LEVELS.length;

/** How many numbers there are. */
export const FEATURES = ALL + MOST * EACH + PAIRS.length * PAIR;

/** @param units as of `Coordinates.logPrior`. */
export function featuresOf(
  { n, groups, p, q }: Problem,
  pilot: Pilot,
  coordinates: Coordinates,
  priors: VariancePriors,
  units: ArrayLike<number>,
): Float64Array {
  const { covariance, nextCovariance, uncertainty, spread, information, sigma, nextSigma } = pilot;
  const { scales, widths, centres, spans, freedom } = coordinates;
  const numbers: number[] = [
    Math.log(groups),
    Math.log(n / groups),
    Math.log(freedom / n),
    p / n,
    Math.log(sigma),
    Math.sqrt(2 * freedom) * Math.log(nextSigma / sigma),
    ...quantilesOf(priors.sigma, (units[0] ?? 1) * sigma),
  ];
  for (let k = 0; k < MOST; k++) {
    if (k >= q) {
      numbers.push(...Array.from({ length: EACH }, () => 0));
      continue;
    }
    const scale = scales[k] ?? 1;
    const at = k * q + k;
    const variance = scale * scale;
    numbers.push(
      1,
      Math.log(scale),
      (covariance[at] ?? 0) / variance,
      Math.log(widths[k] ?? 1),
      (Math.sqrt(groups) * ((nextCovariance[at] ?? 0) - (covariance[at] ?? 0))) / variance,
      Math.log((uncertainty[at] ?? 0) / variance + 1e-6),
      Math.log(Math.sqrt(spread[at] ?? 0) / variance + 1e-4),
      -0.5 * Math.log((information[at] ?? 0) * variance * variance + 1e-6),
      ...quantilesOf(priors.sd[k], (units[1 + k] ?? 1) * scale),
    );
  }
  for (const [at, [i, j]] of PAIRS.entries()) {
    if (i >= q || !coordinates.correlated) {
      numbers.push(...Array.from({ length: PAIR }, () => 0));
      continue;
    }
    const unit = (scales[i] ?? 1) * (scales[j] ?? 1);
    const place = i * q + j;
    numbers.push(
      centres[at] ?? 0,
      Math.log(spans[at] ?? 1),
      (Math.sqrt(groups) * ((nextCovariance[place] ?? 0) - (covariance[place] ?? 0))) / unit,
      (4 * (uncertainty[place] ?? 0)) / unit,
    );
  }
  const first = PAIRS.length > 0 && coordinates.correlated ? Math.log(priors.lkj) : 0;
  // The shape of the correlations' prior stands where the first effect has its flag, which is always one.
  numbers[ALL] = first;
  return Float64Array.from(numbers, (value) => Math.min(Math.max(value, -12), 12));
}

/** log of quantiles in a unit. */
function quantilesOf(prior: ScalarDistribution | undefined, unit: number): readonly number[] {
  return LEVELS.map((level) => Math.log(Math.max((prior?.quantile(level) ?? 1) / unit, 1e-12)));
}
