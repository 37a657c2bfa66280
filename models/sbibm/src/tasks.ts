/**
 * The ten tasks by name, in the order of the paper.
 */
import type { AnyModel } from "amortis";
import { bernoulliGlmRaw } from "./bernoulli-glm-raw.js";
import { bernoulliGlm } from "./bernoulli-glm.js";
import { gaussianLinearUniform } from "./gaussian-linear-uniform.js";
import { gaussianLinear } from "./gaussian-linear.js";
import { gaussianMixture } from "./gaussian-mixture.js";
import { lotkaVolterra } from "./lotka-volterra.js";
import { sir } from "./sir.js";
import { slcpDistractors } from "./slcp-distractors.js";
import { slcp } from "./slcp.js";
import { twoMoons } from "./two-moons.js";

/** Names of the tasks. */
export const TASKS = [
  "gaussian_linear",
  "gaussian_linear_uniform",
  "slcp",
  "slcp_distractors",
  "bernoulli_glm",
  "bernoulli_glm_raw",
  "gaussian_mixture",
  "two_moons",
  "sir",
  "lotka_volterra",
] as const;

/** Name of a task. */
export type TaskName = (typeof TASKS)[number];

/** Models by task. */
export const tasks: Readonly<Record<TaskName, AnyModel>> = {
  gaussian_linear: gaussianLinear,
  gaussian_linear_uniform: gaussianLinearUniform,
  slcp,
  slcp_distractors: slcpDistractors,
  bernoulli_glm: bernoulliGlm,
  bernoulli_glm_raw: bernoulliGlmRaw,
  gaussian_mixture: gaussianMixture,
  two_moons: twoMoons,
  sir,
  lotka_volterra: lotkaVolterra,
};
