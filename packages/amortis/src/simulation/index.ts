export { command, type CommandOptions } from "./command/command.js";
export type { DataSetInfo } from "./data-set-layout.js";
export { DataSetError } from "./data-set-layout.js";
export { openDataSet, saveDataSet, type SaveOptions, type StoredDataSet } from "./data-set.js";
export { folderOf, type Folder, type FolderAddress } from "./folder.js";
export { simulateToDirectory, type SimulateToDirectoryOptions } from "./directory.js";
export {
  samePrior,
  sharedSimulations,
  type SeedRecord,
  type SimulationOrigin,
  type TrainingOrigin,
} from "./origin.js";
export { serveSimulations } from "./page-worker.js";
export type { SimulationProgress } from "./progress.js";
export { simulate, type SimulateOptions } from "./simulate.js";
export { describeInvalid, type InvalidPolicy } from "./invalid-policy.js";
export { SimulationError, type InvalidSimulation, type SimulatedData } from "./simulated-data.js";
export {
  openSimulations,
  readSimulations,
  type ReadSimulationsOptions,
} from "./read-simulations.js";
export {
  openShared,
  partOf,
  type FilledShards,
  type SharedDataSet,
  type SharedDataSetOptions,
} from "./shared-data-set.js";
export { writeSimulations } from "./write-simulations.js";
export { simulationSource, type SimulationSource, type SourceOptions } from "./source.js";
