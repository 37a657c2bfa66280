/**
 * Draws of answers to many data sets whose truths are known: what diagnostics look at, whatever made them.
 */
import { InvalidArgumentError } from "@amortis/graph";

/** Draws of answers to many data sets, and the truths. */
export interface ScoredDraws {
  /** [data sets, draws, parameters], as `PosteriorBatch.draws` is. */
  readonly draws: ArrayLike<number>;
  /** [data sets, parameters], as `SimulatedData.parameters` is. */
  readonly truth: ArrayLike<number>;
  /** Names of the flat parameters. */
  readonly names: readonly string[];
}

/** How many data sets there are, and draws of each. */
export interface Layout {
  readonly size: number;
  readonly each: number;
}

/** @throws InvalidArgumentError where draws and truths do not fit each other. */
export function layOut({ draws, truth, names }: ScoredDraws): Layout {
  const p = names.length;
  const size = truth.length / p;
  const each = draws.length / (size * p);
  if (size < 1 || !Number.isInteger(size) || !Number.isInteger(each)) {
    throw new InvalidArgumentError(
      `draws [n, draws, ${p}] and truths [n, ${p}] are needed, but ${draws.length} and ${truth.length} values were given`,
    );
  }
  return { size, each };
}

/** Draws and truths of one parameter by its place: [n, draws] and [n]. */
export function columnOf(
  { draws, truth, names }: ScoredDraws,
  place: number,
): { readonly draws: Float64Array; readonly truth: Float64Array } {
  const p = names.length;
  const every = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: values.length / p }, (_, i) => values[i * p + place] ?? Number.NaN);
  return { draws: every(draws), truth: every(truth) };
}

/** A quantity of the parameters whose posterior can be tested as a parameter's can: of θ, flat, [p], and of the number of the data set. */
export type TestQuantity = (theta: Float64Array, dataSet: number) => number;

/**
 * Draws and truths of test quantities in the place of the parameters': whatever tests a parameter's posterior tests that of f(θ, Z) as well. Quantities that depend on the data, such
 * as the likelihood, find faults that no parameter shows by itself.
 *
 * Reference: Modrák et al. (2023), "Simulation-based calibration checking for Bayesian computation: the choice of test quantities shapes sensitivity", arXiv 2211.02383.
 *
 * @param quantities by name, which the result has for its names.
 * @throws InvalidArgumentError where draws and truths do not fit each other.
 * @example
 * const ratio = testQuantities(scored, { ratio: ([slope, noise]) => slope / noise });
 * fractionalRanks(ratio.draws, ratio.truth, stream(1));
 */
export function testQuantities(
  scored: ScoredDraws,
  quantities: Readonly<Record<string, TestQuantity>>,
): ScoredDraws {
  const { size, each } = layOut(scored);
  const p = scored.names.length;
  const functions = Object.values(quantities);
  const q = functions.length;
  const theta = new Float64Array(p);
  const rows = (values: ArrayLike<number>, perDataSet: number): Float64Array => {
    const found = new Float64Array(size * perDataSet * q);
    for (let row = 0; row < size * perDataSet; row++) {
      for (let j = 0; j < p; j++) theta[j] = values[row * p + j] ?? Number.NaN;
      for (const [k, f] of functions.entries()) {
        found[row * q + k] = f(theta, Math.floor(row / perDataSet));
      }
    }
    return found;
  };
  return {
    draws: rows(scored.draws, each),
    truth: rows(scored.truth, 1),
    names: Object.keys(quantities),
  };
}
