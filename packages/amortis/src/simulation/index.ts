export type { SimulationProgress } from "./progress.js";
export { simulate, type SimulateOptions } from "./simulate.js";
export {
  SimulationError,
  describeInvalid,
  type InvalidPolicy,
  type InvalidSimulation,
  type SimulatedData,
} from "./simulated-data.js";
export { simulationSource, type SimulationSource, type SourceOptions } from "./source.js";
