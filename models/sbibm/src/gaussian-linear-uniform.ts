/**
 * gaussian_linear_uniform: the mean of a Gaussian in ten dimensions, within a cube.
 *
 *   θ ~ U(-1, 1)¹⁰,   x | θ ~ N(θ, 0.1 I);   posterior N(x, 0.1 I) cut to the cube
 *
 * The 0.1 is a variance. Reference: Lueckmann et al. (2021), arXiv 2101.04653, T.2.
 */
import { defineModel, independent, uniform } from "amortis";
import { logNormalDensity } from "./normal-density.js";

const SIZE = 10;
const VARIANCE = 0.1;
const SD = Math.sqrt(VARIANCE);

/** Parameters `theta` [10], data `x` [10]. */
export const gaussianLinearUniform = defineModel({
  name: "gaussian_linear_uniform",
  parameters: { theta: independent(Array.from({ length: SIZE }, () => uniform(-1, 1))) },
  data: { x: [SIZE] },
  simulate: ({ theta }, random) => ({ x: theta.map((mean) => mean + SD * random.normal()) }),
  logLikelihood: ({ theta }, { x }) => logNormalDensity(x, theta, VARIANCE),
  module: import.meta.url,
});
