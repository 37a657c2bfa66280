/**
 * gaussian_linear: the mean of a Gaussian in ten dimensions, with a conjugate prior.
 *
 *   θ ~ N(0, 0.1 I),   x | θ ~ N(θ, 0.1 I);   posterior N(x/2, 0.05 I)
 *
 * The 0.1's are variances, whatever the benchmark calls them. Reference: Lueckmann, Boelts, Greenberg, Goncalves and Macke (2021), "Benchmarking
 * Simulation-Based Inference", arXiv 2101.04653, T.1.
 */
import { defineModel, independent, normal } from "amortis";
import { logNormalDensity } from "./normal-density.js";

const SIZE = 10;
const VARIANCE = 0.1;
const SD = Math.sqrt(VARIANCE);

/** Parameters `theta` [10], data `x` [10]. */
export const gaussianLinear = defineModel({
  name: "gaussian_linear",
  parameters: { theta: independent(Array.from({ length: SIZE }, () => normal(0, SD))) },
  data: { x: [SIZE] },
  simulate: ({ theta }, random) => ({ x: theta.map((mean) => mean + SD * random.normal()) }),
  logLikelihood: ({ theta }, { x }) => logNormalDensity(x, theta, VARIANCE),
  module: import.meta.url,
});
