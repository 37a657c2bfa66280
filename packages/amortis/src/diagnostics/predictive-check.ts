/**
 * Predictive checks: whether data that the model makes look like the data in hand, by any discrepancy.
 *
 *     p = P( T(Z', θ) ≥ T(Z, θ) ),   θ ~ p(θ | Z) or p(θ),   Z' ~ p(Z | θ)
 *
 * Under the posterior (Rubin 1984; Gelman, Meng & Stern 1996) it says whether the fitted model makes such data: p-values near 0 or 1 say that it does not, but those of a right model are
 * nearer to 1/2 than uniform, since the data were used twice. Under the prior (Box 1980) it says whether the model expected them at all, with uniform p-values.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { DataSets, type Column } from "../data/data-sets.js";
import { matchData, type DataInput } from "../data/match-data.js";
import type { AnyModel } from "../model/index.js";
import { simulate } from "../simulation/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** A number that says how odd data are: of the arrays of one data set by name, flat, and of θ, flat, [p]. */
export type Discrepancy = (data: Readonly<Record<string, Column>>, theta: Float64Array) => number;

/** What is checked. */
export interface PredictiveCheckOptions {
  /** By name. */
  readonly discrepancies: Readonly<Record<string, Discrepancy>>;
  /** Draws of the posterior of the data in hand, flat, [n, p]; without them, draws of the prior are made. */
  readonly parameters?: ArrayLike<number>;
  /** Of the prior: how many, 1,000 by default. */
  readonly simulations?: number;
  readonly seed?: number | string;
  readonly workers?: number;
}

const KNOWN: KnownOptions<PredictiveCheckOptions> = {
  discrepancies: true,
  parameters: true,
  simulations: true,
  seed: true,
  workers: true,
};

/** What is said of one discrepancy. */
export interface PredictiveCheck {
  readonly name: string;
  /** T of the data in hand at each θ, [n]; the same number throughout where it does not depend on θ. */
  readonly observed: Float64Array;
  /** T of the data that the model made, [n]. */
  readonly replicated: Float64Array;
  /** Share of replicated values that are larger, half of those that are equal. */
  readonly pValue: number;
}

/**
 * Checks data against what the model makes, under the posterior's draws or the prior.
 *
 * @param data one data set.
 * @throws InvalidArgumentError where there are several; DataError where they do not fit the model; SimulationError as `simulate` does.
 * @example
 * const checks = await predictiveCheck(line, { y }, {
 *   parameters: posterior.draws,
 *   discrepancies: { largest: ({ y }) => Math.max(...y) },
 * });
 * await saveFigure("check.svg", predictiveFigure(checks));
 */
export async function predictiveCheck(
  model: AnyModel,
  data: DataInput,
  options: PredictiveCheckOptions,
): Promise<readonly PredictiveCheck[]> {
  requireKnown("predictiveCheck", options, KNOWN);
  const {
    discrepancies,
    parameters,
    simulations = 1000,
    seed = "predictive-check",
    workers,
  } = options;
  const own = matchData(model.dataSpecs, data).data;
  if (own.size !== 1) {
    throw new InvalidArgumentError(
      `predictiveCheck looks at one data set, but was given ${own.size}: call it for each`,
    );
  }
  const made = await simulate(model, {
    seed,
    ...(parameters ? { parameters: Float64Array.from(parameters) } : { simulations }),
    ...(workers !== undefined && { workers }),
  });
  const replicated = new DataSets(model.dataSpecs, made.size, made.data);
  const p = model.parameterSize;
  const thetas = Array.from({ length: made.size }, (_, i) =>
    made.parameters.slice(i * p, (i + 1) * p),
  );
  return Object.entries(discrepancies).map(([name, discrepancy]) => {
    const of = (sets: DataSets, row: (i: number) => number): Float64Array =>
      Float64Array.from(thetas, (theta, i) => discrepancy(sets.row(row(i)), theta));
    const found = { observed: of(own, () => 0), replicated: of(replicated, (i) => i) };
    return { name, ...found, pValue: pValueOf(found) };
  });
}

function pValueOf({ observed, replicated }: Pick<PredictiveCheck, "observed" | "replicated">) {
  const larger = replicated.reduce((sum, value, i) => {
    const own = observed[i] ?? Number.NaN;
    return sum + (value > own ? 1 : value === own ? 0.5 : 0);
  }, 0);
  return larger / replicated.length;
}
