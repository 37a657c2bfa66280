/**
 * Probabilities of values as estimates that can be tested: what the probability of a value is the posterior mean of is 1 where the parameter has it, and 0 where not.
 */
import type { PointEstimator } from "../estimators/point-estimator.js";
import { nearestValue } from "../estimators/to-values.js";
import type { SimulatedData } from "../simulation/index.js";
import type { ScoredEstimates } from "./diagnose-estimates.js";

/**
 * Probabilities of all values of all parameters beside whether the parameters had them, under names as "state = ill".
 *
 * @throws InvalidArgumentError where the estimator was not trained by a loss of probabilities.
 */
export async function scoredProbabilities(
  estimator: PointEstimator,
  { data, parameters, size }: Pick<SimulatedData, "data" | "parameters" | "size">,
): Promise<ScoredEstimates> {
  const found = await estimator.probabilitiesBatch({ ...data });
  const keys = await estimator.valueNames();
  const { parameterNames, values = [] } = estimator;
  const columns = parameterNames.flatMap((name, k) => {
    const words = keys[k] ?? [];
    return words.map((word, v) => ({ name, k, word, value: values[k]?.[v] }));
  });
  const all = Array.from({ length: size }, (_, i) =>
    columns.map(({ name, k, word, value }) => {
      const theta = parameters[i * parameterNames.length + k] ?? Number.NaN;
      const isOwn = nearestValue(theta, 0, values[k] ?? []) === value;
      return { truth: isOwn ? 1 : 0, point: found[i]?.[name]?.[word] ?? Number.NaN };
    }),
  ).flat();
  return {
    names: columns.map(({ name, word }) => `${name} = ${word}`),
    truth: all.map(({ truth }) => truth),
    points: all.map(({ point }) => point),
    estimate: "mean",
  };
}
