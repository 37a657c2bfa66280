export {
  metropolis,
  type LogTarget,
  type MetropolisOptions,
  type MetropolisResult,
} from "./metropolis.js";
export { resample, type ResampleSource } from "./resample.js";
