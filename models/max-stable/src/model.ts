/**
 * An inverted max-stable process with unknown range and smoothness: the review's second experiment.
 *
 *   λ ~ U(0, 0.6),   ν ~ U(0.5, 3),   X | λ, ν = 1/Y,
 *
 * Y Schlather's process with unit Fréchet margins and Whittle-Matérn correlation on a regular 16×16 grid of [0,1]², both ends
 * included. Its likelihood cannot be computed. Reference: Zammit-Mangion, Sainsbury-Dale and Huser, "Neural Methods for Amortized
 * Inference" (2025), arXiv 2404.12484.
 */
import { defineModel, uniform } from "amortis";
import { SIDE } from "@amortis/gaussian-field";
import { invertedSchlather } from "./schlather.js";

/** Bounds of the range λ. */
export const RANGE = [0, 0.6] as const;
/** Bounds of the smoothness ν. */
export const SMOOTHNESS = [0.5, 3] as const;

/** The model: parameters `range` and `smoothness`, data `x` [16, 16] with unit exponential margins. */
export const maxStable = defineModel({
  name: "max-stable",
  parameters: { range: uniform(...RANGE), smoothness: uniform(...SMOOTHNESS) },
  data: { x: [SIDE, SIDE] },
  simulate: (parameters, random) => ({ x: invertedSchlather(parameters, random) }),
  module: import.meta.url,
});
