/**
 * Draws of answers to many data sets whose truths are known: what diagnostics look at, whatever made them.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { parameterSlots, type Floats, type ParameterSlot } from "../data/layout.js";
import { derivation, requireOwnNames, type Derive, type Derived } from "../posterior/derived.js";

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

/**
 * Draws and truths of quantities that follow from the parameters, by names of their own: what `diagnose` makes of its option `derived`, of draws from elsewhere.
 *
 * @param derive from parameters by their flat names to numbers, or lists of them, by name; the same names and sizes each time.
 * @returns NaN for draws that are NaN, of data sets that are refused.
 * @throws InvalidArgumentError where draws and truths do not fit each other, a quantity has the name of a parameter or is not finite, or the function gives no numbers, or other names than before.
 * @example
 * const derived = derivedDraws(scored, ({ slope, noise }: { slope: number; noise: number }) => ({ ratio: slope / noise }));
 * diagnoseDraws(scored, { derived });
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the names that a function is written for are its own
export function derivedDraws<V extends Readonly<Record<string, number>>>(
  scored: ScoredDraws,
  derive: (values: V) => Derived,
): ScoredDraws {
  const slots = parameterSlots(scored.names.map((name) => ({ name, shape: [] })));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each of the names is a number
  return derivedFrom(scored, slots, derive as Derive);
}

/** The same of parameters that lie in slots. */
export function derivedFrom(
  scored: ScoredDraws,
  slots: readonly ParameterSlot[],
  derive: Derive,
): ScoredDraws {
  layOut(scored);
  const p = scored.names.length;
  const [truth, draws] = [Float64Array.from(scored.truth), Float64Array.from(scored.draws)];
  const { flatNames: names, rows } = derivation(slots, derive, truth);
  requireOwnNames(names, scored.names);
  const finite = (flat: Float64Array, isLeft?: (row: number) => boolean): Floats => {
    const found = rows(flat, isLeft);
    for (const [at, value] of found.entries()) {
      const row = Math.floor(at / names.length);
      if (Number.isFinite(value) || isLeft?.(row) === true) continue;
      const theta = scored.names.map((name, j) => `${name} = ${flat[row * p + j]}`).join(", ");
      throw new InvalidArgumentError(
        `the derived quantity "${names[at % names.length]}" is ${value} at ${theta}: it must be finite wherever draws lie; a bounded function of it is`,
      );
    }
    return found;
  };
  return {
    names,
    truth: finite(truth),
    draws: finite(draws, (row) => Number.isNaN(draws[row * p])),
  };
}
