/**
 * Predictive draws: data that the model makes at draws of a posterior,
 *
 *     Z′ ~ p(Z′ | Z) = ∫ p(Z′ | θ) p(θ | Z) dθ.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { requireKnown, type KnownOptions } from "../known-options.js";
import type { DataSpec } from "../data/array-spec.js";
import type { Model, ParameterSpec } from "../model/index.js";
import { simulate, type SimulatedData } from "../simulation/index.js";
import type { Posterior } from "./single-posterior.js";

/** How data are predicted. */
export interface PredictOptions {
  /** Data sets, each at a draw of its own; by default one for each draw that the posterior holds. */
  readonly simulations?: number;
  readonly seed?: number | string;
  readonly workers?: number;
}

const KNOWN: KnownOptions<PredictOptions> = { simulations: true, seed: true, workers: true };

/**
 * Data that a model makes under the posterior of one data set, whatever the posterior came from.
 *
 * @returns `parameters` [size, p] and `data` by name, [size, ...shape], a row a draw.
 * @throws InvalidArgumentError where the posterior has other parameters than the model, or fewer draws than are asked for; SimulationError as `simulate` does.
 * @example
 * const { data } = await predict(line, await estimator.given({ y }), { simulations: 200 });
 */
export async function predict<P extends ParameterSpec, D extends DataSpec>(
  model: Model<P, D>,
  posterior: Posterior<P>,
  options: PredictOptions = {},
): Promise<SimulatedData<D>> {
  requireKnown("predict", options, KNOWN);
  const { draws, parameterNames } = posterior;
  const { flatNames } = model.prior;
  if (parameterNames.join() !== flatNames.join()) {
    throw new InvalidArgumentError(
      `predict: the model has the parameters ${flatNames.join(", ")}, but the posterior is of ${parameterNames.join(", ")}`,
    );
  }
  const p = flatNames.length;
  const held = draws.length / p;
  const { simulations = held, seed = "predict", workers } = options;
  if (!(Number.isInteger(simulations) && simulations >= 1 && simulations <= held)) {
    throw new InvalidArgumentError(
      `predict: simulations must be a whole number from 1 to the ${held} draws that the posterior holds, but is ${simulations}; for more, ask for a posterior with more samples`,
    );
  }
  return simulate(model, {
    parameters: Float64Array.from(draws.subarray(0, simulations * p)),
    seed,
    ...(workers !== undefined && { workers }),
  });
}
