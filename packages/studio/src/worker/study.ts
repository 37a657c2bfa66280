/**
 * How the estimator fares on simulations of its prior: recovery and ranks (simulation-based calibration).
 *
 * Reference: Talts et al. 2018, arXiv 1804.06788.
 */
import { simulate, stream } from "amortis";
import { fractionalRanks } from "amortis/diagnostics";
import type { Study } from "../protocol/types.js";
import { rowsOf } from "./data.js";
import { summariesOf } from "./many.js";
import { modelOf, openedAs } from "./opened.js";

/** Draws of each, of which ranks have one more places. */
const DRAWS = 199;

/** Simulates data sets, answers all, and ranks their parameters among the draws. */
export async function study({
  estimator,
  simulations,
  seed,
  level,
}: {
  readonly estimator: number;
  readonly simulations: number;
  readonly seed: number;
  readonly level: number;
}): Promise<Study> {
  const opened = openedAs(estimator);
  const fresh = await simulate(modelOf(opened), { simulations, seed: `study ${seed}` });
  const posteriors = await opened.estimator.givenBatch({ ...fresh.data }, { samples: DRAWS });
  const names = posteriors.parameterNames;
  const { size } = fresh;
  const p = names.length;
  const ranks = names.map((_, k) => {
    const draws = new Float64Array(size * DRAWS);
    for (let i = 0; i < size; i++) draws.set(posteriors.marginal(k, i), i * DRAWS);
    const truth = Float64Array.from(
      { length: size },
      (_set, i) => fresh.parameters[i * p + k] ?? NaN,
    );
    return fractionalRanks(draws, truth, stream("studio").split(k));
  });
  return {
    names,
    theta: fresh.parameters.slice(),
    ...summariesOf(posteriors, level),
    ranks: Float64Array.from(
      { length: size * p },
      (_, at) => ranks[at % p]?.[Math.floor(at / p)] ?? Number.NaN,
    ),
    data: rowsOf(fresh.data, size),
  };
}
