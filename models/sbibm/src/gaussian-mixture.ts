/**
 * gaussian_mixture: the common mean of two Gaussians in the plane, one broad and one narrow.
 *
 *   θ ~ U(-10, 10)²,   x | θ ~ ½ N(θ, I) + ½ N(θ, 0.01 I)
 *
 * Each simulation draws its own component, as the benchmark does since 2023. References: Sisson, Fan and Tanaka (2007); Lueckmann et al. (2021),
 * arXiv 2101.04653, T.7.
 */
import { defineModel, independent, uniform } from "amortis";
import { logAddExp, logNormalDensity } from "./normal-density.js";

const SDS = [1, 0.1] as const;

/** Parameters `theta` [2], data `x` [2]. */
export const gaussianMixture = defineModel({
  name: "gaussian_mixture",
  parameters: { theta: independent([uniform(-10, 10), uniform(-10, 10)]) },
  data: { x: [2] },
  simulate: ({ theta }, random) => {
    const sd = SDS[random.uniform() < 0.5 ? 0 : 1];
    return { x: theta.map((mean) => mean + sd * random.normal()) };
  },
  logLikelihood: ({ theta }, { x }) => {
    const [broad, narrow] = SDS.map((sd) => logNormalDensity(x, theta, sd * sd));
    return logAddExp(broad ?? -Infinity, narrow ?? -Infinity) - Math.LN2;
  },
  module: import.meta.url,
});
