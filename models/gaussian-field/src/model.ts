/**
 * A Gaussian process with unknown range: the review's first experiment.
 *
 *   θ ~ U(0, 0.6),   Z | θ ~ N(0, Σ(θ)),   Σ_ij = exp(-‖s_i - s_j‖/θ)
 *
 * on a regular 16×16 grid of [0,1]², both ends included. Reference: Zammit-Mangion, Sainsbury-Dale and Huser, "Neural Methods for
 * Amortized Inference" (2025), arXiv 2404.12484.
 */
import { defineModel, uniform } from "amortis";
import { MAX_RANGE } from "./exact-posterior.js";
import { exponentialField, logLikelihood } from "./field.js";
import { graphLogLikelihood } from "./interpolated-likelihood.js";
import { logLikelihoodSlope } from "./likelihood-gradient.js";
import { SIDE } from "./symmetry.js";

/** The model: parameter `range`, data `z` [16, 16]. */
export const gaussianField = defineModel({
  name: "gaussian-field",
  parameters: { range: uniform(0, MAX_RANGE) },
  data: { z: [SIDE, SIDE] },
  simulate: ({ range }, random) => ({ z: exponentialField(range, random) }),
  logLikelihood: ({ range }, { z }) => logLikelihood(range, z),
  logLikelihoodGradient: ({ range }, { z }) => {
    const { value, derivative } = logLikelihoodSlope(range, z);
    return { value, gradient: [derivative] };
  },
  graphLogLikelihood: ({ range }, { z }) => graphLogLikelihood(range, z),
  module: import.meta.url,
});
