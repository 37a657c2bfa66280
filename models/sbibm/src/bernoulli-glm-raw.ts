/**
 * bernoulli_glm_raw: a neuron's response to white noise, spike by spike.
 *
 * As bernoulli_glm, but with the data y ∈ {0, 1}¹⁰⁰ themselves in time's order, which the method must summarise. Reference: Lueckmann et al.
 * (2021), arXiv 2101.04653, T.6.
 */
import { defineModel } from "amortis";
import {
  drawSpikes,
  logLikelihoodOfStatistics,
  prior,
  sufficientStatistics,
} from "./bernoulli-glm.js";

/** Parameters `theta` [10], data `x` [100]. */
export const bernoulliGlmRaw = defineModel({
  name: "bernoulli_glm_raw",
  parameters: { theta: prior },
  data: { x: [100] },
  simulate: ({ theta }, random) => ({ x: drawSpikes(theta, random) }),
  logLikelihood: ({ theta }, { x }) => logLikelihoodOfStatistics(theta, sufficientStatistics(x)),
  module: import.meta.url,
});
