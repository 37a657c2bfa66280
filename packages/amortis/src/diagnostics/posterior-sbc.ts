/**
 * Posterior simulation-based calibration: whether inference is right where the data in hand say that the parameters are.
 *
 * Under the posterior of the data in hand, z, in place of the prior, draw θ' ~ p(θ | z) and new data z' ~ p(Z | θ'). The posterior given both, p(θ | z, z'), is then right for θ', whose rank
 * among its draws is uniform. Calibration over the whole prior says that faults cancel nowhere else; this says that there are none here.
 *
 * Reference: Säilynoja, Schmitt, Bürkner & Vehtari (2025), "Posterior SBC: Simulation-Based Calibration Checking Conditional on Data", arXiv 2502.03279.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import type { Column } from "../data/data-sets.js";
import { simulate } from "../simulation/index.js";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { ScoredDraws } from "./scored-draws.js";

/** What is asked for. */
export interface PosteriorSbcOptions {
  /** Draws of the posterior of the data in hand, flat, [n, p]: as many data sets are simulated. */
  readonly parameters: ArrayLike<number>;
  /**
   * Draws of the posteriors given the data in hand and new data as well, [n, draws, p].
   *
   * @param data new data sets by name, [n, ...shape]; those in hand are the caller's to join: as more elements of a set, more replicates, or a second array.
   */
  readonly answer: (data: Readonly<Record<string, Column>>) => Promise<ArrayLike<number>>;
  readonly seed?: number | string;
  readonly workers?: number;
}

const KNOWN: KnownOptions<PosteriorSbcOptions> = {
  parameters: true,
  answer: true,
  seed: true,
  workers: true,
};

/**
 * Draws of the augmented posteriors with the parameters that made the new data: what `fractionalRanks`, `jointRanks` and `diagnoseDraws` take.
 *
 * @throws InvalidArgumentError where parameters or answers do not fit the model; SimulationError as `simulate` does, also where a simulation is invalid.
 * @example
 * const posterior = await estimator.given({ y });
 * const scored = await posteriorSbc(model, {
 *   parameters: posterior.draws,
 *   answer: async (fresh) => (await estimator.givenBatch({ y: joinToEach(y, fresh.y) })).draws,
 * });
 * diagnoseDraws(scored).verdict;
 */
export async function posteriorSbc(
  model: AnyModel,
  options: PosteriorSbcOptions,
): Promise<ScoredDraws> {
  requireKnown("posteriorSbc", options, KNOWN);
  const { parameters, answer, seed = "posterior-sbc", workers } = options;
  const truth = Float64Array.from(parameters);
  const fresh = await simulate(model, {
    parameters: truth,
    seed,
    // Left out, a simulation would take its truth along, and ranks of the others would not be uniform.
    onInvalid: "fatal",
    ...(workers !== undefined && { workers }),
  });
  const draws = await answer(fresh.data);
  const { parameterNames: names } = model;
  if (draws.length === 0 || draws.length % truth.length !== 0) {
    throw new InvalidArgumentError(
      `posteriorSbc: answers must be draws [${truth.length / names.length}, draws, ${names.length}], but ${draws.length} values were given`,
    );
  }
  return { draws, truth, names };
}
