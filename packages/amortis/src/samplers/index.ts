export { convergence, type Convergence } from "./convergence.js";
export {
  metropolis,
  type LogTarget,
  type MetropolisOptions,
  type MetropolisResult,
} from "./metropolis.js";
