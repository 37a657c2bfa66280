/**
 * The conjugate model that methods are tested on: θ ~ N(0, 1), y_i ~ N(θ, 1), so θ | y ~ N(Σy / (n + 1), 1 / (n + 1)).
 */
import { defineModel, normal, simulate } from "../src/index.js";

/** The model with n replicates, and its posterior. */
export function conjugateNormal(replicates: number) {
  const model = defineModel({
    name: "conjugate",
    parameters: { theta: normal(0, 1) },
    data: { y: [replicates] },
    simulate: ({ theta }, random) => ({
      y: Array.from({ length: replicates }, () => theta + random.normal()),
    }),
  });
  const exactMean = (y: ArrayLike<number>): number =>
    Array.from(y).reduce((a, b) => a + b, 0) / (replicates + 1);
  return {
    model,
    exactMean,
    exactSd: 1 / Math.sqrt(replicates + 1),
    /** Data sets that no training saw, and the means of their posteriors. */
    fresh: async (size: number) => {
      const { data, parameters } = await simulate(model, {
        simulations: size,
        seed: "fresh",
        workers: 0,
      });
      const rows = Array.from({ length: size }, (_, i) =>
        data.y.subarray(i * replicates, (i + 1) * replicates),
      );
      return { y: data.y, parameters, rows, exactMeans: rows.map(exactMean) };
    },
  };
}
