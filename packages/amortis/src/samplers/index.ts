export { convergence, type Convergence } from "./convergence.js";
export {
  metropolis,
  type LogTarget,
  type MetropolisOptions,
  type MetropolisResult,
} from "./metropolis.js";
export { resample, type ResampleSource } from "./resample.js";
export { modelPosterior, type ModelPosteriorOptions } from "./model-posterior.js";
